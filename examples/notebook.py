"""The tutorial as a script with cells: open it in an editor that knows `# %%`, or run it whole."""

# %% A model and rows that it has not seen
from __future__ import annotations

import polars as pl
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import plimsoll

data = load_breast_cancer()
names = [str(name).replace(" ", "_") for name in data.feature_names]
table = pl.DataFrame(data.data, schema=names).with_columns(malignant=pl.Series(1 - data.target))
train, test = train_test_split(table, test_size=0.5, random_state=0, stratify=table["malignant"])
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
model.fit(train.select(names), train["malignant"])

# %% Judge it; in a notebook the last line shows the report
record = plimsoll.evaluate(test, model=model, target="malignant", reference=train, name="tumours")
print(record.render("terminal"))

# %% The numbers, each with its interval
print(record.estimates)

# %% With limits
record = plimsoll.evaluate(
    test,
    model=model,
    target="malignant",
    reference=train,
    policy={"roc_auc": {"min": 0.95}, "recall": {"min": 0.95}},
    name="tumours",
)
for line in record.gate:
    print(line.status.value, line.meaning)

# %% Keep it
record.write("report.html")
record.write("record.json")

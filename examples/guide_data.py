"""Write the files that the guides use into the current folder.

    python examples/guide_data.py

The tables are real ones that ship inside scikit-learn (tumours: Wisconsin breast cancer; flowers: Fisher's
iris; diabetes: Efron et al. 2004), so nothing is downloaded. `visits.csv` is simulated, for none of those
tables has groups or weights.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import joblib
import numpy as np
import polars as pl
import skops.io
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 0


def main(folder: Path = Path()) -> None:
    """Write everything."""
    tumours(folder)
    flowers(folder)
    diabetes(folder)
    visits(folder)


def tumours(folder: Path) -> None:
    """Two classes: a model on 30 measures and an older one on two, judged on rows they have not seen."""
    found = load_breast_cancer()
    features = [str(name).replace(" ", "_") for name in found.feature_names]
    table = pl.DataFrame(found.data, schema=features)
    table = table.with_columns(malignant=pl.Series(1 - found.target), id=pl.int_range(pl.len()))
    train, test = train_test_split(
        np.arange(table.height), test_size=0.5, random_state=SEED, stratify=table["malignant"]
    )
    train_rows, test_rows = table[train], table[test]
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(train_rows.select(features), train_rows["malignant"].to_numpy())
    few = ["mean_texture", "mean_smoothness"]
    older = make_pipeline(StandardScaler(), LogisticRegression())
    older.fit(train_rows.select(few), train_rows["malignant"].to_numpy())

    def scored(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(
            p=pl.Series(model.predict_proba(rows.select(features))[:, 1]),
            p_older=pl.Series(older.predict_proba(rows.select(few))[:, 1]),
        )

    scored(train_rows).write_parquet(folder / "train.parquet")
    judged = scored(test_rows)
    judged.write_parquet(folder / "tumours.parquet")
    judged.select("id", "malignant", "p", "p_older").write_csv(folder / "tumours.csv")
    judged.select("id", "p").write_csv(folder / "predictions.csv")
    judged.select("id", "malignant").write_csv(folder / "labels.csv")
    decided = judged.select("id", "malignant", said=(pl.col("p") >= 0.5).cast(pl.Int8))
    decided.write_csv(folder / "decisions.csv")
    skops.io.dump(model, folder / "model.skops")
    joblib.dump(model, folder / "model.joblib")
    with sqlite3.connect(folder / "scores.db") as database:
        database.execute("drop table if exists scores")
        database.execute("create table scores (id integer, malignant integer, p real)")
        rows = judged.select("id", "malignant", "p").rows()
        database.executemany("insert into scores values (?, ?, ?)", rows)
    database.close()


def flowers(folder: Path) -> None:
    """Three classes: each flower is scored by a model that was fitted without it."""
    found = load_iris()
    model = LogisticRegression(max_iter=1000)
    scores = cross_val_predict(model, found.data, found.target, cv=5, method="predict_proba")
    names = [str(name) for name in found.target_names]
    table = pl.DataFrame({"species": [names[code] for code in found.target]})
    table.with_columns(
        pl.Series(f"p_{name}", scores[:, code]) for code, name in enumerate(names)
    ).write_csv(folder / "flowers.csv")


def diabetes(folder: Path) -> None:
    """A number: each patient is foretold by models fitted without them, with a 90 % interval."""
    found = load_diabetes()
    out = {"progression": found.target}
    for name, share in (("predicted", 0.5), ("low", 0.05), ("high", 0.95)):
        model = GradientBoostingRegressor(
            loss="quantile", alpha=share, n_estimators=60, max_depth=2, random_state=SEED
        )
        out[name] = cross_val_predict(model, found.data, found.target, cv=5)
    pl.DataFrame(out).write_csv(folder / "diabetes.csv")


def visits(folder: Path) -> None:
    """Simulated: 400 patients with 3 to 9 visits each, and a weight for each visit."""
    rng = np.random.default_rng(SEED)
    patient = np.repeat(np.arange(400), rng.integers(3, 10, 400))
    level = rng.normal(size=400)[patient]
    score = 1 / (1 + np.exp(-(level + 0.3 * rng.normal(size=patient.size))))
    ill = (rng.normal(size=patient.size) < 1.2 * level).astype(int)
    table = {
        "patient": patient,
        "ill": ill,
        "p": score,
        "weight": rng.choice([0.5, 1.0, 3.0], patient.size),
    }
    pl.DataFrame(table).write_csv(folder / "visits.csv")


if __name__ == "__main__":
    main()

"""Write the files that the guides use into the current folder.

    python examples/guide_data.py

The tables are real ones that ship inside scikit-learn (tumours: Wisconsin breast cancer; flowers: Fisher's
iris; diabetes: Efron et al. 2004), so nothing is downloaded. The others are simulated, for none of those has
groups (`visits.csv`), two periods (`loans_*.parquet`), protected columns (`applicants.parquet`) or gaps
(`shipments_*.parquet`).
"""

from __future__ import annotations

import runpy
import shutil
import sqlite3
from pathlib import Path

import joblib
import numpy as np
import numpy.typing as npt
import polars as pl
import skops.io
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
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
    loans(folder)
    applicants(folder)
    shipments(folder)


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


def loans(folder: Path) -> None:
    """Simulated: loans of two periods, scored by a model of 2023 and by an older one.

    Known truths. Part-time workers of 60 and more repay by other rules, which the model never learnt and
    the older one did. Between the periods loans move online, which the model does not look at; from
    October on debts are higher, which it leans on; incomes rise by a little that does not matter.
    """
    rng = np.random.default_rng(SEED)
    train = _loans(rng, 6000, "2023-01-01", 365)
    inputs = ["income", "debt"]
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(train.select(inputs), train["default"].to_numpy())
    older = GradientBoostingClassifier(n_estimators=30, random_state=SEED)
    older.fit(_coarse(train), train["default"].to_numpy())

    def scored(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(
            p=pl.Series(model.predict_proba(rows.select(inputs))[:, 1]),
            p_older=pl.Series(older.predict_proba(_coarse(rows))[:, 1]),
        )

    then = scored(_loans(rng, 6000, "2024-01-01", 366))
    then.write_parquet(folder / "loans_2024.parquet")
    now = scored(_loans(rng, 4000, "2025-07-01", 184, later=True))
    now.write_parquet(folder / "loans_today.parquet")
    now.drop("default").write_parquet(folder / "loans_new.parquet")


def _coarse(rows: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Return what the older model looks at: debts in steps, age, and whether the work is part-time."""
    part_time = pl.col("contract") == "part-time"
    seen = rows.select((pl.col("debt") * 4).round(), "age", part_time=part_time)
    return seen.to_numpy().astype(np.float64)


def _loans(
    rng: np.random.Generator, rows: int, start: str, days: int, *, later: bool = False
) -> pl.DataFrame:
    """Draw the loans of some days; ``later`` ones are those of 2025, with its changes."""
    day = np.sort(rng.integers(0, days, rows))
    applied = np.datetime64(start) + day.astype("timedelta64[D]")
    indebted = applied >= np.datetime64("2025-10-01") if later else np.zeros(rows, bool)
    age = rng.integers(19, 80, rows)
    contract = rng.choice(["full-time", "part-time", "self-employed"], rows, p=[0.65, 0.2, 0.15])
    income = np.exp(rng.normal(3.51 if later else 3.5, 0.5, rows))
    debt = rng.gamma(4.0 + 2.0 * indebted, 0.08, rows)
    logit = 12.0 * (debt - 0.45) - 0.015 * (income - 35.0)
    logit *= np.where(debt < 0.45, 3.0, 0.8)
    logit = np.where((contract == "part-time") & (age >= 60), -0.3 * logit, logit)
    return pl.DataFrame(
        {
            "loan_id": rng.permutation(rows) + 10_000,
            "applied": applied,
            "region": rng.choice(["north", "east", "south", "west"], rows, p=[0.4, 0.3, 0.2, 0.1]),
            "age": age,
            "contract": contract,
            "channel": np.where(rng.random(rows) < (0.6 if later else 0.3), "online", "branch"),
            "income": income.round(1),
            "debt": debt.round(3),
            "default": (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.int8),
        }
    )


def applicants(folder: Path) -> None:
    """Simulated: people who applied for a job, a score, and how they did in a trial that all of them had.

    Women score lower than men who do as well; among six categories of race no rate differs in truth.
    """
    rng = np.random.default_rng(2)
    rows = 1600
    sex = rng.choice(["Female", "Male"], rows, p=[0.45, 0.55])
    race = rng.choice(
        [
            "White",
            "Hispanic or Latino",
            "Black or African American",
            "Asian",
            "Two or More Races",
            "American Indian or Alaska Native",
        ],
        rows,
        p=[0.52, 0.2, 0.13, 0.1, 0.04, 0.01],
    )
    skill = rng.normal(size=rows)
    shown: npt.NDArray[np.float64] = skill - 0.6 * (sex == "Female") + 0.6 * rng.normal(size=rows)
    table = {
        "person": np.arange(rows),
        "sex": sex,
        "race": race,
        "years": rng.gamma(2.0, 3.0, rows).round(1),
        "did_well": (skill + 0.7 * rng.normal(size=rows) > 0.3).astype(np.int8),
        "p": (1 / (1 + np.exp(-1.5 * (shown - 0.2)))).round(4),
    }
    pl.DataFrame(table).write_parquet(folder / "applicants.parquet")


def shipments(folder: Path) -> None:
    """Simulated: shipments of two years, and the model of `shipping.py`, fitted on those of 2023.

    Known truths. Wind and distance make a shipment late, and so do stops and the carrier; the weight hardly
    does. Of today's shipments 8 in 100 lack the weight, where 2 in 100 did.
    """
    rng = np.random.default_rng(SEED)
    shutil.copy(Path(__file__).parent / "shipping.py", folder)
    code = runpy.run_path(str(folder / "shipping.py"))
    joblib.dump(code["fit"](_shipments(rng, 3000, lost=0.02)), folder / "shipments.joblib")
    _shipments(rng, 2000, lost=0.02).write_parquet(folder / "shipments_2024.parquet")
    _shipments(rng, 2000, lost=0.08).write_parquet(folder / "shipments_today.parquet")


def _shipments(rng: np.random.Generator, rows: int, *, lost: float) -> pl.DataFrame:
    """Draw shipments of which a share lost the weight."""
    slow = {"Albatross": -1.2, "Fulmar": 0.9, "Gannet": 0.0, "Petrel": -0.6, "Shearwater": 0.9}
    carrier = rng.choice(list(slow), rows)
    distance = np.exp(rng.normal(5.5, 0.7, rows))
    weight = rng.gamma(2.0, 9.0, rows)
    stops = rng.poisson(2.0, rows)
    wind = rng.gamma(4.0, 2.0, rows)
    logit = 1.6 * (np.log(distance) - 5.5) + 0.03 * (weight - 18.0) + 0.25 * (stops - 2) - 0.9
    logit = logit + 0.28 * (wind - 8.0) + np.array([slow[name] for name in carrier])
    gone = rng.random(rows) < lost
    return pl.DataFrame(
        {
            "shipment": rng.permutation(rows) + 10_000,
            "distance_km": distance.round(1),
            "weight_kg": pl.Series(np.where(gone, np.nan, weight.round(2))).fill_nan(None),
            "stops": stops,
            "wind_ms": wind.round(1),
            "carrier": pl.Series(carrier.tolist()),
            "late": (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.int8),
        }
    )


if __name__ == "__main__":
    main()

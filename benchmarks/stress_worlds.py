"""Tables and models that the benchmark of load lines stresses: four real tables, two models each.

Three tables are read from the folder of data beside the checkout where it is there, and left out where it is
not; without the census data, made rows of its shape stand for it. The digits come with scikit-learn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TRAIN_ROWS, TEST_ROWS = 32_561, 16_281


@dataclass(frozen=True)
class Bench:
    """One table in two parts, with its target and what else must be said."""

    name: str
    train: pl.DataFrame
    test: pl.DataFrame
    target: str
    flags: Mapping[str, Any] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()

    @property
    def inputs(self) -> list[str]:
        """The columns that models read."""
        return [c for c in self.train.columns if c not in (self.target, *self.ignore)]

    @property
    def is_regression(self) -> bool:
        """Whether the target is a quantity."""
        return self.train.schema[self.target].is_float()


def benches() -> Iterator[Bench]:
    """Yield every table that can be had."""
    census = _csv("adult_train.csv"), _csv("adult_test.csv")
    if census[0] is not None and census[1] is not None:
        yield Bench("UCI Adult", census[0], census[1], "income", {"positive": "1"})
    else:
        rng = np.random.default_rng(0)
        yield Bench(
            "made rows of the shape of UCI Adult",
            _made(TRAIN_ROWS, rng), _made(TEST_ROWS, rng), "income", {"positive": "1"},
        )  # fmt: skip
    housing = _csv("california_housing.csv")
    if housing is not None:
        mixed = housing.sample(fraction=1.0, shuffle=True, seed=0)
        target = "median_house_value"
        yield Bench("California housing", mixed[:14_000], mixed[14_000:], target,
                    {"task": "regression"})  # fmt: skip
    market = _csv("electricity.csv")
    if market is not None:
        yield Bench("Electricity market", market[:30_000], market[30_000:], "class",
                    {"positive": "1", "time": "t", "ignore": ["t"]}, ("t",))  # fmt: skip
    yield _digits()


def models(bench: Bench) -> Iterator[tuple[str, Any]]:
    """Yield a gradient-boosting pipeline and a neural net, fitted on the raw columns."""
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    inputs = bench.train.select(bench.inputs).to_pandas()
    y = bench.train[bench.target].to_numpy()
    numbers = inputs.select_dtypes("number").columns.tolist()
    words = [c for c in inputs if c not in numbers]
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1
    )
    trees = HistGradientBoostingRegressor if bench.is_regression else HistGradientBoostingClassifier
    boosted = make_pipeline(
        ColumnTransformer([("n", "passthrough", numbers), ("w", codes, words)]),
        trees(random_state=0),
    )
    yield "gradient boosting", boosted.fit(inputs, y)
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    spread = make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    layers = MLPRegressor if bench.is_regression else MLPClassifier
    net = layers(hidden_layer_sizes=(32,), early_stopping=True, random_state=0, max_iter=40)
    if bench.is_regression:  # a quantity far from 0 is no target for a net
        from sklearn.compose import TransformedTargetRegressor

        net = TransformedTargetRegressor(net, transformer=StandardScaler())
    prepared = ColumnTransformer([("n", scaled, numbers), ("w", spread, words)])
    yield "neural net", make_pipeline(prepared, net).fit(inputs, y)


def measured(bench: Bench, model: Any, frame: pl.DataFrame, target: np.ndarray) -> float:
    """Return what scikit-learn says of a model on changed rows: R2, ROC AUC or accuracy."""
    from sklearn.metrics import accuracy_score, r2_score, roc_auc_score

    rows = frame.select(bench.inputs).to_pandas()
    if bench.is_regression:
        return float(r2_score(target, model.predict(rows)))
    if len(model.classes_) == 2:
        return float(roc_auc_score(target, model.predict_proba(rows)[:, 1]))
    return float(accuracy_score(target, model.predict(rows)))


def _csv(name: str) -> pl.DataFrame | None:
    path = DATA / name
    return pl.read_csv(path) if path.exists() else None


def _digits() -> Bench:
    from sklearn.datasets import load_digits

    pixels, digit = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(digit))
    columns = {f"pixel_{i:02}": pixels[order, i] for i in range(64)}
    frame = pl.DataFrame({**columns, "digit": digit[order]})
    return Bench("digits, 8 x 8 pixels", frame[:900], frame[900:], "digit", {"image": "pixel_*"})


def _made(rows: int, rng: np.random.Generator) -> pl.DataFrame:
    numbers = {f"number_{i}": rng.gamma(2.0, 20.0, rows).round() for i in range(6)}
    words = {
        f"word_{i}": np.array([f"level {k}" for k in range(4 + i)])[rng.integers(0, 4 + i, rows)]
        for i in range(8)
    }
    z = sum((v - v.mean()) / v.std() * (0.8**i) for i, v in enumerate(numbers.values()))
    z = z + sum((w == "level 0") * 0.7 for w in words.values())
    return pl.DataFrame(
        {**numbers, **words, "income": (z + rng.logistic(size=rows) > 2).astype(int)}
    )

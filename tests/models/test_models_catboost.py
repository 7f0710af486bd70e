"""CatBoost models, where CatBoost is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from plimsoll.core.errors import MissingExtraError, ModelError
from plimsoll.core.model import Output
from plimsoll.models import load_model

RNG = np.random.default_rng(11)
DATA = pd.DataFrame({"a": RNG.normal(size=200), "job": RNG.choice(["clerk", "cook"], 200)})
FRAME = pl.DataFrame({"job": DATA["job"].to_list(), "a": DATA["a"].to_numpy()})


def test_without_catboost_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "catboost", None)
    path = tmp_path / "m.cbm"
    path.write_bytes(b"CBM1 and more")
    with pytest.raises(MissingExtraError, match=r"plimsoll\[catboost\]"):
        load_model(path)


@pytest.mark.parametrize("kind", ["two", "three", "number"])
def test_catboost_answers_as_its_library(tmp_path: Path, kind: str) -> None:
    catboost: Any = pytest.importorskip("catboost")
    target: Any = {
        "two": np.where(DATA["a"] > 0, "yes", "no"),
        "three": np.digitize(DATA["a"], [-0.3, 0.3]),
        "number": DATA["a"],
    }[kind]
    make = catboost.CatBoostRegressor if kind == "number" else catboost.CatBoostClassifier
    fitted = make(iterations=5, verbose=0, allow_writing_files=False, cat_features=["job"])
    fitted.fit(DATA, target)
    fitted.save_model(str(tmp_path / "m.cbm"))
    fitted.save_model(str(tmp_path / "m.json"), format="json")
    for form in (fitted, tmp_path / "m.cbm", tmp_path / "m.json"):
        model = load_model(form)
        assert model.card.features == ("a", "job")
        answer = model.predict(FRAME)
        if kind == "number":
            assert model.card.output is Output.VALUE
            np.testing.assert_allclose(answer.values, fitted.predict(DATA), rtol=1e-12)
        else:
            assert model.card.output is Output.PROBABILITY
            np.testing.assert_allclose(answer.scores, fitted.predict_proba(DATA), rtol=1e-12)
            assert answer.labels.tolist() == [str(x) for x in fitted.predict(DATA).ravel()]


def test_damaged_catboost_file(tmp_path: Path) -> None:
    pytest.importorskip("catboost")
    path = tmp_path / "m.cbm"
    path.write_bytes(b"CBM1\x10\x00\x00\x00 cut short")
    with pytest.raises(ModelError, match="CatBoost refused it"):
        load_model(path)

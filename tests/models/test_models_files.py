"""Paths, URLs and names in Python: what is found, and what is said where nothing is."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import polars as pl
import pytest

from plimsoll.core.errors import MissingExtraError, ModelError
from plimsoll.core.model import Output
from plimsoll.models import load_model

TABLE = np.random.default_rng(4).normal(size=(200, 2))
FRAME = pl.DataFrame(TABLE, schema=["a", "b"])


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    data = lightgbm.Dataset(TABLE, label=TABLE[:, 0] > 0, feature_name=["a", "b"])
    path = tmp_path / "credit.txt"
    lightgbm.train({"objective": "binary", "verbose": -1}, data, 3).save_model(path)
    return path


def test_a_file_is_known_by_its_content(text_file: Path) -> None:
    other = text_file.with_name("model.bin")
    text_file.rename(other)
    model = load_model(str(other))
    assert model.card.kind == "LightGBM booster"
    assert model.card.origin == str(other)
    assert model.card.sha256 == hashlib.sha256(other.read_bytes()).hexdigest()


def test_a_missing_file_offers_the_nearest(text_file: Path) -> None:
    with pytest.raises(ModelError, match=r"is not there. Did you mean 'credit.txt'\?"):
        load_model(text_file.with_name("credti.txt"))
    with pytest.raises(ModelError, match="there is no folder"):
        load_model(text_file.parent / "nowhere" / "credit.txt")
    with pytest.raises(ModelError, match=r"is a folder; name the file itself, such as '.*credit"):
        load_model(text_file.parent)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("m.onnx", b"", r"is empty \(0 bytes\)"),
        ("m.onnx", b"this is no model", "onnxruntime refused it"),
        ("m.txt", b"this is no model", "expected to hold a .txt model"),
        ("m.json", b'{"a": 1}', "expected to hold a .json model"),
        ("m.json", b'{"learner": {', "XGBoost refused it"),
        ("m.json", b'{"tree_info": [', "is not whole"),
        ("m.json", b'[{"nodeid": 0}]', "expected to hold a .json model"),
        ("m.ubj", b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner{L", "XGBoost refused it"),
        ("m.txt", b"tree\nversion=v4\nnum_class=1\n", "cut short"),
        ("m.skops", b"PK\x03\x04 no archive", "expected to hold a .skops model"),
        ("m.pt", b"\x00\x01\x02", "PyTorch"),
        ("m.weights", b"\x00\x01\x02", "of no kind that is read"),
    ],
)
def test_a_damaged_or_foreign_file_is_one_sentence(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ModelError, match=says):
        load_model(path)


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_truncated_lightgbm_file_is_refused(text_file: Path, share: float) -> None:
    text = text_file.read_text().split("end of trees")[0]
    text_file.write_text(text[: int(len(text) * share)])
    with pytest.raises(ModelError, match="cut short"):
        load_model(text_file)


def test_a_url_is_said_not_to_be_supported() -> None:
    with pytest.raises(ModelError, match="endpoints are not supported by this version"):
        load_model("https://example.org/model")
    with pytest.raises(ModelError, match="s3:// address"):
        load_model("s3://bucket/model.onnx")


def test_a_missing_library_names_its_extra(
    text_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(MissingExtraError, match=r"plimsoll\[lightgbm\]"):
        load_model(text_file)


CODE = """
import numpy as np
from sklearn.linear_model import LogisticRegression

TABLE = np.array([[0.0], [1.0], [2.0], [3.0]])

class Holder:
    model = LogisticRegression().fit(TABLE, [0, 0, 1, 1])

def predict_risk(frame):
    return 1 / (1 + np.exp(-frame["a"].to_numpy()))

def with_pandas(frame: "pd.DataFrame"):
    return frame.assign(p=0.25)["p"]

def make_model():
    return Holder.model

def make_broken():
    raise RuntimeError("no weights")

def make_nothing():
    pass

class Predictor:
    def __init__(self):
        self.classes_ = ["no", "yes"]
    def predict_proba(self, frame):
        return np.full((len(frame), 2), 0.5)
    def predict(self, frame):
        return np.full(len(frame), "no")
"""


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"planted_models_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return name


def test_python_names_reach_models_functions_and_factories(code: str) -> None:
    one = FRAME.select("a")
    assert load_model(f"{code}:Holder.model").card.classes == ("0", "1")
    assert load_model(f"{code}:make_model").card.classes == ("0", "1")
    assert load_model(f"{code}:Predictor").card.classes == ("no", "yes")
    function = load_model(f"{code}:predict_risk")
    assert function.card.kind == "Python function"
    assert function.card.origin == f"{code}:predict_risk"
    np.testing.assert_allclose(
        function.predict(one).scores[:, 0], 1 / (1 + np.exp(-TABLE[:, 0])), rtol=1e-15
    )
    assert set(load_model(f"{code}:with_pandas").predict(one).scores[:, 0]) == {0.25}


@pytest.mark.parametrize(
    ("attribute", "says"),
    [
        ("predict_rsik", r"has no attribute 'predict_rsik'. Did you mean 'predict_risk'\?"),
        ("Holder.modl", r"Did you mean 'model'\?"),
        ("make_broken", "called to make the model, and raised RuntimeError"),
        ("make_nothing", "returned nothing"),
        ("TABLE", "is a ndarray"),
    ],
)
def test_a_wrong_python_name_is_one_sentence(code: str, attribute: str, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        load_model(f"{code}:{attribute}")


def test_a_wrong_module_offers_the_nearest(code: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=rf"there is no module.*Did you mean '{code}'\?"):
        load_model(f"{code}s:predict_risk")
    Path(tmp_path / "needs_more.py").write_text("import no_such_package_at_all\n")
    with pytest.raises(ModelError, match="needs 'no_such_package_at_all'"):
        load_model("needs_more:x")
    Path(tmp_path / "breaks_on_import.py").write_text("1 / 0\n")
    with pytest.raises(ModelError, match="raised ZeroDivisionError"):
        load_model("breaks_on_import:x")


def test_a_model_is_taken_as_it_is(text_file: Path) -> None:
    model = load_model(text_file)
    again: Any = load_model(model)
    assert again is model
    assert again.card.output is Output.PROBABILITY

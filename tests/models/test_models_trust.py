"""A model file that could run code is not touched without the user's word."""

from __future__ import annotations

import io
import os
import pickle
import pickletools
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import polars as pl
import pytest
import skops.io
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from plimsoll.core.errors import ModelError, UntrustedModelError
from plimsoll.models import load_model
from plimsoll.models.skops_file import load_skops


class Planted:
    """Writes a file when it is unpickled, as a hostile model would."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


@pytest.fixture
def fitted() -> Any:
    rng = np.random.default_rng(1)
    table = rng.normal(size=(60, 2))
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(table, table[:, 0] > 0)


FRAME = pl.DataFrame({"a": [1.0, -1.0], "b": [0.0, 0.5]})


@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
@pytest.mark.parametrize(
    "name", ["m.pkl", "m.pickle", "m.joblib", "m.skops", "m.onnx", "m.txt", "m.json", "m.ubj", "m"]
)
def test_planted_pickle_is_never_unpickled_without_trust(
    tmp_path: Path, name: str, protocol: int
) -> None:
    mark = tmp_path / "planted"
    path = tmp_path / name
    path.write_bytes(pickle.dumps(Planted(mark), protocol=protocol))
    with pytest.raises(ModelError) as caught:
        load_model(path)
    assert not mark.exists()
    if path.suffix in (".pkl", ".pickle", ".joblib") or protocol >= 2:
        assert isinstance(caught.value, UntrustedModelError)
        assert "--trust-model" in str(caught.value)


def test_planted_pickle_would_have_written(tmp_path: Path) -> None:
    mark = tmp_path / "planted"
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(Planted(mark)))
    with pytest.raises(ModelError, match="NoneType"):
        load_model(path, trust=True)
    assert mark.exists()


@pytest.mark.parametrize("name", ["m.onnx", "m.skops", "m.txt", "m.cbm", "m.ubj"])
def test_pickle_under_another_name_is_refused_even_with_trust(tmp_path: Path, name: str) -> None:
    mark = tmp_path / "planted"
    path = tmp_path / name
    path.write_bytes(pickle.dumps(Planted(mark)))
    with pytest.raises(ModelError, match="rename it"):
        load_model(path, trust=True)
    assert not mark.exists()


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("xz", 1)])
def test_compressed_joblib_needs_trust_too(tmp_path: Path, fitted: Any, compress: Any) -> None:
    path = tmp_path / "m.joblib"
    joblib.dump(fitted, path, compress=compress)
    with pytest.raises(UntrustedModelError):
        load_model(path)
    model = load_model(path, trust=True)
    assert model.card.classes == ("false", "true")
    assert model.predict(FRAME).labels.tolist() == ["true", "false"]


def test_plain_pickle_loads_with_trust(tmp_path: Path, fitted: Any) -> None:
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(fitted))
    model = load_model(path, trust=True)
    expected = fitted.predict_proba(FRAME.to_numpy())
    np.testing.assert_array_equal(model.predict(FRAME).scores, expected)
    assert len(model.card.sha256 or "") == 64


def test_pickle_in_a_torch_archive_is_not_opened(tmp_path: Path) -> None:
    mark = tmp_path / "planted"
    path = tmp_path / "m.skops"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Planted(mark)))
    with pytest.raises(ModelError, match="PyTorch"):
        load_model(path, trust=True)
    assert not mark.exists()


def test_damaged_pickle_is_one_sentence(tmp_path: Path, fitted: Any) -> None:
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(fitted)[:200])
    with pytest.raises(ModelError, match="damaged or cut short"):
        load_model(path, trust=True)


def test_pickle_of_a_missing_module_names_it(tmp_path: Path) -> None:
    code = b"cno_such_module_here\nModel\n."
    path = tmp_path / "m.pkl"
    path.write_bytes(code)
    assert "no_such_module_here" in next(iter(pickletools.genops(code)))[1]
    with pytest.raises(ModelError, match="needs the Python module 'no_such_module_here'"):
        load_model(path, trust=True)


def test_pickle_of_a_dict_says_what_it_holds(tmp_path: Path, fitted: Any) -> None:
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps({"model": fitted}))
    with pytest.raises(ModelError, match="is a dict"):
        load_model(path, trust=True)


def test_version_mismatch_is_a_note(tmp_path: Path, fitted: Any) -> None:
    path = tmp_path / "m.pkl"
    buffer = io.BytesIO()
    original = type(fitted).__getstate__

    def aged(self: Any) -> Any:
        return {**original(self), "_sklearn_version": "1.0.2"}

    type(fitted).__getstate__ = aged
    try:
        pickle.dump(fitted, buffer)
    finally:
        type(fitted).__getstate__ = original
    path.write_bytes(buffer.getvalue())
    model = load_model(path, trust=True)
    assert any("1.0.2" in note for note in model.card.notes)


def test_skops_of_trusted_types_needs_no_word(tmp_path: Path, fitted: Any) -> None:
    path = tmp_path / "m.skops"
    skops.io.dump(fitted, path)
    model = load_model(path)
    np.testing.assert_array_equal(
        model.predict(FRAME).scores, fitted.predict_proba(FRAME.to_numpy())
    )


class Strange(DecisionTreeClassifier):
    """A type that skops cannot know."""


def test_skops_of_unknown_types_names_them(tmp_path: Path) -> None:
    table = FRAME.to_numpy()
    path = tmp_path / "m.skops"
    skops.io.dump(Strange().fit(table, [1, 0]), path)
    with pytest.raises(UntrustedModelError, match=r"Strange.*--trust-model"):
        load_model(path)
    assert load_model(path, trust=True).predict(FRAME).labels.tolist() == ["1", "0"]


def test_damaged_skops(tmp_path: Path, fitted: Any) -> None:
    path = tmp_path / "m.skops"
    skops.io.dump(fitted, path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ModelError, match=r"damaged|expected to hold"):
        load_model(path)


def test_sniffing_imports_no_model_library(tmp_path: Path) -> None:
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps({}))
    code = (
        "import sys\nfrom plimsoll.models import load_model\n"
        f"try: load_model({str(path)!r})\nexcept Exception as e: print(type(e).__name__)\n"
        "print([m for m in ('sklearn', 'joblib', 'pandas', 'lightgbm', 'skops') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["UntrustedModelError", "[]"]


def test_pipelines_with_an_imputer_or_a_net_need_no_trust(tmp_path) -> None:
    """An imputer keeps a dtype and a net its optimizer; neither runs anything of the file."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 2)), np.arange(80) % 2
    for solver in ("adam", "sgd"):
        net = MLPClassifier((3,), max_iter=300, solver=solver, random_state=0)
        fitted = make_pipeline(SimpleImputer(), net).fit(x, y)
        path = tmp_path / f"{solver}.skops"
        skops.io.dump(fitted, path)
        loaded = load_skops(path, trust=False)
        np.testing.assert_array_equal(loaded.predict_proba(x), fitted.predict_proba(x))

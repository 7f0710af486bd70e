"""ONNX models of every common shape answer as the models they were made from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from onnx import TensorProto, helper
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor, StackingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from plimsoll.core.errors import MissingExtraError, ModelError
from plimsoll.core.model import Output
from plimsoll.core.subject import Task
from plimsoll.models import load_model

TABLE = np.random.default_rng(0).normal(size=(120, 3)).astype(np.float32)
FRAME = pl.DataFrame(TABLE, schema=["a", "b", "c"])
TWO = np.where(TABLE[:, 0] > 0, "yes", "no")
THREE = np.array(["low", "mid", "high"])[np.digitize(TABLE[:, 0], [-0.3, 0.3])]


def saved(path: Path, model: Any, zipmap: bool | None = None, **more: Any) -> Path:
    options = None if zipmap is None else {id(model): {"zipmap": zipmap}}
    path.write_bytes(to_onnx(model, TABLE[:1], options=options, **more).SerializeToString())
    return path


CLASSIFIERS = {
    "linear": LogisticRegression(),
    "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
    "trees": RandomForestClassifier(5, max_depth=3, random_state=0),
    "bayes": GaussianNB(),
    "network": MLPClassifier((4,), max_iter=5, random_state=0),
    "stack": StackingClassifier([("l", LogisticRegression()), ("b", GaussianNB())], cv=2),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize("target", ["two", "three"])
@pytest.mark.parametrize("name", list(CLASSIFIERS))
def test_classes_and_scores_of_converted_classifiers(
    tmp_path: Path, name: str, target: str, zipmap: bool
) -> None:
    """Class names stand in a ZipMap, a classifier, or the constants that labels are taken from."""
    fitted = CLASSIFIERS[name].fit(TABLE, TWO if target == "two" else THREE)
    model = load_model(saved(tmp_path / "m.onnx", fitted, zipmap))
    assert model.card.output is Output.PROBABILITY
    assert model.card.classes == tuple(fitted.classes_)
    assert model.card.features is None
    answer = model.predict(FRAME)
    np.testing.assert_allclose(answer.scores, fitted.predict_proba(TABLE), atol=2e-5)
    assert (answer.labels == fitted.predict(TABLE)).mean() > 0.99


def test_whole_number_and_negative_labels(tmp_path: Path) -> None:
    fitted = LogisticRegression().fit(TABLE, np.where(TABLE[:, 0] > 0, 1, -1))
    for zipmap in (True, False):
        model = load_model(saved(tmp_path / "m.onnx", fitted, zipmap))
        assert model.card.classes == ("-1", "1")
        answer = model.predict(FRAME)
        np.testing.assert_allclose(answer.scores, fitted.predict_proba(TABLE), atol=1e-5)


def test_regressors(tmp_path: Path) -> None:
    for fitted in (LinearRegression(), RandomForestRegressor(5, max_depth=4, random_state=0)):
        fitted.fit(TABLE, TABLE[:, 0] * 3)
        model = load_model(saved(tmp_path / "m.onnx", fitted))
        assert model.card.output is Output.VALUE
        np.testing.assert_allclose(model.predict(FRAME).values, fitted.predict(TABLE), atol=1e-5)


def columns_pipeline() -> tuple[Any, pl.DataFrame]:
    import pandas as pd

    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "net-income": rng.normal(size=150),
            "visits": rng.integers(0, 9, 150),
            "job": rng.choice(["clerk", "cook"], 150),
        }
    )
    encode = ColumnTransformer(
        [("n", StandardScaler(), ["net-income", "visits"]), ("c", OneHotEncoder(), ["job"])]
    )
    fitted = make_pipeline(encode, LogisticRegression())
    fitted.fit(table, (table["visits"] > 4) ^ (table["job"] == "cook"))
    frame = pl.DataFrame({name: table[name].to_list() for name in ("job", "visits", "net-income")})
    return fitted, frame


def columns_file(path: Path) -> tuple[Any, pl.DataFrame]:
    fitted, frame = columns_pipeline()
    kinds = [
        ("net-income", FloatTensorType([None, 1])),
        ("visits", Int64TensorType([None, 1])),
        ("job", StringTensorType([None, 1])),
    ]
    path.write_bytes(convert_sklearn(fitted, initial_types=kinds).SerializeToString())
    return fitted, frame


def test_one_input_a_column_is_fed_by_name(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    fitted, frame = columns_file(path)
    model = load_model(path)
    assert model.card.features is None  # the converter wrote net_income
    expected = fitted.predict_proba(frame.to_pandas())
    np.testing.assert_allclose(model.predict(frame).scores, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"job": pl.lit(None, dtype=pl.String)}, "for which ONNX has no word"),
        ({"job": pl.lit(0.5)}, "expects words in 'job'"),
        ({"visits": pl.lit(None, dtype=pl.Int64)}, "whole numbers without gaps in 'visits'"),
        ({"visits": pl.lit(0.5)}, "whole numbers without gaps in 'visits'"),
        ({"net-income": pl.lit("much")}, "column 'net_income' holds words"),
    ],
)
def test_columns_of_the_wrong_type_are_named(
    tmp_path: Path, change: dict[str, pl.Expr], says: str
) -> None:
    path = tmp_path / "m.onnx"
    _, frame = columns_file(path)
    with pytest.raises(ModelError, match=says):
        load_model(path).predict(frame.with_columns(**change))


def test_missing_and_surplus_features(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    _, frame = columns_file(path)
    with pytest.raises(ModelError, match=r"'visits'.*Did you mean 'visit'\?"):
        load_model(path).predict(frame.rename({"visits": "visit"}))
    with pytest.raises(ModelError, match="could both be meant"):
        load_model(path).predict(frame.with_columns(pl.lit(0.0).alias("net income")))
    fitted = LogisticRegression().fit(TABLE, TWO)
    with pytest.raises(ModelError, match="expects 3 features and names none, and the data holds 4"):
        load_model(saved(path, fitted)).predict(FRAME.with_columns(d=pl.lit(1.0)))


def test_faulty_conversion_is_not_believed(tmp_path: Path) -> None:
    """The columns of a support vector machine without probabilities come out the wrong way round."""
    fitted = SVC().fit(TABLE, TWO)
    model = load_model(saved(tmp_path / "m.onnx", fitted, zipmap=False))
    assert model.card.output is Output.DECISION
    with pytest.raises(ModelError, match="contradict its own labels"):
        model.predict(FRAME)


def network(path: Path, last: str | None, rows: Any = "rows", width: int = 2) -> Path:
    """Save a linear layer with or without an operator after it, as other libraries export one."""
    weights = np.arange(3 * width, dtype=np.float32) / 7
    nodes = [helper.make_node("MatMul", ["x", "w"], ["out" if last is None else "z"])]
    if last is not None:
        nodes.append(helper.make_node(last, ["z"], ["out"]))
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, 3])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [rows, width])],
        [helper.make_tensor("w", TensorProto.FLOAT, [3, width], weights)],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path.write_bytes(made.SerializeToString())
    return path


def test_plain_tensors_are_what_the_graph_says(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    assert load_model(network(path, "Softmax")).card.output is Output.PROBABILITY
    assert load_model(network(path, "Sigmoid", width=1)).card.output is Output.PROBABILITY
    plain = load_model(network(path, None))
    assert plain.card.output is Output.DECISION
    assert plain.card.classes == ()
    layer = TABLE @ (np.arange(6, dtype=np.float32) / 7).reshape(3, 2)
    np.testing.assert_allclose(
        plain.predict(FRAME).scores[:, 0], layer[:, 1] - layer[:, 0], atol=1e-5
    )
    assert load_model(network(path, None, width=1)).card.output is Output.VALUE
    assert load_model(path, task=Task.BINARY).card.output is Output.DECISION
    assert load_model(path, task=Task.REGRESSION).card.output is Output.VALUE


def test_a_fixed_number_of_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="takes exactly 1"):
        load_model(network(tmp_path / "m.onnx", None, rows=1))


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "m.onnx", LogisticRegression().fit(TABLE, TWO))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ModelError, match="onnxruntime refused it"):
        load_model(path)


def test_without_onnxruntime_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "m.onnx", LogisticRegression().fit(TABLE, TWO))
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"plimsoll\[onnx\]"):
        load_model(path)

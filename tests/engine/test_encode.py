"""Rows as read become rows that can be judged: nothing is lost unsaid, nothing is turned round."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from plimsoll.core.errors import DataError, ModelError, SettingsError
from plimsoll.core.model import Output
from worlds.judging import judge
from worlds.models import Made
from worlds.planted import logistic, stated
from worlds.tables import multiclass, regression

WORLD = stated(300, 1)
PLAIN = {"target": "y", "score": "p"}


def cell(column: str, value: Any, rows: int = 3) -> pl.DataFrame:
    """The world with the first cells of a column replaced."""
    changed = pl.when(pl.int_range(300) < rows).then(pl.lit(value)).otherwise(pl.col(column))
    return WORLD.with_columns(changed.alias(column))


# Scores in the data


@pytest.mark.parametrize("value", [1.0001, -0.001, 3.2, 70.0])
def test_probabilities_outside_the_unit_are_refused(value: float) -> None:
    with pytest.raises(DataError, match=r"Column 'p' must hold probabilities.*3 rows") as error:
        judge(cell("p", value), "INP001", **PLAIN)
    assert 'score_kind = "logit"' in str(error.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("kind", ["probability", "ranking", "logit"])
def test_scores_that_are_no_numbers_are_refused(value: float, kind: str) -> None:
    with pytest.raises(DataError, match=r"Column 'p' must hold finite numbers; 3 rows"):
        judge(cell("p", value), "INP001", score_kind=kind, **PLAIN)


@pytest.mark.parametrize("missing_scores", ["error", "leave_out"])
def test_a_nan_is_never_passed_over_as_a_missing_score(missing_scores: str) -> None:
    with pytest.raises(DataError, match="NaN"):
        judge(cell("p", float("nan")), "INP001", missing_scores=missing_scores, **PLAIN)


def test_missing_scores_are_an_error_or_left_out_and_counted() -> None:
    with pytest.raises(DataError, match="3 rows are empty"):
        judge(cell("p", None), "INP001", **PLAIN)
    judged = judge(cell("p", None), "PRF002", missing_scores="leave_out", **PLAIN)
    assert judged.scan.left_out == {"score or prediction missing": 3}
    expected = roc_auc_score(WORLD["y"][3:], WORLD["p"][3:])
    assert judged.estimate("roc_auc").value == pytest.approx(expected, abs=1e-12)


def test_text_where_numbers_belong_is_refused() -> None:
    frame = WORLD.with_columns(pl.col("p").cast(pl.String))
    with pytest.raises(DataError, match="Score column 'p' must hold numbers; it holds text"):
        judge(frame, "INP001", **PLAIN)


def test_logits_become_probabilities() -> None:
    frame = WORLD.with_columns(s=(pl.col("p") / (1 - pl.col("p"))).log())
    judged = judge(frame, "PRF003", target="y", score="s", score_kind="logit")
    assert judged.estimate("log_loss").value == pytest.approx(log_loss(WORLD["y"], WORLD["p"]))
    huge = judge(
        cell("p", 1e9).with_columns(pl.col("p") * 1e3), "PRF001", score_kind="logit", **PLAIN
    )
    assert huge.has("accuracy"), "no overflow"


def test_logits_of_many_classes_become_probabilities_by_softmax() -> None:
    frame = multiclass(200, 1)
    columns = ["p_cat", "p_dog", "p_emu"]
    logits = frame.with_columns(pl.col(c).log() + 7 for c in columns)
    judged = judge(logits, "PRF003", target="y", score=columns, score_kind="logit")
    expected = log_loss(frame["y"], frame.select(columns).to_numpy())
    assert judged.estimate("log_loss").value == pytest.approx(expected, abs=1e-9)


def test_probabilities_of_all_classes_sum_to_one() -> None:
    frame = multiclass(100, 2).with_columns(p_dog=pl.col("p_dog") * 0.9)
    with pytest.raises(DataError, match=r"p_cat.*p_dog.*p_emu.*must sum to 1.*95 rows"):
        judge(frame, "INP001", target="y", score=["p_cat", "p_dog", "p_emu"])


# Decisions in the data


@pytest.mark.parametrize(
    ("target", "decided"),
    [
        (pl.Boolean, pl.Int64),
        (pl.Boolean, pl.Float64),
        (pl.Int64, pl.Boolean),
        (pl.Int64, pl.Float32),
        (pl.Int64, pl.String),
        (pl.String, pl.Int8),
        (pl.Float64, pl.Boolean),
    ],
)
def test_one_label_is_one_class_however_it_is_spelled(target: Any, decided: Any) -> None:
    d = (WORLD["p"] > 0.5).cast(pl.Int64)
    frame = WORLD.with_columns(
        d=d.cast(pl.Boolean) if decided == pl.Boolean else d.cast(decided),
        y=pl.col("y").cast(target),
    )
    judged = judge(frame, "PRF001", target="y", prediction="d")
    assert judged.estimate("accuracy").value == pytest.approx(accuracy_score(WORLD["y"], d))


def test_a_decision_of_nan_is_missing_and_not_the_first_class() -> None:
    d = pl.when(pl.int_range(300) < 4).then(float("nan")).otherwise((pl.col("p") > 0.5).cast(float))
    frame = WORLD.with_columns(d=d)
    with pytest.raises(DataError, match="4 rows are empty"):
        judge(frame, "PRF001", target="y", prediction="d")
    judged = judge(frame, "PRF001", target="y", prediction="d", missing_scores="leave_out")
    assert judged.scan.rows_used == 296


def test_a_decision_for_no_class_is_refused() -> None:
    frame = WORLD.with_columns(d=pl.lit("maybe"))
    with pytest.raises(DataError, match=r"'d' of the data holds 300 labels.*0, 1"):
        judge(frame, "PRF001", target="y", prediction="d")


def test_predicted_numbers_must_be_numbers() -> None:
    frame = regression(50)
    for value, words in ((float("nan"), "NaN"), (float("inf"), "infinity"), (None, "empty")):
        bad = frame.with_columns(
            yhat=pl.when(pl.col("id") < 2).then(pl.lit(value)).otherwise(pl.col("yhat"))
        )
        with pytest.raises(DataError, match=rf"'yhat'.*2 rows.*{words}"):
            judge(bad, "PRF004", target="y", prediction="yhat")


# Labels and weights


def test_rows_without_a_label_are_left_out_whatever_missing_looks_like() -> None:
    for missing in (None, float("nan")):
        y = pl.when(pl.int_range(300) < 7).then(pl.lit(missing)).otherwise(pl.col("y").cast(float))
        judged = judge(WORLD.with_columns(y=y), "PRF002", **PLAIN)
        assert judged.scan.left_out == {"label missing": 7}
        expected = roc_auc_score(WORLD["y"][7:], WORLD["p"][7:])
        assert judged.estimate("roc_auc").value == pytest.approx(expected, abs=1e-12)


def test_an_answer_missing_where_the_label_is_too_is_no_error() -> None:
    frame = WORLD.with_columns(pl.when(pl.int_range(300) >= 5).then(c).alias(c) for c in ("y", "p"))
    assert judge(frame, "INP001", **PLAIN).scan.left_out == {"label missing": 5}


def test_a_target_of_infinity_is_refused() -> None:
    frame = regression(40).with_columns(
        y=pl.when(pl.col("id") == 3).then(float("inf")).otherwise("y")
    )
    with pytest.raises(DataError, match="infinity"):
        judge(frame, "PRF004", target="y", prediction="yhat")


@pytest.mark.parametrize("value", [-0.5, float("nan"), float("inf"), None])
def test_weights_must_be_numbers_from_zero_up(value: float | None) -> None:
    frame = WORLD.with_columns(w=pl.lit(1.0))
    frame = frame.with_columns(w=pl.when(pl.int_range(300) < 2).then(pl.lit(value)).otherwise("w"))
    with pytest.raises(DataError, match=r"'w'.*2 rows"):
        judge(frame, "PRF001", weight="w", **PLAIN)


def test_a_weight_column_of_words_is_refused() -> None:
    frame = WORLD.with_columns(w=pl.lit("heavy"))
    with pytest.raises(DataError, match="Weight column 'w' must hold numbers; it holds text"):
        judge(frame, "PRF001", weight="w", **PLAIN)


# Models: order and spelling of classes


def proba(frame: pl.DataFrame) -> np.ndarray:
    p = logistic(2 * frame["x"].to_numpy())
    return np.stack([1 - p, p], axis=1)


@pytest.mark.parametrize(
    ("classes", "turned"),
    [
        (("0", "1"), False),
        (("1", "0"), True),
        (("false", "true"), False),
        (("true", "false"), True),
        (("False", "True"), False),
    ],
    ids=str,
)
@pytest.mark.parametrize("target", [pl.Int64, pl.Boolean, pl.String, pl.Float64])
def test_probabilities_are_taken_by_the_name_of_the_class(
    classes: tuple[str, ...], turned: bool, target: Any
) -> None:
    def answer(frame: pl.DataFrame) -> np.ndarray:
        return proba(frame)[:, ::-1] if turned else proba(frame)

    frame = WORLD.with_columns(pl.col("y").cast(target))
    judged = judge(frame, "PRF002", target="y", model=Made(Output.PROBABILITY, answer, classes))
    expected = roc_auc_score(WORLD["y"], WORLD["p"])
    assert judged.estimate("roc_auc").value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("output", [Output.DECISION, Output.PROBABILITY])
@pytest.mark.parametrize(
    ("target", "positive"),
    [(pl.Int64, "1"), (pl.Int64, "0"), (pl.Boolean, True), (pl.Boolean, False)],
)
def test_one_score_is_of_the_second_class_and_turned_where_that_is_not_positive(
    output: Output, target: Any, positive: Any
) -> None:
    def answer(frame: pl.DataFrame) -> np.ndarray:
        x = frame["x"].to_numpy().reshape(-1, 1)
        return x if output is Output.DECISION else logistic(2 * x)

    model = Made(output, answer, ("0", "1"))
    frame = WORLD.with_columns(pl.col("y").cast(target))
    judged = judge(frame, "PRF002", target="y", positive=positive, model=model)
    expected = roc_auc_score(WORLD["y"], WORLD["x"])
    assert judged.estimate("roc_auc").value == pytest.approx(expected, abs=1e-9)


def test_logits_of_a_model_are_turned_before_they_become_probabilities() -> None:
    def answer(frame: pl.DataFrame) -> np.ndarray:
        return 2 * frame["x"].to_numpy().reshape(-1, 1)

    model = Made(Output.DECISION, answer, ("0", "1"))
    for positive in ("0", "1"):
        judged = judge(
            WORLD, "PRF003", target="y", positive=positive, model=model, score_kind="logit"
        )
        expected = log_loss(WORLD["y"], WORLD["true"])
        assert judged.estimate("log_loss").value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("shape", [1, 2])
def test_classes_that_the_target_lacks_are_refused_and_never_guessed(shape: int) -> None:
    def answer(frame: pl.DataFrame) -> np.ndarray:
        return proba(frame)[:, -shape:]

    model = Made(Output.PROBABILITY, answer, ("no", "yes"))
    with pytest.raises(ModelError, match=r"holds the class '0'.*it knows no, yes"):
        judge(WORLD, "PRF002", target="y", model=model)


def test_an_order_that_is_not_stated_is_refused_unless_classes_are_codes() -> None:
    model = Made(Output.PROBABILITY, proba)
    coded = judge(WORLD, "PRF002", target="y", model=model)
    assert coded.estimate("roc_auc").value > 0.8
    named = WORLD.with_columns(y=pl.col("y").replace_strict({0: "bad", 1: "good"}))
    with pytest.raises(ModelError, match="order of the 2 score columns"):
        judge(named, "PRF002", target="y", positive="good", model=model)


def test_scores_of_many_classes_are_put_in_order() -> None:
    frame = multiclass(200, 3)
    shuffled = ("p_emu", "p_cat", "p_dog")

    def answer(rows: pl.DataFrame) -> np.ndarray:
        return rows.select(shuffled).to_numpy()

    model = Made(Output.PROBABILITY, answer, ("emu", "cat", "dog"))
    judged = judge(frame, "PRF003", target="y", model=model)
    expected = log_loss(frame["y"], frame.select("p_cat", "p_dog", "p_emu").to_numpy())
    assert judged.estimate("log_loss").value == pytest.approx(expected, abs=1e-9)


def test_a_model_may_know_more_classes_than_occur() -> None:
    frame = multiclass(200, 3).filter(pl.col("y") != "emu")

    def answer(rows: pl.DataFrame) -> np.ndarray:
        return rows.select("p_cat", "p_dog", "p_emu").to_numpy()

    model = Made(Output.PROBABILITY, answer, ("cat", "dog", "emu"))
    judged = judge(frame, "PRF001", "PRF002", "PRF003", target="y", model=model)
    assert judged.subject.classes == ("cat", "dog", "emu")
    expected = log_loss(frame["y"], answer(frame), labels=["cat", "dog", "emu"])
    assert judged.estimate("log_loss").value == pytest.approx(expected, abs=1e-9)


def test_labels_of_a_model_are_matched_and_strange_ones_refused() -> None:
    def answer(frame: pl.DataFrame) -> np.ndarray:
        return (frame["x"].to_numpy() > 0).astype(int)

    frame = WORLD.with_columns(pl.col("y").cast(pl.Boolean))
    judged = judge(frame, "PRF001", target="y", model=Made(Output.LABEL, answer))
    expected = accuracy_score(WORLD["y"], WORLD["x"] > 0)
    assert judged.estimate("accuracy").value == pytest.approx(expected)
    with pytest.raises(ModelError, match="300 rows hold another"):
        judge(frame, "PRF001", target="y", model=Made(Output.LABEL, lambda f: answer(f) + 5))


# Models: what they are given


def test_a_model_gets_the_inputs_it_names_and_no_answers() -> None:
    model = Made(Output.PROBABILITY, proba, ("0", "1"), ("x",))
    judge(WORLD, "PRF001", target="y", model=model)
    assert set(model.asked) == {("x",)}


def test_a_model_that_names_no_inputs_gets_neither_label_nor_champion_nor_key() -> None:
    model = Made(Output.PROBABILITY, proba, ("0", "1"))
    frame = WORLD.with_row_index("id").with_columns(w=pl.lit(1.0), junk=pl.lit(0))
    judge(
        frame,
        "PRF001",
        "BAS003",
        target="y",
        id="id",
        weight="w",
        ignore=["junk", "true"],
        champion="p",
        model=model,
    )
    assert set(model.asked) == {("x",)}


def test_a_model_is_asked_only_for_rows_with_a_label() -> None:
    asked: list[int] = []

    def answer(frame: pl.DataFrame) -> np.ndarray:
        asked.append(frame.height)
        return proba(frame)

    frame = WORLD.with_columns(y=pl.when(pl.int_range(300) >= 50).then("y"))
    judge(frame, "PRF001", target="y", model=Made(Output.PROBABILITY, answer, ("0", "1")))
    assert asked == [250]


def test_a_models_probabilities_are_checked() -> None:
    model = Made(Output.PROBABILITY, lambda f: proba(f) * 3, ("0", "1"))
    with pytest.raises(DataError, match=r"scores of the model must hold probabilities"):
        judge(WORLD, "PRF001", target="y", model=model)


def test_a_champion_keeps_its_probabilities_beside_logits() -> None:
    frame = WORLD.with_columns(s=2 * pl.col("x"))
    champion = Made(Output.PROBABILITY, proba, ("0", "1"), ("x",))
    judged = judge(frame, "BAS003", target="y", score="s", score_kind="logit", champion=champion)
    found = judged.estimate("difference", metric="log_loss", model="champion")
    assert found.value == pytest.approx(0, abs=1e-12), "the same model, once as logits"


def test_two_classes_may_be_judged_as_several() -> None:
    frame = WORLD.with_columns(
        q=1 - pl.col("p"), word=pl.col("y").replace_strict({0: "bad", 1: "good"})
    )
    judged = judge(
        frame,
        "PRF003",
        "BAS002",
        target="word",
        score=["q", "p"],
        task="multiclass",
        reference=frame,
    )
    assert judged.estimate("log_loss").value == pytest.approx(log_loss(frame["y"], frame["p"]))
    assert judged.has("difference", metric="log_loss", model="linear")


def test_a_target_is_no_champion() -> None:
    with pytest.raises(SettingsError, match="always right"):
        judge(WORLD, "BAS003", champion="y", **PLAIN)

"""Simple models: fitted on the reference alone, the same every time, honest about what they never saw."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from plimsoll.core.batch import KEY, TARGET, Batch, prediction_column, score_column
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.core.tally import Need, Side
from plimsoll.engine.encode import Encoder
from plimsoll.engine.scan import scan
from plimsoll.probes.baselines import KINDS, Baselines
from plimsoll.probes.features import learn
from plimsoll.tallies.sample import Sample
from worlds.planted import with_inputs
from worlds.tables import FrameSource, multiclass, regression

BINARY = Subject("made", Task.BINARY, Roles(target="y"), ("0", "1"))


def sample(
    frame: pl.DataFrame, probe: Baselines, subject: Subject = BINARY, cut: int = 10**6
) -> Sample:
    """Take the rows of a reference as the scan does."""
    (need,) = probe.needs().values()
    assert need.side is Side.REFERENCE
    encoder = Encoder(
        subject, wanted=frozenset(need.tally.columns), key_columns=tuple(frame.columns)
    )
    done = scan(FrameSource(frame, cut), frame.columns, [need], encoder, {})
    taken = done.tallies[need]
    assert isinstance(taken, Sample)
    return taken


def answers(
    frame: pl.DataFrame,
    reference: pl.DataFrame,
    probe: Baselines,
    subject: Subject = BINARY,
    cut: int = 10**6,
) -> pl.DataFrame:
    """Fit on the reference and answer for every row of the frame, ``cut`` rows at a time."""
    apply = probe.prepare({"train": sample(reference, probe, subject)})
    parts = [apply(Batch(part, subject)).frame for part in frame.iter_slices(cut)]
    return pl.concat(parts)


def binary(features: tuple[str, ...] = ("strong", "noise", "word"), **more: Any) -> Baselines:
    return Baselines(Task.BINARY, 2, features, **more)


REFERENCE, NOW = with_inputs(800, 1), with_inputs(400, 2)


def test_every_kind_answers_with_probabilities_and_decisions() -> None:
    found = answers(NOW, REFERENCE, binary())
    for kind in KINDS:
        score = found[score_column(model=kind)].to_numpy()
        assert ((score >= 0) & (score <= 1)).all()
        assert (found[prediction_column(kind)].to_numpy() == (score >= 0.5)).all()


def test_they_are_as_good_as_they_should_be() -> None:
    found = answers(NOW, REFERENCE, binary())
    area = {k: roc_auc_score(NOW["y"], found[score_column(model=k)]) for k in KINDS}
    assert area["constant"] == 0.5
    assert found[score_column(model="constant")][0] == pytest.approx(
        REFERENCE["y"].mean(), abs=0.01
    )
    assert min(area["best_feature"], area["linear"], area["gradient_boosting"]) > 0.9
    train = sample(REFERENCE, binary()).frame
    assert train is not None
    assert binary().best_feature(train) == "strong"


def test_only_the_reference_teaches_them() -> None:
    turned = NOW.with_columns(y=1 - pl.col("y"))
    one, two = (answers(frame, REFERENCE, binary()) for frame in (NOW, turned))
    for kind in KINDS:
        assert one[score_column(model=kind)].equals(two[score_column(model=kind)])
    other = answers(NOW, REFERENCE.with_columns(y=1 - pl.col("y")), binary())
    area = roc_auc_score(NOW["y"], other[score_column(model="linear")])
    assert area < 0.1


def test_the_same_rows_in_any_order_and_any_batches_teach_the_same() -> None:
    shuffled = REFERENCE.sample(fraction=1, shuffle=True, seed=4)
    first = sample(REFERENCE, binary()).frame
    second = sample(shuffled, binary(), cut=37).frame
    assert first is not None
    assert second is not None
    assert first.equals(second)
    one, two = (answers(NOW, r, binary()) for r in (REFERENCE, shuffled))
    for kind in KINDS:
        assert one[score_column(model=kind)].equals(two[score_column(model=kind)])


def test_the_answer_for_a_row_does_not_depend_on_its_batch() -> None:
    whole = answers(NOW, REFERENCE, binary())
    parts = answers(NOW, REFERENCE, binary(), cut=7)
    for kind in KINDS:
        a, b = (f[score_column(model=kind)].to_numpy() for f in (whole, parts))
        assert a == pytest.approx(b, abs=1e-12)


def test_rows_are_chosen_by_the_hash_of_their_key() -> None:
    small = binary(rows=100)
    taken = sample(REFERENCE, small, cut=90)
    assert (taken.used, taken.rows) == (100, 800)
    everyone = sample(REFERENCE, binary()).frame
    assert everyone is not None
    assert taken.frame is not None
    assert taken.frame[KEY].to_list() == sorted(everyone[KEY].to_list())[:100]
    assert taken.frame.equals(everyone.head(100))


def test_what_was_never_seen_is_no_trouble() -> None:
    strange = NOW.with_columns(
        strong=pl.when(pl.int_range(400) < 50).then(None).otherwise("strong"),
        noise=pl.when(pl.int_range(400) < 50).then(float("inf")).otherwise("noise"),
        word=pl.lit("never seen"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = answers(strange, REFERENCE, binary())
    for kind in KINDS:
        score = found[score_column(model=kind)].to_numpy()
        assert np.isfinite(score).all()
    assert roc_auc_score(NOW["y"][50:], found[score_column(model="linear")][50:]) > 0.9


def test_a_number_that_arrives_as_text_is_missing_and_not_an_error() -> None:
    frame = NOW.with_columns(strong=pl.lit("n/a"))
    found = answers(frame, REFERENCE, binary())
    assert found[score_column(model="linear")].is_finite().all()


@pytest.mark.parametrize("kind", ["number", "word"])
def test_missing_cells_are_a_value_of_their_own(kind: str) -> None:
    def holed(frame: pl.DataFrame) -> pl.DataFrame:
        r = np.random.default_rng(frame.height)
        values = (
            r.normal(size=frame.height) if kind == "number" else r.choice(["a", "b"], frame.height)
        )
        gap = pl.Series("gap", values)
        return frame.with_columns(gap=pl.when(pl.col("y") == 0).then(gap))

    found = answers(holed(NOW), holed(REFERENCE), binary(("gap",)))
    for name in ("best_feature", "linear", "gradient_boosting"):
        assert roc_auc_score(NOW["y"], found[score_column(model=name)]) > 0.98, name


@pytest.mark.parametrize("kind", ["date", "list", "constant", "empty"])
def test_columns_that_can_teach_nothing_leave_a_constant(kind: str) -> None:
    column = {
        "date": pl.lit("2024-01-01").str.to_date(),
        "list": pl.concat_list("strong"),
        "constant": pl.lit(3.0),
        "empty": pl.lit(None, pl.Float64),
    }[kind]
    frames = [f.with_columns(odd=column) for f in (NOW, REFERENCE)]
    assert learn(frames[1], ("odd",)) == []
    found = answers(frames[0], frames[1], binary(("odd",)))
    for name in KINDS:
        assert found[score_column(model=name)].n_unique() == 1


@pytest.mark.parametrize("y", [[0] * 50, [1] * 50], ids=["no positive", "no negative"])
def test_a_reference_of_one_class_teaches_a_constant(y: list[int]) -> None:
    found = answers(NOW, REFERENCE.head(50).with_columns(y=pl.Series(y)), binary())
    for kind in KINDS:
        score = found[score_column(model=kind)].to_numpy()
        assert ((score > 0) & (score < 1)).all(), "never certain of what it has not seen"


def test_a_reference_without_labels_is_no_trouble() -> None:
    empty = REFERENCE.with_columns(y=pl.lit(None, pl.Int64))
    found = answers(NOW, empty, binary())
    assert found[score_column(model="linear")].unique().to_list() == [0.5]
    probe = Baselines(Task.REGRESSION, 0, ("x",))
    number = Subject("made", Task.REGRESSION, Roles(target="y"))
    nothing = regression(20).with_columns(y=pl.lit(None, pl.Float64))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        numbers = answers(regression(20), nothing, probe, number)
    assert numbers[prediction_column("linear")].is_finite().all()


def test_many_classes_sum_to_one_and_unseen_ones_keep_a_share() -> None:
    frame, reference = multiclass(300, 1), multiclass(500, 2)
    features = ("p_cat", "p_dog")
    subject = Subject("made", Task.MULTICLASS, Roles(target="y"), ("cat", "dog", "emu"))
    probe = Baselines(Task.MULTICLASS, 3, features)
    for taught in (reference, reference.filter(pl.col("y") != "emu")):
        found = answers(frame, taught, probe, subject)
        for kind in KINDS:
            p = found.select(score_column(c, kind) for c in range(3)).to_numpy()
            assert p.sum(axis=1) == pytest.approx(1.0, abs=1e-9)
            assert (p > 0).all(), "a class that was not seen is not impossible"
            decided = found[prediction_column(kind)].to_numpy()
            assert (decided == p.argmax(axis=1)).all()


def test_a_regression_is_learnt() -> None:
    subject = Subject("made", Task.REGRESSION, Roles(target="y"))
    frame, reference = regression(300, 1), regression(500, 2)
    found = answers(frame, reference, Baselines(Task.REGRESSION, 0, ("x",)), subject)
    rms = {
        kind: float(((found[prediction_column(kind)] - frame["y"]) ** 2).mean() ** 0.5)
        for kind in KINDS
    }
    assert rms["constant"] == pytest.approx(3.2, abs=0.4)
    assert rms["linear"] == pytest.approx(1.0, abs=0.15)
    assert rms["best_feature"] < 1.8
    assert rms["gradient_boosting"] < 1.5
    assert found[prediction_column("constant")][0] == pytest.approx(reference["y"].mean())


def test_the_probe_is_a_value() -> None:
    assert binary() == binary()
    assert hash(binary()) == hash(binary())
    assert binary(seed=1) != binary(seed=2)
    assert Need(Sample((TARGET,)), probe=binary()) == Need(Sample((TARGET,)), probe=binary())
    assert binary().reads() == ("strong", "noise", "word")

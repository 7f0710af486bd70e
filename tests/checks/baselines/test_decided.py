"""Differences of decisions: their intervals hold the truth as often as they promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from plimsoll.checks.baselines.decided import decision_measures, of_matrices, of_pairs
from plimsoll.core.batch import BUCKET, PREDICTION, TARGET, WEIGHT, Batch, prediction_column
from plimsoll.core.estimate import Estimate
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.tallies.confusion import Confusion
from plimsoll.tallies.paired_decisions import PairedDecisions

BINARY = Subject("made", Task.BINARY, Roles(), ("0", "1"))
THREE = Subject("made", Task.MULTICLASS, Roles(), ("a", "b", "c"))
BASE, MINE, THEIRS = 0.3, (0.85, 0.75), (0.80, 0.70)
"""Share of positives; chance of being right on a negative and on a positive, of both models."""


def truth() -> npt.NDArray[np.float64]:
    """Probabilities of (true, mine, theirs), right or wrong independently of each other."""
    out = np.zeros((2, 2, 2))
    for true in (0, 1):
        for mine in (0, 1):
            for theirs in (0, 1):
                a = MINE[true] if mine == true else 1 - MINE[true]
                b = THEIRS[true] if theirs == true else 1 - THEIRS[true]
                out[true, mine, theirs] = (BASE if true else 1 - BASE) * a * b
    return out


def found(pairs: PairedDecisions, subject: Subject = BINARY) -> dict[str, Estimate]:
    return {e.where.metric or "": e for e in of_pairs(pairs, subject, 0.95) if e is not None}


@pytest.mark.parametrize("n", [120, 800])
def test_intervals_hold_the_truth(n: int) -> None:
    chance, runs = truth(), 500
    real = {
        name: float(measure(chance.sum(axis=2)) - measure(chance.sum(axis=1)))
        for name, measure in decision_measures(BINARY).items()
    }
    r = np.random.default_rng(n)
    hit = dict.fromkeys(real, 0)
    for counts in r.multinomial(n, chance.ravel(), runs):
        pairs = PairedDecisions(2, "c", counts=counts.reshape(1, 2, 2, 2))
        for name, e in found(pairs).items():
            hit[name] += e.low <= real[name] <= e.high
    for name, count in hit.items():
        assert 0.92 <= count / runs <= 0.985, (name, count / runs)


def rows(n: int, seed: int, classes: int) -> Batch:
    r = np.random.default_rng(seed)
    y = r.integers(0, classes, n)
    frame = pl.DataFrame(
        {
            TARGET: y,
            PREDICTION: np.where(r.random(n) < 0.7, y, r.integers(0, classes, n)),
            prediction_column("c"): np.where(r.random(n) < 0.6, y, r.integers(0, classes, n)),
            WEIGHT: r.exponential(1, n),
            BUCKET: r.integers(0, 64, n),
        }
    )
    return Batch(frame, BINARY if classes == 2 else THREE)


@pytest.mark.parametrize("classes", [2, 3])
def test_weights_that_are_equal_weigh_nothing(classes: int) -> None:
    batch = rows(400, 1, classes)
    heavy = Batch(batch.frame.with_columns(pl.lit(2.5).alias(WEIGHT)), batch.subject)
    plain = found(PairedDecisions(classes, "c").of(batch), batch.subject)
    weighed = found(PairedDecisions(classes, "c", weighted=True).of(heavy), batch.subject)
    assert set(plain) == set(weighed)
    for name, one in plain.items():
        two = weighed[name]
        assert (two.value, two.n) == (pytest.approx(one.value, abs=1e-12), one.n)
        assert two.half_width == pytest.approx(one.half_width, rel=0.02), name


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_pairs_and_matrices_by_bucket_agree(classes: int, weighted: bool) -> None:
    batch = rows(3000, 2, classes)
    subject = batch.subject
    pairs = found(PairedDecisions(classes, "c", weighted=weighted).of(batch), subject)
    grouped = found(
        PairedDecisions(classes, "c", bucketed=True, weighted=weighted).of(batch), subject
    )
    sides = [Confusion(classes, m, bucketed=True, weighted=weighted).of(batch) for m in ("", "c")]
    matrices = of_matrices(sides[0], sides[1], subject, 0.95)
    by_side = {e.where.metric or "": e for e in matrices if e is not None}
    assert set(pairs) == set(grouped) == set(by_side)
    for name, one in pairs.items():
        for other in (grouped[name], by_side[name]):
            assert other.value == pytest.approx(one.value, abs=1e-12)
            assert other.n in (one.n, 3000)
            assert other.half_width == pytest.approx(one.half_width, rel=0.4), name


def test_a_measure_that_is_not_defined_is_left_out() -> None:
    batch = rows(100, 3, 2)
    never = Batch(batch.frame.with_columns(pl.lit(0).alias(PREDICTION)), BINARY)
    names = set(found(PairedDecisions(2, "c").of(never)))
    assert "precision" not in names
    assert {"accuracy", "recall", "selection_rate"} <= names


def test_nothing_counted_is_nothing_said() -> None:
    empty = PairedDecisions(2, "c")
    assert found(empty) == {}
    assert found(replace(empty, weighted=True)) == {}
    assert found(replace(empty, bucketed=True)) == {}

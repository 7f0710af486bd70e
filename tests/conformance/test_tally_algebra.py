"""Every tally obeys the algebra, without being asked: kinds() is walked, none is named by hand."""

from __future__ import annotations

from dataclasses import is_dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.core.batch import (
    ABSOLUTE_ERROR,
    BUCKET,
    KEY,
    PREDICTION,
    REASON,
    SCORE,
    TARGET,
    WEIGHT,
    Batch,
    prediction_column,
)
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.core.tally import Tally
from plimsoll.tallies import kinds

SUBJECT = Subject("made", Task.BINARY, Roles(), ("0", "1"))


def examples() -> dict[str, list[Tally]]:
    """Empty tallies of every kind, in the variants that matter; a new kind must be added here."""
    from plimsoll.tallies.column_profile import ColumnProfile
    from plimsoll.tallies.confusion import Confusion
    from plimsoll.tallies.counted_rows import CountedRows
    from plimsoll.tallies.distribution import Distribution
    from plimsoll.tallies.histogram import Histogram
    from plimsoll.tallies.key_set import KeySet
    from plimsoll.tallies.losses import LossSums
    from plimsoll.tallies.paired_decisions import PairedDecisions
    from plimsoll.tallies.quantile_bands import QuantileBands
    from plimsoll.tallies.row_counts import RowCounts
    from plimsoll.tallies.sample import Sample
    from plimsoll.tallies.slice_cells import SliceCells, Within
    from plimsoll.tallies.small_rows import SmallRows
    from plimsoll.tallies.spread import Spread

    sliced = ((("@code/a", 3),), (("@code/a", 3), ("@code/b", 2)))

    return {
        "ColumnProfile": [ColumnProfile("number"), ColumnProfile("text")],
        "Confusion": [Confusion(2), Confusion(2, bucketed=True, weighted=True)],
        "CountedRows": [
            CountedRows((TARGET, PREDICTION), size=3),
            CountedRows((SCORE, "text"), size=1000),
        ],
        "Distribution": [
            Distribution("number", bucketed=True),
            Distribution("text", bucketed=True),
            Distribution(TARGET),
        ],
        "Histogram": [
            Histogram("number", means=False, cells=16, exact_cells=20),
            Histogram(SCORE, by=TARGET, levels=2),
            Histogram(SCORE, by=TARGET, levels=2, cells=16, exact_cells=40),
            Histogram("number", cells=16, exact_cells=20, sums=(SCORE,)),
            Histogram(
                SCORE, by=TARGET, levels=2, bucketed=True, weighted=True, cells=8, exact_cells=8
            ),
        ],
        "KeySet": [KeySet(), KeySet(limit=10)],
        "LossSums": [
            LossSums(("brier_score", "log_loss"), classes=2),
            LossSums(("absolute_error", "error", "squared_error"), bucketed=True, weighted=True),
            LossSums(("covered", "width", "interval_score"), interval=("low", "high", 0.9)),
        ],
        "PairedDecisions": [
            PairedDecisions(2, "old"),
            PairedDecisions(2, "old", bucketed=True, weighted=True),
        ],
        "QuantileBands": [
            QuantileBands(("low", "high")),
            QuantileBands(("low",), bucketed=True, weighted=True),
        ],
        "RowCounts": [RowCounts(), RowCounts(weighted=True)],
        "Sample": [Sample((SCORE,), size=7), Sample((SCORE, "text"), size=1000)],
        "SliceCells": [
            SliceCells(sliced, Within.DECISIONS, 2, losses=("log_loss", "brier_score")),
            SliceCells(sliced, Within.SCORES, 2, cells=8, bucketed=True),
            SliceCells(sliced, Within.PAIRS, 2, against="old", weighted=True),
            SliceCells(sliced, losses=("absolute_error",), against="old", weighted=True),
        ],
        "SmallRows": [
            SmallRows((TARGET, SCORE), size=40),
            SmallRows((TARGET, SCORE, "text"), size=1000),
        ],
        "Spread": [Spread(), Spread(weighted=True)],
    }


VARIANTS = [(name, i) for name, tallies in examples().items() for i in range(len(tallies))]


def rows(n: int, seed: int) -> pl.DataFrame:
    r = np.random.default_rng(seed)
    number = np.where(r.random(n) < 0.1, np.nan, r.normal(1000, 3, n))
    number[r.random(n) < 0.02] = -np.inf
    return pl.DataFrame(
        {
            SCORE: np.round(r.random(n), int(r.integers(2, 17))),
            TARGET: r.integers(0, 2, n),
            PREDICTION: r.integers(0, 2, n),
            prediction_column("old"): r.integers(0, 2, n),
            WEIGHT: r.exponential(1, n),
            BUCKET: r.integers(0, 64, n),
            KEY: r.integers(0, max(2, n), n).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15),
            REASON: r.integers(0, 3, n),
            ABSOLUTE_ERROR: r.random(n),
            "@code/a": r.integers(0, 3, n),
            "@code/b": r.integers(0, 2, n),
            "low": -r.random(n),
            "high": r.random(n),
            "number": number,
            "text": r.choice(["", "a", "\u00e9", None], n).tolist(),
        }
    )


def test_every_kind_has_examples() -> None:
    assert set(examples()) == set(kinds())


@pytest.mark.parametrize("name,i", VARIANTS)
@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 300),
    seed=st.integers(0, 10_000),
    cuts=st.lists(st.floats(0, 1), max_size=6),
    order=st.randoms(use_true_random=False),
)
def test_splits_and_order_do_not_matter(
    name: str, i: int, n: int, seed: int, cuts: list[float], order
) -> None:  # type: ignore[no-untyped-def]
    empty = examples()[name][i]
    frame = rows(n, seed)
    whole = empty.merge(empty.of(Batch(frame, SUBJECT))).settle()
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    edges = sorted({0, n, *(int(c * n) for c in cuts)})
    parts = [empty.of(Batch(shuffled[a:b], SUBJECT)) for a, b in pairwise(edges)]
    order.shuffle(parts)
    left = reduce(lambda a, b: a.merge(b), parts, empty).settle()
    right = reduce(lambda a, b: b.merge(a), [p.settle() for p in reversed(parts)], empty).settle()
    assert _close(whole, left)
    assert _close(whole, right)


@pytest.mark.parametrize("name,i", VARIANTS)
def test_empty_is_the_identity(name: str, i: int) -> None:
    empty = examples()[name][i]
    some = empty.of(Batch(rows(50, 1), SUBJECT)).settle()
    assert _close(empty.merge(some).settle(), some)
    assert _close(some.merge(empty).settle(), some)
    assert _close(empty.merge(empty).settle(), empty.settle())


@pytest.mark.parametrize("name,i", VARIANTS)
def test_equal_specifications_are_one_need(name: str, i: int) -> None:
    one, two = examples()[name][i], examples()[name][i]
    counted = one.of(Batch(rows(20, 2), SUBJECT))
    assert one == two == counted
    assert hash(one) == hash(counted)


def _close(one: Any, two: Any) -> bool:
    """Whether all fields are alike; a tally's own equality leaves its state out."""
    return all(_alike(getattr(one, f), getattr(two, f)) for f in one.__dataclass_fields__)


def _alike(a: Any, b: Any) -> bool:
    if is_dataclass(a) and type(a) is type(b):
        return _close(a, b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(_alike(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, pl.DataFrame) or isinstance(b, pl.DataFrame):
        if a is None or b is None:
            return (a is None or a.is_empty()) and (b is None or b.is_empty())
        return bool(a.equals(b))
    if isinstance(a, np.ndarray) and np.issubdtype(a.dtype, np.floating):
        scale = max(1.0, float(np.abs(a).max(initial=0.0)))
        return a.shape == b.shape and np.allclose(a, b, rtol=1e-12, atol=1e-12 * scale)
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b)
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-12 * max(1.0, abs(a))
    return bool(a == b)

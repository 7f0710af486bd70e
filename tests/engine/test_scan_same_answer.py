"""One batch or a hundred, one thread or three, rows shuffled: equal answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from plimsoll.checks import discover
from plimsoll.core.check import Options
from plimsoll.core.record import CheckEntry
from plimsoll.core.settings import parse_settings
from plimsoll.engine.job import Job
from plimsoll.engine.run import run
from plimsoll.engine.settle import settle
from worlds.tables import FrameSource, binary, multiclass, regression

WORLDS: dict[str, tuple[pl.DataFrame, dict[str, Any]]] = {
    "binary": (binary(900, 1), {"target": "y", "score": "p"}),
    "binary weighted clustered": (
        binary(900, 2),
        {"target": "y", "score": "p", "weight": "w", "group": "customer", "id": "id"},
    ),
    "multiclass": (multiclass(600, 3), {"target": "y", "score": ["p_cat", "p_dog", "p_emu"]}),
    "regression": (regression(700, 4), {"target": "y", "prediction": "yhat", "id": "id"}),
}


def judged(frame: pl.DataFrame, columns: dict[str, Any], cut: int, jobs: int) -> list[CheckEntry]:
    parsed = parse_settings({"columns": columns})
    source = FrameSource(frame, cut)
    subject = settle(parsed, source)
    options = Options(resamples=50)
    return list(run(Job(subject, discover(), source, options=options, jobs=jobs)).entries)


ONCE = {name: judged(frame, columns, 10_000, 1) for name, (frame, columns) in WORLDS.items()}


@pytest.mark.parametrize("world", WORLDS)
@settings(max_examples=8, deadline=None)
@given(cut=st.integers(7, 1000), jobs=st.integers(1, 3), seed=st.integers(0, 99))
def test_batches_threads_and_order_do_not_matter(
    world: str, cut: int, jobs: int, seed: int
) -> None:
    frame, columns = WORLDS[world]
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    again = judged(shuffled, columns, cut, jobs)
    for one, two in zip(ONCE[world], again, strict=True):
        assert (one.code, one.status, one.reason) == (two.code, two.status, two.reason)
        assert len(one.estimates) == len(two.estimates)
        for a, b in zip(one.estimates, two.estimates, strict=True):
            assert (a.name, a.where, a.n, a.method) == (b.name, b.where, b.n, b.method)
            scale = max(1.0, abs(a.value), abs(a.low), abs(a.high))
            assert abs(a.value - b.value) <= 1e-12 * scale, a.name
            assert abs(a.low - b.low) <= 1e-9 * scale, a.name
            assert abs(a.high - b.high) <= 1e-9 * scale, a.name
        assert [f.title for f in one.findings] == [f.title for f in two.findings]

"""A reference and a champion do not make the answer depend on batches, threads or the order of rows."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from worlds.judging import Judged, judge
from worlds.mixed import mixed

WORLDS: dict[str, dict[str, Any]] = {
    "binary": {"score": "p", "champion": "champion"},
    "binary grouped": {"score": "p", "champion": "champion", "group": "g", "weight": "w"},
    "multiclass": {"score": ["p_cat", "p_dog", "p_emu"], "champion": "champion_decided"},
    "regression": {"prediction": "yhat", "champion": "champion_decided"},
}
CODES = ("PRF001", "PRF002", "PRF004", "BAS001", "BAS002", "BAS003", "INP004")


def run(frame: pl.DataFrame, reference: pl.DataFrame, world: str, **how: Any) -> Judged:
    return judge(
        frame,
        *CODES,
        target="y",
        id="id",
        reference=reference,
        resamples=20,
        **WORLDS[world],
        **how,
    )


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(("cut", "jobs"), [(31, 1), (77, 3)])
def test_the_answer_stays(world: str, cut: int, jobs: int) -> None:
    task = world.split()[0]
    frame, reference = mixed(task, 250, 1), mixed(task, 300, 2)
    once = run(frame, reference, world)
    mixed_up = frame.sample(fraction=1, shuffle=True, seed=cut)
    again = run(
        mixed_up,
        reference.sample(fraction=1, shuffle=True, seed=jobs),
        world,
        batch_rows=cut,
        jobs=jobs,
    )
    assert once.verdict is again.verdict
    for code, one in once.entries.items():
        two = again[code]
        assert (one.status, one.reason) == (two.status, two.reason)
        assert [f.title for f in one.findings] == [f.title for f in two.findings]
        for a, b in zip(one.estimates, two.estimates, strict=True):
            assert (a.name, a.where, a.n, a.method) == (b.name, b.where, b.n, b.method)
            scale = max(1.0, abs(a.low), abs(a.high))
            assert abs(a.value - b.value) <= 1e-12 * scale, (code, a.name, a.where)
            assert abs(a.low - b.low) <= 1e-9 * scale, (code, a.name, a.where)
            assert abs(a.high - b.high) <= 1e-9 * scale, (code, a.name, a.where)

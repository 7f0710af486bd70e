"""SLC002: a slice nobody asked for is found and confirmed; noise is not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.parts import weak_in


def found(frame: pl.DataFrame, **flags: object) -> list[dict[str, str]]:
    judged = judge(frame, "SLC002", target="y", prediction="d", **flags)
    return [dict(f.where.slice or ()) for f in judged.findings("SLC002", Status.FAIL)]


def test_the_planted_slice_of_one_row_in_thirteen_is_found_in_95_of_100() -> None:
    hits = sum({"a": "a0", "b": "b1"} in found(weak_in(5000, seed)) for seed in range(60))
    assert hits >= 54, "95 of 100 or more; below 54 of 60 lies 1 in 100 of such runs"


def test_noise_is_reported_in_at_most_5_of_100() -> None:
    reported = sum(bool(found(weak_in(1500, seed, weak=None))) for seed in range(80))
    assert reported <= 9


def test_numbers_come_from_rows_that_the_search_did_not_see() -> None:
    frame = weak_in(5000, 7)
    judged = judge(frame, "SLC002", target="y", prediction="d")
    (difference,) = [
        e
        for e in judged["SLC002"].estimates
        if e.name == "difference" and dict(e.where.slice or ()) == {"a": "a0", "b": "b1"}
    ]
    inside = frame.filter((pl.col("a") == "a0") & (pl.col("b") == "b1")).height
    assert difference.n < 0.75 * frame.height or difference.n < inside
    assert abs(difference.value) == pytest.approx(0.2, abs=0.12)


def test_a_weak_range_of_a_number_is_found_for_a_regression() -> None:
    r = np.random.default_rng(1)
    x, z = r.normal(size=4000), r.normal(size=4000)
    y = x + r.normal(size=4000) * np.where(z > 1, 3, 1)
    frame = pl.DataFrame({"x": x, "z": z, "y": y, "d": x})
    (place,) = found(frame)[:1]
    assert set(place) == {"z"}


def test_a_slice_of_three_conditions_needs_the_full_suite_or_the_depth() -> None:
    r = np.random.default_rng(2)
    parts = {name: r.choice(["u", "v", "w"], 9000) for name in "abc"}
    bad = (parts["a"] == "u") & (parts["b"] == "v") & (parts["c"] == "w")
    y = r.integers(0, 2, 9000)
    d = np.where(r.random(9000) < np.where(bad, 0.3, 0.9), y, 1 - y)
    frame = pl.DataFrame({**parts, "y": y, "d": d})
    assert {"a": "u", "b": "v", "c": "w"} in found(frame, depth=3)


def test_few_rows_are_not_searched() -> None:
    judged = judge(weak_in(60, 3), "SLC002", target="y", prediction="d")
    assert "too few rows" in str(judged["SLC002"].reason)


def test_ids_are_not_slices() -> None:
    frame = weak_in(2000, 4).with_columns(code=pl.Series([f"k{i}" for i in range(2000)]))
    assert all("code" not in place for place in found(frame))


@pytest.mark.parametrize("groups", [["one"], ["one", "two"]])
def test_rows_of_one_or_two_groups_break_nothing(groups: list[str]) -> None:
    frame = weak_in(400, 5).with_columns(who=pl.Series((groups * 400)[:400]))
    judged = judge(frame, "SLC002", target="y", prediction="d", group="who")
    assert judged["SLC002"].status is not Status.ERROR
    if len(groups) == 1:
        assert "too few rows or groups" in str(judged["SLC002"].reason)


def test_few_rows_are_asked_as_a_whole_and_the_finding_says_so() -> None:
    hits, whole = 0, 0
    for seed in range(20):
        judged = judge(weak_in(1000, seed), "SLC002", target="y", prediction="d")
        entry = judged["SLC002"]
        hits += {"a": "a0", "b": "b1"} in [dict(f.where.slice or ()) for f in entry.findings]
        rows = entry.tables[0].rows if entry.findings else ()
        for finding, row in zip(entry.findings, rows, strict=True):
            own, difference = (entry.estimates[i] for i in finding.estimates)
            asked = "tested among" in finding.meaning
            assert asked == ("rows that the search did not see" not in finding.meaning)
            assert asked == (row[-1] == "all rows") == ("all slices at once" in own.method)
            assert difference.low <= difference.value <= difference.high <= 0.0
            if asked:
                assert own.n == row[1] and "on all rows" in entry.figures[0].caption
            whole += asked
    assert hits >= 9 and whole >= 4

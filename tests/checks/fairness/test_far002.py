"""FAR002: impact ratios have the printed answers, and a verdict of three states."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.finding import Status
from worlds.judging import Judged, judge
from worlds.parts import selected


def ratios(counts: dict[str, tuple[int, int]], **flags: object) -> Judged:
    return judge(
        selected(counts), "FAR002", target="y", prediction="d", sensitive=["group"], **flags
    )


def test_twelve_of_forty_against_forty_eight_of_eighty() -> None:
    judged = ratios({"A": (48, 80), "B": (12, 40)})
    ratio = judged.estimate("selection_rate_ratio", slice=(("group", "B"),))
    assert ratio.value == pytest.approx(0.5)
    assert (ratio.low, ratio.high) == pytest.approx((0.293, 0.795), abs=5e-4)
    (finding,) = judged.findings("FAR002", Status.FAIL)
    assert "0.0034" in finding.meaning and "fair" not in finding.meaning.lower()


def test_of_the_printed_rates_60_45_48_51_only_the_first_is_below_four_fifths() -> None:
    counts = {"A": (6000, 10000), "B": (4500, 10000), "C": (4800, 10000), "D": (5100, 10000)}
    judged = ratios(counts)
    for name, ratio in (("B", 0.75), ("C", 0.8), ("D", 0.85)):
        found = judged.estimate("selection_rate_ratio", slice=(("group", name),))
        assert found.value == pytest.approx(ratio)
    failed = judged.findings("FAR002", Status.FAIL)
    assert [dict(f.where.slice or ()) for f in failed] == [{"group": "B"}]


def test_with_a_hundred_people_a_group_it_says_that_more_are_needed() -> None:
    judged = ratios({"A": (60, 100), "B": (45, 100), "C": (48, 100), "D": (51, 100)})
    assert judged.findings("FAR002", Status.FAIL) == []
    (open_one,) = judged.findings("FAR002", Status.UNSURE)
    assert "people in all would settle it" in open_one.meaning


def test_the_rows_it_names_do_settle_it() -> None:
    (finding,) = ratios({"A": (60, 100), "B": (45, 100)}).findings("FAR002", Status.UNSURE)
    words = finding.meaning.replace(",", "").split()
    people = int(words[words.index("About") + 1])
    each = people // 2
    judged = ratios({"A": (round(0.6 * each), each), "B": (round(0.45 * each), each)})
    assert judged.findings("FAR002", Status.FAIL)


def test_nobody_of_a_small_group_is_not_a_ratio_of_nought_to_nought() -> None:
    judged = ratios({"A": (48, 80), "B": (0, 10)}, min_rows=5)
    ratio = judged.estimate("selection_rate_ratio", slice=(("group", "B"),))
    assert ratio.value == 0.0
    assert ratio.high > 0.3


def test_a_bound_of_the_owner_is_the_bound() -> None:
    counts = {"A": (600, 1000), "B": (520, 1000)}
    assert ratios(counts).findings("FAR002", Status.FAIL) == []
    strict = ratios(counts, policy={"fairness.selection_rate_ratio": {"min": 0.95}})
    assert "below 0.95" in strict.findings("FAR002", Status.FAIL)[0].meaning


def test_where_a_yes_is_bad_the_negative_decision_is_counted() -> None:
    counts = {"A": (200, 1000), "B": (700, 1000)}
    judged = ratios(counts, favourable="negative")
    ratio = judged.estimate("selection_rate_ratio", slice=(("group", "B"),))
    assert ratio.value == pytest.approx(0.3 / 0.8)


def test_nobody_selected_at_all_is_said() -> None:
    frame = selected({"A": (0, 80), "B": (0, 40)})
    frame = frame.with_columns(y=pl.Series([1, *[0] * 119]))
    judged = judge(frame, "FAR002", target="y", prediction="d", sensitive=["group"], positive=1)
    assert "nobody was selected" in str(judged["FAR002"].reason)

"""A limit in every slice, group or column: kept only by all, broken only by one that is clear of chance."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.core.check import Card
from plimsoll.core.errors import SettingsError
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Status
from plimsoll.core.limit import Limit
from plimsoll.core.measure import Measure
from plimsoll.core.record import CheckEntry, GateLine
from plimsoll.policy.gate import gate
from plimsoll.policy.limits import parse_policy
from plimsoll.stats.proportion import wilson

MEASURES = (Measure("recall", "recall"), Measure("log_loss", "log loss", "lower", high=None))


def entry(area: str, *estimates: Estimate, reason: str | None = None) -> CheckEntry:
    card = Card("TST001", title="t", question="q?", area=area, needs="n", measures=MEASURES)
    return CheckEntry("TST001", "t", Status.PASS, reason, 0.0, card, tuple(estimates))


def share(hits: int, rows: int, where: Where, name: str = "recall") -> Estimate:
    return Estimate(name, hits / rows, *wilson(hits, rows), 0.95, rows, "Wilson", where=where)


def region(hits: int, rows: int, name: str) -> Estimate:
    return share(hits, rows, Where(slice=(("region", name),)))


def held(limit: Limit, *estimates: Estimate, area: str = "slices") -> GateLine:
    (line,) = gate([limit], [entry(area, *estimates)], 1000)
    return line


def test_all_slices_inside_is_a_pass_with_the_closest_in_it() -> None:
    limit = Limit("recall", "min", 0.5, "slices", by=("region",))
    line = held(limit, region(90, 100, "north"), region(80, 100, "south"))
    assert line.status is Status.PASS
    assert line.estimate is not None
    assert line.estimate.where.slice == (("region", "south"),)
    assert "All 2 slices" in line.meaning


def test_one_slice_clearly_outside_breaks_it() -> None:
    limit = Limit("recall", "min", 0.5, "slices", by=("region",))
    line = held(limit, *(region(90, 100, f"r{i}") for i in range(10)), region(20, 100, "south"))
    assert line.status is Status.FAIL
    assert line.estimate is not None
    assert line.estimate.where.slice == (("region", "south"),)
    assert "1 of 11 slices" in line.meaning


def test_one_slice_of_fifty_that_is_outside_by_chance_is_not_settled() -> None:
    limit = Limit("recall", "min", 0.8, "slices", by=("region",))
    others = [region(95, 100, f"r{i}") for i in range(49)]
    near = region(70, 100, "south")
    assert near.high < 0.8
    assert held(limit, near).status is Status.FAIL
    assert held(limit, near, *others).status is Status.UNSURE


def test_slices_at_the_limit_fail_as_a_family_in_at_most_one_of_twenty_runs() -> None:
    r = np.random.default_rng(1)
    limit = Limit("recall", "min", 0.8, "slices", by=("region",))
    failed = 0
    for _ in range(400):
        hits = r.binomial(200, 0.8, 20)
        line = held(limit, *(region(int(h), 200, f"r{i}") for i, h in enumerate(hits)))
        failed += line.status is Status.FAIL
    assert failed <= 0.075 * 400


def test_only_the_columns_that_are_named_count() -> None:
    crossed = share(10, 100, Where(slice=(("age", "old"), ("region", "north"))))
    plain = region(90, 100, "north")
    named = Limit("recall", "min", 0.5, "slices", by=("region",))
    assert held(named, plain, crossed).status is Status.PASS
    both = Limit("recall", "min", 0.5, "slices", by=("region*age",))
    assert held(both, plain, crossed).status is Status.FAIL
    assert held(Limit("recall", "min", 0.5, "slices"), plain, crossed).status is Status.FAIL


def test_a_drop_is_from_the_whole() -> None:
    where = Where(slice=(("region", "north"),), metric="recall", variant="whole")
    apart = Estimate("difference", -0.2, -0.3, -0.1, 0.95, 100, "m", where=where)
    line = held(Limit("recall", "max_drop", 0.05, "slices", by=("region",)), apart)
    assert line.status is Status.FAIL
    assert line.estimate is not None and line.estimate.value == pytest.approx(0.2)
    assert held(Limit("recall", "max_drop", 0.35, "slices"), apart).status is Status.PASS
    loss = Estimate(
        "difference", 0.2, 0.1, 0.3, 0.95, 100, "m",
        where=Where(slice=(("region", "north"),), metric="log_loss", variant="whole"),
    )  # fmt: skip
    assert held(Limit("log_loss", "max_drop", 0.05, "slices"), loss).status is Status.FAIL


def test_a_limit_on_drift_is_over_columns() -> None:
    columns = [share(h, 100, Where(column=c)) for h, c in ((3, "age"), (60, "town"))]
    line = held(Limit("recall", "max", 0.2, "drift"), *columns, area="drift")
    assert line.status is Status.FAIL
    assert line.estimate is not None and line.estimate.where.column == "town"
    only = Limit("recall", "max", 0.2, "drift", by=("age",))
    assert held(only, *columns, area="drift").status is Status.PASS


def test_a_limit_on_all_columns_together_is_one_place() -> None:
    line = held(Limit("recall", "max", 0.2, "drift"), share(60, 100, Where()), area="drift")
    assert line.status is Status.FAIL
    assert "1 of 1" not in line.meaning


def test_windows_of_time_are_no_columns() -> None:
    column = share(3, 100, Where(column="age"))
    window = share(60, 100, Where(column="age", window=("a", "b")))
    line = held(Limit("recall", "max", 0.2, "drift"), column, window, area="drift")
    assert line.status is Status.PASS


def test_a_number_that_each_metric_has_cannot_be_limited_and_that_is_said() -> None:
    apart = share(60, 100, Where(column="age", metric="log_loss"))
    line = held(Limit("recall", "max", 0.2, "drift"), apart, area="drift")
    assert line.status is Status.UNSURE
    assert "for each metric" in (line.reason or "")


@pytest.mark.parametrize(
    ("area", "said"),
    [("slices", "--slice-by"), ("fairness", "--sensitive"), ("drift", "--reference")],
)
def test_what_was_measured_nowhere_says_what_to_give(area: str, said: str) -> None:
    line = held(Limit("recall", "min", 0.5, area), area=area)
    assert line.status is Status.UNSURE
    assert said in (line.reason or "")


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"recall": {"min": 0.5, "by": ["region"]}}, "slices.recall"),
        ({"fairness.recall": {"max_drop": 0.5}}, "takes min or max"),
        ({"slices.recal": {"min": 0.5}}, "Did you mean"),
    ],
)
def test_what_cannot_be_meant_is_refused(policy: dict[str, object], said: str) -> None:
    cards = [
        Card("TST001", title="t", question="q?", area=area, needs="n", measures=MEASURES)
        for area in ("performance", "slices", "fairness")
    ]
    with pytest.raises(SettingsError, match=said):
        parse_policy(policy, cards)

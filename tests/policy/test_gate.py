"""The interval decides: inside passes, outside fails, across is unsure with the rows it would take."""

from __future__ import annotations

import pytest

from plimsoll.core.check import Card
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Status
from plimsoll.core.limit import Limit
from plimsoll.core.measure import Measure
from plimsoll.core.record import CheckEntry, FindingEntry, GateLine, Verdict
from plimsoll.policy.gate import gate, joint_power, suggest, verdict
from plimsoll.stats.difference import difference_of_independent
from plimsoll.stats.proportion import wilson

CARD = Card(
    "TST001",
    title="made",
    question="?",
    area="made",
    needs="nothing",
    measures=(Measure("up", "up"), Measure("down", "down", "lower", high=None)),
)
OTHER = Card("TST002", title="made", question="?", area="other", needs="nothing",
             measures=(Measure("up", "up"),))  # fmt: skip


def number(
    value: float, low: float, high: float, name: str = "up", n: int = 1000, **where: object
) -> Estimate:
    return Estimate(name, value, low, high, 0.95, n, "made", where=Where(**where))  # type: ignore[arg-type]


def entry(
    *estimates: Estimate,
    card: Card = CARD,
    status: Status = Status.PASS,
    reason: str | None = None,
    findings: tuple[FindingEntry, ...] = (),
) -> CheckEntry:
    return CheckEntry(card.code, card.title, status, reason, 0.0, card, estimates, findings)


def held(limit: Limit, *estimates: Estimate, rows: int = 1000) -> GateLine:
    (line,) = gate([limit], [entry(*estimates)], rows)
    return line


@pytest.mark.parametrize(
    ("kind", "bound", "status"),
    [
        ("min", 0.69, Status.PASS),
        ("min", 0.7, Status.PASS),
        ("min", 0.71, Status.UNSURE),
        ("min", 0.8, Status.UNSURE),
        ("min", 0.9, Status.UNSURE),
        ("min", 0.91, Status.FAIL),
        ("max", 0.91, Status.PASS),
        ("max", 0.9, Status.PASS),
        ("max", 0.89, Status.UNSURE),
        ("max", 0.7, Status.UNSURE),
        ("max", 0.69, Status.FAIL),
    ],
)
def test_the_whole_interval_must_be_inside(kind: str, bound: float, status: Status) -> None:
    line = held(Limit("up", kind, bound), number(0.8, 0.7, 0.9))
    assert line.status is status
    assert line.limit == f"up.{kind}"
    assert f"{bound:g}" in line.meaning
    assert (line.rows_needed is not None) == (status is Status.UNSURE and bound != 0.8)
    assert line.power is not None
    words = {Status.PASS: "keeps the limit", Status.FAIL: "breaks the limit"}
    assert words.get(status, "rows would settle it") in line.meaning


def test_a_limit_where_the_estimate_stands_is_settled_by_no_number_of_rows() -> None:
    line = held(Limit("up", "min", 0.8), number(0.8, 0.7, 0.9))
    assert line.status is Status.UNSURE
    assert line.rows_needed is None
    assert "no number of rows would settle it" in line.meaning


def test_the_rows_are_of_the_table_and_not_of_the_class() -> None:
    near = number(0.8, 0.7, 0.9, n=100)
    of_class = held(Limit("up", "min", 0.75), near, rows=1000)
    of_table = held(Limit("up", "min", 0.75), number(0.8, 0.7, 0.9, n=1000), rows=1000)
    assert of_class.rows_needed == pytest.approx(of_table.rows_needed or 0, rel=0.02)
    in_80_of_100 = ((1.959964 + 0.841621) / 1.959964) ** 2
    assert of_class.rows_needed == pytest.approx(1000 * (0.1 / 0.05) ** 2 * in_80_of_100, rel=0.02)


def test_an_interval_without_width_is_judged() -> None:
    assert held(Limit("up", "min", 1.0), number(1, 1, 1)).status is Status.PASS
    assert held(Limit("up", "max", 0.5), number(1, 1, 1)).status is Status.FAIL


# Areas, classes and rivals


def test_an_area_picks_its_own_check() -> None:
    entries = [entry(number(0.9, 0.85, 0.95)), entry(number(0.5, 0.4, 0.6), card=OTHER)]
    bare, mine, other = gate(
        [
            Limit("up", "min", 0.7),
            Limit("up", "min", 0.7, "made"),
            Limit("up", "min", 0.7, "other"),
        ],
        entries,
        100,
    )
    assert [x.status for x in (bare, mine, other)] == [Status.PASS, Status.PASS, Status.FAIL]


def test_a_class_picks_its_own_number() -> None:
    numbers = (number(0.9, 0.85, 0.95), number(0.5, 0.4, 0.6, label="emu"))
    line = held(Limit("up", "min", 0.7, label="emu"), *numbers)
    assert line.status is Status.FAIL
    assert line.limit == "up.min [emu]"
    assert "class emu" in line.meaning
    unknown = held(Limit("up", "min", 0.7, label="gnu"), *numbers)
    assert unknown.status is Status.UNSURE
    assert unknown.limit == "up.min [gnu]"


@pytest.mark.parametrize(
    ("measure", "value", "low", "high", "margin", "status"),
    [
        ("up", 0.0, -0.005, 0.005, 0.01, Status.PASS),
        ("up", 0.0, -0.01, 0.01, 0.01, Status.PASS),
        ("up", -0.005, -0.015, 0.005, 0.01, Status.UNSURE),
        ("up", -0.03, -0.04, -0.02, 0.01, Status.FAIL),
        ("up", 0.2, 0.1, 0.3, 0.0, Status.PASS),
        ("down", 0.0, -0.005, 0.005, 0.01, Status.PASS),
        ("down", 0.03, 0.02, 0.04, 0.01, Status.FAIL),
        ("down", -0.03, -0.04, -0.02, 0.01, Status.PASS),
        ("down", 0.005, -0.005, 0.015, 0.01, Status.UNSURE),
    ],
)
def test_a_rival_may_be_better_by_less_than_the_margin(
    measure: str, value: float, low: float, high: float, margin: float, status: Status
) -> None:
    limit = Limit(measure, "non_inferior_to", margin, "baseline", rival="champion")
    found = number(value, low, high, "difference", metric=measure, model="champion")
    assert held(limit, found).status is status


def test_a_rival_that_was_not_given_is_unsure_and_says_what_to_give() -> None:
    for rival, flag in (("champion", "--champion"), ("linear", "--reference")):
        line = held(Limit("up", "non_inferior_to", 0.1, "b", rival=rival), number(0.9, 0.8, 1))
        assert line.status is Status.UNSURE
        assert flag in (line.reason or "")


# Drops


@pytest.mark.parametrize(
    ("measure", "now", "then", "bound", "status"),
    [
        ("up", 0.80, 0.82, 0.10, Status.PASS),
        ("up", 0.60, 0.82, 0.10, Status.FAIL),
        ("up", 0.72, 0.82, 0.10, Status.UNSURE),
        ("up", 0.90, 0.82, 0.00, Status.PASS),
        ("down", 0.60, 0.40, 0.10, Status.FAIL),
        ("down", 0.40, 0.60, 0.10, Status.PASS),
    ],
)
def test_a_drop_is_from_the_reference_in_the_bad_direction(
    measure: str, now: float, then: float, bound: float, status: Status
) -> None:
    numbers = (
        number(now, now - 0.02, now + 0.02, measure),
        number(then, then - 0.02, then + 0.02, measure, variant="reference"),
    )
    line = held(Limit(measure, "max_drop", bound), *numbers)
    assert line.status is status
    assert "The drop of" in line.meaning


def test_a_drop_without_a_reference_is_unsure() -> None:
    line = held(Limit("up", "max_drop", 0.1), number(0.8, 0.7, 0.9))
    assert line.status is Status.UNSURE
    assert "both the data and the reference" in (line.reason or "")


def test_square_and_add_of_wilson_is_newcombes_published_answer() -> None:
    one = number(56 / 70, *wilson(56, 70, 0.95), n=70)
    two = number(48 / 80, *wilson(48, 80, 0.95), n=80)
    found = difference_of_independent(one, two)
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


# Never by silence


@pytest.mark.parametrize(
    "limit",
    [
        Limit("unknown", "min", 0.1),
        Limit("selection_rate_ratio", "min", 0.8, "fairness"),
        Limit("missing", "load_line_min", 0.1, "robustness"),
        Limit("up", "load_line_min", 0.1),
        Limit("up", "min", 0.1, by=("region",)),
        Limit("up", "max_drop", 0.1, "slices", by=("region",)),
        Limit("up", "min", 0.1, "slices"),
    ],
    ids=str,
)
def test_what_nothing_measured_is_unsure_and_never_a_pass(limit: Limit) -> None:
    line = held(limit, number(0.9, 0.8, 1.0))
    assert line.status is Status.UNSURE
    assert line.estimate is None
    assert line.reason
    assert line.reason in line.meaning
    assert verdict([line], [entry()]) is Verdict.UNSURE


def test_a_check_that_could_not_measure_gives_its_reason() -> None:
    silent = entry(status=Status.NOT_APPLICABLE, reason="there are no scores")
    (line,) = gate([Limit("up", "min", 0.1)], [silent], 10)
    assert line.reason == "there are no scores"


# The verdict


def finding(status: Status, critical: bool) -> FindingEntry:
    return FindingEntry(status, "t.", "m", "a", critical=critical)


def test_the_worst_decides() -> None:
    lines = {s: held(Limit("up", "min", b), number(0.8, 0.7, 0.9)) for s, b in
             ((Status.PASS, 0.5), (Status.UNSURE, 0.75), (Status.FAIL, 0.95))}  # fmt: skip
    every = list(lines.values())
    assert verdict([lines[Status.PASS]], []) is Verdict.PASS
    assert verdict([lines[Status.PASS], lines[Status.UNSURE]], []) is Verdict.UNSURE
    assert verdict(every, []) is Verdict.FAIL
    assert verdict(every, [entry(status=Status.ERROR)]) is Verdict.ERROR


def test_without_a_policy_only_critical_findings_count() -> None:
    assert verdict([], [entry(findings=(finding(Status.FAIL, False),))]) is Verdict.PASS
    assert verdict([], [entry(findings=(finding(Status.FAIL, True),))]) is Verdict.FAIL
    assert verdict([], [entry(findings=(finding(Status.UNSURE, True),))]) is Verdict.UNSURE
    assert verdict([], [entry(findings=(finding(Status.PASS, True),))]) is Verdict.PASS
    assert verdict([], []) is Verdict.PASS


def test_a_critical_finding_counts_beside_a_policy_that_is_kept() -> None:
    kept = held(Limit("up", "min", 0.5), number(0.8, 0.7, 0.9))
    assert verdict([kept], [entry(findings=(finding(Status.FAIL, True),))]) is Verdict.FAIL


@pytest.mark.parametrize(
    ("answer", "code"),
    [(Verdict.PASS, 0), (Verdict.FAIL, 1), (Verdict.UNSURE, 3), (Verdict.ERROR, 4)],
)
def test_exit_codes_are_those_of_the_contract(answer: Verdict, code: int) -> None:
    assert answer.exit_code == code


# Power


def test_the_power_together_is_less_than_that_of_each() -> None:
    lines = gate(
        [Limit("up", "min", 0.71), Limit("up", "min", 0.65), Limit("down", "max", 0.5)],
        [entry(number(0.8, 0.7, 0.9), number(0.4, 0.35, 0.45, "down"))],
        100,
    )
    power = joint_power(lines)
    assert power is not None
    each = [line.power for line in lines if line.power is not None]
    assert power == pytest.approx(each[0] * each[1] * each[2])
    assert power < min(each)


def test_nothing_is_said_of_all_limits_where_one_was_not_measured() -> None:
    found = [entry(number(0.8, 0.7, 0.9))]
    one, two = Limit("up", "min", 0.6), Limit("up", "max", 0.95)
    assert joint_power(gate([one, two], found, 10)) is not None
    assert joint_power(gate([one, two, Limit("unknown", "min", 0)], found, 10)) is None
    assert joint_power(gate([one], found, 10)) is None
    assert joint_power([]) is None


# Suggestions


@pytest.mark.parametrize(
    ("low", "high", "name", "value", "kind"),
    [
        (0.8749, 0.9, "roc_auc", 0.87, "min"),
        (0.123, 0.2, "roc_auc", 0.12, "min"),
        (0.1, 0.3412, "log_loss", 0.35, "max"),
        (1.0, 1234.5, "mean_absolute_error", 1300, "max"),
        (-0.1234, 0.2, "r2", -0.13, "min"),
        (0.0, 0.2, "recall", 0.0, "min"),
    ],
)
def test_a_suggested_limit_is_one_that_these_rows_keep(
    low: float, high: float, name: str, value: float, kind: str
) -> None:
    better = "lower" if kind == "max" else "higher"
    card = Card("TST009", title="t", question="?", area="a", needs="n",
                measures=(Measure(name, name, better, low=None, high=None),))  # fmt: skip
    found = entry(number((low + high) / 2, low, high, name), card=card)
    (said,) = suggest([found])
    assert said["limit"] == f"{name}.{kind}"
    assert said["value"] == pytest.approx(value)
    (line,) = gate([Limit(name, kind, float(said["value"]))], [found], 100)  # type: ignore[arg-type]
    assert line.status is Status.PASS


def test_at_most_four_limits_are_suggested() -> None:
    names = ("roc_auc", "recall", "precision", "log_loss", "balanced_accuracy")
    card = Card("TST009", title="t", question="?", area="a", needs="n",
                measures=tuple(Measure(n, n) for n in names))  # fmt: skip
    found = entry(*(number(0.8, 0.7, 0.9, n) for n in names), card=card)
    assert len(suggest([found])) == 4


def test_a_measure_that_is_known_only_in_parts_says_so() -> None:
    by_column = entry(number(0.1, 0.05, 0.2, column="age"))
    (line,) = gate([Limit("up", "max", 0.3)], [entry(), by_column], 10)
    assert line.reason == "TST001 measures it only for column age, not for the whole"
    (line,) = gate([Limit("up", "max", 0.3, label="emu")], [entry(number(0.1, 0, 1))], 10)
    assert line.reason == "TST001 measures it only for the whole, not for the class emu"

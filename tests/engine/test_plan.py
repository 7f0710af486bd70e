"""Equal needs are computed once, what a probe must learn comes first, and a circle is refused."""

from __future__ import annotations

import pytest

from plimsoll.checks import discover
from plimsoll.core.check import Options
from plimsoll.core.errors import CheckError
from plimsoll.core.subject import Roles, ScoreKind, Subject, Task
from plimsoll.core.tally import Need, Side
from plimsoll.core.tally import Rows as Which
from plimsoll.engine.plan import at_columns, make_plan, raw_columns
from worlds.plugins import Circle, Doubled, Rows, check

LEARN = ("slices", "fairness", "drift")
"""Areas whose checks look at the values of the columns first."""
SUBJECT = Subject(
    "made",
    Task.BINARY,
    Roles(target="y", scores=(("1", "p"),), features=("x",)),
    ("0", "1"),
    ScoreKind.PROBABILITY,
    has_prediction=True,
    threshold=0.5,
    has_reference=True,
    reference_columns=("y", "p", "x"),
    reference_labelled=True,
    reference_answered=True,
)


def test_equal_needs_are_computed_once() -> None:
    one, two = (check(f"TST00{i}", {"rows": Need(Rows("same"))}) for i in (1, 2))
    plan = make_plan([one, two], SUBJECT, Options(), [Need(Rows("same"))])
    (only,) = plan.passes
    assert only.needs == (Need(Rows("same")),)
    assert plan.by_check["TST001"]["rows"] is not None


def test_needs_that_differ_in_anything_are_two() -> None:
    wanted = [
        Need(Rows("a")),
        Need(Rows("b")),
        Need(Rows("a"), rows=Which.ALL),
        Need(Rows("a"), probe=Doubled()),
        Need(Rows("a"), Side.REFERENCE),
    ]
    plan = make_plan([], SUBJECT, Options(), wanted)
    assert sum(len(step.needs) for step in plan.passes) == 5


def test_what_a_probe_must_learn_is_read_before() -> None:
    first = Need(Rows("first"), Side.REFERENCE)
    probe = Doubled(first=(("rows", first),))
    plan = make_plan([], SUBJECT, Options(), [Need(Rows("then"), probe=probe), Need(Rows("plain"))])
    assert [step.side for step in plan.passes] == [Side.REFERENCE, Side.CURRENT]
    assert plan.passes[0].needs == (first,)
    assert len(plan.passes[1].needs) == 2


def test_a_chain_of_probes_is_read_link_by_link() -> None:
    need = Need(Rows("0"))
    for i in range(1, 4):
        need = Need(Rows(str(i)), probe=Doubled(first=(("before", need),)))
    plan = make_plan([], SUBJECT, Options(), [need])
    names = [[n.tally.name for n in step.needs] for step in plan.passes]  # type: ignore[attr-defined]
    assert names == [["0"], ["1"], ["2"], ["3"]]


def test_each_table_is_read_once_where_nothing_waits() -> None:
    plan = make_plan(
        [c for c in discover() if c.CARD.area not in LEARN], SUBJECT, Options(on_reference=True)
    )
    assert [step.side for step in plan.passes] == [Side.REFERENCE, Side.CURRENT]


def test_what_is_cut_is_looked_at_before_and_no_model_is_asked_for_that() -> None:
    plan = make_plan(discover(), SUBJECT, Options(on_reference=True))
    assert [step.side for step in plan.passes] == [Side.CURRENT, Side.REFERENCE, Side.CURRENT]
    assert {need.rows for need in plan.passes[0].needs} == {Which.ALL}


def test_a_circle_is_refused() -> None:
    with pytest.raises(CheckError, match="circle"):
        make_plan([], SUBJECT, Options(), [Need(Rows("x"), probe=Circle())])


def test_a_check_that_breaks_when_asked_is_kept_apart() -> None:
    fine = check("TST001", {"rows": Need(Rows())})
    broken = check("TST002", KeyError("no such role"))
    unhashable = check("TST003", {"rows": Need(Rows(reads=["x"]))})  # type: ignore[arg-type]
    plan = make_plan([fine, broken, unhashable], SUBJECT, Options())
    assert set(plan.by_check) == {"TST001"}
    assert isinstance(plan.broken["TST002"], KeyError)
    assert isinstance(plan.broken["TST003"], TypeError)


def test_only_the_columns_that_are_read_are_carried() -> None:
    needs = [Need(Rows(reads=("@score", "x"))), Need(Rows("b"), probe=Doubled("z"))]
    assert at_columns(needs) == {"@score"}
    assert raw_columns(needs) == {"x", "z"}


def test_a_table_read_twice_is_asked_the_first_time_only_for_what_is_waited_for() -> None:
    """So that a model is asked once, and no reading is spent that another order would save."""
    values, plain = Need(Rows("values")), Need(Rows("plain"))
    train, then = Need(Rows("train"), Side.REFERENCE), Need(Rows("then"), Side.REFERENCE)
    coded, fitted = Doubled(first=(("values", values),)), Doubled(first=(("train", train),))
    wanted = [
        plain,
        then,
        Need(Rows("now"), probe=coded),
        Need(Rows("then"), Side.REFERENCE, probe=coded),
        Need(Rows("rival"), probe=fitted),
    ]
    plan = make_plan([], SUBJECT, Options(), wanted)
    assert [step.side for step in plan.passes] == [Side.CURRENT, Side.REFERENCE, Side.CURRENT]
    assert plan.passes[0].needs == (values,)
    assert {train, then} <= set(plan.passes[1].needs)
    assert plain in plan.passes[2].needs

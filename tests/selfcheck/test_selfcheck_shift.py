"""The published change of prevalence and the laws of shifts come out."""

from __future__ import annotations

from plimsoll.selfcheck.shift import shift_cases


def test_every_case_of_shifts_agrees() -> None:
    outcomes = [case.run() for case in shift_cases()]
    assert len(outcomes) == 8
    assert [o for o in outcomes if not o.agrees] == []
    assert {o.got_text for o in outcomes[:2]} == {"0.45", "0.95"}

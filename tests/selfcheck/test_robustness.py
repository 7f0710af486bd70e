"""The published figures of image models under corruption come out, from tables that are whole."""

from __future__ import annotations

import pytest

from plimsoll.probes.images import CORRUPTIONS
from plimsoll.selfcheck import cases
from plimsoll.selfcheck.robustness import (
    ALEXNET,
    MANY_FACES,
    R50_AGAIN,
    STANDARD_R50,
    robustness_cases,
)


def test_every_figure_agrees() -> None:
    outcomes = [case.run() for case in robustness_cases()]
    assert [outcome for outcome in outcomes if not outcome.agrees] == []
    assert [outcome.got for outcome in outcomes] == pytest.approx(
        [38.1179, 51.6109, 39.2304, 76.6307], abs=5e-5
    )


def test_they_are_among_the_answers_that_selfcheck_shows() -> None:
    names = [case.name for case in cases()]
    assert {case.name for case in robustness_cases()} <= set(names)


def test_tables_hold_every_corruption_at_five_severities() -> None:
    assert set(ALEXNET) == set(CORRUPTIONS)
    for table in (STANDARD_R50, MANY_FACES, R50_AGAIN):
        assert set(table) == set(CORRUPTIONS)
        assert {len(rates) for rates in table.values()} == {5}

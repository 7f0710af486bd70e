"""SLC003  Do stated probabilities hold in every slice?

## What it measures
Slices of one to three conditions in which more, or less, happens than the stated probabilities say,
against the rest of the rows.

## Why it matters
A model can be calibrated on the whole and say 20 % to one group for which 30 % is true, and to another
for which it is 10 %. Whoever acts on the number treats the first too lightly and the second too
harshly, and no average shows it.

## How
As SLC002, with the difference of outcome and stated probability as the loss, up or down: searched on
one part of the rows, ranked by the shrunken difference, and tested on the other part with Holm's
correction. How much that difference varies if the probabilities are right follows from them. A
calibrated slice is what multicalibration asks for (Hebert-Johnson and others 2018, arXiv:1711.08513).

## When it cannot tell
If the whole is off, see CAL001 first: here a slice is held against the rest. Slices with few rows
cannot be told.

## What to do
Add the columns of the slice to the model, or recalibrate within it on rows of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.checks.slices.searched import (
    Place,
    Searched,
    in_words,
    naming,
    search_needs,
)
from plimsoll.core.batch import TARGET, WEIGHT, score_column
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.slice_found import FoundSlice, SearchRules
from plimsoll.stats.slice_search import find_miscalibrated_slices

CARD = Card(
    "SLC003",
    title="Calibration of slices",
    question="Do stated probabilities hold in every slice?",
    area="slices",
    needs="probabilities of a binary task, and 100 rows or more",
    cost="a look at the values of the columns, one scan, and a search over all slices",
    measures=(Measure("calibration_gap", "outcome less stated probability", "target", 0.0, -1.0),),
    suites=("standard", "full"),
    evidence=("performance.calibration", "performance.slices"),
    sources=("arXiv:1711.08513",),
)
FULL_DEPTH = 3


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Rows of codes, scores and labels."""
    binary = subject.task is Task.BINARY and subject.has_probabilities
    return search_needs(subject) if binary and options.depth else {}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Search on one part of the rows and confirm on the other."""
    options = context.options
    if not options.depth:
        return not_applicable("the settings ask for no search (depth = 0)")
    if not tallies:
        return not_applicable("there are no probabilities of a binary task, or no column to cut by")
    searched = Searched.of(tallies, context.subject)
    if searched is None:
        return not_applicable(
            "there are too few rows or groups, or no column with two values, to search"
        )
    labels, scores = searched.column(TARGET), searched.column(score_column())
    assert labels is not None and scores is not None
    found = find_miscalibrated_slices(
        searched.codes,
        searched.columns,
        labels,
        scores,
        searched.masks,
        weights=searched.column(WEIGHT),
        groups=searched.groups,
        rules=SearchRules(
            depth=max(options.depth, FULL_DEPTH if options.suite == "full" else 0),
            min_rows=options.min_rows,
            gap=options.gap,
            level=options.confidence,
        ),
    )
    named = [(searched.place(one.conditions), one) for one in found.confirmed]
    estimates = tuple(_gap(place, one) for place, one in named)
    findings = tuple(
        _finding(place, one, naming(searched.condition(one.conditions))) for place, one in named
    )
    tables = (_table(named, found.slices),) if named else ()
    return Judgement(estimates, findings, _figures(named), tables, reason=searched.said)


def _gap(place: Place, one: FoundSlice) -> Estimate:
    return one.own.named("calibration_gap", Where(slice=place))


def _finding(place: Place, one: FoundSlice, more: str) -> Finding:
    gap = _gap(place, one)
    word = "more" if gap.value > 0 else "less"
    low, high = (
        sorted((abs(gap.low), abs(gap.high))) if gap.low * gap.high > 0 else (0.0, abs(gap.high))
    )
    return Finding(
        Status.FAIL,
        f"{word.capitalize()} happens in this slice than the model says.",
        f"Where {in_words(place)} ({one.rows:,} rows) the outcome comes in {100 * abs(gap.value):.1f} of 100 "
        f"rows {word} than stated, likely {100 * low:.1f} to {100 * high:.1f}; in the rest the two are "
        f"{100 * abs(one.rest.value):.1f} apart. Told by rows that the search did not see.",
        f"Add these columns to the model, or recalibrate within the slice.{more}",
        Where(slice=place),
        (gap,),
    )


def _figures(named: list[tuple[Place, FoundSlice]]) -> tuple[Figure, ...]:
    if not named:
        return ()
    return (
        Figure(
            "interval",
            "Outcome less stated probability, by slice",
            "Right of the dashed line more happens than the model says, left of it less.",
            {
                "calibration gap": {
                    "label": [in_words(place) for place, _ in named],
                    "value": [one.own.value for _, one in named],
                    "low": [one.own.low for _, one in named],
                    "high": [one.own.high for _, one in named],
                }
            },
            {"bound": 0.0, "x_title": "Outcome less stated probability"},
        ),
    )


def _table(named: list[tuple[Place, FoundSlice]], slices: int) -> Table:
    rows = tuple(
        (
            in_words(place), one.rows, one.own.value, one.own.low, one.own.high, one.rest.value,
            one.adjusted_p,
        )
        for place, one in named
    )  # fmt: skip
    return Table(
        "Slices in which probabilities are off",
        ("slice", "rows", "outcome less stated", "from", "to", "in the rest", "p, corrected"),
        rows,
        caption=f"{slices:,} slices were looked at.",
    )

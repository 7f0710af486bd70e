"""SLC002  Where is it worse than elsewhere, though nobody asked?

## What it measures
Slices of one to three conditions over all input and protected columns in which the model's answers are
worse than in the rest: found on one part of the rows, and measured and confirmed on the other. Up to
10,000 rows also slices of one or two conditions that are fixed beforehand, on all rows.

## Why it matters
The slice that fails is as a rule one that nobody thought of: this version of the form, on Sundays, in
the north.

## How
Columns are cut into ten bins or their twelve most frequent values; neighbouring bins may be taken
together. All slices with enough rows are counted, and ranked by their difference from the rest,
shrunken towards 0 (empirical Bayes) and at least of practical size (0.05 for right or wrong, a fifth of
a standard deviation for other losses). Copies of one slice are thinned out. Ten go on to rows that the
search did not see, where each is tested (Fisher's exact test for few rows, else tests of means,
doi:10.1007/978-0-387-69813-7) with Holm's correction. Only confirmed slices are named, and all numbers
come from the confirming rows.

Half of a few rows says little. So up to 10,000 rows some thousand slices that follow from the columns alone
(thirds and tenths of numbers, categories, and two of them) are tested on all rows. How bad the worst of them
looks by chance follows from dealing the losses out anew (Westfall and Young;
doi:10.1002/bimj.200710456); the intervals hold for all of them at once. They take four fifths of the error
rate. In simulations, tables without any weak slice raise an alarm in 4 to 5 of 100 cases.

## When it cannot tell
A slice must have enough rows: one with 77 of 1,000 rows and an accuracy of 0.60 beside 0.80 is found in
about 50 of 100 tables; with 385 of 5,000 rows in 99. Slices that need four conditions are seen
only through larger ones. More than a million rows are sampled, and the check says so.

## What to do
Look at some of these rows. Name the slice under `[slices]` and set a limit on it, so that it is watched
from now on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from plimsoll.checks.slices.compared import SHARES, apart_text, plain, value_text
from plimsoll.checks.slices.searched import (
    Place,
    Searched,
    in_words,
    naming,
    search_needs,
    tree_of,
)
from plimsoll.core.batch import LOSS, WEIGHT
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.slice_found import FoundSlice, SearchRules, SliceSearch
from plimsoll.stats.slice_search import find_weak_slices

CARD = Card(
    "SLC002",
    title="Search for weak slices",
    question="Where is it worse than elsewhere, though nobody asked?",
    area="slices",
    needs="input columns, and 100 rows or more",
    cost="a look at the values of the columns, one scan, and a search over all slices",
    measures=(Measure("difference", "difference", "neither", None, None, None),),
    suites=("standard", "full"),
    evidence=("performance.slices", "fairness.measurement"),
    sources=(
        "doi:10.1007/978-0-387-69813-7",
        "jstor:4615733",
        "doi:10.1002/bimj.200710456",
        "doi:10.1214/13-AOS1090",
    ),
)
FULL_DEPTH = 3


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Rows of codes and losses."""
    scored = subject.has_prediction or subject.has_probabilities
    return search_needs(subject) if options.depth and scored else {}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Search on one part of the rows and confirm on the other; few rows are also asked as a whole."""
    options = context.options
    if not options.depth:
        return not_applicable("the settings ask for no search (depth = 0)")
    if not tallies:
        return not_applicable("there is no column to cut by, or nothing to tell right from wrong")
    searched = Searched.of(tallies, context.subject)
    if searched is None:
        return not_applicable(
            "there are too few rows or groups, or no column with two values, to search"
        )
    loss = searched.column(LOSS)
    assert loss is not None
    found = find_weak_slices(
        searched.codes,
        searched.columns,
        loss,
        searched.masks,
        weights=searched.column(WEIGHT),
        groups=searched.groups,
        rules=rules_of(context, binary=bool(np.isin(loss, (0.0, 1.0)).all())),
    )
    metric = _metric(context.subject)
    named = [(searched.place(one.conditions), one) for one in found.confirmed]
    estimates = [e for place, one in named for e in _estimates(place, one, metric)]
    findings = tuple(
        _finding(place, one, metric, naming(searched.condition(one.conditions)), found.fixed)
        for place, one in named
    )
    return Judgement(
        tuple(estimates),
        findings,
        _figures(named, found, metric, float(loss.mean()), searched.sample.used),
        (_table(named, found, metric),) if named else (),
        reason=searched.said,
    )


def rules_of(context: Context, *, binary: bool) -> SearchRules:
    """Return what is searched for, from the settings."""
    options = context.options
    return SearchRules(
        depth=max(options.depth, FULL_DEPTH if options.suite == "full" else 0),
        min_rows=options.min_rows,
        gap=options.gap if binary else None,
        level=options.confidence,
    )


def _metric(subject: Subject) -> str:
    if subject.task is Task.REGRESSION:
        return "mean_absolute_error"
    return "accuracy" if subject.has_prediction else "log_loss"


def _turned(e: Estimate, metric: str, *, difference: bool = False) -> Estimate:
    """Return an error rate as an accuracy; a loss stays as it is."""
    if metric != "accuracy":
        return e
    base = 0.0 if difference else 1.0
    return replace(e, value=base - e.value, low=base - e.high, high=base - e.low)


def _estimates(place: Place, one: FoundSlice, metric: str) -> tuple[Estimate, Estimate]:
    own = _turned(one.own, metric).named(metric, Where(slice=place, variant="confirmed"))
    where = Where(slice=place, metric=metric, variant="rest")
    return own, _turned(one.effect, metric, difference=True).named("difference", where)


def _told_by(one: FoundSlice, fixed: int) -> str:
    """Say which rows confirmed a slice."""
    if not one.fixed:
        return "on rows that the search did not see"
    return (
        f"on all rows, where it was tested among {fixed:,} slices fixed beforehand; the interval holds for "
        "all of them at once"
    )


def _finding(place: Place, one: FoundSlice, metric: str, more: str, fixed: int) -> Finding:
    own, apart = _estimates(place, one, metric)
    rest = _turned(one.rest, metric)
    return Finding(
        Status.FAIL,
        f"The {plain(metric)} is worse where nobody looked.",
        f"Where {in_words(place)} ({one.rows:,} rows) it is {value_text(metric, own.value)}, and "
        f"{value_text(metric, rest.value)} in the rest: {apart_text(metric, apart)}, "
        f"{_told_by(one, fixed)}.",
        f"Look at some of these rows.{more}",
        Where(slice=place),
        (own, apart),
    )


def _figures(
    named: list[tuple[Place, FoundSlice]], found: SliceSearch, metric: str, whole: float, rows: int
) -> tuple[Figure, ...]:
    if not named:
        return ()

    def say(x: float) -> float:
        return 1.0 - x if metric == "accuracy" else x

    nodes = tree_of(named, whole, rows, say)
    return (
        Figure(
            "tree",
            f"Slices in which the {plain(metric)} is worse",
            _confirmed_text(named, found),
            {metric: nodes},
            {"rule": say(whole), "rule_title": "all rows"},
        ),
    )


def _confirmed_text(named: list[tuple[Place, FoundSlice]], found: SliceSearch) -> str:
    fixed = {one.fixed for _, one in named}
    other = f"on rows that the search did not see, out of {found.slices:,} slices looked at"
    whole = f"on all rows, among {found.fixed:,} slices fixed beforehand"
    said = {False: other, True: whole}
    return "Confirmed " + ", or ".join(said[kind] for kind in sorted(fixed)) + "."


def _table(named: list[tuple[Place, FoundSlice]], found: SliceSearch, metric: str) -> Table:
    rows = tuple(
        (
            in_words(place),
            one.rows,
            _turned(one.own, metric).value,
            _turned(one.rest, metric).value,
            *(
                getattr(_turned(one.effect, metric, difference=True), part)
                for part in ("value", "low", "high")
            ),
            one.adjusted_p,
            "all rows" if one.fixed else "rows not searched",
        )
        for place, one in named
    )
    unit = "share of right answers" if metric in SHARES else plain(metric)
    return Table(
        "Weak slices, the worst first",
        (
            "slice",
            "rows",
            f"{unit} here",
            "in the rest",
            "difference",
            "from",
            "to",
            "p, corrected",
            "told by",
        ),
        rows,
        caption=f"{found.slices:,} slices were looked at, {len(found.tested)} tested on other rows"
        + (f", {found.fixed:,} fixed beforehand were tested on all rows." if found.fixed else "."),
    )

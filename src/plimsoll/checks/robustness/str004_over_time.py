"""STR004  Does it get worse with time, and when would it break its limit?

## What it measures
The measures in windows of time, the slope of a straight line through them, and the time from the last row on
until the line reaches the limit. Where the fit can be repeated also what a model fitted on all rows before a
stretch of time does in it (rolling origin), how much a fit loses while it ages, and, from two years on, what
it loses in a season that it has not seen.

## Why it matters
A test set that is drawn at random from the past says how good the model was, not how good it will be. The
world goes on: prices rise, people learn, sensors age. The slope says how fast this has cost quality so far,
and so how often a model must be fitted again.

## How
From 6 to 40 windows of about as many rows; rows of one time stay together. What neighbouring windows share
beyond the line (a season, a fault that lasted) makes them alike, so the interval of the slope is from the
slow waves of the residuals with few degrees of freedom (doi:10.1080/07350015.2018.1506926), and never
narrower than the rows within the windows make it. The limit is the policy's, else nine tenths of the gain
over chance; a fall is harmless if it is surely less than the tenth that may be lost. Stale and fresh fits
are on as many rows and compared on the same last rows, paired.

## When it cannot tell
Without a time column, or with fewer than 300 rows that have a time. A straight line knows no turns: ahead it
is followed no farther than the rows reach back, and where it reaches no limit by then the far end of the load
line is written as ten times that. Labels that come late make the last windows a selection. If the model was
fitted on the early rows, the fall from those that it knows to those that it does not looks like age: judge it
on rows after its fit alone.

## What to do
If it falls, see in DRF005 which inputs moved with it; if fresh fits do better, fit again as often as the
slope says. Set a limit with `"robustness.time" = { load_line_min = 6 }` (months).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plimsoll.checks.robustness.str002_population import why_not
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.stats.row_measures import title
from plimsoll.trials.lines import State
from plimsoll.trials.over_time import STRESS, Course, OverTime, OverTimeTrial
from plimsoll.trials.timed import MONTHS

CARD = Card(
    "STR004",
    title="Over time",
    question="Does it get worse with time, and when would it break its limit?",
    area="robustness",
    needs="a time column, and labels",
    cost="one scan; up to 13 fits where the fit can be repeated",
    measures=(
        Measure("load_line", "load line", "higher", None, 0.0, None),
        Measure("slope", "change with time", "neither", None, None, None),
        Measure("staleness", "what a fit loses while it ages", "lower", None, None, None),
        Measure(
            "season_loss", "what a fit loses in a season it has not seen", "lower", None, None, None
        ),
    ),
    suites=("stress", "full"),
    evidence=("robustness.time", "monitoring.performance"),
    sources=("doi:10.1080/07350015.2018.1506926",),
    gated_by="robustness",
)
TIME = "time"
FAR = 10.0
METHOD = "line through windows; first time whose margin may be 0"
OPEN = "line through windows; the far end is open, written as ten times the time looked at"


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Follow the measures over time; only new fits are asked."""
    if why_not(subject) or subject.roles.time is None:
        return {}
    return {
        TIME: OverTimeTrial(
            subject, options.stress, options.confidence, options.seed, options.min_rows
        )
    }


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say how the measures fare over time."""
    if TIME not in context.outcomes:
        return not_given(why_not(context.subject) or "no time column was named")
    found = context.outcome(TIME, OverTime)
    if found.reason:
        return not_given(found.reason)
    if all(course.slope is None for course in found.courses):
        return not_given("too few windows hold rows of two classes to draw a line through them")
    level = context.options.confidence
    estimates = list(_estimates(found, level))
    findings = [f for course in found.courses for f in _of_course(course, found)]
    findings += [*_of_age(found), *_of_seasons(found)]
    tables = tuple(t for t in (_windows(found), _origins(found)) if t is not None)
    return Judgement(
        tuple(estimates), tuple(findings), (_figure(found),), tables, reason=_reason(found)
    )


def _estimates(found: OverTime, level: float) -> Iterator[Estimate]:
    for course in found.courses:
        seen: set[Where] = set()
        for window in course.windows:
            if window.estimate.where not in seen:
                seen.add(window.estimate.where)
                yield window.estimate
        if course.slope is None or course.crossing is None:
            continue
        yield course.slope
        crossing = course.crossing
        high = crossing.high if crossing.surely else FAR * found.span
        yield Estimate(
            "load_line",
            crossing.value,
            crossing.low,
            max(high, crossing.value),
            level,
            found.rows,
            METHOD if crossing.surely else OPEN,
            found.unit,
            Where(stress=STRESS, metric=course.judged.metric),
        )
    yield from (origin.refitted for origin in found.origins)
    if found.staleness is not None:
        yield found.staleness
    yield from (season.lost for season in found.seasons)


def _of_course(course: Course, found: OverTime) -> Iterator[Finding]:
    if course.slope is None or course.crossing is None:
        return
    judged, slope = course.judged, course.slope
    named = title(judged.metric)
    harm, low, high = course.harm
    over = f"{found.span:.1f} months" if found.unit == MONTHS else "the time looked at"
    per = slope.unit if found.unit == MONTHS else f"over {over}"
    pace = (
        f"{_capital(named)} changes by {slope.value:+.3g} {per}, likely {slope.low:+.3g} to "
        f"{slope.high:+.3g}"
    )
    where = Where(stress=STRESS, metric=judged.metric)
    if high <= course.floor:
        yield Finding(
            Status.PASS,
            f"{_capital(named)} does not get worse with time, or harmlessly little.",
            f"{pace}. Over {over} that is a loss of no more than {max(high, 0.0):.2g}, where "
            f"{course.floor:.2g} of its gain over chance may be lost.",
            "Nothing.",
            where,
            (slope,),
        )
    elif low > 0:
        yield Finding(
            Status.FAIL,
            f"{_capital(named)} gets worse with time.",
            f"{pace}. Over {over} it has lost about {harm:.2g} ({low:.2g} to {high:.2g}). "
            f"{_ahead(course, found)}",
            "See in DRF005 which inputs moved with it, and fit the model again on newer rows.",
            where,
            (slope,),
        )
    else:
        yield Finding(
            Status.UNSURE,
            f"These rows do not show whether {named} gets worse with time.",
            f"{pace}. Over {over} it may have lost as much as {high:.2g}; {course.floor:.2g} would be "
            f"harmless. {_ahead(course, found)}",
            "Judge the model on a longer stretch of time, or on more rows.",
            where,
            (slope,),
        )


def _ahead(course: Course, found: OverTime) -> str:
    """Say when the line reaches the limit."""
    crossing, limit = course.crossing, f"The limit: {course.judged.words}."
    assert crossing is not None
    if course.state is State.BELOW:
        return f"At the end the line stands at {course.at_end:.4g}, beyond the limit. {limit}"
    if course.state is State.CROSSES:
        far = f"to {_time(crossing.high, found)}" if crossing.surely else "or much later"
        return (
            f"At this pace the limit is reached {_time(crossing.value, found)} after the last row "
            f"({_time(crossing.low, found)} {far}). {limit}"
        )
    soon = crossing.low < 0.01 * found.span
    sure = "though it may be at once" if soon else f"surely not within {_time(crossing.low, found)}"
    ahead = _time(found.span, found) if found.unit == MONTHS else "as long again as was looked at"
    return f"At this pace it is not reached within {ahead}, {sure}. {limit}"


def _time(value: float, found: OverTime) -> str:
    if found.unit == MONTHS:
        return f"{value:.1f} months"
    return f"{value:.2g} of the time looked at"


def _of_age(found: OverTime) -> Iterator[Finding]:
    e = found.staleness
    if e is None:
        return
    floor, named = found.courses[0].floor, title(found.courses[0].judged.metric)
    numbers = (
        f"In the last stretch of time {named} of a fit on the rows just before it is {e.value:+.3g} (likely "
        f"{e.low:+.3g} to {e.high:+.3g}) from that of a fit on as many older rows; they are older by "
        f"{_time(found.stale_by, found)}."
    )
    if e.high <= floor:
        status, heading, action = Status.PASS, "A fit of this model ages little.", "Nothing."
    elif e.low > 0:
        status, heading = Status.FAIL, "A fit of this model ages."
        action = "Fit it again on new rows at least as often as these two fits are apart."
    else:
        status, heading = Status.UNSURE, "These rows do not show whether a fit of this model ages."
        action = "Compare old and new fits on more rows."
    yield Finding(status, heading, numbers, action, e.where, (e,))


def _of_seasons(found: OverTime) -> Iterator[Finding]:
    if not found.seasons:
        return
    worst = max(found.seasons, key=lambda s: s.lost.value)
    e, floor = worst.lost, found.courses[0].floor
    numbers = (
        f"From {worst.name} a fit that has seen such months is better by {e.value:+.3g} (likely {e.low:+.3g} "
        f"to {e.high:+.3g}) than one that has not; it is the largest of {len(found.seasons)} seasons."
    )
    if worst.surely and e.value > floor:
        yield Finding(
            Status.FAIL,
            "A season that was not seen costs the model more than it may lose.",
            numbers,
            "Fit on whole years, and do not launch before the first winter, or summer, was seen.",
            e.where,
            (e,),
        )
    else:
        yield Finding(
            Status.PASS if e.high <= floor else Status.UNSURE,
            "No season that was not seen is shown to cost the model more than it may lose.",
            numbers,
            "Nothing." if e.high <= floor else "Judge it on more rows of that season.",
            e.where,
            (e,),
        )


def _figure(found: OverTime) -> Figure:
    panels: dict[str, dict[str, list[Any]]] = {}
    for course in found.courses:
        shown = course.windows
        panels[title(course.judged.metric)] = {
            "x": [w.start for w in shown],
            "value": [w.estimate.value for w in shown],
            "low": [w.estimate.low for w in shown],
            "high": [w.estimate.high for w in shown],
        }
    first = found.courses[0].judged
    return Figure(
        "strip",
        "The measures over time",
        f"In every window, with the likely range. The limit: {first.words}.",
        panels,
        {"floor": first.limit, "floor_title": "limit"} if len(found.courses) == 1 else {},
    )


def _windows(found: OverTime) -> Table:
    course = found.courses[0]
    rows = tuple(
        (w.start, w.end, w.estimate.n, w.estimate.value, w.estimate.low, w.estimate.high)
        for w in course.windows
    )
    named = title(course.judged.metric)
    return Table(
        f"{_capital(named)} by window of time", ("from", "to", "rows", named, "low", "high"), rows
    )


def _origins(found: OverTime) -> Table | None:
    if not found.origins:
        return None
    rows = tuple(
        (
            o.start,
            o.fitted_on,
            o.refitted.n,
            o.refitted.value,
            o.refitted.low,
            o.refitted.high,
            o.own.value,
        )
        for o in found.origins
    )
    return Table(
        "Fitted on the past, asked about what came after",
        ("from", "fitted on rows", "asked about", "new fit", "low", "high", "model judged"),
        rows,
        f"{_capital(title(found.courses[0].judged.metric))} of a fit on all rows before each stretch.",
    )


def _reason(found: OverTime) -> str:
    words = f"{_capital(found.rows_said)} were read; {found.rows:,} of them have a time"
    if found.why_no_refit:
        words += f". Not all was fitted again on the past: {found.why_no_refit}"
    elif found.why_no_seasons:
        words += f". No season was left out: {found.why_no_seasons}"
    return f"{words}."


def _capital(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"

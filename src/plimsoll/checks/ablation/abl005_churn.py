"""ABL005  Would the same recipe decide the same again?

## What it measures
The same recipe is fitted again, six times on rows of the reference drawn again with replacement, and six
times on the same rows with other seeds. For each kind: the share of rows that a fit decides otherwise than
the model judged (*churn*), the share that two fits decide differently, how far the score of one row
scatters, and how far the measure does.

## Why it matters
A model is retrained every month or so. If every twentieth person is decided otherwise by a fit on rows that
could as well have been drawn, those decisions rest on luck, however good the average is; and a measure that
moves by more from seed to seed than the gain that is celebrated celebrates nothing.

## How
Churn over pairs of fits is a mean over rows; its variance is that of the rows (by cluster) plus that of the
fits, found by leaving out one fit at a time, with Satterthwaite's degrees of freedom (doi:10.2307/3002019).
The scatter of the measure has the chi-squared interval of a normal one. Background: Milani Fard and others
2016 (churn); D'Amour and others 2022, https://jmlr.org/papers/v23/20-1335.html (underspecification).

## When it cannot tell
Without a reference with labels, or where nothing repeats the fit. Fits use at most 10,000 rows: where the
model saw more, churn from it is partly the smaller number of rows, and that between fits is the fairer
number. A fit function without a parameter `seed` or `random_state` is not given other seeds. Churn where
the truth is uncertain is less of a harm than where it is clear; both count alike here.

## What to do
Average several fits, use more rows, or a simpler recipe. Where decisions must last, keep the old decision
near the threshold. Limit it with `"ablation.churn" = { max = 0.05 }`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.checks.ablation.trial import counted, sentence, why_no_fit
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.stats.row_measures import title
from plimsoll.trials.churn import RESAMPLED, Churn, ChurnTrial, Restless

CARD = Card(
    "ABL005",
    title="Training stability",
    question="Would the same recipe decide the same again?",
    area="ablation",
    needs="a fit that can be repeated, and a labelled reference",
    cost="12 fits on up to 10,000 rows",
    measures=(
        Measure(
            "churn",
            "decisions changed by fitting again",
            "lower",
            None,
            0.0,
            1.0,
            "About {value} of 100 rows are decided otherwise by a fit on rows drawn again; likely {low} to "
            "{high}.",
            "per100",
        ),
        Measure("churn_between_fits", "decisions that two fits differ in", "lower", None, 0.0, 1.0),
        Measure("score_sd", "scatter of one row's score", "lower", None, 0.0, None),
        Measure("measure_sd", "scatter of the measure", "lower", None, 0.0, None),
    ),
    suites=("stress", "full"),
    evidence=("robustness.retraining",),
    sources=("doi:10.2307/3002019", "https://jmlr.org/papers/v23/20-1335.html"),
)
CHURN = "churn"
_KINDS = {RESAMPLED: "rows drawn again", "reseeded": "other seeds"}


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Fit the same recipe again and again."""
    if why_no_fit(subject):
        return {}
    return {CHURN: ChurnTrial(subject, options.stress, level=options.confidence, seed=options.seed)}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say how many decisions change."""
    if CHURN not in context.outcomes:
        return not_given(why_no_fit(context.subject))
    found = context.outcome(CHURN, Churn)
    if found.reason:
        return not_given(found.reason)
    estimates = tuple(
        e
        for kind in found.kinds
        for e in (kind.from_model, kind.between, kind.scores, kind.measure)
        if e is not None
    )
    findings = [f for kind in found.kinds for f in _findings(kind, found)]
    findings += list(_undone(found))
    figure = _figure(found)
    fewer = " The model judged may have seen more rows." if found.fewer_rows else ""
    return Judgement(
        estimates,
        tuple(findings),
        () if figure is None else (figure,),
        (_table(found),),
        reason=f"{counted(found.fits)} on {found.fitted_said} took {found.fit_seconds:.1f} s.{fewer}",
    )


def _findings(kind: Restless, found: Churn) -> Iterator[Finding]:
    words = _KINDS[kind.kind]
    if kind.same:
        yield Finding(
            Status.PASS,
            f"Fits with {words} answer the same.",
            f"{kind.fits} fits gave every row the same answer."
            + (" The recipe has no seed, or it does not matter." if kind.kind != RESAMPLED else ""),
            "Nothing.",
        )
        return
    told = kind.from_model or kind.scores
    if told is None:
        return
    if kind.from_model is None:
        meaning = f"One row's answer scatters by {_span(told)} over {kind.fits} fits."
    else:
        meaning = f"A fit decides {_per100(kind.from_model)} rows otherwise than the model judged."
        if kind.between is not None:
            meaning += f" Two fits differ in {_per100(kind.between)}."
    if kind.measure is not None:
        meaning += f" {title(found.metric).capitalize()} scatters by {_span(kind.measure)}."
    told_all = tuple(
        e for e in (kind.from_model, kind.between, kind.scores, kind.measure) if e is not None
    )
    yield Finding(
        Status.PASS,
        f"What fitting again with {words} changes is known.",
        meaning,
        'Keep it in mind when two models are compared; limit it with "ablation.churn".',
        told.where,
        told_all,
    )


def _undone(found: Churn) -> Iterator[Finding]:
    if found.stopped:
        yield Finding(
            Status.UNSURE,
            "Fewer fits were made than planned.",
            f"{sentence(found.stopped)} {counted(found.fits)} were made.",
            "Give more time with --budget.",
        )


def _per100(e: Estimate) -> str:
    return f"{100 * e.value:.1f} of 100 (likely {100 * e.low:.1f} to {100 * e.high:.1f})"


def _span(e: Estimate) -> str:
    return f"{e.value:.4g} (likely {e.low:.4g} to {e.high:.4g})"


def _figure(found: Churn) -> Figure | None:
    shown = [
        (f"{name}, {_KINDS[kind.kind]}", e)
        for kind in found.kinds
        for name, e in (("from the model", kind.from_model), ("between two fits", kind.between))
        if e is not None
    ]
    if not shown:
        return None
    return Figure(
        "interval",
        "Decisions that change when the recipe is fitted again",
        "Share of rows that are decided otherwise.",
        {
            "churn": {
                "label": [name for name, _ in shown],
                "value": [e.value for _, e in shown],
                "low": [e.low for _, e in shown],
                "high": [e.high for _, e in shown],
            }
        },
        {"x_title": "Share of rows"},
    )


def _table(found: Churn) -> Table:
    rows = []
    for kind in found.kinds:
        for name, e in (
            ("decided otherwise than by the model", kind.from_model),
            ("decided differently by two fits", kind.between),
            ("scatter of one row's score", kind.scores),
            (f"scatter of {found.metric}", kind.measure),
        ):
            if e is not None:
                rows.append((_KINDS[kind.kind], name, e.value, e.low, e.high, kind.fits))
    return Table(
        "Fitted again",
        ("fits with", "what", "value", "from", "to", "fits"),
        tuple(rows),
        caption=f"{sentence(found.rows_said)[:-1]} were judged; fits used {found.fitted_said}.",
    )

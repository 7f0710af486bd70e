"""CAL001  When it says 70 in 100, does it happen 70 times in 100?

## What it measures
The Brier score split into three: MCB, what miscalibration costs; DSC, what telling rows apart wins;
UNC, what the base rate alone leaves open. Score = MCB - DSC + UNC. And the reliability diagram
behind it, with the band in which the curve of a calibrated model would lie.

## Why it matters
Whoever acts on a probability (a price, a dose, a queue) is misled by exactly the gap this diagram
shows. It also says whether to recalibrate, which is cheap, or to improve the model, which is not.

## How
CORP (Dimitriadis, Gneiting and Jordan 2021, doi:10.1073/pnas.2016191118): the outcomes are fitted
by the best rising curve of the score (isotonic regression); no bins have to be chosen. The band and
the test resample labels as a calibrated model would produce them. Point values use every cell of
the scan; what is resampled uses about a thousand pooled cells.

## When it cannot tell
MCB is measured on the same rows as the curve, so a calibrated model shows a small MCB above 0: read
it with its interval and the test beside it. Rows of one group that hang together widen the band
where a group column is named. A limit on `mcb` is met only if the whole interval is below it.

## What to do
If miscalibration costs more than 1 in 100 of the uncertainty, recalibrate (CAL004 says which way
wins) and judge again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plimsoll.checks.calibration.score_cells import binary_cells, binary_needs
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.errors import DataError
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Figure, Finding, Judgement, Status, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.corp import CorpReport, corp_report

CARD = Card(
    "CAL001",
    title="Reliability",
    question="When it says 70 in 100, does it happen 70 times in 100?",
    area="calibration",
    needs="probabilities of a binary task",
    measures=(
        Measure("mcb", "miscalibration (MCB)", better="lower"),
        Measure("dsc", "discrimination (DSC)"),
        Measure("unc", "uncertainty (UNC)", better="neither"),
        Measure("mcb_p", "chance of such an MCB for a calibrated model", better="neither"),
    ),
    evidence=("performance.calibration",),
    sources=("doi:10.1073/pnas.2016191118",),
)
NOTABLE = 0.01


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """The histogram of score and label, by group where rows hang together."""
    return binary_needs(subject)


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Split the Brier score and draw the diagram."""
    try:
        cells = binary_cells(tallies)
    except DataError as error:
        return not_applicable(str(error))
    if cells is None:
        return not_applicable("there are no probabilities of a binary task")
    options = context.options
    report = corp_report(
        cells.spread,
        rng=options.rng(CARD.code),
        level=options.confidence,
        resamples=options.resamples,
        exact=cells.exact,
    )
    mcb, dsc = report.mcb, report.dsc
    chance = replace(
        report.mcb, name="mcb_p", value=report.p_value, low=report.p_value, high=report.p_value
    )
    finding = _finding(mcb, report)
    return Judgement(
        (mcb, dsc, report.unc, replace(chance, method="labels drawn from the scores")),
        () if finding is None else (finding,),
        (_figure(report),),
    )


def _finding(mcb: Estimate, report: CorpReport) -> Finding | None:
    share = mcb.value / report.unc.value if report.unc.value > 0 else 0.0
    if report.p_value >= 1 - mcb.level or share < NOTABLE:
        return None
    return Finding(
        Status.FAIL,
        "The probabilities do not mean what they say.",
        f"A calibrated model would show such a gap in about {100 * report.p_value:.1f} of 100 "
        "tables like this; "
        f"the gap costs {100 * share:.1f} of every 100 parts of the uncertainty there is.",
        "Recalibrate on rows that the model was not trained on; CAL004 says which way wins most.",
        estimates=(mcb,),
    )


def _figure(report: CorpReport) -> Figure:
    curve = report.curve
    return Figure(
        "reliability",
        "Reliability diagram",
        "How often the positive class occurred against how often it was foretold. "
        "A calibrated model follows the diagonal; the band shows how far one strays by chance. "
        "Below: how the scores are spread.",
        {
            "observed": {
                "x": list(curve.score),
                "y": list(curve.recalibrated),
                "low": list(curve.low),
                "high": list(curve.high),
            },
            "counts": {
                "x": list(curve.edges[:-1]),
                "x2": list(curve.edges[1:]),
                "n": list(curve.rows),
            },
        },
        {"x_title": "Stated probability", "y_title": "Observed share"},
    )

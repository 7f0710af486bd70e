"""CAL002  How large is the calibration error, and how large would it be by chance?

## What it measures
The expected calibration error (ECE): the mean gap between stated probability and outcome over 15
equal bins. Beside it, always, the null band: how large the ECE of a perfectly calibrated model
would be on these very scores.

## Why it matters
ECE is asked for everywhere and misread as often. A perfectly calibrated model shows an ECE of about
0.12 at 100 rows and 0.04 at 1,000 rows with 15 bins, for the error of each bin counts without its
sign. Only what stands above the null band is error.

## How
`sum over bins of (rows in bin / rows) * |mean score - share of positives|` (Naeini, Cooper and
Hauskrecht 2015). The null band draws labels from the scores; `ece_null_high` is its upper end. The
interval is found by asking which true errors would show such an ECE.

## When it cannot tell
It depends on the bins. Two errors of opposite sign within a bin cancel. CAL001 needs no bins and is
the better guide.

## What to do
If the ECE is inside the null band there is nothing to mend. If it is above, see CAL001 and CAL004.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.checks.calibration.score_cells import binary_cells, binary_needs
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.errors import DataError
from plimsoll.core.finding import Finding, Judgement, Status, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.calibration_error import CalibrationError, calibration_error

CARD = Card(
    "CAL002",
    title="Calibration error",
    question="How large is the calibration error, and how large would it be by chance?",
    area="calibration",
    needs="probabilities of a binary task",
    measures=(
        Measure("ece", "expected calibration error", better="lower"),
        Measure("ece_null_high", "upper end of the null band of the ECE", better="neither"),
    ),
    evidence=("performance.calibration",),
    sources=("doi:10.1609/aaai.v29i1.9602",),
)
NOTABLE = 0.02


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """The histogram of score and label, by group where rows hang together."""
    return binary_needs(subject)


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure the error beside its null band."""
    try:
        cells = binary_cells(tallies)
    except DataError as error:
        return not_applicable(str(error))
    if cells is None:
        return not_applicable("there are no probabilities of a binary task")
    options = context.options
    found = calibration_error(
        cells.spread, rng=options.rng(CARD.code), level=options.confidence, exact=cells.exact
    )
    return Judgement((found.ece, found.ece_null_high), _findings(found))


def _findings(found: CalibrationError) -> tuple[Finding, ...]:
    if found.ece.value <= max(found.ece_null_high.value, NOTABLE):
        return ()
    return (
        Finding(
            Status.FAIL,
            "The calibration error is larger than chance makes it.",
            f"Stated and observed shares are {100 * found.ece.value:.1f} points apart on "
            "average; a calibrated model would show at most "
            f"{100 * found.ece_null_high.value:.1f} on this table.",
            "See the reliability diagram of CAL001 for where, and CAL004 for what recalibration wins.",
            estimates=(found.ece, found.ece_null_high),
        ),
    )

"""CAL003  Is the model too sure of itself, or not sure enough?

## What it measures
Calibration slope and intercept: the straight line of the outcome's log-odds on the score's
log-odds. Slope 1 and intercept 0 is calibrated; a slope below 1 means too sure (overconfident),
above 1 not sure enough; an intercept above 0 means that the positive class occurs more often than
foretold. And Spiegelhalter's test of all scores together.

## Why it matters
The line says in two numbers in which direction to mend: shrink, or shift. Overconfidence is the
usual sign of overfitting; a shifted intercept that of a base rate that moved.

## How
Logistic regression on the logit of the score (Cox 1958, doi:10.1093/biomet/45.3-4.562); the
intercept is given with the slope fixed at 1 (calibration in the large). Profile-likelihood
intervals, widened where the true curve is no straight line; jackknife over groups where rows hang
together. Spiegelhalter's z is tested on both sides (1986, doi:10.1002/sim.4780050506): a one-sided
test calls an underconfident model perfectly calibrated.

## When it cannot tell
If a threshold on the score separates the labels the slope has no finite value, and the check says
so. A line can be straight while the curve bends: look at CAL001.

## What to do
Slope off: temperature or Platt scaling. Intercept off: shift it, or fit the new base rate. Both are
in CAL004.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.checks.calibration.score_cells import binary_cells, binary_needs
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.errors import DataError
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Finding, Judgement, Status, Table, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.calibration_cells import Undetermined
from plimsoll.stats.calibration_tests import calibration_line, spiegelhalter

CARD = Card(
    "CAL003",
    title="Slope and intercept",
    question="Is the model too sure of itself, or not sure enough?",
    area="calibration",
    needs="probabilities of a binary task",
    measures=(
        Measure("calibration_slope", "calibration slope", "target", 1.0, None, None),
        Measure("calibration_intercept", "calibration intercept", "target", 0.0, None, None),
        Measure("spiegelhalter_z", "Spiegelhalter's z", "target", 0.0, None, None),
        Measure("spiegelhalter_p", "Spiegelhalter's p", "neither"),
    ),
    evidence=("performance.calibration",),
    sources=("doi:10.1093/biomet/45.3-4.562", "doi:10.1002/sim.4780050506"),
)
SLOPE_OFF = 0.1
INTERCEPT_OFF = 0.1


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """The histogram of score and label, by group where rows hang together."""
    return binary_needs(subject)


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Fit the line and test all scores together."""
    try:
        cells = binary_cells(tallies)
    except DataError as error:
        return not_applicable(str(error))
    if cells is None:
        return not_applicable("there are no probabilities of a binary task")
    level = context.options.confidence
    line = calibration_line(cells.spread, level, exact=cells.exact)
    test = spiegelhalter(cells.spread, level, exact=cells.exact)
    parts = [line.slope, line.intercept]
    parts += [test] if isinstance(test, Undetermined) else [test.z, test.p]
    estimates = [part for part in parts if isinstance(part, Estimate)]
    unknown = tuple((p.name, p.reason) for p in parts if isinstance(p, Undetermined))
    tables = (Table("What these rows cannot determine", ("number", "why"), unknown),)
    return Judgement(
        tuple(estimates), tuple(_findings(estimates)), tables=tables if unknown else ()
    )


def _findings(estimates: list[Estimate]) -> list[Finding]:
    found = {e.name: e for e in estimates}
    out = []
    slope, intercept = found.get("calibration_slope"), found.get("calibration_intercept")
    if slope is not None and (slope.high < 1 - SLOPE_OFF or slope.low > 1 + SLOPE_OFF):
        sure = slope.value < 1
        out.append(
            Finding(
                Status.FAIL,
                "The model is too sure of itself." if sure else "The model is not sure enough.",
                "Its high probabilities are too high and its low ones too low."
                if sure
                else "Its probabilities lie too close to the middle; outcomes are clearer than it says.",
                "Scale the scores (temperature or Platt scaling); see CAL004.",
                estimates=(slope,),
            )
        )
    off = intercept is not None and (
        intercept.high < -INTERCEPT_OFF or intercept.low > INTERCEPT_OFF
    )
    if intercept is not None and off:
        more = intercept.value > 0
        out.append(
            Finding(
                Status.FAIL,
                f"The positive class occurs {'more' if more else 'less'} often than the model says.",
                "The average of its probabilities misses the base rate of these rows.",
                "Shift the intercept, or look whether these rows come from the population the model is for.",
                estimates=(intercept,),
            )
        )
    return out

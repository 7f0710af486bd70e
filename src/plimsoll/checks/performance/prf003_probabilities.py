"""PRF003  How good are the stated probabilities, row by row?

## What it measures
The log loss (the mean surprise at the labels, in nats) and the Brier score (the mean squared
distance of probability and outcome). Both are proper: only the true probabilities make them as low
as they can be.

## Why it matters
A probability is used as such: to price, to rank by expected cost, to decide how much help to send.
Measures of decisions at one threshold do not see whether 0.7 meant 70 in 100.

## How
Both are means over rows, summed exactly in the scan, as scikit-learn defines them (the multiclass
Brier score sums over the classes). The interval is Student's t with Hall's correction for skewness
(Hall 1992, doi:10.1111/j.2517-6161.1992.tb01876.x); with a group column whole groups are left out
in turn.

## When it cannot tell
Without probabilities. Where a class has only a handful of rows, the few rows that matter may be
missing from the sample and the interval is then too narrow: at 50 rows with one positive it holds
in about 60 of 100 cases. A log loss is dominated by single rows where the model was sure and wrong.

## What to do
Compare with the constant and with a champion (BAS checks); look at CAL001 to learn whether
calibration or ranking is what costs.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Judgement, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Side, Tallies
from plimsoll.stats.mean import LossSums as Sums
from plimsoll.stats.mean import brier_score, log_loss
from plimsoll.tallies.losses import LossSums
from plimsoll.tallies.shared import probability_losses

CARD = Card(
    "PRF003",
    title="Probabilities",
    question="How good are the stated probabilities, row by row?",
    area="performance",
    needs="probabilities",
    measures=(
        Measure("log_loss", "log loss", better="lower", high=None),
        Measure("brier_score", "Brier score", better="lower", high=2.0),
    ),
    evidence=("performance.accuracy",),
    sources=("doi:10.1111/j.2517-6161.1992.tb01876.x",),
    suites=("quick", "standard", "stress", "full"),
)


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Sums of the losses, on the reference too where a drop is limited."""
    if not subject.has_probabilities:
        return {}
    out = {"now": Need(probability_losses(subject))}
    if options.on_reference and subject.reference_answered:
        out["then"] = Need(probability_losses(subject, Side.REFERENCE), Side.REFERENCE)
    return out


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure the losses."""
    if "now" not in tallies:
        return not_applicable("the scores are no probabilities")
    classes, level = len(context.subject.classes), context.options.confidence
    estimates = measure(tallies.take("now", LossSums), classes, level)
    if "then" in tallies:
        then = measure(tallies.take("then", LossSums), classes, level)
        estimates += [e.at(Where(variant="reference")) for e in then]
    return Judgement(tuple(estimates))


def measure(sums: LossSums, classes: int, level: float) -> list[Estimate]:
    """Return both losses with their intervals."""
    found = (
        log_loss(Sums.of_table(sums.of_loss("log_loss")), level=level),
        brier_score(Sums.of_table(sums.of_loss("brier_score")), classes=classes, level=level),
    )
    return [e for e in found if e is not None]

"""CAL006  Do predicted intervals and quantiles hold as often as they promise?

## What it measures
For predicted intervals: how often they hold the outcome, how wide they are, and the interval score
that weighs both. For predicted quantiles: how often the outcome lies at or below each, and whether
it falls between them as often as they say (the probability integral transform).

## Why it matters
A delivery promised "between 9 and 11, nine times in ten" that holds seven times in ten is worse
than none: people plan with it.

## How
Coverage is a share of rows with Wilson's interval; the width and the interval (Winkler) score are
means over rows (Gneiting and Raftery 2007, doi:10.1198/016214506000001437). The bands between
quantiles are tested by chi-squared, with the correction of Rao and Scott
(doi:10.1214/aos/1176346391) where a group column is named.

## When it cannot tell
Coverage over all rows can be right while every single group is wrong: look at groups that matter by
themselves. Very wide intervals hold everything; read the width beside the coverage.

## What to do
If coverage falls short, widen the intervals on rows kept for it (conformal calibration does it with
a guarantee).
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Figure, Finding, Judgement, Status, not_applicable, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.calibration_cells import Undetermined
from plimsoll.stats.mean import LossSums as Sums
from plimsoll.stats.prediction_intervals import (
    Uniformity,
    band_uniformity,
    interval_report,
    quantile_coverage,
)
from plimsoll.stats.proportion import ShareWeights
from plimsoll.tallies.losses import LossSums
from plimsoll.tallies.quantile_bands import QuantileBands
from plimsoll.tallies.shared import clustered, weighted

CARD = Card(
    "CAL006",
    title="Intervals and quantiles",
    question="Do predicted intervals and quantiles hold as often as they promise?",
    area="calibration",
    needs="a regression with interval or quantile columns",
    measures=(
        Measure(
            "interval_coverage",
            "coverage of the predicted intervals",
            "target",
            plain="Of 100 predicted intervals about {value} hold the outcome (likely {low} to {high}).",
            style="per100",
        ),
        Measure("interval_width", "mean width of the intervals", "lower", high=None, style="unit"),
        Measure("interval_score", "interval score", "lower", high=None, style="unit"),
        Measure("quantile_coverage", "share at or below a predicted quantile", "target"),
    ),
    evidence=("performance.calibration",),
    sources=("doi:10.1198/016214506000001437", "doi:10.1214/aos/1176346391"),
)


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """What the intervals and the quantiles held."""
    if subject.task is not Task.REGRESSION:
        return {}
    out: dict[str, Need] = {}
    roles, grouped, weigh = subject.roles, clustered(subject), weighted(subject)
    if roles.interval is not None:
        held = LossSums(
            ("covered", "width", "interval_score"),
            interval=roles.interval,
            bucketed=grouped,
            weighted=weigh,
        )
        out["intervals"] = Need(held)
    if roles.quantiles:
        columns = tuple(column for _, column in roles.quantiles)
        out["bands"] = Need(QuantileBands(columns, grouped, weigh))
    return out


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Hold coverage against the promise."""
    roles, level = context.subject.roles, context.options.confidence
    if context.subject.task is not Task.REGRESSION:
        return not_applicable("the task is no regression")
    if not tallies:
        return not_given("no interval or quantile columns were named")
    estimates: list[Estimate] = []
    findings: list[Finding] = []
    figures: tuple[Figure, ...] = ()
    if "intervals" in tallies and roles.interval is not None:
        found = _intervals(tallies.take("intervals", LossSums), level)
        estimates += found
        findings += [_held(e, roles.interval[2]) for e in found if e.name == "interval_coverage"]
    if "bands" in tallies:
        bands = tallies.take("bands", QuantileBands).settle()
        promised = [probability for probability, _ in roles.quantiles]
        assert bands.counts is not None
        shares = quantile_coverage(bands.counts, promised, level=level)
        estimates += shares
        size = float(bands.counts.sum()) ** 2 / bands.squared if bands.weighted else None
        test = band_uniformity(bands.counts, promised, size=size)
        findings += _uniform(test, 1 - level)
        figures = (_figure(list(shares), promised),)
    return Judgement(tuple(estimates), tuple(findings), figures)


def _intervals(sums: LossSums, level: float) -> list[Estimate]:
    covered = sums.of_loss("covered")
    rows, weight, squared = covered[:, 0], covered[:, 1], covered[:, 2]
    hits, hits_squared = covered[:, 3], covered[:, 6]
    weights = ShareWeights(hits, weight, hits_squared, squared) if sums.weighted else None
    report = interval_report(
        hits if weights is None else rows * hits / weight.clip(min=1e-300),
        rows,
        Sums.of_table(sums.of_loss("width")),
        Sums.of_table(sums.of_loss("interval_score")),
        level=level,
        weights=weights,
    )
    return [e for e in (report.coverage, report.width, report.score) if e is not None]


def _held(coverage: Estimate, promised: float) -> Finding:
    said = (
        f"They promise {100 * promised:.0f} of 100 and hold {100 * coverage.value:.1f}, likely "
        f"{100 * coverage.low:.1f} to {100 * coverage.high:.1f}."
    )
    if coverage.high < promised:
        return Finding(
            Status.FAIL,
            "The predicted intervals are too narrow.",
            said,
            "Widen them on rows kept for it; conformal calibration does it with a guarantee.",
            estimates=(coverage,),
        )
    if coverage.low > promised:
        return Finding(
            Status.PASS,
            "The predicted intervals are wider than they promise.",
            said,
            "Narrow them if their width costs something.",
            estimates=(coverage,),
        )
    return Finding(
        Status.PASS,
        "The predicted intervals hold as often as they promise.",
        said,
        "Nothing.",
        estimates=(coverage,),
    )


def _uniform(test: Uniformity | Undetermined, alpha: float) -> list[Finding]:
    if isinstance(test, Undetermined) or test.p_value >= alpha:
        return []
    return [
        Finding(
            Status.FAIL,
            "Outcomes do not fall between the predicted quantiles as often as these say.",
            f"For faithful quantiles such a gap comes up in about {100 * test.p_value:.1f} of 100 tables.",
            "Look at the share below each quantile; recalibrate those that are off.",
        )
    ]


def _figure(shares: list[Estimate], promised: list[float]) -> Figure:
    return Figure(
        "line",
        "Promised and observed quantiles",
        "How often the outcome lay at or below each predicted quantile; "
        "a faithful model follows the diagonal.",
        {
            "observed": {
                "x": promised[: len(shares)],
                "y": [e.value for e in shares],
                "low": [e.low for e in shares],
                "high": [e.high for e in shares],
            }
        },
        {
            "x_title": "Promised share",
            "y_title": "Observed share",
            "x_domain": [0, 1],
            "y_domain": [0, 1],
            "diagonal": True,
        },
    )

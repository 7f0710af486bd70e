"""DRF003  Have the inputs changed together?

## What it measures
How well a small model can tell current rows from rows of the reference by all input columns together:
its area under the ROC curve, 0.5 where the two cannot be told apart. Which columns it needs for that.
And, where the reference has labels and answers, what the mean loss would be if its rows were mixed as
the current ones are.

## Why it matters
Each column can look as it did while the way they go together has changed: as many old people as before,
as many with high income as before, but no longer the same people.

## How
A gradient-boosted classifier is fitted in five folds on up to 5,000 rows of each side (a classifier
two-sample test; Lopez-Paz and Oquab 2017, arXiv:1610.06545). Its area has DeLong's interval, widened
because folds share rows; its p-value comes from shuffled labels. An alarm needs both: the interval
above 0.5 plus the floor (0.55 unless set otherwise), and a p-value below one less the confidence. A
column is telling if shuffling it lowers the area. The odds of the classifier weigh the rows of the
reference (importance weighting; Shimodaira 2000, doi:10.1016/S0378-3758(00)00115-4); nothing is said
where so weighted they are worth fewer than 100 rows.

## When it cannot tell
With fewer than 50 rows on a side. Columns that say the same share their telling. A reference of other
times of the year is told apart by the season alone. The weighed loss takes the relation of inputs and
label to be what it was.

## What to do
Look at the most telling columns first, one by one (DRF001) and in pairs. If the weighed loss is clearly
worse, collect labels of current rows and fit the model again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from plimsoll.core.batch import BUCKET, KEY, LOSS
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, not_applicable, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Rows, Side, Tallies
from plimsoll.probes.features import Column, learn
from plimsoll.stats.domain_classifier import Joint, JointDrift, domain_classifier
from plimsoll.stats.interval import FloatArray, z_quantile
from plimsoll.tallies.sample import Sample
from plimsoll.tallies.shared import clustered

CARD = Card(
    "DRF003",
    title="Joint drift",
    question="Have the inputs changed together?",
    area="drift",
    needs="a reference of rows, and 50 rows on each side",
    cost="one scan of each side, and small models fitted on up to 10,000 rows",
    measures=(
        Measure("domain_classifier_auc", "area of telling now from then", "lower"),
        Measure("auc_drop", "area lost without a column", "neither", low=-1.0),
        Measure("expected_change", "expected change", "neither", None, None, None),
    ),
    suites=("standard", "full"),
    evidence=("data.drift",),
    sources=("arXiv:1610.06545", "doi:10.1016/S0378-3758(00)00115-4"),
    labels=False,
)
SIZE = 5_000
MOST_COLUMNS = 60
LEAST_EFFECTIVE = 100.0
MOST_NAMED = 8
NOW, THEN = "now", "then"


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """A sample of both sides."""
    columns = _columns(subject)
    if not columns or subject.has_profile:
        return {}
    grouped = clustered(subject) and clustered(subject, Side.REFERENCE)
    takes = (*columns, *([BUCKET] * grouped))
    judged = subject.reference_answered and _has_loss(subject)
    then = Sample((*takes, LOSS) if judged else takes, size=SIZE)
    return {
        NOW: Need(Sample(takes, size=SIZE), Side.CURRENT, Rows.ALL),
        THEN: Need(then, Side.REFERENCE, Rows.JUDGED if judged else Rows.ALL),
    }


def _columns(subject: Subject) -> tuple[str, ...]:
    there = set(subject.reference_columns)
    apart = (subject.roles.time, subject.roles.group)
    kept = [c for c in subject.roles.features if c in there and c not in apart]
    return tuple(kept[:MOST_COLUMNS])


def _has_loss(subject: Subject) -> bool:
    return subject.has_prediction or subject.has_probabilities


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Fit the classifier, and say how well the two tables can be told apart and by what."""
    subject = context.subject
    if not subject.has_reference:
        return not_given("no reference was given")
    if subject.has_profile:
        return not_given(
            "the reference is a profile, which holds no rows; give the rows themselves"
        )
    if NOW not in tallies:
        return not_applicable("no input column is in both the data and the reference")
    now, then = (tallies.take(name, Sample).settle() for name in (NOW, THEN))
    if now.frame is None or then.frame is None:
        return not_applicable("one of the two tables has no rows")
    both = _Both.of(now.frame, then.frame, _columns(subject))
    if not both.columns:
        return not_applicable("no input column has two different values")
    level = context.options.confidence
    found = domain_classifier(
        both.joint,
        rng=context.options.rng(CARD.code),
        floor=context.options.drift_floor,
        level=level,
    )
    if found is None:
        return not_applicable(
            "the classifier needs 50 rows of each table in its folds, labelled ones of the reference"
        )
    drops = [
        drop.named("auc_drop", Where(column=column.name))
        for column, drop in zip(both.columns, found.drops, strict=True)
    ]
    change = _expected(then.frame, found, context)
    findings = list(_findings(found, drops, change, context))
    estimates = [found.auc, *drops, *([] if change is None else [change])]
    return Judgement(tuple(estimates), tuple(findings), _figures(drops), reason=_said(now, then))


@dataclass(frozen=True, eq=False)
class _Both:
    """The sampled rows of both sides as numbers."""

    joint: Joint
    columns: list[Column]

    @staticmethod
    def of(now: pl.DataFrame, then: pl.DataFrame, names: tuple[str, ...]) -> _Both:
        """Turn columns into numbers alike on both sides; columns whose kind changed are left out."""
        alike = [c for c in names if _kind(now.schema[c]) == _kind(then.schema[c])]
        numbers = [pl.col(c).cast(pl.Float64) for c in alike if now.schema[c].is_numeric()]
        whole = pl.concat([side.select(*alike, KEY).with_columns(numbers) for side in (then, now)])
        columns = learn(whole, alike)
        features = (
            np.stack([column.numbers(whole) for column in columns], axis=1)
            if columns
            else np.zeros((whole.height, 0))
        )
        buckets = None
        if BUCKET in now.columns:
            parts = [then.get_column(BUCKET), now.get_column(BUCKET)]
            buckets = pl.concat(parts).cast(pl.Int64).to_numpy()
        current = np.r_[np.zeros(then.height, bool), np.ones(now.height, bool)]
        categorical = np.array([not column.numeric for column in columns], bool)
        keys = whole.get_column(KEY).to_numpy()
        joint = Joint(features, current, keys, categorical, buckets)
        return _Both(joint, columns)


def _kind(dtype: pl.DataType) -> object:
    return "number" if dtype.is_numeric() else dtype


def _said(now: Sample, then: Sample) -> str | None:
    if now.used == now.rows and then.used == then.rows:
        return None
    return (
        f"On {now.used:,} of {now.rows:,} current rows and {then.used:,} of {then.rows:,} of the reference, "
        "chosen by the hash of their key."
    )


def _expected(then: pl.DataFrame, found: JointDrift, context: Context) -> Estimate | None:
    """Return the change of the mean loss if the reference were mixed as the current rows are."""
    if LOSS not in then.columns or found.effective_rows < LEAST_EFFECTIVE:
        return None
    loss: FloatArray = then.get_column(LOSS).cast(pl.Float64).to_numpy()
    weights = found.weights / found.weights.mean()
    before = float(loss.mean())
    after = float((weights * loss).mean())
    each = weights * (loss - after) - (loss - before)
    half = z_quantile(context.options.confidence) * float(each.std(ddof=1)) / math.sqrt(loss.size)
    value = after - before
    low, high = value - half, value + half
    metric = _metric(context.subject)
    if metric == "accuracy":
        value, low, high = -value, -high, -low
    return Estimate(
        "expected_change",
        value,
        low,
        high,
        context.options.confidence,
        max(1, round(found.effective_rows)),
        "reference weighed by the odds of the classifier",
        where=Where(metric=metric, variant="all columns"),
    )


def _metric(subject: Subject) -> str:
    if subject.task is Task.REGRESSION:
        return "mean_absolute_error"
    return "accuracy" if subject.has_prediction else "log_loss"


def _findings(
    found: JointDrift, drops: list[Estimate], change: Estimate | None, context: Context
) -> Iterator[Finding]:
    floor, level = context.options.drift_floor, context.options.confidence
    if found.auc.low > 0.5 + floor and found.p is not None and found.p < 1 - level:
        telling = sorted((d for d in drops if d.low > 0), key=lambda d: -d.value)[:MOST_NAMED]
        names = ", ".join(str(d.where.column) for d in telling)
        by = f" Most telling: {names}." if names else ""
        yield Finding(
            Status.FAIL,
            "Current rows can be told from those of the reference.",
            "Of 100 pairs of a current and an earlier row, a small model puts "
            f"{100 * found.auc.value:.0f} in the right order (likely {100 * found.auc.low:.0f} to "
            f"{100 * found.auc.high:.0f}; 50 is chance).{by}",
            "Look at the most telling columns, one by one and in pairs.",
            estimates=(found.auc, *telling),
        )
    if change is not None:
        worse = change.low > 0 if change.where.metric != "accuracy" else change.high < 0
        notable = min(abs(change.low), abs(change.high)) > 0.2 * context.options.gap
        if worse and notable:
            yield _costs(change)


def _costs(change: Estimate) -> Finding:
    metric = (change.where.metric or "").replace("_", " ")
    if change.where.metric == "accuracy":
        said = f"{100 * change.value:+.1f} points of accuracy, likely {100 * change.low:+.1f} to "
        said += f"{100 * change.high:+.1f}"
    else:
        said = f"{change.value:+.4g} of {metric}, likely {change.low:+.4g} to {change.high:+.4g}"
    return Finding(
        Status.FAIL,
        "The changed mix of inputs is expected to cost the model.",
        f"If the reference were mixed as the current rows are, the change would be {said}.",
        "Collect labels of current rows, and fit the model again on them.",
        estimates=(change,),
    )


def _figures(drops: list[Estimate]) -> tuple[Figure, ...]:
    shown = sorted(drops, key=lambda d: -d.value)[:12]
    if not shown:
        return ()
    return (
        Figure(
            "interval",
            "By what now and then are told apart",
            "How much of the area under the curve is lost without the values of a column.",
            {
                "area lost": {
                    "label": [str(d.where.column) for d in shown],
                    "value": [d.value for d in shown],
                    "low": [d.low for d in shown],
                    "high": [d.high for d in shown],
                }
            },
            {"bound": 0.0, "x_title": "Area lost"},
        ),
    )

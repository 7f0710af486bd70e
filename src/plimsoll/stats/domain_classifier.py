"""Can a model tell current rows from reference rows? Drift of all columns together.

A small gradient-boosted classifier learns which table a row came from, and is asked about rows that it
did not learn from (five folds). Its area under the ROC curve is 0.5 where the tables are alike, and above
it also where only the way in which columns go together has changed. What it leans on are the most
telling columns, and its odds say how much oftener a row like this comes now (``density_ratio.py``).

Each pair of folds is compared twice (each learns from the other), so the AUC varies more than DeLong's
formula says: 1.2 to 1.6 times as much, simulated at 400 and 2,000 rows and AUCs of 0.5 to 0.72. The
interval is 1.5 times as wide as DeLong's. The p-value does not lean on that: labels are shuffled.

Source: Lopez-Paz and Oquab (2017), "Revisiting classifier two-sample tests", arXiv:1610.06545.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from plimsoll.core.estimate import Estimate, Where
from plimsoll.stats.auc import left_out, roc_auc
from plimsoll.stats.density_ratio import density_ratio, kish
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.paired import auc_difference, jackknife_difference
from plimsoll.stats.score_cells import ScoreCells, cells_of

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

NAME = "domain_classifier_auc"
FOLDS = 5
LEAST_ROWS = 50
"""Rows of either table below which there is nothing to learn from."""
WIDER = 1.5
SHUFFLES = 10
SHUFFLED_ROWS = 2_000
ASKED_CELLS = 400_000
"""Rows times columns that are shuffled to find the telling columns; fewer rows where columns are many."""
FEW_BINS, MANY_BINS = 63, 255


@dataclass(frozen=True, eq=False)
class Joint:
    """Rows of both tables for the domain classifier.

    ``features`` (n, d): numbers, NaN where missing, and codes from 0 of categories where ``categorical``
    (d,) says so. ``current`` (n,) tells the current rows. ``keys`` (n,) are hashes that deal the folds;
    ``buckets`` (n,) are those of rows that hang together, which then stay in one fold.

    Raises
    ------
    ValueError
        If shapes do not match or a category has a code above 254.
    """

    features: FloatArray
    current: BoolArray
    keys: npt.NDArray[np.uint64] | IntArray
    categorical: BoolArray | None = None
    buckets: IntArray | None = None

    def __post_init__(self) -> None:
        n, d = self.features.shape
        per_row = (self.current, self.keys, self.buckets)
        if any(x is not None and x.shape != (n,) for x in per_row):
            raise ValueError(f"current, keys and buckets must have one entry for each of {n} rows")
        if self.categorical is not None and self.categorical.shape != (d,):
            raise ValueError(f"categorical must have one entry for each of {d} features")
        if self.most_categories > MANY_BINS:
            raise ValueError(f"codes of categories must be below {MANY_BINS}; pool the rare ones")

    @property
    def most_categories(self) -> int:
        """Categories of the feature that has most of them."""
        if self.categorical is None or not self.categorical.any() or not self.features.size:
            return 0
        codes = self.features[:, self.categorical]
        return int(np.max(codes, initial=-1.0, where=np.isfinite(codes))) + 1

    @property
    def folds(self) -> IntArray:
        """The fold of each row, (n,)."""
        dealt = self.keys if self.buckets is None else self.buckets
        return (dealt % np.asarray(FOLDS, dealt.dtype)).astype(np.int64)

    def at(self, rows: IntArray, current: BoolArray | None = None) -> Joint:
        """Return some of the rows, with other labels if given."""
        return Joint(
            self.features[rows],
            (self.current if current is None else current)[rows],
            self.keys[rows],
            self.categorical,
            None if self.buckets is None else self.buckets[rows],
        )


@dataclass(frozen=True, eq=False)
class JointDrift:
    """What the domain classifier found.

    ``auc`` is the ``domain_classifier_auc``; ``p`` the p-value of no difference, None where it was not asked
    for, as the interval reaches down to the floor. ``drops`` are the losses of
    AUC with the values of one column, or set of columns, shuffled, in the order asked. ``weights`` (rows of
    the reference) average 1 and make the reference look like the current rows; they are worth
    ``effective_rows`` rows (Kish: ``(sum w)^2 / sum w^2``).
    """

    auc: Estimate
    p: float | None
    drops: tuple[Estimate, ...]
    weights: FloatArray
    effective_rows: float


def domain_classifier(
    joint: Joint,
    *,
    rng: np.random.Generator,
    columns: Sequence[Sequence[int]] | None = None,
    floor: float | None = None,
    level: float = 0.95,
) -> JointDrift | None:
    """Tell how well the tables can be told apart, by what, and how to weigh one to look like the other.

    ``columns`` are sets of features that belong together (a number and its missing flag, columns that say
    the same), each feature by itself if left out. None where a table has fewer than 50 rows or a fold
    lacks one of them. With a ``floor`` the p-value, which takes most of the time, is found only where the
    interval lies above 0.5 by more than that.

    The p-value: the AUC over its standard error is held against that of ten tables with shuffled labels (of
    up to 2,000 rows, folds and all) by Student's t of a new observation, ``(T - mean) / (s sqrt(1 + 1/10))``
    with 9 degrees of freedom. Ten shuffles by themselves could not fall below 1/11. Where rows hang together
    both sides of whole buckets change places instead. Simulated without drift, 100 runs each: at most 0.05
    in 3 to 8 of them and at most 0.01 in none or one, with 40 clusters too (``benchmarks/FALSE_ALARMS.md``).

    About 2 s for 20,000 rows of 20 columns.
    """
    import sklearn.ensemble  # noqa: F401  The controller knows only what is loaded.
    from threadpoolctl import ThreadpoolController

    # Small fits: threads would wait for each other, for minutes where the cores are busy.
    with ThreadpoolController().limit(limits=1, user_api="openmp"):
        fitted = _fit(joint)
        if fitted is None:
            return None
        auc = _auc(joint, fitted.scores, level)
        if auc is None:
            return None
        wide = _wider(auc)
        asked = floor is None or wide.low > 0.5 + floor
        p = _p_value(joint, auc, rng, level) if asked else None
        every = [[i] for i in range(joint.features.shape[1])]
        drops = _drops(joint, fitted, every if columns is None else columns, rng, level)
    weights = density_ratio(fitted.scores, joint.current)
    return JointDrift(wide, p, drops, weights, kish(weights))


@dataclass(frozen=True, eq=False)
class _Fitted:
    """The models of the folds and the out-of-fold log odds of "current" at equal numbers, (n,)."""

    ask: tuple[Callable[[FloatArray], FloatArray], ...]
    scores: FloatArray


def _fit(joint: Joint) -> _Fitted | None:
    n = joint.current.size
    if min(int(joint.current.sum()), n - int(joint.current.sum())) < LEAST_ROWS:
        return None
    folds = joint.folds
    out, ask = np.empty(n), []
    for fold in range(FOLDS):
        inside = folds == fold
        label = joint.current[~inside]
        if label.all() or not label.any() or not inside.any():
            return None
        share = float(label.mean())
        model = _classifier(joint).fit(joint.features[~inside], label)
        ask.append(_log_odds(model, math.log(share / (1.0 - share))))
        out[inside] = ask[-1](joint.features[inside])
    return _Fitted(tuple(ask), out)


def _classifier(joint: Joint) -> HistGradientBoostingClassifier:
    from sklearn.ensemble import HistGradientBoostingClassifier

    some = joint.categorical is not None and bool(joint.categorical.any())
    return HistGradientBoostingClassifier(
        max_iter=30,
        max_leaf_nodes=8,
        learning_rate=0.15,
        min_samples_leaf=20,
        max_bins=FEW_BINS if joint.most_categories <= FEW_BINS else MANY_BINS,
        early_stopping=False,
        categorical_features=joint.categorical if some else None,
        random_state=0,
    )


def _log_odds(
    model: HistGradientBoostingClassifier, prior: float
) -> Callable[[FloatArray], FloatArray]:
    """Return the log odds less those of the rows that were learnt from, which differ by fold."""
    return lambda rows: np.asarray(model.decision_function(rows), np.float64) - prior


def _auc(joint: Joint, scores: FloatArray, level: float) -> Estimate | None:
    found = roc_auc(_cells(joint, scores), level=level)
    return None if found is None else found.named(NAME)


def _cells(joint: Joint, scores: FloatArray) -> ScoreCells:
    return cells_of(scores, joint.current, groups=joint.buckets)


def _wider(auc: Estimate) -> Estimate:
    """Return the AUC with the interval that folds which learn from each other ask for."""
    low = max(auc.value - WIDER * (auc.value - auc.low), 0.0)
    high = min(auc.value + WIDER * (auc.high - auc.value), 1.0)
    return replace(auc, low=low, high=high, method=f"{auc.method}, widened for folds")


def _p_value(joint: Joint, auc: Estimate, rng: np.random.Generator, level: float) -> float:
    null = []
    for _ in range(SHUFFLES):
        rows = _some(joint, SHUFFLED_ROWS, rng)
        part = joint.at(rows)
        shuffled = part.at(np.arange(rows.size), _shuffled(part, rng))
        fitted = _fit(shuffled)
        found = None if fitted is None else _auc(shuffled, fitted.scores, level)
        if found is not None and found.half_width > 0.0:
            null.append((found.value - 0.5) / found.half_width)
    if len(null) < 3 or auc.half_width <= 0.0:
        return 1.0 if auc.value <= 0.5 or len(null) < 3 else 0.0
    spread = float(np.std(null, ddof=1)) * math.sqrt(1.0 + 1.0 / len(null))
    t = ((auc.value - 0.5) / auc.half_width - float(np.mean(null))) / spread
    return float(stdtr(len(null) - 1, -t))


def _some(joint: Joint, most: int, rng: np.random.Generator) -> IntArray:
    n = joint.current.size
    rows = np.arange(n) if n <= most else np.sort(rng.choice(n, most, replace=False))
    return rows.astype(np.int64)


def _shuffled(joint: Joint, rng: np.random.Generator) -> BoolArray:
    """Return labels as they could be without drift: shuffled, or changed over in whole buckets."""
    if joint.buckets is None:
        return rng.permutation(joint.current)
    turned = rng.random(int(joint.buckets.max()) + 1) < 0.5
    return joint.current ^ turned[joint.buckets]


def _drops(
    joint: Joint,
    fitted: _Fitted,
    columns: Sequence[Sequence[int]],
    rng: np.random.Generator,
    level: float,
) -> tuple[Estimate, ...]:
    rows = _some(joint, max(ASKED_CELLS // max(len(columns), 1), 1_000), rng)
    part, scores = joint.at(rows), fitted.scores[rows]
    out = []
    for column in columns:
        drop = _drop(part, scores, _without(part, fitted, list(column), rng), level)
        if drop is not None:
            out.append(drop)
    return tuple(out)


def _without(
    joint: Joint, fitted: _Fitted, columns: list[int], rng: np.random.Generator
) -> FloatArray:
    """Return out-of-fold scores with the values of some columns dealt anew within each fold."""
    out, folds = np.empty(joint.current.size), joint.folds
    for fold, ask in enumerate(fitted.ask):
        inside = np.flatnonzero(folds == fold)
        if inside.size:
            rows = joint.features[inside]
            rows[:, columns] = rows[rng.permutation(inside.size)][:, columns]
            out[inside] = ask(rows)
    return out


def _drop(joint: Joint, full: FloatArray, without: FloatArray, level: float) -> Estimate | None:
    if joint.buckets is None:
        paired = auc_difference(joint.current, full, without, level=level)
        return None if paired is None else paired.difference.at(Where(metric=NAME))
    cells = [_cells(joint, scores) for scores in (full, without)]
    values = [roc_auc(part, level=level) for part in cells]
    if values[0] is None or values[1] is None:
        return None
    return jackknife_difference(
        NAME,
        (values[0].value, values[1].value),
        (left_out(cells[0]), left_out(cells[1])),
        cells[0].by_group.sum(axis=(0, 2)),
        rows=joint.current.size,
        level=level,
    )

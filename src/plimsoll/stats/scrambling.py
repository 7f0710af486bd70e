"""What is left when the labels are dealt out anew: a p-value for a fit, and an alarm for leaks.

With labels dealt to the rows at random the inputs tell nothing, so two things must hold. A fit on true
labels must beat almost all fits on scrambled ones (the permutation test, ``p = (1 + #{scrambled >= observed})
/ (1 + B)``, Phipson and Smyth 2010, doi:10.2202/1544-6115.1585). And a whole experiment on scrambled labels
must score what can be had without inputs: if it scores better, it saw the labels that it was scored on, as
where inputs were selected on all rows before cross-validation (Hastie, Tibshirani and Friedman 2009, section
7.10.2).

What can be had without inputs (*blind*) is the best expected score of an answer that does not look at the
row: the share of the largest class for an accuracy, 1/2 for an area under the ROC curve, 0 for R2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status
from plimsoll.stats.interval import t_quantile

Floats = npt.NDArray[np.float64]
LEAST = 5
"""Scrambled runs below which nothing is said."""
FLOOR = 0.01
"""How much better than blind, in units of a score from 0 to 1, is worth an alarm."""
CLEARLY = 0.8
"""A score below this share of what a constant errs in is taken for a share of wrong answers."""
ROOM = 0.05
"""A leak that is surely below this is none to speak of."""


@dataclass(frozen=True)
class Blind:
    """The best score without inputs, which way is better, and in words what was assumed."""

    score: float
    higher_is_better: bool
    said: str
    assumed: bool = False


def permutation_p(
    observed: float, scrambled: npt.ArrayLike, *, higher_is_better: bool = True
) -> float:
    """Return the p-value of a score against scores with scrambled labels.

    >>> permutation_p(0.9, [0.5, 0.6, 0.4])
    0.25
    """
    others = np.asarray(scrambled, dtype=np.float64)
    return (1 + _reached(observed, others, higher_is_better)) / (1 + others.size)


def permutation_estimate(
    name: str,
    observed: float,
    scrambled: npt.ArrayLike,
    *,
    higher_is_better: bool = True,
    level: float = 0.95,
) -> Estimate | None:
    """Return the p-value, with the interval of the one that unlimited scrambles would give.

    Clopper and Pearson's (doi:10.1093/biomet/26.4.404) for the share of scrambles that reach the
    observed score. None without any.
    """
    others = np.asarray(scrambled, dtype=np.float64)
    if not others.size:
        return None
    k, b = _reached(observed, others, higher_is_better), others.size
    tail = (1.0 - level) / 2.0
    low = float(betaincinv(k, b - k + 1, tail)) if k > 0 else 0.0
    high = float(betaincinv(k + 1, b - k, 1.0 - tail)) if k < b else 1.0
    p = permutation_p(observed, others, higher_is_better=higher_is_better)
    method = "permutation of the labels, Clopper-Pearson over scrambles"
    return Estimate(name, p, min(low, p), max(high, p), level, b, method)


def mean_of_runs(name: str, scores: npt.ArrayLike, *, level: float = 0.95) -> Estimate | None:
    """Return the mean score of several runs with Student's interval; None for fewer than two."""
    held = np.asarray(scores, dtype=np.float64)
    if held.size < 2:
        return None
    reach = float(t_quantile(level, held.size - 1.0) * held.std(ddof=1) / np.sqrt(held.size))
    value = float(held.mean())
    return Estimate(name, value, value - reach, value + reach, level, held.size, "t, over runs")


def canary(scrambled: Estimate, blind: Blind) -> Status:
    """Return FAIL where the mean score on scrambled labels is surely better than blind by the floor.

    PASS where it is surely better by less than five such floors, UNSURE else or with fewer than five
    runs. For a score without a scale (an error in the unit of the target) the floor is a hundredth of the
    blind score.
    """
    scale = max(abs(blind.score), 1.0)
    sign = 1.0 if blind.higher_is_better else -1.0
    ends = sorted((sign * (scrambled.low - blind.score), sign * (scrambled.high - blind.score)))
    if scrambled.n < LEAST:
        return Status.UNSURE
    if ends[0] > FLOOR * scale:
        return Status.FAIL
    return Status.PASS if ends[1] <= ROOM * scale else Status.UNSURE


def blind_score(measure: str | None, target: Floats, classes: int, observed: float) -> Blind | None:
    """Return what an experiment can score without inputs, or None where that cannot be told.

    ``target`` (rows,) holds class codes (the positive one is 1 of two) or numbers, ``classes`` is 0 in a
    regression. ``measure`` is what the experiment says it returns, with ``neg_`` before a loss whose sign
    was turned. Where it says nothing, a score on true labels from 0 to 1 (``observed``) is taken for a share
    of right answers, or of wrong ones where it lies clearly below what a constant errs in; in a
    regression for R2.
    """
    if measure is not None:
        turned = measure.startswith("neg_")
        found = _known(measure.removeprefix("neg_"), target, classes)
        if found is None:
            return None
        score, higher = found
        said = f"{measure.replace('_', ' ')}, as the experiment states"
        return Blind(-score if turned else score, not higher if turned else higher, said)
    if classes == 0:
        said = "R2, or another score that is 0 for a constant answer"
        return Blind(0.0, True, said, assumed=True) if observed <= 1.0 else None
    if not 0.0 <= observed <= 1.0:
        return None
    share = max(float(_shares(target, classes).max()), 0.5)
    if observed < CLEARLY * (1.0 - share):
        return Blind(1.0 - share, False, "a share of wrong answers", assumed=True)
    return Blind(
        share, True, "a share of right answers, or an area under the ROC curve", assumed=True
    )


def _known(name: str, target: Floats, classes: int) -> tuple[float, bool] | None:
    if classes == 0:
        mean, middle = float(target.mean()), float(np.median(target))
        spread = float(target.var())
        return {
            "r2": (0.0, True),
            "mean_absolute_error": (float(np.abs(target - middle).mean()), False),
            "mean_squared_error": (spread, False),
            "root_mean_squared_error": (float(np.sqrt(np.square(target - mean).mean())), False),
        }.get(name)
    shares = _shares(target, classes)
    held = shares[shares > 0]
    whole = float(1.0 - held @ held)
    found = {
        "accuracy": (float(held.max()), True),
        "balanced_accuracy": (1.0 / held.size, True),
        "roc_auc": (0.5, True),
        "matthews_corrcoef": (0.0, True),
        "log_loss": (float(-(held @ np.log(held))), False),
        "brier_score": (whole / 2.0 if classes == 2 else whole, False),
        "error": (float(1.0 - held.max()), False),
    }
    if classes == 2:
        share = float(shares[1])
        found["average_precision"] = found["precision"] = (share, True)
        found["f1"] = (2.0 * share / (1.0 + share), True)
    return found.get(name)


def _shares(target: Floats, classes: int) -> Floats:
    counts = np.bincount(target.astype(np.int64), minlength=classes).astype(np.float64)
    out: Floats = counts / counts.sum()
    return out


def _reached(observed: float, others: Floats, higher: bool) -> int:
    return int((others >= observed).sum() if higher else (others <= observed).sum())

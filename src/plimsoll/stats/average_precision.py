"""How pure the top of a ranking is: average precision.

``AP = sum over distinct scores of (share of positives there) * precision at that score``, from the
top, without interpolation, as scikit-learn has it.

The interval is Wilson's with the effective number of rows that the leave-one-row-out variance implies
(mixed with that of a plain share of the positives, as if seen in 2 more of them), and few degrees of
freedom where few rows carry that variance or few are positive. In simulations at nominal 95 % it
covered 93 to 99 % from 5 positives up at AUC .5 to .98, where the percentile bootstrap covered 59 to
95 %, its bias-corrected form 60 to 96 % and a logit interval 59 to 97 %. AP is biased upwards with few
positives (a random ranking of 5 among 50 rows averages .17, not .10), and no interval around it mends
that: with one or two positives it covers 82 to 100 %.
"""

from __future__ import annotations

import math

import numpy as np

from plimsoll.core.estimate import Estimate
from plimsoll.stats.interval import FloatArray, Spread, Spreads, ratio
from plimsoll.stats.proportion import effective_wilson, effective_wilson_band
from plimsoll.stats.resample import influence, jackknife, leave_one_out, leave_one_out_spreads
from plimsoll.stats.score_cells import ScoreCells

PRIOR_POSITIVES = 2.0


def average_precision(cells: ScoreCells, *, level: float = 0.95) -> Estimate | None:
    """Return the average precision with its interval, or None where one class is missing.

    With groups the variance is a delete-a-group jackknife's, with weights an infinitesimal
    jackknife's. See the module.
    """
    if cells.one_class:
        return None
    negative, positive = cells.masses[:, ::-1]
    value = min(float(precision_area(negative, positive)), 1.0)
    spread: Spread | None
    unseen = cells.effective[1]
    if cells.grouped:
        by_group = cells.by_group[:, :, ::-1]
        spread = jackknife(left_out(by_group), by_group.sum(axis=(0, 2)))
        unseen = float((by_group[1].sum(axis=1) > 0).sum())
        method = "Wilson, delete-a-group jackknife"
    elif cells.weights is None:
        spread = leave_one_out(
            without_row(negative, positive).ravel(), cells.masses[:, ::-1].ravel()
        )
        method = "Wilson, leave-one-out variance"
    else:
        flipped = (x[:, ::-1].ravel() for x in (cells.counts, cells.masses, cells.squared))
        spread = influence(slopes(negative, positive).ravel(), *flipped)
        method = "Wilson, infinitesimal jackknife of the weights"
    if cells.grouped:
        if spread is None:
            return None
        spread = spread.rests_on(unseen)
    else:
        spread = _mixed(value, spread, unseen)
    low, high = effective_wilson(value, spread, level=level, unseen=unseen)
    return Estimate(
        "average_precision", value, min(low, value), max(high, value), level, cells.rows, method
    )


def average_precision_bands(
    negative: FloatArray, positive: FloatArray, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return value, low and high of many sets of independent unweighted rows.

    Counts (S, m) by cell in descending order of score. NaN where one class is missing.
    """
    positives = positive.sum(axis=-1)
    known = (positives > 0) & (negative.sum(axis=-1) > 0)
    hits = np.cumsum(positive, axis=-1)
    share = hits / np.maximum(hits + np.cumsum(negative, axis=-1), 1.0)
    value = np.minimum((positive * share).sum(axis=-1) / np.maximum(positives, 1.0), 1.0)
    without = np.concatenate(tuple(without_row(negative, positive)), axis=-1)
    counts = np.concatenate((negative, positive), axis=-1)
    spread = _mixed_bands(value, leave_one_out_spreads(without, counts), positives)
    low, high = effective_wilson_band(value, spread, level=level, unseen=positives)
    low, high = np.minimum(low, value), np.maximum(high, value)
    gone = math.nan
    return np.where(known, value, gone), np.where(known, low, gone), np.where(known, high, gone)


def _mixed(value: float, seen: Spread | None, positives: float) -> Spread:
    """Return the spread mixed with that of a share of the positives, as if seen in 2 more of them.

    ``seen`` is None where a single positive is all there is.
    """
    of = Spreads.of(Spread(math.nan) if seen is None else seen)
    mixed = _mixed_bands(np.asarray(value), of, np.asarray(positives))
    return Spread(float(mixed.se), float(mixed.df))


def _mixed_bands(value: FloatArray, seen: Spreads, positives: FloatArray) -> Spreads:
    own = np.maximum(positives - 1.0, 0.0)
    is_seen = np.isfinite(seen.se)
    variance = np.where(is_seen, own * seen.se**2, 0.0)
    variance += PRIOR_POSITIVES * ratio(value * (1.0 - value), positives, 0.0)
    df = np.where(is_seen, np.minimum(seen.df, own), own) + PRIOR_POSITIVES
    return Spreads(np.sqrt(variance / (own + PRIOR_POSITIVES)), df, np.zeros_like(df))


def precision_area(negative: FloatArray, positive: FloatArray) -> FloatArray:
    """Return the average precision of masses (..., m) in descending order of score; NaN if none."""
    hits = np.cumsum(positive, axis=-1)
    taken = hits + np.cumsum(negative, axis=-1)
    total = hits[..., -1]
    return ratio((positive * ratio(hits, taken, 0.0)).sum(axis=-1), total)


def left_out(by_group: FloatArray) -> FloatArray:
    """Return the average precision without each group, (G,), from masses (2, G, m) descending."""
    total = by_group.sum(axis=1)
    out = np.empty(by_group.shape[1])
    for group in range(out.size):  # One group at a time: 64 copies of all cells would not fit.
        rest = np.maximum(total - by_group[:, group], 0.0)
        known = rest[1].sum() > 1e-12 * total[1].sum()
        out[group] = precision_area(rest[0], rest[1]) if known else np.nan
    return out


def without_row(negative: FloatArray, positive: FloatArray) -> FloatArray:
    """Return the average precision without one row of each label and cell, shape (2, ..., m).

    Negatives first; counts (..., m) in descending order of score. Without a row of cell i the cells
    above i are as they were, and those from i on have one row less above them, so two running
    sums give all 2 m values. NaN without the only positive.
    """
    hits = np.cumsum(positive, axis=-1)
    taken = hits + np.cumsum(negative, axis=-1)
    total = hits[..., -1:]
    share = positive * (hits / np.maximum(taken, 1.0))
    above = np.cumsum(share, axis=-1) - share
    rest = np.where(taken > 1.0, 1.0 / np.maximum(taken - 1.0, 1.0), 0.0)
    less_taken = positive * hits * rest
    fewer = (hits - 1.0) * rest
    less_both = positive * fewer
    below_taken = _from_here(less_taken)
    below_both = _from_here(less_both) - fewer
    out = np.empty((2, *above.shape))
    np.divide(above + below_taken, np.maximum(total, 1.0), out=out[0])
    out[1] = ratio(above + below_both, np.broadcast_to(total - 1.0, above.shape))
    return out


def slopes(negative: FloatArray, positive: FloatArray) -> FloatArray:
    """Return the derivative of average precision by the weight of a row, shape (2, m).

    Negatives first; masses (m,) in descending order of score.
    """
    hits = np.cumsum(positive)
    taken = hits + np.cumsum(negative)
    total = hits[-1]
    share = ratio(hits, taken, 0.0)
    value = float(positive @ share) / total
    lost = _from_here(positive * ratio(share, taken, 0.0))
    gained = _from_here(positive * ratio(np.ones_like(taken), taken, 0.0))
    return np.stack([-lost / total, (share - value + gained - lost) / total])


def _from_here(x: FloatArray) -> FloatArray:
    sums: FloatArray = np.cumsum(x[..., ::-1], axis=-1)[..., ::-1]
    return sums

"""How bad the loss is in the worst part of the rows: a bound for every subpopulation of that size.

The *conditional value at risk* at a share of 0.1 is the mean loss of the tenth of the rows that lose most. No
tenth of the population, however it is chosen, can have a larger mean loss, so what keeps a limit there keeps
it in every subpopulation of at least a tenth. It is an upper bound: the worst tenth is known only once the
labels are, and most of its rows may be there by bad luck. :func:`mean_of_worst` is the other side: the loss
of rows that were picked by their inputs alone, by a rule that was learnt on other rows.

For a loss that varies (log loss, Brier score, absolute error). A loss of 0 or 1 says nothing: as soon as more
rows are wrong than the share, the worst are all wrong.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from plimsoll.stats.influence import Value
from plimsoll.stats.interval import Limits, skew_corrected, spread_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SHARES = (0.5, 0.2, 0.1, 0.05)
"""The shares of the rows that are reported."""


def conditional_value_at_risk(losses: Floats, share: float, weights: Floats | None = None) -> Value:
    """Return the mean loss of the worst ``share`` of the rows, with the influence of every row.

    ``min_c c + mean(max(loss - c, 0)) / share``, attained at the quantile ``c``; its influence is
    ``c + max(loss - c, 0) / share`` less the value (Rockafellar and Uryasev 2000, doi:10.21314/JOR.2000.038).
    As a bound over subpopulations: Li, Namkoong and Xia 2021, arXiv:2107.00741. ``losses`` and ``weights``
    have shape (rows,).

    >>> conditional_value_at_risk(np.array([1.0, 2.0, 3.0, 4.0]), 0.5).value
    3.5

    Raises
    ------
    ValueError
        If there are no rows, or ``share`` is not above 0 and at most 1.
    """
    if not 0.0 < share <= 1.0 or losses.size == 0:
        raise ValueError(f"share must be above 0 and at most 1 of one row or more; got {share}")
    base = np.ones(losses.size) if weights is None else weights
    unit = base * (base.size / base.sum())
    cut = _upper_quantile(losses, unit, share)
    above = cut + np.maximum(losses - cut, 0.0) / share
    value = float(unit @ above / unit.size)
    return Value(value, unit * (above - value))


def mean_of_worst(
    losses: Floats,
    predicted: Floats,
    share: float,
    fold: Ints | None = None,
    weights: Floats | None = None,
) -> Value:
    """Return the mean loss of the ``share`` of the rows that was predicted to lose most.

    ``predicted`` (rows,) must not have been learnt from these rows: with two halves, that of each half from
    the other. ``fold`` (rows,) then keeps the halves apart, for predictions of two fits do not compare; the
    worst share of each is taken. Rows with equal predictions at the edge count in part. The rule is taken as
    it is, so the interval is for the rows that it picks.

    Simulated coverage at nominal 95 % (1,000 rows, log loss, shares 0.5 to 0.05): 95 to 96 %.
    """
    base = np.ones(losses.size) if weights is None else weights
    mass = base * worst_part(predicted, share, fold, base)
    total = float(mass.sum())
    if total <= 0:
        raise ValueError("no row has a weight above 0")
    value = float(mass @ losses / total)
    return Value(value, mass * (losses - value) * (losses.size / total))


def worst_part(
    predicted: Floats,
    share: float,
    fold: Ints | None = None,
    weights: Floats | None = None,
) -> Floats:
    """Return how much of each row is in the part predicted to be worst, 0 to 1, shape (rows,).

    See :func:`mean_of_worst`; a row is in it in part only where its prediction is that of the edge.
    """
    base = np.ones(predicted.size) if weights is None else weights
    halves = np.zeros(predicted.size, dtype=np.int64) if fold is None else fold
    picked = np.zeros(predicted.size)
    for half in np.unique(halves):
        inside = halves == half
        if base[inside].sum() > 0:
            picked[inside] = _worst_part(predicted[inside], base[inside], share)
    return picked


def tail_interval(
    found: Value, clusters: Ints | None = None, *, level: float = 0.95
) -> Limits | None:
    """Return the interval of a mean of losses, corrected for their skewness; None for fewer than two parts.

    Hall's transformation with the degrees of freedom that the largest losses leave, see
    :func:`plimsoll.stats.interval.skew_corrected`. Simulated coverage of the conditional value at risk at
    nominal 95 % (1,000 rows; normal, exponential and log losses; shares 0.5 to 0.05): 94 to 96 %.
    """
    rows = max(found.influence.size, 1)
    sums = found.influence if clusters is None else np.bincount(clusters, found.influence)
    parts = sums.size
    spread = spread_of(sums / rows, scale=parts / max(parts - 1.0, 1.0))
    return None if spread is None else skew_corrected(found.value, spread, level=level)


def _upper_quantile(losses: Floats, unit: Floats, share: float) -> float:
    """Return the loss above which at most this share of the weight lies."""
    order = np.argsort(-losses, kind="stable")
    upto = np.cumsum(unit[order]) / unit.sum()
    at = min(int(np.searchsorted(upto, share * (1.0 - 1e-12))), losses.size - 1)
    return float(losses[order[at]])


def _worst_part(predicted: Floats, base: Floats, share: float) -> Floats:
    """Return how much of each row counts, 0 to 1, so that this share of the weight does."""
    unit = base / base.sum()
    cut = _upper_quantile(predicted, unit, share)
    over, equal = predicted > cut, predicted == cut
    left = max(share - float(unit[over].sum()), 0.0)
    edge = float(unit[equal].sum())
    return np.where(over, 1.0, np.where(equal, min(left / edge, 1.0) if edge > 0 else 0.0, 0.0))

"""CORP: how much of a probability's error is miscalibration, and how much its order is worth.

The labels are averaged by isotonic regression on the score (pool adjacent violators), which needs
no bins. With ``S`` the mean squared error of the scores, ``S_c`` that of the recalibrated values and
``S_r`` that of the base rate,

    miscalibration  MCB = S - S_c        0 is best
    discrimination  DSC = S_r - S_c      more is better
    uncertainty     UNC = S_r = base rate (1 - base rate)
    S = MCB - DSC + UNC                  exactly

Source: Dimitriadis, Gneiting and Jordan (2021), "Stable reliability diagrams for probabilistic
classifiers", PNAS 118(8), doi:10.1073/pnas.2016191118.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import optimize

from plimsoll.core.estimate import Estimate
from plimsoll.stats.calibration_cells import Cells, centred, effective_rows
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.proportion import effective_wilson

IntArray = npt.NDArray[np.int64]
Losses = tuple[FloatArray, FloatArray]

OPTIMISM = (1.25, 1.65)
"""Optimism of isotonic regression, in units of ``sum over steps of p (1 - p) / n``.

The fit follows the noise, so MCB and DSC both come out too large by the same amount. For a flat
truth the amount is about 1.2 of these units and for a rising one about 1.4 to 1.65 (simulated at
50 to 50,000 rows); theory bounds it between 1 and 2 (the degrees of freedom of this projection are
its steps: Meyer and Woodroofe 2000, doi:10.1214/aos/1015956708). The upper end of an interval
takes the small figure off, the lower end the large one.
"""
OPTIMISM_SPREAD = 3.0
"""Variance of the optimism, in units of ``sum over steps of (p (1 - p))^2 / n^2`` (flat truth)."""
POINTS = 400
HISTOGRAM_BINS = 20


@dataclass(frozen=True, eq=False)
class Corp:
    """The decomposition and the recalibrated values; see the module.

    ``recalibrated`` (m,) belongs to the cells; step ``i`` of it holds the cells ``steps[i]`` to
    ``steps[i + 1] - 1``.
    """

    brier_score: float
    mcb: float
    dsc: float
    unc: float
    recalibrated: FloatArray
    steps: IntArray


@dataclass(frozen=True)
class Curve:
    """A reliability diagram to be drawn: at most 400 points, no rows.

    ``recalibrated`` against ``score`` follows the steps of the fit (two points a step). ``low`` and
    ``high`` are the consistency band: where the curve of a calibrated model would lie at each point
    with the stated probability. ``edges`` (21,) and ``rows`` (20,) are a histogram of the scores.
    """

    score: tuple[float, ...]
    recalibrated: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    edges: tuple[float, ...]
    rows: tuple[float, ...]


@dataclass(frozen=True)
class CorpReport:
    """CORP with intervals, the test of perfect calibration and the diagram.

    ``p_value`` is the share of calibrated models on these scores whose MCB is at least as large.
    """

    brier_score: float
    mcb: Estimate
    dsc: Estimate
    unc: Estimate
    p_value: float
    curve: Curve


def corp(cells: Cells) -> Corp:
    """Split the Brier score into miscalibration, discrimination and uncertainty.

    Cost grows with the number of cells only. With bins as cells the Brier score is that of the mean
    score of each bin. With one class only, MCB is the Brier score and the other two are 0.

    >>> found = corp(Cells.of([0.1, 0.4, 0.8], [4, 1, 1], [0, 1, 3]))
    >>> round(found.brier_score, 4), round(found.mcb, 4), round(found.dsc, 4), round(found.unc, 4)
    (0.132, 0.007, 0.115, 0.24)
    """
    fit = optimize.isotonic_regression(cells.positives / cells.weights, weights=cells.weights)
    values = np.clip(fit.x, 0.0, 1.0)
    score, best = _mean_loss(cells, cells.scores), _mean_loss(cells, values)
    unc = cells.base_rate * (1 - cells.base_rate)
    mcb, dsc = max(0.0, score - best), max(0.0, unc - best)
    return Corp(score, mcb, dsc, unc, values, fit.blocks.astype(np.int64))


def corp_report(
    cells: Cells,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
    exact: Cells | None = None,
) -> CorpReport:
    """Tell how well calibrated the scores are, how sure that is, and what a diagram shows of it.

    ``exact`` are the same rows in finer cells, where the cells with groups are coarse: values, UNC
    and the curve are then theirs, and intervals are moved to them.

    Intervals of MCB and DSC: the loss difference against the fitted curve, the curve held fixed
    (it minimises the loss, so its own error enters at second order), with the standard error of
    independent rows or of a delete-a-group jackknife; the optimism of the fit is taken off
    (``OPTIMISM``) and its spread put in. An interval always holds the plain value, which overstates
    both; the lower end of MCB is 0 unless the test of calibration rejects at ``1 - level``. UNC
    takes the Wilson interval of the base rate through p (1 - p). With one class only, DSC may be
    anything up to UNC. The bootstrap would not do: isotonic regression is no regular case.

    The test and the band draw labels from the scores themselves, ``resamples`` times, on at most
    1,024 pooled cells; where rows are clustered, residuals of whole groups change sign at random.

    Simulated coverage at nominal 95 % (50, 500 and 5,000 rows; about 50, 10 and 2 % positives;
    calibrated, shifted, over- and underconfident and uninformative models): MCB 93 to 100 %, at or
    near 100 % where the model is calibrated; DSC 91 to 100 %; UNC 93 to 99 %. Not held where few
    positives are expected: MCB and DSC 86 to 87 % with 4 in 5,000 rows. With 40 clusters of 12 rows
    (correlation 0.3) 90 to 100 %, but 84 % for MCB of a timid model with few positives. The test
    rejects a calibrated model in 4 to 8 %.
    """
    found = corp(cells)
    pooled = cells.pooled()
    draws, curves = _calibrated_draws(pooled, resamples, rng)
    seen = found if pooled is cells else corp(pooled)
    p_value = float(1 + np.count_nonzero(draws >= seen.mcb - 1e-12)) / (1 + resamples)
    best = _losses(found.recalibrated)
    flat = _losses(np.full_like(cells.scores, cells.base_rate))
    mcb = _difference(cells, found, "mcb", found.mcb, _losses(cells.scores), best, level)
    if p_value > 1 - level:
        mcb = replace(mcb, low=0.0)
    dsc = _difference(cells, found, "dsc", found.dsc, flat, best, level)
    unc = _uncertainty(cells, found.unc, level)
    if cells.one_class:
        # Nothing was seen of the other label: DSC is anything up to UNC.
        dsc = replace(dsc, high=unc.high)
    if exact is not None:
        found = corp(exact)
        mcb, dsc = centred(mcb, found.mcb, 0.0, 1.0), centred(dsc, found.dsc, 0.0, 1.0)
        unc = replace(unc, value=found.unc)
    at = cells if exact is None else exact
    curve = _curve(at, found, pooled.scores, curves, level)
    return CorpReport(found.brier_score, mcb, dsc, unc, p_value, curve)


def _mean_loss(cells: Cells, values: FloatArray) -> float:
    if_negative, if_positive = _losses(values)
    return float(cells.negatives @ if_negative + cells.positives @ if_positive) / cells.total


def _losses(values: FloatArray) -> Losses:
    return values**2, (1 - values) ** 2


def _difference(
    cells: Cells, found: Corp, name: str, value: float, worse: Losses, better: Losses, level: float
) -> Estimate:
    _, spread = cells.mean(worse[0] - better[0], worse[1] - better[1])
    noise = _step_noise(cells, found)
    error = (spread.se**2 + OPTIMISM_SPREAD * float(noise @ noise)) ** 0.5
    reach = cells.critical(level) * error
    less, more = (factor * float(noise.sum()) for factor in OPTIMISM)
    low = max(0.0, value - more - reach)
    high = min(1.0, max(value, value - less + reach))
    method = f"loss difference less isotonic optimism, {cells.basis}"
    return Estimate(name, value, low, high, level, cells.rows, method)


def _step_noise(cells: Cells, found: Corp) -> FloatArray:
    """Return each step's share in the mean squared error that is noise of its mean, (steps,)."""
    start = found.steps[:-1]
    weight = np.add.reduceat(cells.weights, start)
    rate = found.recalibrated[start]
    if cells.clustered and cells.by_group is not None:
        negatives, positives = np.add.reduceat(cells.by_group, start, axis=2)
        residual = positives * (1 - rate) - negatives * rate
        variance = cells.groups / (cells.groups - 1) * np.sum(residual**2, axis=0)
    else:
        squared = np.add.reduceat(cells.squared.sum(axis=0), start)
        size = weight**2 / squared
        variance = squared * rate * (1 - rate) * size / np.maximum(size - 1, 1)
    noise: FloatArray = variance / weight / cells.total
    return noise


def _uncertainty(cells: Cells, value: float, level: float) -> Estimate:
    zeros = np.zeros_like(cells.scores)
    rate, spread = cells.mean(zeros, zeros + 1)
    low, high = effective_wilson(rate, spread, level=level, unseen=cells.size, most=cells.size)
    ends = low * (1 - low), high * (1 - high)
    top = 0.25 if low <= 0.5 <= high else max(ends)
    method = f"Wilson interval of the base rate, {cells.basis}"
    return Estimate("unc", value, min(*ends, value), max(top, value), level, cells.rows, method)


def _calibrated_draws(
    cells: Cells, resamples: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return MCB (resamples,) and isotonic curves (resamples, m) of calibrated models."""
    shares = _calibrated_shares(cells, resamples, rng)
    s, weights = cells.scores, cells.weights
    curves = np.empty_like(shares)
    for i, share in enumerate(shares):
        curves[i] = optimize.isotonic_regression(share, weights=weights).x
    stated = weights @ s**2 - 2 * shares @ (weights * s)
    # The curve is a projection: its product with the shares is its own square.
    mcb: FloatArray = (stated + (curves**2) @ weights) / cells.total
    return mcb, curves


def _calibrated_shares(cells: Cells, resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return shares of positives by cell (resamples, m) of a model whose scores are all true."""
    s = cells.scores
    if cells.clustered and cells.by_group is not None:
        negatives, positives = cells.by_group
        residual = (positives * (1 - s) - negatives * s) / cells.weights
        signs = rng.choice(np.array([-1.0, 1.0]), (resamples, cells.groups))
        rates: FloatArray = s + signs @ residual
        return rates
    rows = effective_rows(cells.weights, cells.squared.sum(axis=0))
    # Cell by cell: the generator keeps its set-up while rows and probability stay the same.
    counts = rng.binomial(rows[:, None], s[:, None], (s.size, resamples))
    shares: FloatArray = np.ascontiguousarray((counts / rows[:, None]).T)
    return shares


def _curve(cells: Cells, found: Corp, at: FloatArray, curves: FloatArray, level: float) -> Curve:
    first, last = found.steps[:-1], found.steps[1:] - 1
    if first.size > POINTS // 2:
        keep = np.unique(np.linspace(0, first.size - 1, POINTS // 2).round().astype(np.int64))
        first, last = first[keep], last[keep]
    points = np.unique(np.concatenate([first, last]))
    x = cells.scores[points]
    tail = (1 - level) / 2
    low, high = np.clip(np.quantile(curves, [tail, 1 - tail], axis=0), 0.0, 1.0)
    edges = np.linspace(0.0, 1.0, HISTOGRAM_BINS + 1)
    rows = np.histogram(cells.scores, edges, weights=cells.weights)[0]
    lines = x, found.recalibrated[points], np.interp(x, at, low), np.interp(x, at, high)
    return Curve(*(tuple(line.tolist()) for line in (*lines, edges, rows)))

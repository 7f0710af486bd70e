"""How bad does the worst of many slices look by chance? The null distribution of a maximum, by drawing it.

Losses are dealt out anew to the rows, and the worst slice of each deal is kept (Westfall and Young 1993;
Westfall and Troendle 2008, doi:10.1002/bimj.200710456). So slices that overlap cost no more than they should.
If no loss has to do with any slice the chance of an alarm is what it says, for any loss and any number of
rows. If one slice is bad the others keep their null distribution to first order, since every difference is
held against its own standard error (Chung and Romano 2013, doi:10.1214/13-AOS1090):

- right or wrong: that of a draw of so many of all rows, with its skewness;
- other losses, and all with weights: the lesser of that and Welch's t, as losses may spread more in some
  slices than in others. Weights go with their losses: what is dealt out is weight x (loss - mean);
- rows in groups: each group turns its sign (Hemerik, Goeman and Finos 2020, doi:10.1111/rssb.12369),
  and what it adds to a difference is what varies.

Slices stand in one or several parts. Each part's maximum is ranked among its own deals, and the best rank
of a deal among the best ranks of the others, so that each part has about the same say however many slices
it has. ``benchmarks/SLICE_POWER.md`` holds the simulated false alarms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from plimsoll.stats.interval import FloatArray, hall
from plimsoll.stats.slice_confirm import Rows
from plimsoll.stats.slice_lattice import Mask

Singles = npt.NDArray[np.float32]
DEALS, FEW_DEALS, FEW_ROWS = 999, 499, 2_500
"""Deals up to so many rows, and beyond."""
AT_ONCE = 256
"""Slices that are counted together."""
NEAR = 1e-4
"""Statistics that are this near are taken as the same."""
Look = Callable[[Singles, slice], Singles]
"""From losses or signs, (n or groups, deals), how far some of the slices are from the rest, (some, deals)."""


@dataclass(frozen=True, eq=False)
class Maxima:
    """S slices: ``z`` (S,), how far each is from the rest in standard errors, and ``p`` (S,), corrected.

    ``worst`` (parts, 1 + deals) are the largest ``z`` of each part, of the rows as they are and of each
    deal; ``parts`` (parts, S) says which slices stand where.
    """

    z: FloatArray
    p: FloatArray
    worst: FloatArray
    parts: Mask

    def least_z(self, i: int, error: float) -> float:
        """Return how large a z the slice ``i`` needs to have a corrected p-value of at most ``error``."""
        rank = best_ranks(self.worst)
        bar = float(np.quantile(rank, error, method="lower"))
        own = self.worst[self.parts[:, i]]
        return float(np.quantile(own, 1.0 - bar, axis=1, method="higher").min())


def best_ranks(worst: FloatArray) -> FloatArray:
    """Return of each deal the best rank that one of its maxima has in its part, as a share, (1 + deals,)."""
    deals = worst.shape[1]
    ranks = [deals - np.searchsorted(np.sort(part), part - NEAR) for part in worst]
    best: FloatArray = np.min(ranks, axis=0) / deals
    return best


def maxima(inside: Mask, parts: Mask, rows: Rows, *, error: float) -> Maxima | None:
    """Hold slices ``inside`` (S, n) against the rest and against the worst ones of deals by chance.

    ``parts`` (parts, S) says which slice stands in which part. The deals depend on the order of the rows.
    None if no slice has a p-value of ``error`` or less, which is often clear after a few deals, or if all
    losses are the same.
    """
    x = _scores(rows)
    if x is None:
        return None
    many = DEALS if x.size <= FEW_ROWS else FEW_DEALS
    if rows.groups is None:
        look, draws = _dealt(inside, x, plain=rows.simple and rows.binary), _deals(x, many)
        given = x[:, np.newaxis].astype(np.float32)
        z = np.concatenate([look(given, of)[:, 0] for of in _blocks(len(inside))]).astype(float)
    else:
        z, look = _turned(inside, x, rows.groups, rows.weights)
        draws = _signs(int(rows.groups.max()) + 1, many)
    own = np.array([z[part].max(initial=-math.inf) for part in parts])
    worst = own[:, np.newaxis]
    kinds = _kinds(parts)
    for draw in draws:
        worst = np.concatenate([worst, _worst(look, draw, kinds, len(parts))], axis=1)
        as_bad = (worst >= own[:, np.newaxis] - NEAR).sum(axis=1)
        if as_bad.min() > error * (many + 1):
            return None
    p = _corrected(z, parts, worst)
    return Maxima(z, p, worst, parts) if p.min() <= error else None


def _kinds(parts: Mask) -> list[tuple[slice, Mask]]:
    """Return runs of slices, few enough to be counted together, and the parts in which all of a run stand."""
    change = np.flatnonzero((np.diff(parts) != 0).any(axis=0)) + 1
    starts = [0, *change.tolist(), parts.shape[1]]
    return [
        (slice(start, min(start + AT_ONCE, stop)), parts[:, start])
        for low, stop in pairwise(starts)
        for start in range(low, stop, AT_ONCE)
    ]


def _blocks(slices: int) -> list[slice]:
    return [slice(start, start + AT_ONCE) for start in range(0, slices, AT_ONCE)]


def _worst(look: Look, draw: Singles, kinds: list[tuple[slice, Mask]], parts: int) -> FloatArray:
    """Return the largest z of each part and deal, (parts, deals)."""
    out = np.full((parts, draw.shape[1]), -math.inf)
    for of, stands in kinds:
        most = look(draw, of).max(axis=0)
        out[stands] = np.maximum(out[stands], most)
    return out


def _corrected(z: FloatArray, parts: Mask, worst: FloatArray) -> FloatArray:
    """Return the p-value of each slice: how many deals have a maximum of as good a rank."""
    deals = worst.shape[1]
    best = np.sort(best_ranks(worst))
    p = np.ones(z.size)
    for part, own in zip(parts, np.sort(worst[:, 1:], axis=1), strict=True):
        rank = (1 + own.size - np.searchsorted(own, z[part] - NEAR)) / deals
        p[part] = np.minimum(p[part], np.searchsorted(best, rank + 1e-9) / deals)
    return p


def _scores(rows: Rows) -> FloatArray | None:
    """Return what each row adds to a sum that is 0 for all rows, in units of its deviation."""
    w = np.ones(rows.loss.size) if rows.weights is None else rows.weights
    mean = float(w @ rows.loss) / max(float(w.sum()), 1e-300)
    x = w * (rows.loss - mean)
    size = math.sqrt(float(x @ x) / max(x.size, 1))
    return x / size if size > 1e-12 * abs(mean) * float(np.abs(w).max(initial=0.0)) else None


def _deals(x: FloatArray, many: int) -> Iterator[Singles]:
    """Yield the losses dealt out anew, (n, some) at a time."""
    rng = np.random.default_rng(many)
    for some in _steps(many):
        dealt = rng.permuted(np.tile(x.astype(np.float32), (some, 1)), axis=1)
        yield np.ascontiguousarray(dealt.T)


def _signs(groups: int, many: int) -> Iterator[Singles]:
    rng = np.random.default_rng(many)
    for some in _steps(many):
        yield rng.choice(np.array([-1.0, 1.0], np.float32), (groups, some))


def _steps(many: int) -> list[int]:
    """Begin with few, as most tables have nothing to tell."""
    first = min(99, many)
    rest = many - first
    return [first] + [min(300, rest - start) for start in range(0, rest, 300)]


def _dealt(inside: Mask, x: FloatArray, *, plain: bool) -> Look:
    n = float(x.size)
    third = float((x**3).mean()) / max(float((x * x).mean()), 1e-300) ** 1.5
    size = inside.sum(axis=1).astype(np.float64)[:, np.newaxis]
    error = np.sqrt(size * (n - size) / (n - 1.0)).astype(np.float32)
    skew = third * (n - 2.0 * size) / max(n - 2.0, 1.0) * np.sqrt((n - 1.0) / (size * (n - size)))
    bent = np.where(np.abs(skew) < 1e-3, 1e-3, skew).astype(np.float32)

    def look(losses: Singles, of: slice) -> Singles:
        these = inside[of].astype(np.float32)
        sums = these @ losses
        z = _unbent(sums / error[of], bent[of])
        if plain:
            return z
        return np.minimum(z, _welch(sums, these @ (losses * losses), size[of], n))

    return look


def _unbent(z: Singles, skew: Singles) -> Singles:
    """Return z without its skewness, as a gamma variable's cube root (Wilson and Hilferty 1931)."""
    root = np.cbrt(np.maximum(z * (skew / 2.0) + np.float32(1.0), np.float32(0.0)))
    out: Singles = root * (6.0 / skew) + (skew / 6.0 - 6.0 / skew)
    return out


def _welch(sums: Singles, squares: Singles, size: FloatArray, n: float) -> Singles:
    """Return Welch's t of slice and rest, as a normal variable, from sums of losses whose mean is 0."""
    m = size.astype(np.float32)
    other = np.float32(n) - m
    own = np.maximum(squares - sums * sums / m, 0.0) / (m * (m - 1.0))
    rest = np.maximum(np.float32(n) - squares - sums * sums / other, 0.0) / (other * (other - 1.0))
    t = sums * (1.0 / m + 1.0 / other) / np.sqrt(np.maximum(own + rest, np.float32(1e-12)))
    df = m - 1.0
    out: Singles = t * (1.0 - 0.25 / df) / np.sqrt(1.0 + t * t / (2.0 * df))
    return out


def _turned(
    inside: Mask, x: FloatArray, groups: npt.NDArray[np.int64], weights: FloatArray | None
) -> tuple[FloatArray, Look]:
    """Return z (S,), and a function that turns the signs of what each group adds to a difference.

    Turned signs know no skewness. So the standard error is never less than that of a draw of single rows, as
    large losses may be missing from a slice by chance, and Hall's correction may only take from z.
    """
    w = np.ones(x.size) if weights is None else weights
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    every = np.add.reduceat(x[order], starts)
    added = np.empty((len(inside), starts.size), np.float32)
    z, size = np.empty(len(inside)), inside.sum(axis=1)
    drawn = np.sqrt(size * (x.size - size) / (x.size - 1.0))
    for of in _blocks(len(inside)):
        own = np.add.reduceat((inside[of] * x)[:, order], starts, axis=1)
        own -= (inside[of] @ w / float(w.sum()))[:, np.newaxis] * every
        error = np.maximum(np.sqrt((own * own).sum(axis=1)), 1e-12)
        added[of] = own / error[:, np.newaxis]
        t = own.sum(axis=1) / np.maximum(error, drawn[of])
        skew = ((own - own.mean(axis=1, keepdims=True)) ** 3).sum(axis=1) / error**3
        z[of] = np.minimum(t, hall(t, skew))
    return z, lambda signs, of: added[of] @ signs

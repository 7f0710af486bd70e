"""Where a curve over severities first crosses its limit, and how sure that is.

The *margin* at a severity is how far the measure is inside its limit: above 0 it keeps it. Its interval is
inverted (Fieller 1954): the crossing lies where the interval of the margin holds 0, so its low end is where
the lower end of the margin crosses 0 and its high end where the upper end does. The three curves are joined
by monotone cubics (PCHIP, doi:10.1137/0717021), and of each the first crossing counts: what comes back beyond
it does not undo it. That is the greatest falling curve below the one measured. A model may be weak on people
of middle age and strong on both sides, and half of the rows in the wrong unit are worse than all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

from plimsoll.stats.interval import t_quantile

Floats = npt.NDArray[np.float64]
FINE = 401
"""Points at which the joined curves are looked at; as many again lie near 0."""
NEAREST = 1e-6
"""The nearest to 0 of them, as a part of the greatest severity."""


@dataclass(frozen=True, slots=True)
class Margin:
    """The margin at one severity and its standard error."""

    severity: float
    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """The severity at which the limit is crossed; all of it is ``top`` where it is not crossed before.

    ``crosses`` says that the margin itself reaches 0 by ``top``; ``surely`` that its upper end does.
    ``low`` is the safe load: up to there the whole interval keeps the limit.
    """

    value: float
    low: float
    high: float
    crosses: bool
    surely: bool
    below: bool = False
    """The limit is broken, or not surely kept, before there is any stress: ``low`` is 0."""

    @property
    def order(self) -> tuple[float, float]:
        """By which the first of several crossings is found."""
        return (self.value, self.low)


def crossing(
    margins: Sequence[Margin],
    top: float,
    *,
    level: float = 0.95,
    df: float = np.inf,
    gaps: bool = False,
) -> Crossing:
    """Return the least severity at which the margin is 0, with those at which its ends are.

    ``margins`` are measured at some severities from 0 to ``top``, 0 among them; ``df`` are the degrees of
    freedom behind their errors, few where rows hang together. With ``gaps``, the interval is never narrower
    than what was asked: where one severity surely keeps the limit and the next one surely breaks it, the
    curve may jump anywhere between them.
    """
    points = sorted(margins, key=lambda m: m.severity)
    x = np.array([m.severity for m in points])
    d = np.array([m.value for m in points])
    reach = t_quantile(level, df) * np.array([m.error for m in points])
    near = top * np.geomspace(NEAREST, 1.0, FINE)
    fine = np.unique(np.concatenate([np.linspace(0.0, top, FINE), near, x]))
    curves = _joined(x, np.stack([d - reach, d, d + reach], axis=1), fine).T
    at = [_first_below(fine, curve) for curve in curves]
    value = top if at[1] is None else at[1]
    safe = top if at[0] is None else min(at[0], value)
    far = top if at[2] is None else max(at[2], value)
    if gaps:
        safe, far = _with_gap(x, d - reach, d + reach, safe, far)
    return Crossing(value, safe, far, at[1] is not None, at[2] is not None, bool(curves[0][0] < 0))


def _with_gap(x: Floats, low: Floats, high: Floats, safe: float, far: float) -> tuple[float, float]:
    """Return the ends of a crossing, no nearer to each other than the two severities that it lies between."""
    broken = np.flatnonzero(high < 0)
    if not broken.size or broken[0] == 0:
        return safe, far
    i = int(broken[0])
    return (min(safe, float(x[i - 1])), max(far, float(x[i]))) if low[i - 1] > 0 else (safe, far)


def _joined(x: Floats, y: Floats, fine: Floats) -> Floats:
    """Join ``y`` (points, curves), each by a monotone cubic, and look at ``fine``: (fine, curves)."""
    if x.size < 2:
        return np.repeat(y, fine.size, axis=0)
    return np.asarray(PchipInterpolator(x, y)(fine), dtype=np.float64)


def _first_below(x: Floats, y: Floats) -> float | None:
    under = np.flatnonzero(y < 0)
    if not under.size:
        return None
    i = int(under[0])
    if i == 0:
        return float(x[0])
    return float(x[i - 1] + (x[i] - x[i - 1]) * y[i - 1] / (y[i - 1] - y[i]))


@dataclass(frozen=True)
class Search:
    """What a search found: the crossing and every margin that was measured for it."""

    found: Crossing
    margins: tuple[Margin, ...]
    settled: bool
    """Whether it ended because more would not have told more, and not for want of calls."""


def search(
    clean: Margin,
    ask: Callable[[float], Margin | None],
    top: float,
    *,
    level: float = 0.95,
    df: float = np.inf,
    precision: float = 0.1,
    most: int = 8,
    known: Sequence[Margin] = (),
) -> Search:
    """Find the crossing with few calls: the top first, then where the joined curve says it is.

    Where the limit is kept at the top, the middle is asked, too, for a curve may dip and come back (a clock
    that is six hours wrong, and one that is twelve). Each next severity is where the curve joined so far
    crosses (the margin, then its lower end, then its upper end), and the search ends when the answer there
    is what the curve had said: within a quarter of a standard error, or within ``precision`` of the distance
    between its ends. ``ask`` returns None where it may not go on. ``known`` are margins that cost nothing,
    for the model was asked there on behalf of another measure.
    """
    margins = [clean, *known]
    most += len(known)

    def now(*, gaps: bool = False) -> Crossing:
        return crossing(margins, top, level=level, df=df, gaps=gaps)

    def done(*, settled: bool) -> Search:
        return Search(now(gaps=True), tuple(margins), settled)

    start = now()
    if start.below and clean.value + t_quantile(level, df) * clean.error < 0:
        return Search(start, tuple(margins), True)
    first = ask(top)
    if first is None:
        return Search(start, tuple(margins), False)
    margins.append(first)
    if now().low >= top:
        middle = ask(top / 2.0)
        if middle is None:
            return done(settled=False)
        margins.append(middle)
    while len(margins) <= most:
        place = _next(now(), margins, top, precision)
        if place is None:
            return done(settled=True)
        expected = _expected(margins, place)
        got = ask(place)
        if got is None:
            return done(settled=False)
        margins.append(got)
        as_told = abs(got.value - expected) < 0.25 * max(got.error, 1e-12)
        if len(margins) > 3 and as_told and _next(now(), margins, top, 2 * precision) is None:
            break
    return done(settled=len(margins) <= most)


def _next(found: Crossing, margins: Sequence[Margin], top: float, precision: float) -> float | None:
    """Return the severity to ask at next: the one of the three crossings that is farthest from any asked."""
    asked = np.array([m.severity for m in margins])
    # Far below the width of the interval another call tells nothing; nor does it far below the crossing.
    width = max(found.high - found.low, min(0.01 * top, 0.1 * found.value))
    wanted = []
    for i, place in enumerate((found.value, found.low, found.high)):
        if not 0.0 < place < top:
            continue
        gap = float(np.min(np.abs(asked - place)))
        end = max(0.35 * width, min(0.02 * top, 0.2 * place))
        least = 2.0 * precision * width if i == 0 else end
        if gap > least:
            wanted.append((gap / least, place))
    return max(wanted)[1] if wanted else None


def _expected(margins: Sequence[Margin], place: float) -> float:
    """Return the margin that the curve so far says there is at a place."""
    points = sorted(margins, key=lambda m: m.severity)
    x, d = np.array([m.severity for m in points]), np.array([m.value for m in points])
    return float(_joined(x, d[:, np.newaxis], np.array([place]))[0, 0])

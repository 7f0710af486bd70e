"""The smallest shift at which a limit is broken, on a curve that may fall and rise again.

More of a fault is taken to do no good, and ``load_line.crossing`` makes its curves fall. A shift of the
population is not like that: a model may be weak on people of middle age and strong on both sides. What counts
is the first place at which the margin is gone; what lies beyond does not bring it back. On a curve that only
falls both say the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

from plimsoll.stats.interval import t_quantile
from plimsoll.stats.load_line import FINE, Crossing, Margin

Floats = npt.NDArray[np.float64]


def first_passage(
    margins: Sequence[Margin], top: float, *, level: float = 0.95, df: float = np.inf
) -> Crossing:
    """Return the least severity at which the margin is 0, with the severities at which its ends are.

    ``margins`` are measured at two or more severities from 0 to ``top``; between them curves are joined by
    monotone cubics (PCHIP, doi:10.1137/0717021). ``low`` is the safe load: up to there the whole interval of
    the margin keeps the limit. ``high`` is ``top`` where the upper end keeps the limit to the end.
    """
    points = sorted(margins, key=lambda m: m.severity)
    x = np.array([m.severity for m in points])
    d = np.array([m.value for m in points])
    reach = t_quantile(level, df) * np.array([m.error for m in points])
    fine = np.linspace(0.0, top, FINE)
    curves = [_joined(x, y, fine) for y in (d - reach, d, d + reach)]
    at = [_first_below(fine, curve) for curve in curves]
    value = top if at[1] is None else at[1]
    safe = top if at[0] is None else min(at[0], value)
    far = top if at[2] is None else max(at[2], value)
    return Crossing(value, safe, far, at[1] is not None, at[2] is not None, bool(curves[0][0] < 0))


def _joined(x: Floats, y: Floats, fine: Floats) -> Floats:
    if x.size < 2:
        return np.full(fine.size, y[0])
    return np.asarray(PchipInterpolator(x, y)(fine), dtype=np.float64)


def _first_below(x: Floats, y: Floats) -> float | None:
    under = np.flatnonzero(y < 0)
    if not under.size:
        return None
    i = int(under[0])
    if i == 0:
        return float(x[0])
    return float(x[i - 1] + (x[i] - x[i - 1]) * y[i - 1] / (y[i - 1] - y[i]))

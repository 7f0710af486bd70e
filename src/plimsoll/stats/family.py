"""p-values of many findings at once, corrected so that few of them are false."""

from __future__ import annotations

import numpy as np

from plimsoll.stats.interval import FloatArray


def holm(p: FloatArray) -> FloatArray:
    """Return Holm's adjusted p-values (Holm 1979)."""
    m = p.size
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate((m - np.arange(m)) * p[order]) if m else p
    out = np.empty(m)
    out[order] = np.minimum(raised, 1.0)
    return out

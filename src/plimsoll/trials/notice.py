"""Would the drift checks see a stress at its load line, and after how many rows?

The rows are compared with themselves under the stress, so what is measured is what the stress does to the
columns and nothing else: the effect that drift alarms decide by (KS distance of numbers, total variation of
categories, change of the share of missing cells; the largest of the columns it changes). From the effect, the
floor and the rows of the reference follow the current rows at which an alarm is likely.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import ks_2samp

from plimsoll.probes.stress.learnt import Kind, Learnt
from plimsoll.stats.drift import rows_to_see
from plimsoll.trials.lines import Line, Notice
from plimsoll.trials.rows import TrialRows
from plimsoll.trials.stresses import applied

Floats = npt.NDArray[np.float64]
MOST_ROWS = 5000
"""Rows that the effect is measured on: an error of about 0.01."""


def noticed(line: Line, learnt: Learnt, rows: TrialRows, floor: float, seed: int) -> Notice | None:
    """Return what drift checks would see at the load line; None where no column of its own is changed."""
    columns = line.stress.columns or tuple(learnt.columns)
    added = line.curve.crossing.value
    if not any(column in learnt.columns for column in columns) or added <= 0:
        return None
    head = rows.head(MOST_ROWS)
    draws = head.draws(line.stress.name, seed)
    stressed = applied(line.stress, head.frame, added, draws)
    effects = [
        _effect(head.frame.get_column(c), stressed.get_column(c), learnt.columns[c].kind)
        for c in columns
        if c in learnt.columns
    ]
    effect = max(effects, default=0.0)
    seen = rows_to_see(
        effect, floor=floor, reference=float(learnt.frame.height), tests=len(learnt.columns)
    )
    return Notice(effect, floor, seen)


def _effect(clean: pl.Series, stressed: pl.Series, kind: Kind) -> float:
    gone = abs(_missing(clean) - _missing(stressed))
    if kind in (Kind.NUMBER, Kind.INTEGER, Kind.MOMENT):
        return max(gone, _distance(_numbers(clean), _numbers(stressed)))
    if kind is Kind.TEXT:
        return max(gone, _distance(_lengths(clean), _lengths(stressed)))
    return max(gone, _variation(clean, stressed))


def _missing(series: pl.Series) -> float:
    lost = series.null_count() + (int(series.is_nan().sum()) if series.dtype.is_float() else 0)
    return lost / max(series.len(), 1)


def _distance(one: Floats, two: Floats) -> float:
    """Return the KS distance of two sets of numbers; 0 where a side has none."""
    if not one.size or not two.size:
        return 0.0
    return float(ks_2samp(one, two, method="asymp").statistic)


def _numbers(series: pl.Series) -> Floats:
    values: Floats = series.cast(pl.Float64, strict=False).drop_nulls().to_numpy()
    return values[np.isfinite(values)]


def _lengths(series: pl.Series) -> Floats:
    return _numbers(series.cast(pl.String).str.len_chars())


def _variation(clean: pl.Series, stressed: pl.Series) -> float:
    """Return the total variation of two columns of categories, over the cells that hold one."""
    shares = [
        s.cast(pl.String).drop_nulls().alias("level").value_counts(normalize=True, name="share")
        for s in (clean, stressed)
    ]
    both = shares[0].join(shares[1], on="level", how="full", coalesce=True, suffix="_then")
    gap = both.select((pl.col("share").fill_null(0.0) - pl.col("share_then").fill_null(0.0)).abs())
    return 0.5 * float(gap.to_series().sum())

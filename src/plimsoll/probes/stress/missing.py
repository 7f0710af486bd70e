"""Missing values: a field left empty, a join that finds nothing, a source that is down.

Cells are emptied as the column says missing: null, or NaN where NaN is its missing. What the model does
then is its own business, its imputer included; a model that raises is a finding, not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import brentq
from scipy.special import expit

from plimsoll.core.stress import Draws, Exposure, Fault, Hit, Stress
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn

Floats = npt.NDArray[np.float64]
SLOPE = 2.0
"""Missing at random: log-odds of being missing a standard deviation of the other column."""


@family("missing", "missing values")
def missing(learnt: Learnt) -> Iterator[Stress]:
    """Cells of one column go missing in a share of the rows, whichever rows they are (MCAR).

    At the share of 1 the whole column is gone. Rubin 1976, doi:10.1093/biomet/63.3.581.
    """
    for column in _fillable(learnt):
        yield Stress(
            "missing",
            (column.name,),
            title=f"missing {column.name}",
            life="The field is left empty, or the source it comes from does not answer.",
            fault=_emptied(column),
            exposure=_share_missing(column),
        )


@family("missing_not_at_random", "values missing because of what they are")
def missing_not_at_random(learnt: Learnt) -> Iterator[Stress]:
    """The largest, or the smallest, values of a column go missing first (MNAR).

    People with high incomes do not say them; a sensor saturates and is silent. A share of 0.2 empties the
    rows whose value is in the top (or bottom) fifth of the reference.
    """
    for column in learnt.numeric():
        for end in ("high", "low"):
            yield Stress(
                "missing_not_at_random",
                (column.name,),
                title=f"{column.name} missing where it is {end}",
                life=f"Whoever has a {end} value does not give it, or it lies beyond what can be measured.",
                fault=_emptied(column),
                variant=end,
                hit=_own_tail(column, end),
            )


@family("missing_at_random", "values missing because of another column", standard=False)
def missing_at_random(learnt: Learnt) -> Iterator[Stress]:
    """Cells of one column go missing more often as another column grows (MAR).

    The other column is the input whose ranks go with this one's most; the log-odds of being missing rise by
    2 with each of its standard deviations.
    """
    for column in _fillable(learnt):
        other = _companion(learnt, column)
        if other is not None:
            yield Stress(
                "missing_at_random",
                (column.name,),
                title=f"{column.name} missing where {other.name} is high",
                life=f"Rows with a high {other.name} come from a source that lacks the field.",
                fault=_emptied(column),
                hit=_logistic(other),
            )


def _fillable(learnt: Learnt) -> list[LearntColumn]:
    """Return the inputs that have something to lose."""
    return [column for column in learnt.any_kind() if column.missing < 1.0]


def _emptied(column: LearntColumn) -> Fault:
    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        return column.emptied(frame)

    return fault


def _share_missing(column: LearntColumn) -> Exposure:
    def exposure(frame: pl.DataFrame) -> float | None:
        series = frame.get_column(column.name)
        gone = series.null_count()
        if series.dtype.is_float():
            gone += int(series.is_nan().sum())
        return gone / max(series.len(), 1)

    return exposure


def _own_tail(column: LearntColumn, end: str) -> Hit:
    def depth(frame: pl.DataFrame) -> Floats:
        rank = column.rank(column.numbers(frame))
        rank = np.where(np.isnan(rank), 0.5, rank)
        return 1.0 - rank if end == "high" else rank

    deep_in = _of_same_frame(depth)
    # A tied value straddles the edge: its rows are hit with the probability that makes up the share.
    return lambda frame, share: _threshold_share(deep_in(frame), share)


def _of_same_frame(function: Callable[[pl.DataFrame], Floats]) -> Callable[[pl.DataFrame], Floats]:
    """Keep what was found for the last frame, as one frame is looked at in many shares."""
    last: list[tuple[pl.DataFrame, Floats]] = []

    def once(frame: pl.DataFrame) -> Floats:
        if not last or last[0][0] is not frame:
            last[:] = [(frame, function(frame))]
        return last[0][1]

    return once


def _threshold_share(deep: Floats, share: float) -> Floats:
    """Return 1 for the rows with the smallest depth, so that the mean is the share; ties share the rest."""
    if share <= 0.0 or not deep.size:
        return np.zeros_like(deep)
    wanted = share * deep.size
    order = np.sort(deep)
    edge = order[min(max(int(np.ceil(wanted)) - 1, 0), deep.size - 1)]
    below = deep < edge
    tied = deep == edge
    rest = (wanted - below.sum()) / max(int(tied.sum()), 1)
    out: Floats = below + tied * np.clip(rest, 0.0, 1.0)
    return out


def _logistic(other: LearntColumn) -> Hit:
    def hit(frame: pl.DataFrame, share: float) -> Floats:
        values = other.numbers(frame)
        z = np.where(np.isnan(values), 0.0, (values - other.median) / (other.sd or 1.0))
        z = SLOPE * np.clip(z, -6.0, 6.0)
        if share <= 0.0 or share >= 1.0 or not values.size:
            return np.full(values.size, float(share >= 1.0))
        start = brentq(lambda a: float(expit(a + z).mean()) - share, -60.0, 60.0)
        out: Floats = expit(start + z)
        return out

    return hit


def _companion(learnt: Learnt, column: LearntColumn) -> LearntColumn | None:
    """Return the numeric input whose ranks go most with the ranks (or codes) of this one."""
    others = [c for c in learnt.numeric() if c.name != column.name]
    if not others:
        return None
    mine = _ordered(learnt.frame, column)
    return max(others, key=lambda c: abs(_correlation(mine, c.rank(c.numbers(learnt.frame)))))


def _ordered(frame: pl.DataFrame, column: LearntColumn) -> Floats:
    if column.is_numeric:
        return column.rank(column.numbers(frame))
    moments = column.kind is Kind.MOMENT
    held = frame.get_column(column.name).to_physical() if moments else column.texts(frame)
    out: Floats = held.rank("dense").cast(pl.Float64).fill_null(np.nan).to_numpy()
    return out


def _correlation(a: Floats, b: Floats) -> float:
    good = np.isfinite(a) & np.isfinite(b)
    if good.sum() < 3 or a[good].std() == 0 or b[good].std() == 0:
        return 0.0
    return float(np.corrcoef(a[good], b[good])[0, 1])

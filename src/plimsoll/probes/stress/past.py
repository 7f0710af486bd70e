"""What the reference says of the past: how a value was some time before, and what it was last.

A trial asks about a sample of the rows, so the row before a row is mostly not there, least of all in short
groups. Its earlier value is therefore told from the reference: among rows of the reference whose value is
about the same one is drawn, and the cell changes by what had changed for that row since so long ago. The
answer for a row depends on no other row that is asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.stress import Draws
from plimsoll.probes.stress.learnt import Learnt, LearntColumn

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
MOST_BACK = 48
"""Rows of the reference that are looked back at most."""
LEAST_PAIRS = 100
"""Pairs of a row and an earlier one of its group below which a lag is not learnt."""
ALIKE = 20
"""Rows of the reference with about the same value among which one is drawn."""
_UNITS = (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0), ("seconds", 1.0))


def seconds_of(series: pl.Series) -> Floats | None:
    """Return moments as seconds, numbers as they are, NaN where missing; None for any other column."""
    dtype = series.dtype
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        micros = series.dt.epoch("us").cast(pl.Float64).fill_null(np.nan).to_numpy()
        return np.asarray(micros / 1e6, dtype=np.float64)
    if dtype.is_numeric():
        return series.cast(pl.Float64).fill_null(np.nan).to_numpy().copy()
    return None


@dataclass(frozen=True)
class Order:
    """The rows of the reference in the order of time, group by group.

    ``rows`` are their places in the frame, ``groups`` and ``seconds`` go with them; ``unit`` names what
    ``scale`` of the seconds make up.
    """

    rows: Places = field(repr=False)
    groups: Places = field(repr=False)
    seconds: Floats = field(repr=False)
    unit: str = ""
    scale: float = 1.0

    def pairs(self, back: int) -> tuple[Places, Places]:
        """Return the places of rows and of those so many rows before them in the same group."""
        now = np.arange(back, self.rows.size)
        same = self.groups[now] == self.groups[now - back]
        return self.rows[now[same]], self.rows[now[same] - back]

    def ages(self) -> Floats:
        """Return the mean age of the value 0, 1, 2 ... rows back, in the unit, as far as it can be learnt."""
        found = [0.0]
        for back in range(1, MOST_BACK + 1):
            now = np.arange(back, self.rows.size)
            same = now[self.groups[now] == self.groups[now - back]]
            if same.size < LEAST_PAIRS:
                break
            age = float((self.seconds[same] - self.seconds[same - back]).mean()) / self.scale
            if age <= found[-1]:
                break
            found.append(age)
        return np.array(found)


def order_of(learnt: Learnt) -> Order | None:
    """Return the order of the reference's rows; None where no column says when a row is of."""
    time, group = learnt.subject.roles.time, learnt.subject.roles.group
    if time is None or time not in learnt.frame.columns:
        return None
    seconds = seconds_of(learnt.frame.get_column(time))
    if seconds is None:
        return None
    codes = np.zeros(seconds.size, np.int64)
    if group is not None and group in learnt.frame.columns:
        codes = (
            learnt.frame.get_column(group).rank("dense").fill_null(0).to_numpy().astype(np.int64)
        )
    rows = np.lexsort((seconds, codes))
    rows = rows[~np.isnan(seconds[rows])]
    order = Order(rows, codes[rows], seconds[rows])
    if not learnt.frame.schema[time].is_temporal():
        return Order(order.rows, order.groups, order.seconds, f"units of {time}")
    longest = order.ages()[-1]
    unit, scale = next((u for u in _UNITS if longest >= 3 * u[1]), _UNITS[-1])
    return Order(order.rows, order.groups, order.seconds, unit, scale)


@dataclass(frozen=True)
class Past:
    """How one column was before, as the reference has it.

    ``cells`` has shape (reference rows,): numbers, or codes of levels, NaN where missing; ``ages`` are the
    mean ages of 0, 1, 2 ... rows back, in the unit of the order.
    """

    column: LearntColumn
    order: Order
    cells: Floats = field(repr=False)
    ages: Floats = field(repr=False)

    @property
    def top(self) -> float:
        """The greatest age that the reference can tell of."""
        return float(self.ages[-1])

    @property
    def changes(self) -> bool:
        """Whether the column is ever another one than it was before."""
        return any(self._differs(back) for back in range(1, self.ages.size))

    def _differs(self, back: int) -> bool:
        now, before = (self.cells[places] for places in self.order.pairs(back))
        held = np.isfinite(now) & np.isfinite(before)
        return bool((now[held] != before[held]).any())

    def aged(self, frame: pl.DataFrame, age: Floats, draws: Draws) -> pl.DataFrame:
        """Return the frame with every cell as it was so long ago; ``age`` has shape (rows,).

        A row looks back the whole number of rows below or above its age, by chance, so that the mean age is
        the one asked for.
        """
        place = np.interp(age, self.ages, np.arange(self.ages.size))
        back = np.floor(place + draws.uniform("whole")).astype(np.int64)
        back = np.minimum(back, self.ages.size - 1)
        cells = _cells(self.column, frame)
        new = cells.copy()
        luck = draws.uniform("alike")
        for k in np.unique(back[back > 0]):
            hit = (back == k) & np.isfinite(cells)
            new[hit] = self._before(cells[hit], int(k), luck[hit])
        return _put(self.column, frame, new)

    def _before(self, cells: Floats, back: int, luck: Floats) -> Floats:
        now, before = (self.cells[places] for places in self.order.pairs(back))
        held = np.isfinite(now) & np.isfinite(before)
        now, before = now[held], before[held]
        if not now.size:
            return cells
        by_value = np.lexsort((before, now))
        now, before = now[by_value], before[by_value]
        left, right = np.searchsorted(now, cells, "left"), np.searchsorted(now, cells, "right")
        if self.column.is_numeric:
            short = np.maximum(ALIKE - (right - left), 0)
            left = np.clip(left - short // 2, 0, max(now.size - ALIKE, 0))
            right = np.minimum(np.maximum(right, left + ALIKE), now.size)
        one = np.minimum(left + (luck * (right - left)).astype(np.int64), now.size - 1)
        new = cells + before[one] - now[one]
        low, high = np.minimum(cells, self.range[0]), np.maximum(cells, self.range[1])
        return np.where(right > left, np.clip(new, low, high), cells)

    @cached_property
    def range(self) -> tuple[float, float]:
        """The smallest and the largest cell of the reference."""
        finite = self.cells[np.isfinite(self.cells)]
        return float(finite.min()), float(finite.max())


def past_of(learnt: Learnt, columns: Sequence[LearntColumn]) -> list[Past]:
    """Return the past of those of the columns that change in the course of time."""
    order = order_of(learnt)
    if order is None:
        return []
    ages = order.ages()
    if ages.size < 2:
        return []
    found = [Past(c, order, _cells(c, learnt.frame), ages) for c in columns]
    return [past for past in found if past.changes]


def _cells(column: LearntColumn, frame: pl.DataFrame) -> Floats:
    """Return a column as numbers; categories by their place among the levels, NaN where not among them."""
    if not column.levels or frame.schema[column.name] == pl.Boolean:
        return column.numbers(frame)
    codes = pl.Series(np.arange(len(column.levels), dtype=np.float64))
    levels = pl.Series(column.levels)
    texts = column.texts(frame)
    out = texts.replace_strict(levels, codes, default=np.nan, return_dtype=pl.Float64)
    return out.fill_null(np.nan).to_numpy().copy()


def _put(column: LearntColumn, frame: pl.DataFrame, new: Floats) -> pl.DataFrame:
    """Return the frame with other cells, in the type of the column; categories not known stay."""
    if not column.levels or frame.schema[column.name] == pl.Boolean:
        return column.put(frame, new)
    names = np.array([*column.levels, ""], dtype=object)
    known = np.where(np.isnan(new), len(column.levels), new).astype(np.int64)
    texts = pl.Series(names[known].tolist(), dtype=pl.String)
    kept_texts = pl.select(
        pl.when(pl.Series(np.isnan(new))).then(column.texts(frame)).otherwise(texts)
    ).to_series()
    changed_frame = column.put_texts(frame, kept_texts)
    dtype = frame.schema[column.name]
    if isinstance(dtype, pl.Enum) and set(column.levels) <= set(dtype.categories):
        return changed_frame.with_columns(pl.col(column.name).cast(dtype))
    return changed_frame

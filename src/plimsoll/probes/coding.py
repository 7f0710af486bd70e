"""Adds a column of codes for every cut: which slice of a column a row lies in.

What the values and ranges are is learnt from all rows of the table that is judged, so the slices of a run are
the same whatever the order of its rows, and the reference is cut as the current rows are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.batch import LOSS, Batch
from plimsoll.core.errors import DataError
from plimsoll.core.probe import Apply, Probe
from plimsoll.core.slicing import Cut
from plimsoll.core.tally import Need, Rows, Side, Tallies, Tally
from plimsoll.tallies.distribution import Distribution, Kind, kind_of, numbers_of
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.words import COUNT, VALUE

Codes = npt.NDArray[np.int64]
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
MISSING, OTHER = "missing", "other values"
DAY = 86_400.0
"""Seconds, the unit of bins of times that span many days."""
_OVER_ROWS = re.compile(
    r"\.(sum|mean|count|min|max|median|std|var|first|last|len|quantile|n_unique|over|rank|shift|cum_\w+)\("
)


@dataclass(frozen=True, eq=False)
class Coding:
    """What one cut was found to be. ``labels`` names its codes in order; the last is ``missing``.

    For numbers ``edges`` (k,) are the inner edges between k + 1 bins, a bin holding its lower edge, or
    ``values`` the different numbers themselves. For texts ``texts`` are the values that have a code of
    their own; all others share the one before the last. ``moments`` says that the numbers are dates or
    times.
    """

    cut: Cut
    labels: tuple[str, ...]
    ordered: bool = False
    edges: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    moments: bool = False

    @property
    def missing(self) -> int | None:
        """The code of missing cells; None for a condition, which then does not hold."""
        return None if self.cut.condition else len(self.labels) - 1

    def ends(self, low: int, high: int) -> tuple[str | None, str | None]:
        """Return in words where the bins ``low`` to ``high`` begin and end; None for an open end."""
        write = _moment if self.moments else _number
        start = write(self.edges[low - 1]) if low else None
        return start, write(self.edges[high]) if high < len(self.edges) else None

    def codes(self, frame: pl.DataFrame) -> Codes:
        """Return the code of every row, shape (rows,).

        A table in which the column holds another kind than was learnt has no value that is known here:
        all its rows are ``missing``.
        """
        if self.cut.condition:
            return _holds(self.cut, frame)
        series = frame.get_column(self.cut.column)
        gone = len(self.labels) - 1
        if not self._knows(kind_of(series.dtype)):
            return np.full(series.len(), gone, np.int64)
        if self.ordered:
            return self._of_numbers(numbers_of(series).to_numpy(), gone)
        other = gone - 1
        if not self.texts:
            return np.where(series.is_null().to_numpy(), gone, other)
        known = series.cast(pl.String).cast(pl.Enum(list(self.texts)), strict=False)
        codes: Codes = known.to_physical().cast(pl.Int64).fill_null(other).to_numpy()
        return np.where(series.is_null().to_numpy(), gone, codes) if series.null_count() else codes

    def _knows(self, kind: Kind) -> bool:
        if self.ordered:
            return kind is (Kind.MOMENT if self.moments else Kind.NUMBER)
        return not self.texts or kind in (Kind.TEXT, Kind.BOOLEAN)

    def _of_numbers(self, x: npt.NDArray[np.float64], gone: int) -> Codes:
        if self.values:
            known = np.asarray(self.values)
            place = np.searchsorted(known, x)
            right = known[np.minimum(place, known.size - 1)] == x
            return np.where(right, place, gone)
        code = np.searchsorted(np.asarray(self.edges), x, side="right")
        return np.where(np.isnan(x), gone, code)


def range_text(found: Coding, low: int, high: int) -> str:
    """Say which values the codes ``low`` to ``high`` of a cut stand for.

    >>> age = Coding(Cut("age"), (*ranges((30.0, 45.0, 60.0)), MISSING), True, edges=(30.0, 45.0, 60.0))
    >>> range_text(age, 1, 2), range_text(age, 1, 3)
    ('30 to below 60', '30 or more')
    """
    if low == high or not found.ordered:
        return found.labels[low]
    if found.values:
        write = found.labels
        return f"{write[low]} to {write[high]}" if low else f"up to {write[high]}"
    start, end = found.ends(low, high)
    if start is None:
        return "any" if end is None else f"below {end}"
    return f"{start} or more" if end is None else f"{start} to below {end}"


def condition_of(found: Coding, low: int, high: int) -> str | None:
    """Return the SQL condition that the codes ``low`` to ``high`` stand for, or None where it has none.

    Moments have none: how they are written depends on the type of the column.
    """
    name = found.cut.column
    if not _PLAIN_NAME.fullmatch(name):
        name = '"' + name.replace('"', '""') + '"'
    if found.cut.condition:
        return f"({found.cut.condition})" if low else f"NOT ({found.cut.condition})"
    if found.missing is not None and low == found.missing:
        return f"{name} IS NULL"
    if not found.ordered:
        quoted = ["'" + text.replace("'", "''") + "'" for text in found.texts]
        if low < len(quoted):
            return f"{name} = {quoted[low]}"
        return f"{name} NOT IN ({', '.join(quoted)})" if quoted else None
    if found.moments:
        return None
    if found.values:
        start, end = _sql(found.values[low]), _sql(found.values[high])
        return f"{name} = {start}" if low == high else f"{name} BETWEEN {start} AND {end}"
    parts = [f"{name} >= {_sql(found.edges[low - 1])}"] if low else []
    parts += [f"{name} < {_sql(found.edges[high])}"] if high < len(found.edges) else []
    return " AND ".join(parts) or f"{name} IS NOT NULL"


def _sql(x: float) -> str:
    return str(int(x)) if x.is_integer() and abs(x) < 1e15 else repr(x)


def coding(cut: Cut, distribution: Distribution | None, losses: Histogram | None = None) -> Coding:
    """Return what a cut is on rows that are spread like this.

    ``losses`` is the histogram of the column with the sum of the loss in each cell, which a cut by tree
    needs.
    """
    if cut.condition:
        return Coding(cut, (f"not {cut.column}", cut.column))
    if distribution is None or distribution.kind in (Kind.NOTHING, Kind.OTHER, Kind.MIXED):
        return Coding(cut, (OTHER, MISSING))
    if distribution.numbers is not None:
        return _of_numbers(cut, distribution, losses)
    return _of_texts(cut, distribution)


def _of_numbers(cut: Cut, distribution: Distribution, losses: Histogram | None) -> Coding:
    from plimsoll.stats.tree_bins import quantile_edges, tree_edges

    cells = distribution.numbers
    assert cells is not None
    moments = distribution.kind is Kind.MOMENT
    write = _moment if moments else _number
    values, counts = cells.values, cells.level()
    if not cut.edges and cells.exact and values.size <= min(cut.most, max(cut.bins, 12)):
        labels = tuple(write(x) for x in values)
        known = tuple(values.tolist())
        return Coding(cut, (*labels, MISSING), True, values=known, moments=moments)
    edges = cut.edges
    if not edges and losses is not None:
        rows, sums = losses.level(), losses.sum_of(LOSS)
        edges = tuple(tree_edges(losses.values, rows, sums, cut.bins))
    if not edges:
        wide = values.size > 0 and values[-1] - values[0] >= 2 * DAY * cut.bins
        unit = DAY if moments and wide else 1.0
        edges = tuple(quantile_edges(values, counts, cut.bins, unit=unit))
    return Coding(cut, (*ranges(edges, write), MISSING), True, edges=edges, moments=moments)


def ranges(
    edges: tuple[float, ...], write: Callable[[float], str] | None = None
) -> tuple[str, ...]:
    """Return the names of the bins between inner edges.

    >>> ranges((30.0, 45.0))
    ('below 30', '30 to below 45', '45 or more')
    """
    if not edges:
        return ("any",)
    names = [(write or _number)(edge) for edge in edges]
    middle = [f"{a} to below {b}" for a, b in pairwise(names)]
    return (f"below {names[0]}", *middle, f"{names[-1]} or more")


def _number(x: float) -> str:
    return str(int(x)) if float(x).is_integer() and abs(x) < 1e15 else f"{x:.6g}"


def _moment(x: float) -> str:
    text = str(np.datetime64(int(np.floor(x)), "s"))
    return text.removesuffix("T00:00:00")


def _of_texts(cut: Cut, distribution: Distribution) -> Coding:
    words = distribution.words
    assert words is not None
    frame = words.settle().frame
    if frame is None:
        return Coding(cut, (OTHER, MISSING))
    often = frame.filter(pl.col(COUNT) >= cut.min_rows)
    often = often.sort([COUNT, VALUE], descending=[True, False]).head(cut.most)
    texts = tuple(often.sort(VALUE)[VALUE].to_list())
    return Coding(
        cut, (*(text if text else "(empty text)" for text in texts), OTHER, MISSING), texts=texts
    )


def _holds(cut: Cut, frame: pl.DataFrame) -> Codes:
    try:
        found = frame.select(pl.sql_expr(cut.condition).cast(pl.Boolean).alias("holds"))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise DataError(
            f"The slice '{cut.column}' needs a condition that is true or false for every row, such as "
            f"age > 60; '{cut.condition}' cannot be asked of these columns ({_first_line(error)})."
        ) from None
    return found.get_column("holds").fill_null(False).cast(pl.Int64).to_numpy()


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def condition_columns(condition: str) -> tuple[str, ...]:
    """Return the raw columns that a condition reads.

    Raises
    ------
    ValueError
        If it is no expression; the message says what is wrong with it.
    """
    try:
        expression = pl.sql_expr(condition)
        columns = tuple(dict.fromkeys(expression.meta.root_names()))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise ValueError(_first_line(error)) from None
    over = _OVER_ROWS.search(str(expression))
    if over is not None:
        raise ValueError(f"'{over[1]}' looks at other rows; a slice is told from one row alone")
    if not columns:
        raise ValueError("it names no column")
    return columns


def learning_needs(cuts: tuple[Cut, ...]) -> dict[str, Need]:
    """Return what must be known of the current rows before they can be cut, by name."""
    out: dict[str, Need] = {}
    for cut in cuts:
        if cut.condition:
            continue
        out[f"values of {cut.column}"] = Need(Distribution(cut.column), rows=Rows.ALL)
        if cut.binning == "tree" and not cut.edges:
            cells = Histogram(cut.column, sums=(LOSS,), cells=4096, exact_cells=4096)
            out[f"losses by {cut.column}"] = Need(cells)
    return out


def codings(cuts: tuple[Cut, ...], tallies: Mapping[str, Tally]) -> dict[Cut, Coding]:
    """Return what every cut is, from the tallies that :func:`learning_needs` asked for."""
    found = Tallies(tallies)
    out = {}
    for cut in cuts:
        name, losses = f"values of {cut.column}", f"losses by {cut.column}"
        if cut.condition:
            out[cut] = coding(cut, None)
            continue
        by_tree = cut.binning == "tree" and losses in found and _is_number(found[name])
        out[cut] = coding(
            cut,
            found.take(name, Distribution),
            found.take(losses, Histogram) if by_tree else None,
        )
    return out


def _is_number(tally: Tally) -> bool:
    return isinstance(tally, Distribution) and tally.kind in (Kind.NUMBER, Kind.MOMENT)


@dataclass(frozen=True)
class Coded(Probe):
    """Adds the column of codes of every cut, named by ``Cut.key``."""

    cuts: tuple[Cut, ...]

    def needs(self) -> Mapping[str, Need]:
        """How the columns are spread in the current rows."""
        return learning_needs(self.cuts)

    def reads(self) -> tuple[str, ...]:
        """The columns that are cut."""
        names: dict[str, None] = {}
        for cut in self.cuts:
            columns = condition_columns(cut.condition) if cut.condition else (cut.column,)
            names.update(dict.fromkeys(columns))
        return tuple(names)

    def prepare(self, tallies: Mapping[str, Tally]) -> Apply:
        """Learn the codes."""
        found = codings(self.cuts, tallies)

        def apply(batch: Batch) -> Batch:
            columns = [
                pl.Series(cut.key, one.codes(batch.frame).astype(np.int16))
                for cut, one in found.items()
            ]
            return Batch(batch.frame.with_columns(columns), batch.subject)

        return apply


__all__ = ["Coded", "Coding", "Side", "coding", "codings", "condition_columns", "learning_needs"]

"""Whether a figure can be drawn: every kind with the lists that its series must hold."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from plimsoll.core.finding import Figure
from plimsoll.reports.charts import lanes
from plimsoll.reports.charts.frame import moment

MOST_POINTS = 400
BEYOND = ("", "below", "above")
_Series = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class _Form:
    """The lists of one kind of series.

    ``needed`` must be there; ``numbers`` hold numbers where they are there; ``gaps`` may hold None.
    """

    needed: tuple[str, ...]
    numbers: tuple[str, ...]
    gaps: tuple[str, ...] = ()


_LINE = _Form(("x", "y"), ())
_INTERVAL = ("value", "low", "high")
_FORMS = {
    "line": _LINE,
    "reliability": _LINE,
    "interval": _Form(("label", *_INTERVAL), ()),
    "bar": _Form(("label", "value"), ()),
    "distributions": _Form(("reference", "current"), ("reference", "current")),
    "heat": _Form(("row", "column", "value"), ("value", "n"), ("value",)),
    "multiples": _Form(("label", *_INTERVAL), (*_INTERVAL, "n")),
    "strip": _Form(("x", *_INTERVAL), (*_INTERVAL, "alarm"), _INTERVAL),
    "tree": _Form(("label", "n", "value", "parent"), (*_INTERVAL, "n", "parent"), _INTERVAL),
    "load_lines": _Form(
        ("label", "kind", *_INTERVAL, "top", "unit", "state"),
        (*_INTERVAL, "top", "exposure", "safe_at_exposure", "loss"),
        (*_INTERVAL, "exposure", "safe_at_exposure", "loss"),
    ),
}
_ONE_SERIES = ("heat", "tree", "load_lines")
_COUNTS = _Form(("x", "x2", "n"), ())


def why_not(figure: Figure) -> str | None:
    """Return a sentence that says why a figure cannot be drawn, or None if it can."""
    if figure.kind not in _FORMS:
        return f"This version does not know how to draw a figure of kind “{figure.kind}”."
    for name, series in figure.series.items():
        form = _COUNTS if is_counts(figure, name) else _FORMS[figure.kind]
        wrong = next(_wrong(form, series), None) or next(_of_kind(figure.kind, series), None)
        if wrong is not None:
            return f"The series “{name}” {wrong}."
    if not any(len(v) for series in figure.series.values() for v in series.values()):
        return "The figure holds no points."
    if figure.kind in _ONE_SERIES and len(figure.series) > 1:
        return f"A figure of kind “{figure.kind}” has one series; this one has several."
    return next(lanes.head(figure.about), None) if figure.kind == "load_lines" else None


def is_counts(figure: Figure, name: str) -> bool:
    """Whether a series holds the histogram below a reliability diagram."""
    return figure.kind == "reliability" and name == "counts"


def is_binned(series: _Series) -> bool:
    """Whether a panel of distributions is of numbers or moments, and not of categories."""
    return "label" not in series


def bins(series: _Series) -> list[tuple[float, float]]:
    """Return the ends of the bins of a panel as numbers; moments as milliseconds.

    Raises
    ------
    ValueError
        If an edge is neither a number nor a moment; :func:`why_not` says so before.
    """
    return list(zip(*(map(_edge, series[side]) for side in ("x", "x2")), strict=True))


def _edge(edge: Any) -> float:
    found = moment(edge) if isinstance(edge, str) else float(edge)
    if found is None:
        raise ValueError(edge)
    return found


def _wrong(form: _Form, series: _Series) -> Iterator[str]:
    """Yield what is wrong with the lists as such, the worst first."""
    missing = [column for column in form.needed if column not in series]
    if missing:
        yield f"lacks {', '.join(missing)}"
        return
    lengths = {len(values) for values in series.values()}
    if len(lengths) > 1:
        yield "holds lists that differ in length"
    if max(lengths) > MOST_POINTS:
        yield f"holds more than {MOST_POINTS} points"
    for column, values in series.items():
        given = [v for v in values if not (v is None and column in form.gaps)]
        if not all(_finite(v) for v in given):
            yield f"holds a number that is not finite in {column}"
        if column in form.numbers and any(isinstance(v, str) for v in given):
            yield f"holds words in {column}, where numbers belong"


def _finite(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, numbers.Real) and math.isfinite(value))


def _of_kind(kind: str, series: _Series) -> Iterator[str]:
    """Yield what is wrong with the content, by what its kind asks for."""
    if any(word not in BEYOND for word in series.get("beyond", ())):
        yield "says in beyond something else than “below”, “above” or nothing"
    checks = {
        "distributions": _bins,
        "heat": _cells,
        "strip": _windows,
        "tree": _nodes,
        "load_lines": lanes.lanes,
    }
    if kind in checks:
        yield from checks[kind](series)


def _bins(series: _Series) -> Iterator[str]:
    if any(share < 0 for side in ("reference", "current") for share in series[side]):
        yield "holds a share below 0"
    if not is_binned(series):
        return
    missing = [column for column in ("x", "x2") if column not in series]
    if missing:
        yield f"lacks {', '.join(missing)} (or the labels of categories)"
        return
    if len({isinstance(edge, str) for edge in (*series["x"], *series["x2"])}) > 1:
        yield "mixes numbers and moments in its bin edges"
        return
    try:
        ends = bins(series)
    except ValueError:
        yield "has a bin edge that is neither a number nor a moment"
        return
    if any(x >= x2 for x, x2 in ends) or any(one[1] > two[0] for one, two in pairwise(ends)):
        yield "holds bins that are empty, overlap or are not in order"


def _cells(series: _Series) -> Iterator[str]:
    places = list(zip(series["row"], series["column"], strict=True))
    if len(set(places)) < len(places):
        yield "holds one cell twice"
    if all(value is None for value in series["value"]):
        yield "holds no cell with a value"


def _windows(series: _Series) -> Iterator[str]:
    if len({isinstance(x, str) for x in series["x"]}) > 1:
        yield "mixes numbers and words in x"
    rows = zip(series["value"], series["low"], series["high"], strict=True)
    if any(len({cell is None for cell in row}) > 1 for row in rows):
        yield "has a window with a value but no interval, or the other way round"
    if all(value is None for value in series["value"]):
        yield "holds no window with a value"


def _nodes(series: _Series) -> Iterator[str]:
    if any(rows < 0 for rows in series["n"]):
        yield "holds a node with fewer than 0 rows"
    for i, parent in enumerate(series["parent"]):
        if parent not in range(-1, i):
            yield "has a node before its parent, or a parent that is not in the list"
            return
    if ("low" in series) != ("high" in series):
        yield "has one end of its intervals without the other"

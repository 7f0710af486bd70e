"""What the marks of a figure mean, in words, beside a small picture of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.core.finding import Figure
from plimsoll.reports import digits, words
from plimsoll.reports.charts.valid import is_binned


@dataclass(frozen=True, slots=True)
class Key:
    """One mark: its shape, as :func:`plimsoll.reports.marks.key_mark` draws it, and its meaning."""

    shape: str
    text: str


def keys(figure: Figure) -> tuple[Key, ...]:
    """Return what has to be told of a figure's marks; nothing for kinds that tell it in the drawing."""
    of_kind = {
        "distributions": _distributions,
        "heat": _heat,
        "multiples": _multiples,
        "strip": _strip,
        "tree": _tree,
    }
    return tuple(of_kind[figure.kind](figure)) if figure.kind in of_kind else ()


def _distributions(figure: Figure) -> Iterator[Key]:
    reference, current = figure.about.get("names") or ("reference", "current")
    lines = any(is_binned(series) for series in figure.series.values())
    yield Key("ground", words.clean(reference))
    yield Key("step" if lines else "bar", words.clean(current))


def _heat(figure: Figure) -> Iterator[Key]:
    middle = figure.about.get("middle")
    better = figure.about.get("better", "higher")
    if middle is not None:
        of = _named(figure, "middle", "the whole")
        low, high = ("better", "worse") if better == "lower" else ("worse", "better")
        if better == "neither":
            low, high = "lower", "higher"
        low_shade, high_shade = ("cool", "warm") if better == "lower" else ("warm", "cool")
        yield Key(low_shade, f"{low} than {of}")
        yield Key(high_shade, f"{high} than {of}")
    yield from _beyond(figure, "middle")
    if _has_gap(figure):
        yield Key("gap", words.clean(figure.about.get("gap_title") or "too few rows"))


def _multiples(figure: Figure) -> Iterator[Key]:
    if figure.about.get("rule") is not None:
        yield Key("rule", _named(figure, "rule", "the whole"))
    if figure.about.get("bound") is not None:
        yield Key("bound", _named(figure, "bound", "the limit"))
    yield from _beyond(figure, "rule")


def _strip(figure: Figure) -> Iterator[Key]:
    if figure.about.get("floor") is not None:
        yield Key("bound", _named(figure, "floor", "the floor"))
    if any(any(series.get("alarm", ())) for series in figure.series.values()):
        yield Key("alarm", words.clean(figure.about.get("alarm_title") or "alarm"))


def _tree(figure: Figure) -> Iterator[Key]:
    yield Key("sizes", "the larger, the more rows")
    yield from _beyond(figure, "rule")


def _beyond(figure: Figure, otherwise: str) -> Iterator[Key]:
    """Yield what the triangles mean: against the bound, or against what stands in its place."""
    sides = {side for series in figure.series.values() for side in series.get("beyond", ())}
    held = "bound" if figure.about.get("bound") is not None else otherwise
    default = "the limit" if held == "bound" else "the whole"
    for side in ("below", "above"):
        if side in sides:
            yield Key(side, f"whole range {side} {_named(figure, held, default)}")


def _named(figure: Figure, name: str, default: str) -> str:
    """Return what a line of the drawing is called, with its number."""
    title = words.clean(figure.about.get(f"{name}_title") or default)
    value = figure.about.get(name)
    return title if value is None else f"{title} ({digits.number(value)})"


def _has_gap(figure: Figure) -> bool:
    (series,) = figure.series.values()
    places = set(zip(series["row"], series["column"], strict=True))
    full = len(places) == len(set(series["row"])) * len(set(series["column"]))
    return not full or None in series["value"]

"""Of what a number is, in words: the slice, the window, the class, and what it is held against."""

from __future__ import annotations

from dataclasses import replace

from plimsoll.core.estimate import EVERYWHERE, Estimate, Where
from plimsoll.core.record import GateLine, Record
from plimsoll.reports.slices import said
from plimsoll.reports.words import clean, measure_for

_COMPARING = ("difference", "_ratio", "_difference", "_drop", "_change")
_AGAINST = {"rest": "the rest", "whole": "the whole", "reference": "the reference"}
_OF = {"rest": "the rest", "whole": "the whole", "reference": "on the reference"}


def slice_text(pairs: tuple[tuple[str, str], ...]) -> str:
    """Say which rows a slice holds, its columns in their order.

    >>> slice_text((("region", "north"), ("age", "[30, 45)")))
    'region: north, age: 30 to 45'
    """
    return ", ".join(f"{clean(column)}: {said(clean(value))}" for column, value in pairs)


def where_text(where: Where, comparing: bool | None = None) -> str:
    """Say of what a number is, in words; empty for the whole of the data.

    ``comparing`` is whether the number sets two things against each other, so that its variant names
    the other one; where it is not said, a number with a metric of its own is taken to.

    >>> where_text(Where(slice=(("region", "north"),), metric="recall", variant="rest"))
    'region: north, metric recall, against the rest'
    >>> where_text(Where(variant="reference"))
    'on the reference'
    """
    if where == EVERYWHERE:
        return ""
    parts = [slice_text(where.slice)] if where.slice else []
    named = where.to_json()
    for key in ("slice", "window", "variant"):
        named.pop(key, None)
    if where.window is not None:
        parts.append(" to ".join(map(clean, where.window)))
    parts += [f"{key} {clean(value)}" for key, value in named.items()]
    if where.variant is not None:
        against = where.metric is not None if comparing is None else comparing
        parts.append(_variant(clean(where.variant), against))
    return ", ".join(parts)


def _variant(variant: str, comparing: bool) -> str:
    """Say a variant: what the number is against or on, or which way of measuring it is."""
    if comparing and variant in _AGAINST:
        return f"against {_AGAINST[variant]}"
    if variant in _OF:
        return _OF[variant]
    return variant if any(letter.isalpha() for letter in variant) else f"variant {variant}"


def compares(estimate: Estimate) -> bool:
    """Whether an estimate sets two things against each other."""
    return estimate.where.metric is not None or estimate.name.endswith(_COMPARING)


def of_what(estimate: Estimate) -> str:
    """Say behind a measure's title what the estimate is of, where it is not of the whole."""
    where = estimate.where
    text = where_text(replace(where, metric=None, model=None), compares(estimate))
    against = f", against {clean(where.model)}" if where.model and where.metric else ""
    return against + (f" ({text})" if text else "")


def title_of(record: Record, estimate: Estimate) -> str:
    """Name an estimate in words: its measure, and the one it is a difference in."""
    title = clean(measure_for(record, estimate.name).title)
    title = title[:1].upper() + title[1:]
    if estimate.name != "difference" or estimate.where.metric is None:
        return title
    metric = clean(measure_for(record, estimate.where.metric).title)
    plain = metric[1:2].islower() or metric[1:2] == " "  # but for names such as ROC AUC or R²
    return f"Difference in {metric[:1].lower() + metric[1:] if plain else metric}"


def rest_of(estimate: Estimate) -> str:
    """Say beside the title of :func:`title_of` of what the estimate is."""
    where = estimate.where
    if estimate.name == "difference":
        where = replace(where, metric=None)
    return where_text(where, compares(estimate))


def line_name(line: GateLine) -> str:
    """Name a line of the gate so that the lines of one limit can be told apart."""
    where = "" if line.estimate is None else _text(line.estimate)
    return f"{clean(line.limit)} ({where})" if where else clean(line.limit)


def estimate_name(estimate: Estimate) -> str:
    """Name an estimate by its measure and of what it is."""
    where = _text(estimate)
    return f"{clean(estimate.name)} ({where})" if where else clean(estimate.name)


def _text(estimate: Estimate) -> str:
    return where_text(estimate.where, compares(estimate))

"""Reads the owner's limits from ``[policy]`` and refuses what cannot be meant.

::

    roc_auc = { min = 0.75 }
    log_loss = { max = 0.40 }
    "calibration.mcb" = { max = 0.01 }
    recall = { max_drop = 0.05 }
    baseline = { non_inferior_to = "champion", metric = "roc_auc", margin = 0.01 }
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from plimsoll.core.check import Card
from plimsoll.core.errors import SettingsError, did_you_mean
from plimsoll.core.labels import label_text
from plimsoll.core.limit import Limit
from plimsoll.core.measure import Measure
from plimsoll.policy.places import AREAS

BOUNDS = ("min", "max", "max_drop", "load_line_min")
RIVALS = ("champion", "constant", "best_feature", "linear", "gradient_boosting")
FOREIGN_AREAS = AREAS
"""Areas of the policy language that may stand in a file although no check for them is there; such
a limit is never met by silence: its gate line is UNSURE."""


def parse_policy(data: Mapping[str, Any], cards: Iterable[Card]) -> tuple[Limit, ...]:
    """Return the limits in the order of the file.

    Raises
    ------
    SettingsError
        At a measure that no check has (with the nearest name), an unknown key, a bound that is not a
        finite number, or a bound outside the range the measure can take.
    """
    known = measures(cards)
    limits: list[Limit] = []
    for name, body in data.items():
        entries = body if isinstance(body, list) and body else [body]
        for entry in entries:
            if not isinstance(entry, Mapping):
                raise SettingsError(
                    f"The limit '{name}' must be a table such as {{ min = 0.75 }}; got {entry!r}."
                )
            if "non_inferior_to" in entry:
                limits.append(_non_inferior(name, entry, known))
            else:
                limits.extend(_bounds(name, entry, known))
    return tuple(limits)


def measures(cards: Iterable[Card]) -> dict[str, tuple[str, Measure]]:
    """Return area and measure by name, under the bare name and under ``area.name``."""
    found: dict[str, tuple[str, Measure]] = {}
    for card in cards:
        for measure in card.measures:
            found.setdefault(measure.name, (card.area, measure))
            found.setdefault(f"{card.area}.{measure.name}", (card.area, measure))
    return found


def _bounds(name: str, entry: Mapping[str, Any], known: Mapping[str, Any]) -> list[Limit]:
    area, measure, facts = _named(name, known)
    extra = [key for key in entry if key not in (*BOUNDS, "by", "class")]
    if extra:
        raise SettingsError(
            f"The limit '{name}' holds the unknown key '{extra[0]}'; known are "
            f"{', '.join((*BOUNDS, 'by', 'class', 'non_inferior_to'))}."
            f"{did_you_mean(extra[0], (*BOUNDS, 'by', 'class', 'non_inferior_to'))}"
        )
    kinds = [kind for kind in BOUNDS if kind in entry]
    if not kinds:
        raise SettingsError(
            f"The limit '{name}' sets no bound; give one of {', '.join(BOUNDS)} or non_inferior_to."
        )
    by = _columns(name, entry.get("by", []))
    label = entry.get("class")
    _of_robustness(name, area, kinds, facts)
    limits = []
    for kind in kinds:
        bound = _number(name, kind, entry[kind])
        if facts is not None and kind in ("min", "max"):
            _in_range(name, kind, bound, facts)
        if kind == "max_drop" and area in ("fairness", "drift"):
            raise SettingsError(
                f"The limit '{name}' takes min or max; a max_drop is of a measure against the reference, or "
                "of a slice against the whole."
            )
        if by and area not in AREAS:
            raise SettingsError(
                f"The limit '{name}' names columns with by, which is for slices, groups and columns; write "
                f"'slices.{measure}' for a limit in every slice."
            )
        if kind == "max_drop" and bound < 0:
            raise SettingsError(f"The limit '{name}' needs a max_drop of 0 or more; got {bound:g}.")
        limits.append(
            Limit(
                measure,
                kind,
                bound,
                area=area,
                by=by,
                label=None if label is None else label_text(label),
            )
        )
    if "min" in entry and "max" in entry and entry["min"] > entry["max"]:
        raise SettingsError(
            f"The limit '{name}' sets min = {entry['min']:g} above max = {entry['max']:g}, "
            "which no model can keep; correct one of them."
        )
    return limits


def _of_robustness(name: str, area: str, kinds: list[str], facts: Measure | None) -> None:
    """Refuse a load line of something that is no stress, and another bound on a stress."""
    stress = area == "robustness" and facts is None
    if "load_line_min" in kinds and not stress:
        raise SettingsError(
            f"The limit '{name}' sets load_line_min, which is for a stress; write it as "
            "'robustness.missing' = { load_line_min = 0.10 }, with the kind of stress after the dot."
        )
    if stress and kinds != ["load_line_min"]:
        raise SettingsError(
            f"The limit '{name}' is about a stress, which takes load_line_min and no other bound; "
            f"got {', '.join(kinds)}."
        )


def _columns(name: str, by: Any) -> tuple[str, ...]:
    columns = [by] if isinstance(by, str) else by
    if not isinstance(columns, list | tuple) or not all(isinstance(c, str) for c in columns):
        raise SettingsError(f"The limit '{name}' needs column names for by; got {by!r}.")
    return tuple(columns)


def _non_inferior(name: str, entry: Mapping[str, Any], known: Mapping[str, Any]) -> Limit:
    extra = [key for key in entry if key not in ("non_inferior_to", "metric", "margin")]
    if extra:
        raise SettingsError(
            f"The limit '{name}' holds the unknown key '{extra[0]}'; a non-inferiority limit has "
            f"non_inferior_to, metric and margin.{did_you_mean(extra[0], ('metric', 'margin'))}"
        )
    rival = str(entry["non_inferior_to"])
    if rival not in RIVALS:
        raise SettingsError(
            f"The limit '{name}' is held against the unknown rival '{rival}'; known are "
            f"{', '.join(RIVALS)}.{did_you_mean(rival, RIVALS)}"
        )
    if "metric" not in entry or "margin" not in entry:
        raise SettingsError(
            f"The limit '{name}' needs a metric and a margin, such as "
            f'{{ non_inferior_to = "{rival}", metric = "roc_auc", margin = 0.01 }}.'
        )
    area, metric, facts = _named(str(entry["metric"]), known)
    if facts is None or area in AREAS or facts.better not in ("higher", "lower"):
        raise SettingsError(
            f"The limit '{name}' is about the metric '{entry['metric']}', which has no better and worse "
            "that two models could be compared by; name another, such as roc_auc."
        )
    margin = _number(name, "margin", entry["margin"])
    if margin < 0:
        raise SettingsError(f"The limit '{name}' needs a margin of 0 or more; got {margin:g}.")
    return Limit(metric, "non_inferior_to", margin, area=name, rival=rival)


def _named(name: str, known: Mapping[str, Any]) -> tuple[str, str, Measure | None]:
    if name in known:
        _, measure = known[name]
        return ("" if "." not in name else name.split(".", 1)[0]), measure.name, measure
    area, dot, rest = name.partition(".")
    if dot and area == "slices" and rest in known:  # every measure of the whole has one by slice
        return area, rest, known[rest][1]
    if dot and area == "robustness":  # kinds of stress are no measures, and may be the user's own
        return area, rest, None
    if dot and area in FOREIGN_AREAS and area not in {found for found, _ in known.values()}:
        return area, rest, None
    raise SettingsError(
        f"The policy names the measure '{name}', which no check has.{did_you_mean(name, known)} "
        "'plimsoll list' shows the checks and their measures."
    )


def _number(name: str, kind: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SettingsError(f"The limit '{name}' needs a finite number for {kind}; got {value!r}.")
    return float(value)


def _in_range(name: str, kind: str, bound: float, measure: Measure) -> None:
    below = measure.low is not None and bound < measure.low
    above = measure.high is not None and bound > measure.high
    if below or above:
        low = "-infinity" if measure.low is None else f"{measure.low:g}"
        high = "infinity" if measure.high is None else f"{measure.high:g}"
        raise SettingsError(
            f"The limit '{name}' sets {kind} = {bound:g}, which {measure.title} cannot reach: "
            f"it lies between {low} and {high}."
        )

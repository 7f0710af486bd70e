"""What settings say about trials: stresses of the user, limits to judge by, contexts, time."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from plimsoll.core.check import StressOptions
from plimsoll.core.errors import SettingsError, did_you_mean
from plimsoll.core.limit import Limit
from plimsoll.core.model import Model
from plimsoll.core.settings import Settings
from plimsoll.core.trial import EXPERIMENT
from plimsoll.models.logged import can_be_asked
from plimsoll.models.python_ref import find_object, is_python_reference
from plimsoll.models.refit import Experiment, callable_of_rows
from plimsoll.probes.baselines import KINDS
from plimsoll.stats.row_measures import MEASURES, measure
from plimsoll.trials.against import CHAMPION
from plimsoll.trials.stresses import known_kinds

LINEAR = "linear"
"""Whose errors are the yardstick in the full suite, where no other is named."""
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def stress_options(
    settings: Settings,
    limits: tuple[Limit, ...],
    columns: Sequence[str],
    own: Mapping[str, Callable[..., object]],
) -> StressOptions:
    """Return what trials may follow.

    Raises
    ------
    SettingsError
        If a measure cannot be judged by, the image does not fit its columns, or a severity is below 0.
    """
    stress = settings.stress
    if stress.judge_by is not None and measure(stress.judge_by) is None:
        raise SettingsError(
            f"judge_by under [stress] must be one of {', '.join(MEASURES)}; got '{stress.judge_by}'."
        )
    _known(stress.kinds, own)
    for name, parts in settings.contexts.items():
        for of, severity in parts.items():
            if not severity >= 0:
                raise SettingsError(
                    f"The context '{name}' must give '{of}' a severity of 0 or more; got {severity:g}."
                )
    return StressOptions(
        rows=stress.ask_rows,
        kinds=tuple(stress.kinds),
        own=tuple(own),
        judge_by=stress.judge_by,
        keep=stress.keep,
        limits=tuple(
            limit
            for limit in limits
            if limit.kind in ("min", "max")
            and not limit.by
            and limit.label is None
            and measure(limit.measure) is not None
            and limit.area in ("", "performance", "calibration")
        ),
        contexts=tuple((name, tuple(parts.items())) for name, parts in settings.contexts.items()),
        image=_image(settings, columns),
        increasing=tuple(stress.increasing),
        decreasing=tuple(stress.decreasing),
        groups=_groups(stress.input_groups, columns),
        against=stress.against or (LINEAR if settings.run.suite == "full" else None),
        margins=tuple(
            (limit.measure, limit.bound) for limit in limits if limit.kind == "non_inferior_to"
        ),
    )


def _groups(
    named: Mapping[str, Sequence[str]], columns: Sequence[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return groups of inputs; every member must be a column, and of one group only."""
    taken: dict[str, str] = {}
    for name, members in named.items():
        for column in members:
            if column not in columns:
                raise SettingsError(
                    f"The group '{name}' under [stress.input_groups] must hold columns of the data; it "
                    f"holds '{column}'.{did_you_mean(column, columns)}"
                )
            if column in taken:
                raise SettingsError(
                    f"Column '{column}' stands in the groups '{taken[column]}' and '{name}' under "
                    "[stress.input_groups]; leave it in one."
                )
            taken[column] = name
    return tuple((name, tuple(members)) for name, members in named.items() if members)


def fit_function(settings: Settings, given: Any = None) -> Callable[..., Any] | None:
    """Return the function of the user that fits the model anew, or None where none is named."""
    return _named_function(settings.subject.fit, given, "fit", "a fitted model")


def experiments(settings: Settings, given: Any = None) -> dict[str, Callable[..., object]]:
    """Return the whole experiment of the user under the reference that trials find it by, or nothing."""
    function = _named_function(settings.subject.experiment, given, "experiment", "a score")
    return {} if function is None else {EXPERIMENT: Experiment.of(function)}


def _named_function(
    ref: str | None, given: Any, flag: str, gives: str
) -> Callable[..., Any] | None:
    if given is None and ref is None:
        return None
    thing = given if given is not None else ref
    if not isinstance(thing, str):
        return callable_of_rows(thing, str(getattr(thing, "__name__", flag)), gives)
    if not is_python_reference(thing):
        raise SettingsError(
            f"--{flag} must name a function as module:function, such as train:{flag}; got '{thing}'."
        )
    return callable_of_rows(find_object(thing), thing, gives)


def _known(kinds: Sequence[str], own: Mapping[str, Callable[..., object]]) -> None:
    known = known_kinds(own)
    for name in kinds:
        if name.split(":", 1)[0] not in known:
            raise SettingsError(
                f"There is no kind of stress '{name}'; known are {', '.join(known)}."
                f"{did_you_mean(name, known)}"
            )


def check_monotone(
    stress: StressOptions, features: Sequence[str], schema: Mapping[str, pl.DataType]
) -> None:
    """Refuse monotone inputs that are no numeric input, or that may move the answer neither way.

    Raises
    ------
    SettingsError
        At the first such name; the nearest input is offered.
    """
    for key in ("increasing", "decreasing"):
        for name in getattr(stress, key):
            if name not in features:
                raise SettingsError(
                    f"{key} under [stress] must name inputs of the model; '{name}' is none."
                    f"{did_you_mean(name, features)}"
                )
            if not schema[name].is_numeric():
                raise SettingsError(
                    f"{key} under [stress] must name inputs that hold numbers; '{name}' holds none, so it "
                    "has no higher and lower."
                )
    both = set(stress.increasing) & set(stress.decreasing)
    if both:
        raise SettingsError(
            f"'{min(both)}' stands under [stress] as increasing and as decreasing; leave it in one."
        )


def check_against(name: str | None, champion: Model | None) -> None:
    """Refuse a yardstick that is neither a simple model nor a champion that can be asked.

    Raises
    ------
    SettingsError
        With those that there are.
    """
    if name is None or name in KINDS:
        return
    if name != CHAMPION:
        known = (*KINDS, CHAMPION)
        raise SettingsError(
            f"against under [stress] must be one of {', '.join(known)}; got '{name}'."
            f"{did_you_mean(name, known)}"
        )
    if champion is None:
        raise SettingsError(
            "against under [stress] names the champion and there is none; give --champion REF."
        )
    if not can_be_asked(champion):
        raise SettingsError(
            "against under [stress] must name a model that can be asked, and the champion is a column of "
            "the data; give --champion a model, or --against linear."
        )


def own_functions(
    settings: Settings, given: Sequence[Callable[..., object]]
) -> dict[str, Callable[..., object]]:
    """Return functions of the user by the reference that named them, or by their own name."""
    found: dict[str, Callable[..., object]] = {}
    for ref in settings.stress.own:
        if not is_python_reference(ref):
            raise SettingsError(
                f"own under [stress] must name functions as module:function; got '{ref}'."
            )
        found[ref] = _callable(find_object(ref), ref)
    for function in given:
        name = str(getattr(function, "__name__", type(function).__name__))
        found[name] = _callable(function, name)
    return found


def _callable(thing: Any, name: str) -> Callable[..., object]:
    if not callable(thing):
        raise SettingsError(
            f"'{name}' must be a function of rows, a severity and random numbers; "
            f"it is a {type(thing).__name__}."
        )
    return thing  # type: ignore[no-any-return]


def budget_seconds(text: str | None) -> float | None:
    """Return the seconds that a budget such as ``90s``, ``5m`` or ``1.5h`` stands for.

    >>> budget_seconds("5m"), budget_seconds("90")
    (300.0, 90.0)

    Raises
    ------
    SettingsError
        If it is no number with one of these letters, or is not above 0.
    """
    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", text)
    if found is None or float(found[1]) <= 0:
        raise SettingsError(f"The budget must be a time such as 90s, 5m or 1h; got '{text}'.")
    return float(found[1]) * _SECONDS[found[2] or "s"]


def _image(
    settings: Settings, columns: Sequence[str]
) -> tuple[tuple[str, ...], tuple[int, ...]] | None:
    pattern, shape = settings.stress.image, tuple(settings.stress.image_shape)
    if pattern is None:
        return None
    pixels = tuple(c for c in columns if fnmatch.fnmatchcase(c, pattern))
    if not pixels:
        raise SettingsError(
            f"image under [stress] must name the pixel columns; none is called '{pattern}'."
        )
    if not shape:
        side = round(len(pixels) ** 0.5)
        shape = (side, side)
    area = 1
    for side in shape:
        area *= side
    if len(shape) not in (2, 3) or area != len(pixels):
        raise SettingsError(
            f"image_shape under [stress] must be height, width and, for colour, channels of "
            f"{len(pixels)} pixels; got {list(shape)}, which makes {area}."
        )
    return pixels, shape

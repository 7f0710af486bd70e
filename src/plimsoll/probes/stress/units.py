"""Wrong units: the figure is right and its unit is not.

Every row that is hit is off by the same factor or formula. A variant is left out of a column that it would
not change, and out of one whose type cannot hold the result: whole numbers that would be cut off at the end
of their type, or rounded to next to nothing, would be another fault under the name of this one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.stress import Draws, Exposure, Fault, Stress
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn
from plimsoll.probes.stress.writing import changed, fits, measures

Floats = npt.NDArray[np.float64]
Formula = Callable[[Floats], Floats]
ORDERS = 100.0
"""The 99th percentile over the 1st from which a column is one that people take the logarithm of."""
TELLS = 0.9
"""The share of the reference that must be known again after the change for today's share to be told."""
BEYOND = 3.0
"""Times the reference's range that a value must lie outside of to be taken for one in another unit."""
DIGITS = 10.0
"""Whole numbers that are mostly smaller than this after the change keep a digit or less."""
_TEMPERATURE = re.compile(
    r"temperature|celsius|fahrenheit|(?<![a-z])(temp|tmin|tmax|dew_?point)(?![a-z])", re.IGNORECASE
)


@dataclass(frozen=True)
class _Unit:
    """One mistake of units: its formula, the way back, and what is said of it."""

    variant: str
    there: Formula
    back: Formula
    words: str
    life: str

    def of(self, values: Floats) -> Floats:
        """Return values in the wrong unit; too large for a float is infinite."""
        with np.errstate(over="ignore", under="ignore"):
            return self.there(values)


def _log(values: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        out = np.log(values)
    return np.where(values > 0.0, out, np.nan)


def _exp(values: Floats) -> Floats:
    with np.errstate(over="ignore"):
        out: Floats = np.exp(values)
    return out


THOUSANDFOLD = _Unit(
    "x1000", lambda v: v * 1000.0, lambda v: v / 1000.0, "a thousand times too large",
    "One source counts in thousands and another in ones, or in grams and not kilograms.",
)  # fmt: skip
HUNDREDTH = _Unit(
    "x0.01", lambda v: v / 100.0, lambda v: v * 100.0, "a hundred times too small",
    "Cents are taken for whole units, or per cent for shares.",
)  # fmt: skip
SIGN = _Unit(
    "sign", lambda v: 0.0 - v, lambda v: 0.0 - v, "with the wrong sign",
    "One source books it as income and another as expense, or counts the other way.",
)  # fmt: skip
LOGARITHM = _Unit(
    "log", _log, _exp, "as its logarithm",
    "The figure was transformed already, and the model takes it for the raw one.",
)  # fmt: skip
TO_FAHRENHEIT = _Unit(
    "to_fahrenheit", lambda v: v * 1.8 + 32.0, lambda v: (v - 32.0) / 1.8, "turned to Fahrenheit",
    "The device was set to the other scale, or the figure was converted twice.",
)  # fmt: skip
TO_CELSIUS = _Unit(
    "to_celsius", lambda v: (v - 32.0) / 1.8, lambda v: v * 1.8 + 32.0, "turned to Celsius",
    "The device was set to the other scale, or the figure was converted twice.",
)  # fmt: skip


@family("unit", "wrong units")
def unit(learnt: Learnt) -> Iterator[Stress]:
    """Numbers in another unit, where a column is likely to see it.

    *x1000* in every column of numbers. *x0.01* where whole numbers survive it. *sign* where the reference has
    numbers on both sides of 0, so that the sign means something. *log*, the natural logarithm in place of the
    raw figure, in columns of positive floats that span two orders of magnitude. *to_fahrenheit* and
    *to_celsius* where the name of the column says temperature. In columns of text that hold numbers:
    *decimal_comma* (12,5 for 12.5) and *thousands* (1,234 for 1234). A column of two numbers is a flag
    and has no unit.

    What today's rows show of it already is told where the change takes at least 90 % of the reference out of
    three times its range: the share of today's cells that lie out there and come back into the range when the
    change is undone, among those that the change would move at all.
    """
    for column in measures(learnt):
        for found in _likely(column):
            yield _stress("unit", column, found)
    for column in learnt.categorical():
        yield from _written(column)


@family("unlikely_unit", "wrong units where they are not to be expected", standard=False)
def unlikely_unit(learnt: Learnt) -> Iterator[Stress]:
    """The mistakes of ``unit`` in columns that do not look as if they could see them.

    *sign* in columns of one sign, *log* in positive floats of any span, and both changes of the scale of
    temperature in floats whose values could be temperatures (98 of 100 of them between -60 and 130).
    """
    for column in measures(learnt):
        likely = {found.variant for found in _likely(column)}
        for found in _possible(column):
            if found.variant not in likely:
                yield _stress("unlikely_unit", column, found)


def _likely(column: LearntColumn) -> list[_Unit]:
    found = [THOUSANDFOLD, HUNDREDTH]
    first, last = column.quantile(np.array([0.01, 0.99]))
    if first < 0.0 < last:
        found.append(SIGN)
    if _takes_logarithm(column) and last >= ORDERS * first:
        found.append(LOGARITHM)
    if _TEMPERATURE.search(_spaced(column.name)):
        found += [TO_FAHRENHEIT, TO_CELSIUS]
    return [unit for unit in found if _is_held(column, unit)]


def _possible(column: LearntColumn) -> list[_Unit]:
    found = [SIGN]
    if _takes_logarithm(column):
        found.append(LOGARITHM)
    first, last = column.quantile(np.array([0.01, 0.99]))
    if column.kind is Kind.NUMBER and first >= -60.0 and last <= 130.0:
        found += [TO_FAHRENHEIT, TO_CELSIUS]
    return [unit for unit in found if _is_held(column, unit)]


def _takes_logarithm(column: LearntColumn) -> bool:
    return column.kind is Kind.NUMBER and bool(column.values[0] > 0.0)


def _spaced(name: str) -> str:
    """Return a name with its humps apart: airTemp, air Temp."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _is_held(column: LearntColumn, unit: _Unit) -> bool:
    """Return whether the type of a column can hold what a mistake of units makes of its values."""
    after = unit.of(column.values)
    if not fits(column, float(after.min()), float(after.max())):
        return False
    if column.kind is not Kind.INTEGER:
        return True
    large = np.abs(after[column.values != 0.0])
    return bool(np.median(large) >= DIGITS)


def _stress(kind: str, column: LearntColumn, unit: _Unit) -> Stress:
    return Stress(
        kind,
        (column.name,),
        title=f"{column.name} {unit.words}",
        life=unit.life,
        fault=changed(column, lambda values, _, __: unit.of(values)),
        variant=unit.variant,
        exposure=_known_again(column, unit),
    )


def _known_again(column: LearntColumn, unit: _Unit) -> Exposure | None:
    """Return what tells today's share of a mistake; None where it cannot be told from ordinary values."""
    first, last = float(column.values[0]), float(column.values[-1])
    low = first / BEYOND if first > 0.0 else first * BEYOND
    high = last * BEYOND if last > 0.0 else last / BEYOND
    slack = 1e-9 * max(abs(first), abs(last))

    def share(values: Floats) -> float | None:
        values = values[np.isfinite(values)]
        tells = values[unit.of(values) != values]
        if not tells.size:
            return None
        out_there = (tells < low) | (tells > high)
        with np.errstate(over="ignore"):
            undone = unit.back(tells)
        return float((out_there & (undone >= first - slack) & (undone <= last + slack)).mean())

    known = share(unit.of(column.values))
    if known is None or known < TELLS:
        return None
    return lambda frame: share(column.numbers(frame))


def _written(column: LearntColumn) -> Iterator[Stress]:
    """Yield the ways to write numbers in a column of texts that change at least half of it."""
    texts = pl.Series(column.name, list(column.levels), dtype=pl.String)
    shares = np.array(column.shares)
    is_number = texts.str.contains(r"^\s*[-+]?\d+(\.\d+)?\s*$").to_numpy()
    if not shares.size or shares[is_number].sum() < 0.95 * shares.sum():
        return
    for variant, write, words, life in (
        ("decimal_comma", _with_comma, "with a decimal comma",
         "The export comes from a machine set to another language: 12,5 for 12.5."),
        ("thousands", _with_thousands, "with a separator of thousands",
         "The export comes from a spreadsheet that groups digits: 1,234 for 1234."),
    ):  # fmt: skip
        if shares[(write(texts) != texts).to_numpy()].sum() >= 0.5 * shares.sum():
            yield Stress(
                "unit",
                (column.name,),
                title=f"{column.name} {words}",
                life=life,
                fault=_rewritten(column, write),
                variant=variant,
            )


def _with_comma(texts: pl.Series) -> pl.Series:
    return texts.str.replace(r"^(\s*[-+]?\d+)\.(\d+\s*)$", "${1},${2}")


def _with_thousands(texts: pl.Series) -> pl.Series:
    for _ in range(6):
        texts = texts.str.replace(r"^(\s*[-+]?\d+)(\d{3})([,.\s]|$)", "${1},${2}${3}")
    return texts


def _rewritten(column: LearntColumn, write: Callable[[pl.Series], pl.Series]) -> Fault:
    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        return column.put_texts(frame, write(column.texts(frame)))

    return fault

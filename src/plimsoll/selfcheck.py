"""Published answers, recomputed on this machine: does the arithmetic here agree with the literature?

A processor, a BLAS or a new version of a library can move a number. Every case names its source, what
was printed there, to how many digits, and the formula of Plimsoll that has to give it again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

PUBLISHED_DIGITS = 1e-9
"""Tolerance where the source prints its answer to full precision."""

PROC = "pROC 1.18 on aSAH; Robin et al. 2011, doi:10.1186/1471-2105-12-77"
CORP = "Dimitriadis, Gneiting, Jordan 2021, doi:10.1073/pnas.2016191118"
NEWCOMBE_ONE = "Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E"
NEWCOMBE_TWO = "Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I"
SPOTIFY = "Schultzberg et al. 2024, arXiv:2402.11609"
REUSE = "Renggli et al. 2019, MLSys, arXiv:1903.00278"
SKLEARN = "scikit-learn, computed now"


@dataclass(frozen=True, slots=True)
class Case:
    """One published answer. ``tolerance`` is absolute: half a unit of the last digit printed."""

    name: str
    source: str
    expected: float
    tolerance: float
    compute: Callable[[], float] = field(repr=False)

    def run(self) -> Outcome:
        """Recompute the answer; a formula that fails here does not agree, and says why."""
        try:
            got, reason = self.compute(), None
        except Exception as error:  # the table shows every case, whatever one of them does
            got, reason = math.nan, f"{type(error).__name__}: {error}"
        return Outcome(self.name, self.source, self.expected, self.tolerance, got, reason)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case; ``reason`` says why there is no number where there is none."""

    name: str
    source: str
    expected: float
    tolerance: float
    got: float
    reason: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether the number found is the number published, to the digits published."""
        return abs(self.got - self.expected) <= self.tolerance

    @property
    def expected_text(self) -> str:
        """The published number with the digits that were published."""
        return _digits(self.expected, self.tolerance)

    @property
    def got_text(self) -> str:
        """The number found, with one digit more where it does not agree."""
        if self.reason is not None:
            return "none"
        return _digits(self.got, self.tolerance if self.agrees else self.tolerance / 100)

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as plain words and finite numbers."""
        got = self.got if math.isfinite(self.got) else None
        return {
            "name": self.name,
            "source": self.source,
            "expected": self.expected,
            "tolerance": self.tolerance,
            "got": got,
            "agrees": self.agrees,
            "reason": self.reason,
        }


def _digits(value: float, tolerance: float) -> str:
    places = max(0, math.ceil(-math.log10(2 * tolerance) - 1e-9))
    return f"{value:.{places}f}" if places <= 10 else f"{value:.10f}"


def recompute() -> list[Outcome]:
    """Recompute every case, in the order of the table."""
    return [case.run() for case in cases()]


def cases() -> list[Case]:
    """Return every case."""
    return [*_ranking(), *_calibration(), *_shares(), *_rows(), *_points()]


def _ranking() -> Iterable[Case]:
    """ROC areas and their paired test against pROC."""
    from plimsoll.stats.auc import delong
    from plimsoll.stats.interval import z_quantile
    from plimsoll.stats.paired import auc_difference
    from plimsoll.stats.published import asah
    from plimsoll.stats.score_cells import ScoreCells

    def area(sign: float) -> float:
        data = asah()
        scores, cell = _ranked(data.ndka)
        found = delong(ScoreCells(scores, *_by_cell(cell, data.poor)))
        assert found is not None
        return found.value + sign * z_quantile(0.95) * math.sqrt(found.variance)

    def paired(what: str) -> float:
        data = asah()
        found = auc_difference(data.poor, data.wfns, data.s100b)
        assert found is not None
        return float(getattr(found, what))

    for name, expected, sign in (
        ("ROC AUC of ndka", 0.611957994579946, 0.0),
        ("ROC AUC of ndka, DeLong low", 0.501244999271703, -1.0),
        ("ROC AUC of ndka, DeLong high", 0.722670989888189, 1.0),
    ):
        yield Case(name, PROC, expected, PUBLISHED_DIGITS, lambda sign=sign: area(sign))
    for name, expected, what in (
        ("Paired DeLong, wfns and s100b: Z", 2.20898359144091, "z"),
        ("Paired DeLong, wfns and s100b: p", 0.0271757822291882, "p"),
    ):
        yield Case(name, PROC, expected, PUBLISHED_DIGITS, lambda what=what: paired(what))


def _calibration() -> Iterable[Case]:
    """The CORP decomposition of four rain forecasts for Niamey."""
    from plimsoll.stats.calibration_cells import Cells
    from plimsoll.stats.corp import Corp, corp
    from plimsoll.stats.published import niamey

    @cache
    def found(forecast: str) -> Corp:
        data = niamey()
        scores, cell = _ranked(getattr(data, forecast.lower()))
        return corp(Cells.of(scores, *_by_cell(cell, data.rain)))

    printed = {
        "EMOS": (0.2320, 0.0183, 0.0305),
        "Logistic": (0.2057, 0.0171, 0.0555),
        "ENS": (0.2662, 0.0661, 0.0441),
        "EPC": (0.2343, 0.0223, 0.0323),
    }
    for forecast, answers in printed.items():
        for what, expected in zip(("brier_score", "mcb", "dsc"), answers, strict=True):
            name = f"CORP, {forecast} for Niamey: {what.replace('_', ' ').removesuffix(' score')}"
            yield Case(name, CORP, expected, 0.5e-4, lambda f=forecast, w=what: _of(found(f), w))
    yield Case("CORP, Niamey: unc", CORP, 0.244, 0.5e-3, lambda: found("EMOS").unc)


def _shares() -> Iterable[Case]:
    """Intervals of shares and of their differences."""
    from plimsoll.stats.proportion import newcombe_difference, wilson

    for name, source, expected, limits in (
        ("Wilson, 81 of 263", NEWCOMBE_ONE, (0.2553, 0.3662), lambda: wilson(81, 263)),
        ("Wilson, 0 of 20", NEWCOMBE_ONE, (0.0, 0.1611), lambda: wilson(0, 20)),
        (
            "Newcombe, 56 of 70 less 48 of 80",
            NEWCOMBE_TWO,
            (0.0524, 0.3339),
            lambda: newcombe_difference(56, 70, 48, 80),
        ),
    ):
        for side, word in enumerate(("low", "high")):
            yield Case(
                f"{name}: {word}",
                source,
                expected[side],
                0.5e-4,
                lambda limits=limits, side=side: float(limits()[side]),
            )


def _rows() -> Iterable[Case]:
    """Numbers of rows, power, and what a test set still says after many looks."""
    from plimsoll.stats.power import joint_power, power_of_each
    from plimsoll.stats.reuse import rows_for_looks

    def looks(adaptive: bool) -> float:
        rows = rows_for_looks(
            32, tolerance=0.01, reliability=0.9999, discordance=0.1, adaptive=adaptive
        )
        return rows / 1000

    yield Case("Ten guardrails at power 0.8: all pass", SPOTIFY, 0.11, 0.005,
               lambda: joint_power([0.8] * 10))  # fmt: skip
    yield Case("Power of each of ten for 0.8 in all", SPOTIFY, 0.978, 0.5e-3,
               lambda: power_of_each(10))  # fmt: skip
    yield Case("Thousand rows for 32 looks, fixed beforehand", REUSE, 29.0, 0.5,
               lambda: looks(adaptive=False))  # fmt: skip
    yield Case("Thousand rows for 32 looks, adaptive", REUSE, 67.0, 1.0,
               lambda: looks(adaptive=True))  # fmt: skip


def _points() -> Iterable[Case]:
    """Point values of a whole run, from rows to record, against scikit-learn on the same rows."""
    from plimsoll.selfcheck_points import WORLDS, judged

    for world in WORLDS:
        for name, expected in world.expected().items():
            yield Case(
                f"{world.name}: {name}",
                SKLEARN,
                expected,
                PUBLISHED_DIGITS,
                lambda world=world, name=name: judged(world)[name],
            )


def _of(found: Any, what: str) -> float:
    return float(getattr(found, what))


def _ranked(values: Any) -> tuple[Any, Any]:
    import numpy as np

    scores, cell = np.unique(values, return_inverse=True)
    return scores, cell


def _by_cell(cell: Any, positive: Any) -> tuple[Any, Any]:
    """Return the rows of each cell without and with the event."""
    import numpy as np

    size = int(cell.max()) + 1
    return np.bincount(cell[~positive], minlength=size), np.bincount(
        cell[positive], minlength=size
    )

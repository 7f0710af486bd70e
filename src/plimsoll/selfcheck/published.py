"""Answers printed in papers or by the field's reference programs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np

from plimsoll.selfcheck.case import Case
from plimsoll.stats.auc import roc_auc
from plimsoll.stats.calibration_cells import Cells
from plimsoll.stats.corp import Corp, corp
from plimsoll.stats.paired import auc_difference
from plimsoll.stats.power import binomial_rows
from plimsoll.stats.proportion import newcombe_difference, wilson
from plimsoll.stats.published import asah, niamey
from plimsoll.stats.reuse import rows_for_looks
from plimsoll.stats.score_cells import ScoreCells

FULL = 1e-9
PROC = "pROC, aSAH data; doi:10.1186/1471-2105-12-77"
CORP = "Dimitriadis et al. 2021; doi:10.1073/pnas.2016191118"
WILSON = "Newcombe 1998, one sample; PMID 9595616"
NEWCOMBE = "Newcombe 1998, two samples; PMID 9595617"
BINOMIAL = "scipy.stats.binom, every number of rows tried, now"
REUSE = "Renggli et al. 2019, MLSys; arXiv:1903.00278"


def published_cases() -> Iterator[Case]:
    """Return the cases of the literature."""
    yield from _ranking()
    yield from _calibration()
    yield from _shares()
    yield from _rows()


def _ranking() -> Iterator[Case]:
    for name, expected, what in (
        ("ROC AUC", 0.611957994579946, "value"),
        ("ROC AUC, DeLong low", 0.501244999271703, "low"),
        ("ROC AUC, DeLong high", 0.722670989888189, "high"),
    ):
        yield Case(f"ndka: {name}", PROC, expected, FULL, partial(_area, what))
    for what, expected in (("z", 2.20898359144091), ("p", 0.0271757822291882)):
        yield Case(f"wfns against s100b: paired DeLong {what}", PROC, expected, FULL,
                   partial(_paired, what))  # fmt: skip


def _area(what: str) -> float:
    data = asah()
    return float(getattr(roc_auc(ScoreCells(*_cells(data.ndka, data.poor))), what))


def _paired(what: str) -> float:
    data = asah()
    return float(getattr(auc_difference(data.poor, data.wfns, data.s100b), what))


def _calibration() -> Iterator[Case]:
    printed = {
        "EMOS": (0.2320, 0.0183, 0.0305),
        "Logistic": (0.2057, 0.0171, 0.0555),
        "ENS": (0.2662, 0.0661, 0.0441),
        "EPC": (0.2343, 0.0223, 0.0323),
    }
    for forecast, answers in printed.items():
        for what, expected in zip(("brier_score", "mcb", "dsc"), answers, strict=True):
            name = f"Niamey, {forecast}: CORP {what}"
            yield Case(name, CORP, expected, 0.5e-4, partial(_part, forecast, what))
    yield Case("Niamey: CORP unc", CORP, 0.244, 0.5e-3, partial(_part, "EMOS", "unc"))


def _part(forecast: str, what: str) -> float:
    return float(getattr(_corp(forecast), what))


@cache
def _corp(forecast: str) -> Corp:
    data = niamey()
    return corp(Cells.of(*_cells(data.forecasts[forecast], data.rain)))


def _cells(scores: Any, event: Any) -> tuple[Any, Any, Any]:
    """Return the distinct scores, and the rows of each without and with the event."""
    values, cell = np.unique(scores, return_inverse=True)
    of = partial(np.bincount, minlength=values.size)
    return values, of(cell[~event]), of(cell[event])


def _shares() -> Iterator[Case]:
    for name, source, printed, limits in (
        ("81 of 263: Wilson", WILSON, (0.2553, 0.3662), partial(wilson, 81, 263)),
        ("0 of 20: Wilson", WILSON, (0.0, 0.1611), partial(wilson, 0, 20)),
        (
            "56 of 70 less 48 of 80: Newcombe",
            NEWCOMBE,
            (0.0524, 0.3339),
            partial(newcombe_difference, 56, 70, 48, 80),
        ),
    ):
        for side, word in enumerate(("low", "high")):
            yield Case(f"{name} {word}", source, printed[side], 0.5e-4, partial(_end, limits, side))


def _end(limits: Any, side: int) -> float:
    return float(limits()[side])


def _rows() -> Iterator[Case]:
    for expected, feared in ((0.90, 0.85), (0.90, 0.80), (0.95, 0.92)):
        rows, alarm = _exact_design(expected, feared)
        compute = partial(binomial_rows, expected, feared, alpha=0.05, power=0.8)
        name = f"fall of a share from {expected:g} to {feared:g}"
        yield Case(f"{name}: rows", BINOMIAL, rows, 0, lambda c=compute: c()[0])  # type: ignore[misc]
        yield Case(f"{name}: alarm at", BINOMIAL, alarm, 0, lambda c=compute: c()[1])  # type: ignore[misc]
    for adaptive, thousands in ((False, 29), (True, 67)):
        word = "adaptive" if adaptive else "fixed beforehand"
        yield Case(f"32 looks, {word}: whole thousands of rows", REUSE, thousands, 0,
                   partial(_looks, adaptive))  # fmt: skip


def _exact_design(expected: float, feared: float) -> tuple[int, int]:
    """Return the fewest rows and the count for the alarm, by trying one after the other with SciPy."""
    from scipy.stats import binom

    for rows in range(2, 2000):
        alarm = int(binom.ppf(0.05, rows, expected))
        alarm -= binom.cdf(alarm, rows, expected) > 0.05
        if alarm >= 0 and binom.cdf(alarm, rows, feared) >= 0.8:
            return rows, alarm
    raise ValueError("no number of rows below 2,000 will do")


def _looks(adaptive: bool) -> float:
    rows = rows_for_looks(
        32, tolerance=0.01, reliability=0.9999, discordance=0.1, adaptive=adaptive
    )
    return rows // 1000

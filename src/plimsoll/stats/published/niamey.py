"""Four forecasts of rain with a published CORP decomposition."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

FORECASTS = ("EMOS", "Logistic", "ENS", "EPC")


@dataclass(frozen=True, eq=False)
class Niamey:
    """Probability of rain at Niamey, Niger, on 92 days of 2016 by four methods, and whether it rained.

    ``forecasts`` has shape (92, 4) in the order of ``FORECASTS``, to six decimals; ``rain`` (92,).
    Dimitriadis, Gneiting and Jordan (2021), doi:10.1073/pnas.2016191118; the decomposition is
    printed with the R package reliabilitydiag, https://github.com/aijordan/reliabilitydiag.
    """

    forecasts: npt.NDArray[np.float64]
    rain: npt.NDArray[np.bool_]


def niamey() -> Niamey:
    """Read the forecasts that ship with the package."""
    text = files(__package__).joinpath("niamey.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    forecasts = np.array([[float(row[name]) for name in FORECASTS] for row in rows])
    return Niamey(forecasts, np.array([row["obs"] == "1" for row in rows]))

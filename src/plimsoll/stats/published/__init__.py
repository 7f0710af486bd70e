"""Published data with published answers, so that any machine can check the formulas on itself."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Asah:
    """113 patients after a brain haemorrhage: a poor outcome, and three scores for it; all (113,).

    Turck et al. (2010), doi:10.1007/s00134-009-1641-y, as published with pROC (Robin et al. 2011,
    doi:10.1186/1471-2105-12-77).
    """

    poor: npt.NDArray[np.bool_]
    wfns: npt.NDArray[np.float64]
    s100b: npt.NDArray[np.float64]
    ndka: npt.NDArray[np.float64]


def asah() -> Asah:
    """Read the haemorrhage data that ships with the package."""
    text = files(__name__).joinpath("asah.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    scores = {
        name: np.array([float(row[name]) for row in rows]) for name in ("wfns", "s100b", "ndka")
    }
    return Asah(np.array([row["outcome"] == "Poor" for row in rows]), **scores)


@dataclass(frozen=True, eq=False)
class Niamey:
    """Four forecasts of rain at Niamey in 2016, and whether it rained; all (92,).

    ``forecasts`` hold probabilities by method: EMOS, Logistic, ENS and EPC. Dimitriadis, Gneiting and
    Jordan (2021), doi:10.1073/pnas.2016191118.
    """

    rain: npt.NDArray[np.bool_]
    forecasts: dict[str, npt.NDArray[np.float64]]


def niamey() -> Niamey:
    """Read the rain forecasts that ship with the package."""
    text = files(__name__).joinpath("niamey.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    forecasts = {
        name: np.array([float(row[name]) for row in rows])
        for name in ("EMOS", "Logistic", "ENS", "EPC")
    }
    return Niamey(np.array([float(row["obs"]) == 1.0 for row in rows]), forecasts)

"""Other mixes of rows and worst parts: a published change of prevalence, and laws whose answer is known."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import norm

from plimsoll.selfcheck.case import Case
from plimsoll.stats.conditional_value_at_risk import conditional_value_at_risk
from plimsoll.stats.influence import Graded
from plimsoll.stats.prior_shift import Prior, under_prevalence
from plimsoll.stats.row_measures import MEASURES
from plimsoll.stats.simultaneous import max_t_quantile
from plimsoll.stats.tilt import Axis

LIVER = "Altman and Bland 1994; doi:10.1136/bmj.309.6947.102"
URYASEV = "Rockafellar and Uryasev 2000; doi:10.21314/JOR.2000.038"
KISH = "Kish 1965, Survey Sampling; exp(-t^2) of a normal column"
SIDAK = "Sidak 1967; doi:10.1080/01621459.1967.10482935"
POINTS = 200_000
Floats = npt.NDArray[np.float64]


def shift_cases() -> Iterator[Case]:
    """Return the cases of shifts and worst parts."""
    for name, expected, turned in (("positive", 0.45, False), ("negative", 0.95, True)):
        compute = partial(_predictive_value, turned=turned)
        yield Case(
            f"prevalence 0.75 to 0.25: {name} predictive value", LIVER, expected, 0.5e-2, compute
        )
    for share in (0.5, 0.05):
        yield Case(
            f"loss of the worst {share:g} of a normal law",
            URYASEV,
            float(norm.pdf(norm.ppf(share)) / share),
            1e-4,
            partial(_tail, share),
        )
    for tilt in (0.5, 1.0):
        yield Case(
            f"effective rows of a tilt by {tilt:g}, share",
            KISH,
            float(np.exp(-tilt * tilt)),
            1e-3,
            partial(_effective_share, tilt),
        )
    for many in (3, 10):
        yield Case(
            f"max-t of {many} independent measures at 95 %",
            SIDAK,
            float(ndtri((1.0 + 0.95 ** (1.0 / many)) / 2.0)),
            0.03,
            partial(_max_t, many),
        )


def _predictive_value(*, turned: bool) -> float:
    """Return the predictive value of the liver scans at a prevalence of 0.25.

    Of 258 abnormal livers 231 were found, of 86 normal ones 54.
    """
    counts = np.array([231, 27, 32, 54])
    sick = np.repeat([1.0, 1.0, 0.0, 0.0], counts)
    said = np.repeat([1.0, 0.0, 1.0, 0.0], counts)
    prior = Prior.of(sick == 1, np.ones(sick.size))
    assert prior is not None
    graded = Graded(1.0 - sick, None, 1.0 - said, 2) if turned else Graded(sick, None, said, 2)
    mix = MEASURES["precision"].mix(graded, graded, np.ones(sick.size))
    return under_prevalence(mix, prior, 0.25).value


def _normal() -> Floats:
    out: Floats = ndtri((np.arange(POINTS) + 0.5) / POINTS)
    return out


def _tail(share: float) -> float:
    return conditional_value_at_risk(_normal(), share).value


def _effective_share(tilt: float) -> float:
    return Axis(_normal(), np.ones(POINTS)).at(tilt).effective / POINTS


def _max_t(many: int) -> float:
    rows = np.random.default_rng(0).normal(size=(4000, many))
    rows -= rows.mean(axis=0)
    white = rows @ np.linalg.inv(np.linalg.cholesky(rows.T @ rows)).T
    return max_t_quantile(white)

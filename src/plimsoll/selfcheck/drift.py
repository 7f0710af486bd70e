"""Distances of two tables: answers that others print, and SciPy's on the same rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from plimsoll.selfcheck.case import Case
from plimsoll.stats import two_samples
from plimsoll.stats.drift_distances import jensen_shannon_distance, wasserstein_sigma
from plimsoll.stats.drift_numbers import kolmogorov_quantile, ks_effect
from plimsoll.stats.two_samples import TwoSamples

SMIRNOV = "Smirnov 1948, critical values; doi:10.1214/aoms/1177730256"
SCIPY_PAGE = "SciPy, documentation of "
SCIPY = "SciPy, same rows, now"
CLOSE = 1e-9
Floats = npt.NDArray[np.float64]


def drift_cases() -> Iterator[Case]:
    """Return the cases of drift."""
    for level, expected in ((0.05, 1.36), (0.01, 1.63)):
        compute = partial(kolmogorov_quantile, level)
        yield Case(f"KS: critical value at {level}", SMIRNOV, expected, 0.5e-2, compute)
    yield from _printed()
    yield from _same_rows()


def _printed() -> Iterator[Case]:
    values = np.array([1.4, 3.4, 3.9, 4.5, 7.5, 7.8])
    one = np.array([0.0, 1.4, 0.9, 0.0, 3.1, 7.2])
    two = np.array([3.5, 0.0, 0.0, 3.2, 0.0, 0.0])
    yield Case(
        "Wasserstein: two weighted columns",
        SCIPY_PAGE + "wasserstein_distance",
        4.0781331438047861,
        CLOSE,
        partial(two_samples.wasserstein, values, one, two),
    )
    yield Case(
        "Jensen-Shannon: (1, 0) against (1/2, 1/2), in nats",
        SCIPY_PAGE + "jensenshannon",
        0.46450140402245893,
        CLOSE,
        lambda: (
            math.sqrt(math.log(2.0))
            * two_samples.jensen_shannon(np.array([1.0, 0.0]), np.array([1.0, 1.0]))
        ),
    )
    table = np.array([10, 10, 20]), np.array([20, 20, 20])
    yield Case(
        "chi-squared of two columns: statistic",
        SCIPY_PAGE + "chi2_contingency",
        2.7777777777777777,
        CLOSE,
        lambda: two_samples.chi_squared(*table).statistic,
    )
    yield Case(
        "chi-squared of two columns: p",
        SCIPY_PAGE + "chi2_contingency",
        0.24935220877729619,
        CLOSE,
        lambda: two_samples.chi_squared(*table).p,
    )


def _same_rows() -> Iterator[Case]:
    """Return SciPy's answers on rows of which many are tied."""
    from scipy import stats
    from scipy.spatial.distance import jensenshannon

    rng = np.random.default_rng(5)
    one = np.round(rng.standard_t(3, 900), 1)
    two = np.round(rng.standard_t(3, 700) + 0.3, 1)
    sides = _cells(one, two)
    codes = TwoSamples(sides.reference, sides.current)
    p, q = sides.shares
    answers: tuple[tuple[str, float, Callable[[], float]], ...] = (
        ("ks", stats.ks_2samp(one, two).statistic, lambda: ks_effect(sides).estimate.value),
        (
            "wasserstein_sigma",
            stats.wasserstein_distance(one, two) / float(np.std(one)),
            lambda: _value(wasserstein_sigma(sides)),
        ),
        (
            "jensen_shannon",
            float(jensenshannon(p, q, base=2)),
            lambda: _value(jensen_shannon_distance(codes)),
        ),
        (
            "chi-squared",
            _scipy_chi_squared(sides),
            lambda: two_samples.chi_squared(sides.reference, sides.current).statistic,
        ),
    )
    for name, expected, compute in answers:
        yield Case(f"drift: {name}", SCIPY, float(expected), CLOSE, compute)


def _scipy_chi_squared(sides: TwoSamples) -> float:
    from scipy.stats import chi2_contingency

    return float(chi2_contingency([sides.reference, sides.current], correction=False).statistic)


def _cells(one: Floats, two: Floats) -> TwoSamples:
    values, place = np.unique(np.concatenate([one, two]), return_inverse=True)
    reference = np.bincount(place[: one.size], minlength=values.size)
    return TwoSamples(reference, np.bincount(place[one.size :], minlength=values.size), values)


def _value(estimate: object) -> float:
    return float(getattr(estimate, "value", math.nan))

"""Printed answers about groups of people and about families of findings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from plimsoll.selfcheck.case import Case
from plimsoll.stats.family import holm, rejected
from plimsoll.stats.impact import impact, one_person
from plimsoll.stats.interval import Limits, z_quantile
from plimsoll.stats.local_law_144 import bias_audit
from plimsoll.stats.proportion import wilson
from plimsoll.stats.share_ratio import GroupShares, fisher_p, katz, koopman, score_ratio
from plimsoll.stats.shrinkage import JamesStein, james_stein

FULL = 1e-9
BENJAMINI = "Benjamini and Hochberg 1995, J. R. Statist. Soc. B 57:289"
KOOPMAN = "Koopman 1984; doi:10.2307/2531405"
SCIPY = "scipy.stats, same counts, now"
LIKELIEST = "scipy.optimize, likelihood maximised, now"
COUNTED = "every table counted in whole numbers, now"
GUIDELINES = "Uniform Guidelines (employee selection), 44 FR 11996"
MORRIS = "Efron and Morris 1977, Sci. Am. 236(5):119"
CITY = "New York City, 6 RCNY 5-301, example"

# 15 comparisons of two treatments after a heart attack.
P_VALUES = (0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0)  # fmt: skip
# Hits of 18 players in their first 45 times at bat in 1970, and the average in the rest of the season.
HITS = (18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7)
SEASON = (0.346, 0.298, 0.276, 0.222, 0.273, 0.270, 0.263, 0.210, 0.269, 0.230, 0.264, 0.256, 0.303,
          0.264, 0.226, 0.286, 0.316, 0.200)  # fmt: skip
# People and people selected by race or ethnicity, and the impact ratio printed.
AUDIT = {
    "Hispanic or Latino": (408, 204, 0.967),
    "White": (797, 412, 1.000),
    "Black or African American": (390, 170, 0.843),
    "Native Hawaiian or Pacific Islander": (119, 52, 0.845),
    "Asian": (616, 302, 0.948),
    "Native American or Alaska Native": (41, 18, 0.849),
    "Two or More Races": (213, 96, 0.872),
}


def group_cases() -> Iterator[Case]:
    """Return the cases about groups and families."""
    yield from _families()
    yield from _ratios()
    yield from _impact()
    yield from _baseball()


def _families() -> Iterator[Case]:
    for name, expected, count in (
        ("Bonferroni", 3, lambda p: int((p * p.size <= 0.05).sum())),
        ("Holm", 3, lambda p: int((holm(p) <= 0.05).sum())),
        ("Benjamini-Hochberg", 4, lambda p: int(rejected(p, by="benjamini_hochberg").sum())),
    ):
        compute = partial(count, np.array(P_VALUES))
        yield Case(f"15 p-values: {name} rejects", BENJAMINI, expected, 0, compute)


def _ratios() -> Iterator[Case]:
    pair = (12, 40, 48, 80)
    for name, source, expected, tolerance, compute in (
        ("36 of 40 over 16 of 80: Koopman", KOOPMAN, (2.94, 7.15), 0.5e-2, partial(koopman, 36, 40, 16, 80)),
        ("12 of 40 over 48 of 80: score", LIKELIEST, _score_limits(*pair), 1e-6, partial(score_ratio, *pair)),
        ("12 of 40 over 48 of 80: Katz", SCIPY, _katz_limits(*pair), FULL, partial(katz, *pair)),
        ("0 of 10: Wilson", SCIPY, _wilson_limits(0, 10), FULL, partial(wilson, 0, 10)),
    ):  # fmt: skip
        for side, word in enumerate(("low", "high")):
            yield Case(
                f"{name} {word}", source, expected[side], tolerance, partial(_end, compute, side)
            )
    yield Case(
        "12 of 40 against 48 of 80: Fisher p",
        COUNTED,
        _counted(*pair),
        FULL,
        partial(fisher_p, *pair),
    )


def _end(limits: Callable[[], Limits | None], side: int) -> float:
    ends = limits()
    return math.nan if ends is None else ends[side]


def _score_limits(k1: int, n1: int, k2: int, n2: int) -> Limits:
    """Return the limits from shares that SciPy finds to be likeliest, whatever formula gives them."""
    from scipy.optimize import brentq, minimize_scalar

    def score(at: float) -> float:
        def unlikely(second: float) -> float:
            first = at * second
            own = k1 * math.log(first) + (n1 - k1) * math.log1p(-first)
            return -own - k2 * math.log(second) - (n2 - k2) * math.log1p(-second)

        most = min(1.0, 1.0 / at)
        found = minimize_scalar(
            unlikely, bounds=(1e-9, most - 1e-9), method="bounded", options={"xatol": 1e-12}
        )
        second = float(found.x)
        variance = at * second * (1 - at * second) / n1 + at * at * second * (1 - second) / n2
        return (k1 / n1 - at * k2 / n2) / math.sqrt(variance * (n1 + n2) / (n1 + n2 - 1))

    value, quantile = k1 * n2 / (n1 * k2), z_quantile(0.95)
    low = brentq(lambda at: score(at) - quantile, value / 20, value)
    high = brentq(lambda at: score(at) + quantile, value, value * 20)
    return float(low), float(high)


def _katz_limits(k1: int, n1: int, k2: int, n2: int) -> Limits:
    from scipy.stats.contingency import relative_risk

    limits = relative_risk(k1, n1, k2, n2).confidence_interval(0.95)
    return float(limits.low), float(limits.high)


def _wilson_limits(k: int, n: int) -> Limits:
    from scipy.stats import binomtest

    limits = binomtest(k, n).proportion_ci(0.95, "wilson")
    return float(limits.low), float(limits.high)


def _counted(k1: int, n1: int, k2: int, n2: int) -> float:
    """Return Fisher's p from the number of ways in which each table can come about, no rounding."""
    hits = k1 + k2
    ways = [math.comb(n1, x) * math.comb(n2, hits - x) for x in range(hits + 1)]
    return sum(way for way in ways if way <= ways[k1]) / sum(ways)


def _impact() -> Iterator[Case]:
    for i, (rate, ratio) in enumerate(((45, 75), (48, 80), (51, 85))):
        yield Case(f"selection rates of {rate} and 60 %: ratio in %", GUIDELINES, ratio, 0.5,
                   partial(_ratio, i + 1))  # fmt: skip
    yield Case(
        "selection rates of 60, 45, 48, 51 %: groups below four fifths", GUIDELINES, 1, 0, _below
    )
    swapped = partial(one_person, GroupShares.of_counts([16, 3], [80, 20]), 1, 0)
    yield Case("3 of 20 and 16 of 80, one different person: turned round", GUIDELINES, 1, 0,
               lambda: swapped().reverses)  # fmt: skip
    for i, (race, (_, _, printed)) in enumerate(AUDIT.items()):
        yield Case(
            f"Local Law 144, {race}: impact ratio", CITY, printed, 0.5e-3, partial(_audited, i)
        )


def _rates() -> GroupShares:
    return GroupShares.of_counts([60_000, 45_000, 48_000, 51_000], [100_000] * 4)


def _ratio(group: int) -> float:
    found = impact(_rates())
    return np.nan if found is None else 100 * found.groups[group].ratio.value


def _below() -> int:
    found = impact(_rates())
    return 0 if found is None else sum(group.ratio.value < 0.8 - 1e-12 for group in found.groups)


def _audited(race: int) -> float:
    people, selected, _ = (np.array([column]) for column in zip(*AUDIT.values(), strict=True))
    ratio = bias_audit(["everybody"], list(AUDIT), selected, people).race.rows[race].impact_ratio
    return np.nan if ratio is None else ratio.value


def _baseball() -> Iterator[Case]:
    for name, expected, tolerance, what in (
        ("shrinking factor", 0.212, 0.5e-3, lambda found: found.factor),
        ("grand average", 0.265, 0.5e-3, lambda found: found.centre),
        ("Clemente", 0.294, 0.5e-3, lambda found: found.values[0]),
        ("squared error, plain over shrunken", 3.5, 0.05, _gain),
    ):
        yield Case(
            f"18 baseball players: {name}", MORRIS, expected, tolerance, partial(_players, what)
        )


def _players(what: Callable[[JamesStein], float]) -> float:
    average = np.array(HITS) / 45
    middle = float(average.mean())
    return float(what(james_stein(average, (middle * (1 - middle) / 45) ** 0.5)))


def _gain(found: JamesStein) -> float:
    average, truth = np.array(HITS) / 45, np.array(SEASON)
    return float(((average - truth) ** 2).sum() / ((found.values - truth) ** 2).sum())

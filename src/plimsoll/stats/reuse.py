"""What is left of a claim when the same rows have judged before.

Each look at a test set spends some of its honesty. If the candidates were fixed beforehand, k
looks are k tests. If each candidate was built with the answers before it in mind, every sequence
of pass and fail may lead to another candidate, so there are as many tests as sequences: 2^k - 1.

Sources: Renggli et al. (2019), "Continuous integration of machine learning models with
ease.ml/ci", MLSys, arXiv:1903.00278; Blum and Hardt (2015), "The Ladder", arXiv:1502.04585.
"""

from __future__ import annotations

import math


def equivalent_tests(uses: int, *, adaptive: bool = True) -> float:
    """Return how many tests so many looks amount to: ``2^uses - 1`` if adaptive, else ``uses``.

    Only pass or fail was told after each look; whoever saw the numbers learned more, and for him
    there is no such bound.
    """
    if uses < 0:
        raise ValueError(f"uses must not be negative, got {uses}")
    if not adaptive:
        return float(uses)
    return math.inf if uses > 1000 else 2.0**uses - 1.0


def reuse_inflation(uses: int, *, level: float = 0.95, adaptive: bool = True) -> float:
    """Return the confidence that is left of a claim at ``level`` after so many looks; 0 is none.

    ``1 - tests (1 - level)`` (Bonferroni's bound), never below 0. The first look is 1.

    >>> round(reuse_inflation(3), 2), round(reuse_inflation(3, adaptive=False), 2)
    (0.65, 0.85)
    """
    _check(level)
    return min(max(0.0, 1.0 - equivalent_tests(uses, adaptive=adaptive) * (1.0 - level)), 1.0)


def level_to_ask(uses: int, *, level: float = 0.95, adaptive: bool = True) -> float:
    """Return the level at which each look must be judged for the claim to keep ``level`` after all.

    >>> round(level_to_ask(5, adaptive=False), 3)
    0.99
    """
    _check(level)
    return 1.0 - (1.0 - level) / max(equivalent_tests(uses, adaptive=adaptive), 1.0)


def rows_for_looks(
    uses: int,
    *,
    tolerance: float,
    reliability: float,
    discordance: float = 1.0,
    adaptive: bool = True,
) -> int:
    """Return the rows that keep every one of so many looks within ``tolerance`` of the truth.

    ``reliability`` is the probability that all of them are, ``discordance`` a bound on the share of
    rows on which a new model and the old one differ. ``n = ln(4 H / delta) / (p h(e / p))`` with ``H``
    histories (``2^uses`` if adaptive, else ``uses``), ``delta = 1 - reliability``, Bennett's ``h(u) =
    (1 + u) ln(1 + u) - u``; the 4 is two sides times two claims, that of the discordance included.

    >>> rows_for_looks(32, tolerance=0.01, reliability=0.9999, discordance=0.1, adaptive=False)
    29048
    >>> rows_for_looks(32, tolerance=0.01, reliability=0.9999, discordance=0.1)
    67706
    """
    _check(reliability)
    if not 0.0 < tolerance <= 1.0 or not 0.0 < discordance <= 1.0 or uses < 1:
        raise ValueError("tolerance and discordance must lie in (0, 1], and uses start at 1")
    histories = uses * math.log(2.0) if adaptive else math.log(uses)
    ratio = tolerance / discordance
    bennett = (1.0 + ratio) * math.log1p(ratio) - ratio
    needed = (math.log(4.0) + histories - math.log(1.0 - reliability)) / (discordance * bennett)
    return math.ceil(needed)


def _check(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise ValueError(f"a level must lie between 0 and 1, got {level}")

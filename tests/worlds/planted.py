"""Worlds with one planted fault, or none, and the truth of what was planted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]


def logistic(z: Floats) -> Floats:
    """Return 1 / (1 + exp(-z))."""
    return np.asarray(1 / (1 + np.exp(-z)), np.float64)


def stated(
    n: int,
    seed: int = 0,
    *,
    slope: float = 2.0,
    base: float = 0.0,
    sure: float = 1.0,
    shift: float = 0.0,
) -> pl.DataFrame:
    """A binary world whose score says ``logistic(sure * z + shift)`` where the truth is z.

    ``sure`` above 1 is an overconfident model, below 1 an underconfident one; ``shift`` above 0 one that
    says too much. With both at rest the score ``p`` is the true probability ``true``.
    """
    r = np.random.default_rng(seed)
    x = r.normal(size=n)
    z = slope * x + base
    true = logistic(z)
    return pl.DataFrame(
        {
            "x": x,
            "true": true,
            "p": logistic(sure * z + shift),
            "y": (r.random(n) < true).astype(int),
        }
    )


def coin(n: int, seed: int = 0, *, share: float = 0.5) -> pl.DataFrame:
    """Scores that have nothing to do with the labels."""
    r = np.random.default_rng(seed)
    return pl.DataFrame({"p": r.random(n), "y": (r.random(n) < share).astype(int)})


def two_deciders(n: int, seed: int, *, right: float, champion_right: float) -> pl.DataFrame:
    """Decisions that are right with the given probabilities, each by itself."""
    r = np.random.default_rng(seed)
    y = r.integers(0, 2, n)

    def decided(chance: float) -> npt.NDArray[np.int64]:
        return np.where(r.random(n) < chance, y, 1 - y)

    columns = {
        "id": np.arange(n),
        "y": y,
        "mine": decided(right),
        "theirs": decided(champion_right),
    }
    return pl.DataFrame(columns)


def two_rankers(n: int, seed: int, *, apart: float, champion_apart: float) -> pl.DataFrame:
    """Scores whose classes are normal and so many standard deviations apart; shared noise."""
    r = np.random.default_rng(seed)
    y = r.integers(0, 2, n)
    shared = r.normal(size=n)

    def score(distance: float) -> Floats:
        return logistic(distance * y + 0.8 * shared + 0.6 * r.normal(size=n) - distance / 2)

    return pl.DataFrame({"y": y, "mine": score(apart), "theirs": score(champion_apart)})


def with_inputs(n: int, seed: int, *, weak: float = 0.3) -> pl.DataFrame:
    """One input says nearly all of the label, the model listens to it only a little.

    ``strong`` is the input; ``p`` the score of a model that hears ``weak`` of it; ``good`` that of one that
    hears it all; ``word`` and ``noise`` say nothing.
    """
    r = np.random.default_rng(seed)
    strong = r.normal(size=n)
    y = (r.random(n) < logistic(3 * strong)).astype(int)
    return pl.DataFrame(
        {
            "strong": strong,
            "noise": r.normal(size=n),
            "word": r.choice(["a", "b", None], n).tolist(),
            "p": logistic(weak * strong + r.normal(size=n)),
            "good": logistic(3 * strong),
            "y": y,
        }
    )

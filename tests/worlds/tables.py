"""Tables with known truth, and a source over a frame that deals its rows as a test wishes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl


@dataclass(frozen=True)
class FrameSource:
    """A source over a frame; ``cut`` overrides the batch size that is asked for."""

    frame: pl.DataFrame
    cut: int | None = None
    origin: str = "frame"
    said: tuple[str, ...] = ()

    @property
    def schema(self) -> pl.Schema:
        return self.frame.schema

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        yield from self.frame.select(columns).iter_slices(self.cut or rows)

    def fingerprint(self) -> str | None:
        return None


def binary(n: int, seed: int = 0, *, slope: float = 2.0, prior: float = 0.5) -> pl.DataFrame:
    """Scores that are the true probabilities of the labels, with ids, groups and weights."""
    r = np.random.default_rng(seed)
    x = r.normal(size=n)
    p = 1 / (1 + np.exp(-(slope * x + np.log(prior / (1 - prior)))))
    return pl.DataFrame(
        {
            "id": np.arange(n),
            "x": x,
            "colour": r.choice(["red", "green", "blue"], n),
            "customer": r.integers(0, max(2, n // 5), n),
            "w": r.exponential(1, n),
            "p": p,
            "y": (r.random(n) < p).astype(int),
        }
    )


def multiclass(n: int, seed: int = 0) -> pl.DataFrame:
    """Three classes whose scores are their true probabilities."""
    r = np.random.default_rng(seed)
    logits = r.normal(size=(n, 3)) * 1.5
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (p.cumsum(axis=1) > r.random((n, 1))).argmax(axis=1)
    labels = np.array(["cat", "dog", "emu"])
    return pl.DataFrame(
        {"id": np.arange(n), "p_cat": p[:, 0], "p_dog": p[:, 1], "p_emu": p[:, 2], "y": labels[y]}
    )


def regression(n: int, seed: int = 0, *, noise: float = 1.0) -> pl.DataFrame:
    """A number and its best prediction; the error is normal with the given spread."""
    r = np.random.default_rng(seed)
    x = r.normal(size=n)
    return pl.DataFrame(
        {
            "id": np.arange(n),
            "x": x,
            "yhat": 100 + 3 * x,
            "low": 100 + 3 * x - 1.6448536 * noise,
            "high": 100 + 3 * x + 1.6448536 * noise,
            "y": 100 + 3 * x + r.normal(0, noise, n),
        }
    )

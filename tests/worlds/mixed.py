"""One table a task with every role in it: what a check may meet, small, and with words to look for."""

from __future__ import annotations

import numpy as np
import polars as pl

MARK = "zq17"
"""Stands in every raw cell that no report may show."""


def mixed(task: str, n: int, seed: int = 0) -> pl.DataFrame:
    """Rows of a binary, multiclass or regression task with every kind of answer beside them.

    Ids and the column ``secret`` hold MARK; the weights hold zeros; ``g`` groups about six rows.
    """
    r = np.random.default_rng(seed)
    x = r.normal(size=n)
    common = {
        "id": [f"{MARK}-{seed}-{i}" for i in range(n)],
        "secret": [f"{MARK}{i}" for i in range(n)],
        "x": x,
        "z": np.where(r.random(n) < 0.1, np.nan, r.normal(size=n)),
        "colour": r.choice(["red", "green", "blue"], n),
        "g": r.integers(0, max(3, n // 6), n),
        "day": np.datetime64("2024-01-01") + r.integers(0, 60, n).astype("timedelta64[D]"),
        "w": np.where(r.random(n) < 0.1, 0.0, r.exponential(1, n)),
    }
    make = {"binary": _binary, "multiclass": _multiclass, "regression": _regression}[task]
    return pl.DataFrame({**common, **make(x, r)})


def _binary(x: np.ndarray, r: np.random.Generator) -> dict[str, np.ndarray]:
    p = 1 / (1 + np.exp(-1.5 * x))
    return {
        "p": p,
        "s": 3 * x,
        "decided": (p > 0.4).astype(int),
        "champion": np.clip(p + r.normal(0, 0.1, x.size), 0, 1),
        "champion_decided": (p > 0.6).astype(int),
        "y": (r.random(x.size) < p).astype(int),
    }


def _multiclass(x: np.ndarray, r: np.random.Generator) -> dict[str, np.ndarray]:
    logits = np.stack([x, -x, 0 * x], axis=1)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (p.cumsum(axis=1) > r.random((x.size, 1))).argmax(axis=1)
    label = np.array(["cat", "dog", "emu"])
    return {
        "p_cat": p[:, 0],
        "p_dog": p[:, 1],
        "p_emu": p[:, 2],
        "decided": label[p.argmax(axis=1)],
        "champion_decided": label[(p + r.normal(0, 0.2, p.shape)).argmax(axis=1)],
        "y": label[y],
    }


def _regression(x: np.ndarray, r: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "yhat": 100 + 3 * x,
        "low": 98 + 3 * x,
        "high": 102 + 3 * x,
        "q16": 99 + 3 * x,
        "q84": 101 + 3 * x,
        "champion_decided": 100 + 2.5 * x,
        "y": 100 + 3 * x + r.normal(0, 1, x.size),
    }

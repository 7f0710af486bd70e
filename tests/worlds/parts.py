"""Worlds of parts: slices in which the model is worse, and groups that are treated alike or not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl


def weak_in(
    n: int, seed: int, *, right: float = 0.8, weak: float | None = 0.6, columns: int = 6
) -> pl.DataFrame:
    """Decisions right with chance ``right``, or ``weak`` where ``a`` is "a0" and ``b`` is "b1".

    The weak slice holds 1 row in 13 (7.7 %). ``weak=None`` is a world without one. Further columns are
    noise, half of them numbers.
    """
    r = np.random.default_rng(seed)
    parts: dict[str, np.ndarray] = {
        "a": r.choice(["a0", "a1", "a2"], n, p=[0.277, 0.423, 0.3]),
        "b": r.choice(["b0", "b1"], n, p=[0.722, 0.278]),
    }
    for i in range(columns - 2):
        parts[f"n{i}"] = r.normal(size=n) if i % 2 else r.choice(list("pqrs"), n)
    inside = (parts["a"] == "a0") & (parts["b"] == "b1")
    chance = np.where(inside, right if weak is None else weak, right)
    y = r.integers(0, 2, n)
    answer = np.where(r.random(n) < chance, y, 1 - y)
    return pl.DataFrame({**parts, "y": y, "d": answer})


def selected(counts: Mapping[str, tuple[int, int]]) -> pl.DataFrame:
    """People of named groups, of whom (chosen, of) are chosen; labels are the decisions."""
    group: list[str] = []
    chosen: list[int] = []
    for name, (some, of) in counts.items():
        group += [name] * of
        chosen += [1] * some + [0] * (of - some)
    return pl.DataFrame({"group": group, "y": chosen, "d": chosen})


def alike(sizes: Mapping[str, int], seed: int, *, rate: float = 0.2) -> pl.DataFrame:
    """People of groups of these sizes, each chosen with one chance; labels by another coin."""
    r = np.random.default_rng(seed)
    group = np.repeat(list(sizes), list(sizes.values()))
    n = group.size
    return pl.DataFrame(
        {
            "group": group,
            "y": (r.random(n) < 0.4).astype(int),
            "d": (r.random(n) < rate).astype(int),
        }
    )

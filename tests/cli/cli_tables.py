"""Tables for the tests of the command line."""

from __future__ import annotations

import numpy as np
import polars as pl


def make_scored(rows: int, seed: int = 7) -> pl.DataFrame:
    """Rows with a score that is calibrated and good (AUC about .85), two features and a weight."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    p = 1 / (1 + np.exp(-2 * x))
    return pl.DataFrame(
        {
            "id": [f"r{i}" for i in range(rows)],
            "x": x,
            "noise": rng.normal(size=rows),
            "weight": rng.uniform(0.5, 1.5, rows),
            "p": p,
            "y": (rng.uniform(size=rows) < p).astype(np.int64),
        }
    )

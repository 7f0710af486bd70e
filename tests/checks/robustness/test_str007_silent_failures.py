"""STR007: a fault that no drift alarm can see is told, one that rings at once is not."""

from __future__ import annotations

import numpy as np
import polars as pl

import plimsoll
from plimsoll.core.finding import Status
from worlds.asked import MU, gaussian_rows

FRAME, Y = gaussian_rows(4000, 1)
DATA = FRAME.with_columns(y=pl.Series(Y.astype(int)))
EARLIER, EARLIER_Y = gaussian_rows(4000, 2)
REFERENCE = EARLIER.with_columns(y=pl.Series(EARLIER_Y.astype(int)))


def model(frame: pl.DataFrame) -> np.ndarray:
    x = frame.select(pl.col("a", "b").cast(pl.Float64).fill_null(0.0)).to_numpy()
    return 1 / (1 + np.exp(-np.clip(2 * (x @ MU), -500, 500)))


def run(*kinds: str):
    record = plimsoll.evaluate(
        DATA,
        reference=REFERENCE,
        model=model,
        target="y",
        suite="stress",
        only=["STR007"],
        kinds=list(kinds),
    )
    return record.checks[0]


def test_values_of_other_rows_leave_the_column_as_it_was() -> None:
    entry = run("shuffled:a", "missing:a")
    silent = [f for f in entry.findings if f.status is Status.UNSURE]
    assert [f.title for f in silent] == [
        "Enough a of other rows to break the limit would go unnoticed."
    ]
    assert "is no more than the floor of 5: drift alarms ring never" in silent[0].meaning
    (table,) = entry.tables
    rows = {row[0]: row for row in table.rows}
    assert rows["a of other rows"][-1] == "never"
    assert int(str(rows["missing a"][-1]).replace(",", "")) < 500


def test_what_rings_at_once_is_said_to_be_seen() -> None:
    entry = run("missing:a", "unit:a:x1000")
    assert [f.status for f in entry.findings] == [Status.PASS]

"""DRF005: the window in which a column changed is named, and a steady world raises nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

import plimsoll
from plimsoll.core.finding import Status
from worlds.judging import Judged, judge
from worlds.planted import stated

START = pl.lit("2024-01-01").str.to_datetime()
N = 3600


def world(n: int, seed: int) -> pl.DataFrame:
    """One row every hour, so a window of a twelfth of 3,600 rows is twelve days and a half."""
    r = np.random.default_rng(seed)
    return (
        stated(n, seed)
        .drop("true")
        .with_columns(
            when=START + pl.duration(hours=pl.int_range(n)),
            word=pl.Series(r.choice(["a", "b", "c"], n)),
        )
    )


NOW = world(N, 1)
LATE = pl.int_range(pl.len()) >= N // 2
BROKEN = NOW.with_columns(x=pl.when(LATE).then(pl.col("x") + 2).otherwise("x"))


def held(now: Any, reference: Any = None, **flags: Any) -> Judged:
    flags = {"target": "y", "score": "p", "time": "when"} | flags
    return judge(now, "DRF005", reference=reference, **flags)


@pytest.mark.parametrize("reference", [None, world(2000, 9)], ids=["alone", "reference"])
def test_a_steady_world_raises_nothing(reference: pl.DataFrame | None) -> None:
    judged = held(NOW, reference)
    assert judged["DRF005"].status is Status.PASS
    assert not judged["DRF005"].findings


def test_the_first_window_away_from_the_reference_is_named() -> None:
    judged = held(BROKEN, world(2000, 9))
    (finding,) = judged.findings("DRF005", Status.FAIL)
    assert finding.where.column == "x"
    assert "in 6 of 12 windows" in finding.meaning
    first = datetime.fromisoformat(finding.meaning.split("the first from ")[1].split(";")[0])
    changed = datetime(2024, 3, 16)
    assert changed - timedelta(days=14) < first <= changed, "1,800 hours after the first row"


def test_without_a_reference_windows_are_held_against_the_others() -> None:
    one = (pl.int_range(pl.len()) // 300) == 7
    judged = held(NOW.with_columns(word=pl.when(one).then(pl.lit("b")).otherwise("word")))
    (finding,) = judged.findings("DRF005", Status.FAIL)
    assert finding.where.column == "word"
    assert "the other windows in 1 of 12" in finding.meaning


def test_distances_are_total_variations_of_the_window() -> None:
    then = world(2000, 9)
    judged = held(NOW, then)
    found = [e for e in judged["DRF005"].estimates if e.where.column == "word"]
    assert sum(e.n for e in found) == N
    assert all(abs(e.n - N / 12) < 50 for e in found), "about as many rows each"
    shares = np.array([(then["word"] == w).mean() for w in "abc"])
    ends = np.cumsum([0, *(e.n for e in found)])
    for start, e in zip(ends, found, strict=False):
        own = NOW["word"].slice(int(start), e.n)
        window = np.array([(own == w).mean() for w in "abc"])
        assert e.value == pytest.approx(np.abs(window - shares).sum() / 2)
        assert e.low <= e.value <= e.high


def test_the_main_measure_falls_in_the_window_where_labels_were_spoilt() -> None:
    spoilt = NOW.with_columns(
        y=pl.when(pl.int_range(pl.len()) // 300 == 4).then(1 - pl.col("y")).otherwise("y")
    )
    entry = held(spoilt)["DRF005"]
    figure = entry.figures[-1]
    (panel,) = figure.series.values()
    assert figure.title == "Accuracy over time"
    assert int(np.argmin(panel["value"])) == 4
    right = (NOW["p"] >= 0.5).cast(pl.Int64) == NOW["y"]
    rows = entry.tables[0].rows[0][1]
    assert panel["value"][0] == pytest.approx(float(right.head(rows).mean()))  # type: ignore[arg-type]


def test_marked_windows_are_marked_in_the_picture() -> None:
    figure = held(BROKEN, world(2000, 9))["DRF005"].figures[0]
    assert figure.series["x"]["alarm"] == [False] * 6 + [True] * 6
    assert figure.series["word"]["alarm"] == [False] * 12


def test_few_rows_alarm_nothing() -> None:
    judged = held(BROKEN.filter(pl.int_range(pl.len()) % 120 == 0), world(2000, 9))
    assert not judged.findings("DRF005", Status.FAIL)


def test_why_it_cannot_run_is_said() -> None:
    reasons = {
        "no time column was named": judge(NOW, "DRF005", target="y", score="p"),
        "fewer than two different times": held(NOW.with_columns(when=START)),
        "no input column is left": held(NOW.select("when", "y", "p")),
        "holds no rows; give the rows": held(
            NOW, plimsoll.profile(NOW, target="y", score="p", time="when")
        ),
    }
    for words, judged in reasons.items():
        entry = judged["DRF005"]
        assert entry.status in (Status.SKIPPED, Status.NOT_APPLICABLE)
        assert words in (entry.reason or "")
        assert not entry.findings

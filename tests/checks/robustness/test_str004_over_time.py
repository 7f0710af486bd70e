"""STR004: a planted fall and its pace, a steady world, fits on the past, seasons, columns without times."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

import plimsoll
from plimsoll.core.finding import Status
from plimsoll.core.record import CheckEntry
from worlds.judging import Judged, judge

MONTH = 30.4375


def falling(n: int, seed: int, *, per_month: float, months: float = 24.0) -> pl.DataFrame:
    """Decisions that are right with probability 0.95 at first, and less by so much each month."""
    r = np.random.default_rng(seed)
    t = np.sort(r.uniform(0, months, n))
    y = r.integers(0, 2, n)
    right = r.random(n) < 0.95 - per_month * t
    days = (t * MONTH * 86_400).astype(np.int64)
    return pl.DataFrame(
        {
            "when": np.datetime64("2021-01-01T00:00:00", "us")
            + days.astype("timedelta64[s]").astype("timedelta64[us]"),
            "x": r.normal(size=n),
            "y": y,
            "said": np.where(right, y, 1 - y),
        }
    )


def held(frame: pl.DataFrame, policy: dict[str, Any] | None = None, **flags: Any) -> Judged:
    given = {"target": "y", "prediction": "said", "time": "when", "suite": "stress"} | flags
    limits = {"accuracy": {"min": 0.70}} if policy is None else policy
    return judge(frame, "STR004", policy=limits, **given)


def slope(judged: Judged) -> Any:
    return judged.estimate("slope", "STR004", metric="accuracy", stress="time")


def load_line(judged: Judged) -> Any:
    return judged.estimate("load_line", "STR004", metric="accuracy", stress="time")


def test_a_planted_fall_and_its_pace_are_found() -> None:
    judged = held(falling(12_000, 0, per_month=0.008))
    e = slope(judged)
    assert e.low <= -0.008 <= e.high < 0
    assert e.unit == "per month"
    (finding,) = judged.findings("STR004", Status.FAIL)
    assert finding.title == "Accuracy gets worse with time."
    # 0.95 - 0.008 t is 0.70 after 31.25 months, 7.25 after the last row.
    line = load_line(judged)
    assert line.low <= 31.25 - 24 <= line.high
    assert line.value == pytest.approx(7.25, abs=2.5)
    assert line.unit == "months"
    assert "after the last row" in finding.meaning


def test_a_steady_world_raises_nothing() -> None:
    alarms = 0
    for seed in range(12):
        judged = held(falling(4000, seed, per_month=0.0))
        alarms += bool(judged.findings("STR004", Status.FAIL))
        e = load_line(judged)
        assert e.high > 24, "no limit is reached as far ahead as the rows reach back"
    assert alarms <= 1


def test_the_slope_is_held_by_its_interval() -> None:
    inside = 0
    for seed in range(30):
        e = slope(held(falling(3000, 100 + seed, per_month=0.006)))
        inside += e.low <= -0.006 <= e.high
    assert inside >= 26


def test_a_gain_is_no_harm_and_a_broken_limit_is_said() -> None:
    judged = held(falling(6000, 1, per_month=-0.001))
    assert slope(judged).value > 0
    assert not judged.findings("STR004", Status.FAIL)
    late = held(falling(12_000, 2, per_month=0.008), {"accuracy": {"min": 0.85}})
    assert load_line(late).value == 0.0
    assert "beyond the limit" in late.findings("STR004", Status.FAIL)[0].meaning


def test_windows_hold_the_measure_of_their_rows() -> None:
    frame = falling(4000, 3, per_month=0.01)
    judged = held(frame)
    windows = [e for e in judged["STR004"].estimates if e.where.window is not None]
    assert sum(e.n for e in windows) == 4000
    assert len(windows) == 20
    right = (frame["y"] == frame["said"]).to_numpy()
    assert windows[0].value == pytest.approx(right[: windows[0].n].mean())
    figure = judged["STR004"].figures[0]
    assert figure.kind == "strip"
    assert figure.about["floor"] == 0.70


def test_plain_numbers_and_texts_serve_as_times() -> None:
    frame = falling(4000, 4, per_month=0.008)
    numbers = frame.with_columns(when=pl.int_range(pl.len()) / pl.len())
    e = slope(held(numbers))
    assert e.unit == "per whole time"
    assert e.low <= -0.008 * 24 <= e.high
    texts = frame.with_columns(pl.col("when").dt.strftime("%Y-%m-%d"))
    assert slope(held(texts)).value == pytest.approx(slope(held(frame)).value, abs=1e-3)


def moving(n: int, seed: int, *, turn: float) -> pl.DataFrame:
    """What x says of y turns round as time goes on; ``turn`` is how far, 2 to the opposite."""
    r = np.random.default_rng(seed)
    t = np.sort(r.uniform(0, 1, n))
    x, z = r.normal(size=n), r.normal(size=n)
    y = (r.random(n) < expit(2 * (1 - turn * t) * x + z)).astype(int)
    day = np.datetime64("2020-01-01") + (t * 900).astype(int).astype("timedelta64[D]")
    return pl.DataFrame({"when": day, "x": x, "z": z, "y": y})


def fit(frame: pl.DataFrame) -> LogisticRegression:
    return LogisticRegression().fit(frame.select("x", "z").to_pandas(), frame["y"].to_numpy())


def run(frame: pl.DataFrame, **more: Any) -> CheckEntry:
    model = fit(frame.head(500))
    record = plimsoll.evaluate(
        frame,
        model=model,
        fit=fit,
        target="y",
        time="when",
        only=["STR004"],
        suite="stress",
        **more,
    )
    return record.checks[0]


def named(entry: CheckEntry, name: str) -> list[Any]:
    return [e for e in entry.estimates if e.name == name]


def test_a_fit_ages_where_the_world_turns_and_not_where_it_stands() -> None:
    turning, still = run(moving(6000, 5, turn=2.0)), run(moving(6000, 5, turn=0.0))
    (aged,) = named(turning, "staleness")
    assert aged.low > 0.05
    assert "A fit of this model ages." in [f.title for f in turning.findings]
    (kept,) = named(still, "staleness")
    assert abs(kept.value) < 0.01
    assert "A fit of this model ages little." in [f.title for f in still.findings]
    table = next(t for t in turning.tables if t.title.startswith("Fitted on the past"))
    assert [row[1] for row in table.rows] == sorted(row[1] for row in table.rows)
    assert len(table.rows) == 4


def test_a_season_that_was_not_seen_costs() -> None:
    r = np.random.default_rng(6)
    n = 8000
    day = np.datetime64("2020-01-01") + r.integers(0, 1095, n).astype("timedelta64[D]")
    winter = np.isin((day.astype("datetime64[M]").astype(int) % 12) // 3, [0])
    x, z = r.normal(size=n), winter.astype(float)
    y = (r.random(n) < expit(np.where(winter, -2 * x, 2 * x))).astype(int)
    frame = pl.DataFrame({"when": day, "x": x, "z": z, "xz": x * z, "y": y})

    def crossed(rows: pl.DataFrame) -> LogisticRegression:
        return LogisticRegression().fit(rows.select("x", "z", "xz").to_pandas(), rows["y"])

    record = plimsoll.evaluate(
        frame,
        model=crossed(frame),
        fit=crossed,
        target="y",
        time="when",
        only=["STR004"],
        suite="stress",
    )
    entry = record.checks[0]
    lost = {e.where.variant: e for e in named(entry, "season_loss")}
    assert set(lost) == {
        "January to March",
        "April to June",
        "July to September",
        "October to December",
    }
    assert lost["January to March"].low > 0.3
    assert abs(lost["July to September"].value) < 0.05
    assert any(f.title.startswith("A season that was not seen costs") for f in entry.findings)


def test_why_nothing_is_fitted_again_is_said() -> None:
    entry = held(falling(2000, 7, per_month=0.0))["STR004"]
    assert entry.reason is not None
    assert "Not all was fitted again on the past" in entry.reason
    short = run(moving(600, 8, turn=0.0))
    assert "1,000 rows are needed to fit on the past" in (short.reason or "")


def test_a_fit_that_raises_leaves_the_rest() -> None:
    def broken(frame: pl.DataFrame) -> LogisticRegression:
        raise RuntimeError("no more memory")

    frame = moving(3000, 9, turn=0.0)
    record = plimsoll.evaluate(
        frame,
        model=fit(frame),
        fit=broken,
        target="y",
        time="when",
        only=["STR004"],
        suite="stress",
    )
    entry = record.checks[0]
    assert named(entry, "slope")
    assert "RuntimeError" in (entry.reason or "")


GOOD = falling(1200, 10, per_month=0.002)


@pytest.mark.parametrize(
    "frame,words",
    [
        (GOOD.head(3), "3 rows have a time; at least 300 are needed"),
        (GOOD.with_columns(when=pl.lit(1.0)), "fewer than 6 different times"),
        (GOOD.with_columns(when=pl.lit(None, pl.Datetime)), "0 rows have a time"),
        (GOOD.with_columns(when=pl.lit(float("nan"))), "0 rows have a time"),
        (GOOD.with_columns(when=pl.lit("soon")), "holds no times and no numbers"),
        (GOOD.with_columns(when=pl.lit(True)), "no times"),
        (GOOD.with_columns(g=pl.lit(1)), ""),
        (GOOD.with_columns(y=(pl.int_range(pl.len()) == 7).cast(pl.Int64)), ""),
        (GOOD.with_columns(when=pl.int_range(pl.len()) // 150), ""),
    ],
    ids=[
        "three rows",
        "one time",
        "missing",
        "NaN",
        "text",
        "boolean",
        "plain",
        "one positive",
        "8",
    ],
)
def test_ugly_rows(frame: pl.DataFrame, words: str) -> None:
    entry = held(frame)["STR004"]
    assert entry.status is not Status.ERROR, entry.reason
    assert words in (entry.reason or "")


def test_without_a_time_column_it_is_skipped() -> None:
    entry = held(GOOD, time=None)["STR004"]
    assert entry.status is Status.SKIPPED
    assert entry.reason == "no time column was named"


def test_clusters_and_weights() -> None:
    frame = GOOD.with_columns(
        g=pl.int_range(pl.len()) // 5, w=pl.Series(np.random.default_rng(0).exponential(size=1200))
    )
    e = slope(held(frame, group="g", weight="w"))
    assert e.low < e.value < e.high

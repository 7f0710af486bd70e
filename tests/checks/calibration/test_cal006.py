"""CAL006: intervals that hold less often than they promise are found; faithful ones are not."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.errors import DataError, SettingsError
from plimsoll.core.finding import Status
from worlds.judging import Judged, judge
from worlds.planted import stated
from worlds.tables import regression


def narrowed(frame: pl.DataFrame, by: float) -> pl.DataFrame:
    middle = pl.col("yhat")
    return frame.with_columns(
        low=middle + (pl.col("low") - middle) * by, high=middle + (pl.col("high") - middle) * by
    )


def held(frame: pl.DataFrame, level: float = 0.9) -> Judged:
    return judge(
        frame,
        "CAL006",
        target="y",
        prediction="yhat",
        interval=["low", "high"],
        interval_level=level,
    )


def test_faithful_intervals_hold_what_they_promise() -> None:
    judged = held(regression(2000, 1))
    assert judged.titles("CAL006") == ["The predicted intervals hold as often as they promise."]
    coverage = judged.estimate("interval_coverage")
    assert coverage.low <= 0.9 <= coverage.high


def test_too_narrow_intervals_fail() -> None:
    judged = held(narrowed(regression(2000, 2), 0.7))
    assert judged.titles("CAL006", Status.FAIL) == ["The predicted intervals are too narrow."]


def test_too_wide_intervals_are_said_to_be_and_pass() -> None:
    judged = held(narrowed(regression(2000, 3), 1.6))
    assert judged.titles("CAL006", Status.PASS) == [
        "The predicted intervals are wider than they promise."
    ]


def test_the_numbers_are_plain_counts_and_means() -> None:
    frame = narrowed(regression(400, 4), 0.8)
    judged = held(frame)
    inside = ((frame["y"] >= frame["low"]) & (frame["y"] <= frame["high"])).mean()
    width = (frame["high"] - frame["low"]).mean()
    below = (frame["low"] - frame["y"]).clip(lower_bound=0)
    above = (frame["y"] - frame["high"]).clip(lower_bound=0)
    score = (frame["high"] - frame["low"] + 2 / 0.1 * (below + above)).mean()
    assert judged.estimate("interval_coverage").value == pytest.approx(inside)
    assert judged.estimate("interval_width").value == pytest.approx(width)
    assert judged.estimate("interval_score").value == pytest.approx(score)


QUANTILES = {"0.05": "low", "0.5": "yhat2", "0.95": "high"}


def bands(frame: pl.DataFrame) -> Judged:
    frame = frame.with_columns(yhat2=pl.col("yhat"))
    return judge(frame, "CAL006", target="y", prediction="yhat", quantiles=QUANTILES)


def test_faithful_quantiles_raise_nothing_and_false_ones_do() -> None:
    assert bands(regression(1500, 5))["CAL006"].status is Status.PASS
    judged = bands(narrowed(regression(1500, 5), 0.6))
    assert len(judged.titles("CAL006", Status.FAIL)) == 1
    shares = [e.value for e in judged["CAL006"].estimates if e.name == "quantile_coverage"]
    frame = narrowed(regression(1500, 5), 0.6)
    expected = [(frame["y"] <= frame[c]).mean() for c in ("low", "yhat", "high")]
    assert shares == pytest.approx(expected)


def test_what_is_not_given_or_does_not_arise_is_said() -> None:
    plain = judge(regression(60), "CAL006", target="y", prediction="yhat")
    assert plain["CAL006"].status is Status.SKIPPED
    binary = judge(stated(60), "CAL006", target="y", score="p")
    assert binary["CAL006"].status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("column", ["low", "high"])
@pytest.mark.parametrize("cell", [None, float("nan")])
def test_an_empty_bound_is_refused(column: str, cell: float | None) -> None:
    frame = regression(50).with_columns(
        pl.when(pl.col("id") == 7).then(pl.lit(cell)).otherwise(pl.col(column)).alias(column)
    )
    with pytest.raises(DataError, match=column):
        held(frame)


@pytest.mark.parametrize("level", [0.0, 1.0, 90.0])
def test_a_promise_is_a_share(level: float) -> None:
    with pytest.raises(SettingsError, match="interval_level"):
        held(regression(50), level)

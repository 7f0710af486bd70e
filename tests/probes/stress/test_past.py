"""What was before is told from the reference as well as if the earlier rows were there."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from scipy import stats

from plimsoll.core.keys import mix
from plimsoll.core.stress import Draws
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.probes.stress.learnt import Learnt, learn
from plimsoll.probes.stress.past import Past, order_of, past_of, seconds_of

START = dt.datetime(2024, 1, 1)


def walk(rows: int, rho: float, seed: int) -> np.ndarray:
    """Make a series in which neighbours correlate by rho, of variance 1."""
    rng = np.random.default_rng(seed)
    out = rng.normal(size=rows)
    for i in range(1, rows):
        out[i] = rho * out[i - 1] + np.sqrt(1 - rho**2) * out[i]
    return out


def hourly(values: np.ndarray) -> pl.DataFrame:
    moments = [START + dt.timedelta(hours=i) for i in range(len(values))]
    return pl.DataFrame({"at": moments, "x": values})


def learnt_by(frame: pl.DataFrame, group: str | None = None, time: str = "at") -> Learnt:
    features = tuple(c for c in frame.columns if c not in (time, group))
    roles = Roles(target="y", time=time, group=group, features=features)
    return learn(frame, Subject("made", Task.BINARY, roles, ("0", "1")))


def past(learnt: Learnt, name: str = "x") -> Past:
    return next(p for p in past_of(learnt, learnt.any_kind()) if p.column.name == name)


def aged(past: Past, frame: pl.DataFrame, hours: float) -> np.ndarray:
    draws = Draws(mix(np.arange(frame.height, dtype=np.uint64)), 0, "x")
    after = past.aged(frame, np.full(frame.height, hours * 3600.0 / past.order.scale), draws)
    return after[past.column.name].to_numpy()


@pytest.mark.parametrize("hours", [1, 6, 24.5, 47])
def test_a_value_of_so_long_ago_is_as_like_this_one_as_in_life(hours: float) -> None:
    rho = 0.95
    known, today = hourly(walk(8000, rho, 1)), hourly(walk(4000, rho, 2))
    before = aged(past(learnt_by(known)), today, hours)
    found = np.corrcoef(before, today["x"].to_numpy())[0, 1]
    assert found == pytest.approx(rho**hours, abs=0.06)
    assert before.std() == pytest.approx(today["x"].std(), rel=0.1)


def test_a_sample_of_the_reference_tells_the_same_ages() -> None:
    rho = 0.97
    whole = hourly(walk(60_000, rho, 3))
    thin = whole.filter(pl.Series(np.random.default_rng(0).random(whole.height) < 0.1))
    today = hourly(walk(4000, rho, 4))
    for hours in (3, 24):
        found = np.corrcoef(aged(past(learnt_by(thin)), today, hours), today["x"].to_numpy())[0, 1]
        assert found == pytest.approx(rho**hours, abs=0.07)


def test_ages_are_those_of_the_group() -> None:
    # Two groups take turns every hour, so one row back in a group is two hours.
    frame = hourly(walk(600, 0.9, 5)).with_columns(who=pl.Series(["a", "b"] * 300))
    found = past(learnt_by(frame, "who"))
    np.testing.assert_allclose(found.ages * 24.0, 2.0 * np.arange(49))
    assert (found.order.unit, found.top) == ("days", 4.0)
    alone = past(learnt_by(frame.drop("who")))
    assert (alone.order.unit, alone.top) == ("hours", 48.0)


def test_what_rises_was_lower_before() -> None:
    frame = hourly(np.arange(2000.0))
    before = aged(past(learnt_by(frame)), frame, 10.0)
    assert np.abs(before[50:] - np.arange(50.0, 2000.0) + 10.0).max() == 0.0


def test_categories_change_as_in_the_reference_and_unknown_ones_stay() -> None:
    # Every state is followed by the next of three, so one hour ago it was the one before.
    states = pl.Series(["a", "b", "c"] * 100)
    frame = hourly(np.zeros(300)).with_columns(state=states)
    learnt = learnt_by(frame)
    draws = Draws(np.arange(4, dtype=np.uint64), 0, "x")
    today = pl.DataFrame({"state": ["a", "c", None, "never seen"]})
    found = past(learnt, "state").aged(today, np.ones(4), draws)["state"].to_list()
    assert found == ["c", "b", None, "never seen"]
    assert [p.column.name for p in past_of(learnt, learnt.any_kind())] == ["state"]


def test_little_history_teaches_nothing() -> None:
    frame = hourly(walk(90, 0.9, 1))
    assert past_of(learnt_by(frame), learnt_by(frame).numeric()) == []
    alone = hourly(walk(300, 0.9, 1)).with_columns(who=pl.int_range(300))
    assert past_of(learnt_by(alone, "who"), learnt_by(alone, "who").numeric()) == []


def test_time_may_be_a_number_and_its_unit_is_its_own() -> None:
    frame = pl.DataFrame({"step": np.arange(400), "x": walk(400, 0.9, 1)})
    order = order_of(learnt_by(frame, time="step"))
    assert order is not None
    assert order.unit == "units of step"
    assert order_of(learnt_by(frame.with_columns(step=pl.lit("early")), time="step")) is None


def test_moments_are_seconds_in_any_type() -> None:
    moment = pl.Series([START, None])
    for dtype in (pl.Date, pl.Datetime("ms"), pl.Datetime("ns")):
        seconds = seconds_of(moment.cast(dtype))
        assert seconds is not None
        assert seconds[0] == (START - dt.datetime(1970, 1, 1)).total_seconds()
        assert np.isnan(seconds[1])
    assert seconds_of(pl.Series(["x"])) is None


def test_changes_that_are_drawn_are_distributed_as_in_the_reference() -> None:
    known, today = hourly(walk(8000, 0.9, 6)), hourly(walk(3000, 0.9, 7))
    drawn = aged(past(learnt_by(known)), today, 5.0) - today["x"].to_numpy()
    x = today["x"].to_numpy()
    assert stats.ks_2samp(drawn[5:][::7], (x[:-5] - x[5:])[::7]).pvalue > 0.001

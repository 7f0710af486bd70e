"""Directions of a population, and what is followed along them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.check import StressOptions
from plimsoll.core.limit import Limit
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.core.trial import Answers
from plimsoll.probes.stress.learnt import learn
from plimsoll.trials.directions import Direction, directions, inputs_of
from plimsoll.trials.judged import judges
from plimsoll.trials.lines import State
from plimsoll.trials.population import Follower
from plimsoll.trials.rows import TrialRows

N = 3000


def rows_of(frame: pl.DataFrame, right: np.ndarray, **roles: str) -> TrialRows:
    """Rows of a binary task whose decisions are right where told."""
    n = frame.height
    y = (np.arange(n) % 2).astype(float)
    subject = Subject(
        "made",
        Task.BINARY,
        Roles(target="y", features=tuple(frame.columns), **roles),  # type: ignore[arg-type]
        ("no", "yes"),
        has_prediction=True,
    )
    decided = np.where(right, y, 1 - y)
    keys = np.arange(n, dtype=np.uint64)
    return TrialRows(frame, subject, keys, y, np.ones(n), Answers(None, decided), n)


def ways(rows: TrialRows, least: float = 0.02) -> dict[str, Direction]:
    found, _ = directions(rows, learn(rows.frame, rows.subject), least)
    return {way.title: way for way in found}


R = np.random.default_rng(0)
FRAME = pl.DataFrame(
    {
        "x": R.normal(10, 2, N),
        "flag": R.integers(0, 2, N),
        "z": R.normal(size=N),
        "kind": R.choice(["a", "b", "rare"], N, p=[0.6, 0.39, 0.01]),
        "flat": 1.0,
    }
)


def test_every_way_there_is() -> None:
    found = ways(rows_of(FRAME, np.ones(N, bool)))
    assert {"more rows of class 'yes'", "fewer rows of class 'yes'"} <= set(found)
    assert {"higher x", "lower x", "higher flag", "lower z"} <= set(found)
    assert "more rows with kind = a" in found
    assert "more rows with kind = rare" not in found, "one in a hundred is no population"
    assert not any("flat" in title for title in found)
    assert sum("first component" in title for title in found) == 2
    assert found["higher flag"].exact
    assert not found["higher x"].exact


def test_keys_times_and_groups_describe_no_row() -> None:
    rows = rows_of(FRAME, np.ones(N, bool), time="x", group="z")
    assert "x" not in inputs_of(rows.subject)
    assert not any(" x" in title or " z" in title for title in ways(rows))


def test_a_shift_is_said_in_the_unit_of_the_column() -> None:
    way = ways(rows_of(FRAME, np.ones(N, bool)))["lower x"]
    assert way.own(0.0) == pytest.approx(10, abs=0.2)
    assert way.own(1.0) == pytest.approx(8, abs=0.2)
    assert way.most == pytest.approx(abs(FRAME["x"].min() - 10) / 2, abs=0.2)  # type: ignore[operator]


def test_a_share_is_followed_to_ninety_nine_of_a_hundred() -> None:
    rows = rows_of(FRAME, R.random(N) < 0.9)
    found = judges(rows, StressOptions(limits=(Limit("accuracy", "min", 0.5),)), 0.95)
    line = Follower(found).follow(ways(rows)["more rows with kind = a"])
    assert line.told == pytest.approx(0.99, abs=1e-3)
    assert line.state is State.HOLDS
    assert line.crossing.low == line.top
    assert line.high == pytest.approx(1 - line.today)


def test_the_measure_that_breaks_first_binds() -> None:
    x = FRAME["x"].to_numpy()
    rows = rows_of(FRAME, R.random(N) < np.clip(0.97 - 0.1 * (x - 10), 0.5, 1.0))
    limits = (Limit("recall", "min", 0.5), Limit("accuracy", "min", 0.85))
    found = judges(rows, StressOptions(limits=limits), 0.95)
    line = Follower(found).follow(ways(rows)["higher x"])
    assert line.metric == "accuracy"
    assert line.state is State.CROSSES
    assert 0 < line.crossing.low < line.value < line.crossing.high
    assert line.effective > 100
    assert line.divergence == pytest.approx(line.value**2 / 2, rel=0.2), "of a normal column"
    assert list(line.severities) == sorted(line.severities)

"""What settings say about trials, and what is refused before anything is asked."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.check import StressOptions
from plimsoll.core.errors import SettingsError
from plimsoll.engine.asking import budget_seconds, check_monotone

SCHEMA = {"x": pl.Float64(), "n": pl.Int8(), "sex": pl.String()}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"increasing": ("xx",)}, "must name inputs of the model; 'xx' is none. Did you mean 'x'"),
        ({"decreasing": ("sex",)}, "must name inputs that hold numbers; 'sex' holds none"),
        ({"increasing": ("x",), "decreasing": ("x",)}, "as increasing and as decreasing"),
    ],
)
def test_a_wrong_name_of_a_monotone_input_is_refused(options, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        check_monotone(StressOptions(**options), tuple(SCHEMA), SCHEMA)


def test_numbers_may_be_monotone() -> None:
    check_monotone(StressOptions(increasing=("x",), decreasing=("n",)), tuple(SCHEMA), SCHEMA)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90.0), ("5m", 300.0), ("1.5h", 5400.0), ("30", 30.0), (None, None)],
)
def test_a_budget_is_a_time(text: str | None, seconds: float | None) -> None:
    assert budget_seconds(text) == seconds


@pytest.mark.parametrize("text", ["soon", "0s", "-5m", "5 days", ""])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="must be a time such as 90s"):
        budget_seconds(text)

"""PRF004: errors of a regression are scikit-learn's numbers; the residual curve shows where it is off."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated
from worlds.tables import regression


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_errors_are_scikit_learns(weighted: bool, shift: float) -> None:
    frame = regression(301, 5).with_columns(
        y=pl.col("y") + shift,
        yhat=pl.col("yhat") + shift + 0.2,
        w=pl.Series(np.random.default_rng(5).exponential(1, 301)),
    )
    w = frame["w"].to_numpy() if weighted else None
    judged = judge(frame, "PRF004", target="y", prediction="yhat", weight="w" if weighted else None)
    y, yhat = frame["y"].to_numpy(), frame["yhat"].to_numpy()
    expected = {
        "mean_absolute_error": sk.mean_absolute_error(y, yhat, sample_weight=w),
        "root_mean_squared_error": sk.root_mean_squared_error(y, yhat, sample_weight=w),
        "median_absolute_error": sk.median_absolute_error(y, yhat, sample_weight=w),
        "mean_absolute_percentage_error": sk.mean_absolute_percentage_error(
            y, yhat, sample_weight=w
        ),
        "r2": sk.r2_score(y, yhat, sample_weight=w),
        "mean_error": float(np.average(yhat - y, weights=w)),
    }
    for name, value in expected.items():
        assert judged.estimate(name).value == pytest.approx(value, abs=1e-9), name
    assert {e.name for e in judged["PRF004"].estimates} == set(expected)


def test_an_even_number_of_rows_has_the_middle_of_two_as_median() -> None:
    frame = pl.DataFrame({"y": [0.0, 0.0, 0.0, 0.0], "yhat": [1.0, 2.0, 4.0, 9.0]})
    judged = judge(frame, "PRF004", target="y", prediction="yhat", task="regression")
    assert judged.estimate("median_absolute_error").value == pytest.approx(3.0)


def test_a_model_that_says_too_much_is_above_zero() -> None:
    frame = regression(800, 6).with_columns(yhat=pl.col("yhat") + 0.5)
    judged = judge(frame, "PRF004", target="y", prediction="yhat")
    assert judged.estimate("mean_error").low > 0.3
    centred = judge(regression(800, 6), "PRF004", target="y", prediction="yhat")
    assert centred.estimate("mean_error").low < 0 < centred.estimate("mean_error").high


def test_the_residual_curve_shows_where_it_is_off() -> None:
    frame = regression(2000, 7).with_columns(
        yhat=pl.when(pl.col("x") > 1).then(pl.col("yhat") + 5).otherwise(pl.col("yhat"))
    )
    figure = judge(frame, "PRF004", target="y", prediction="yhat")["PRF004"].figures[0]
    x, y = (np.array(figure.series["mean error"][k]) for k in ("x", "y"))
    assert abs(y[x < 102].mean()) < 0.3
    assert y[-1] == pytest.approx(5, abs=0.8)


def test_a_classification_has_no_such_errors() -> None:
    assert (
        judge(stated(40), "PRF004", target="y", score="p")["PRF004"].status is Status.NOT_APPLICABLE
    )

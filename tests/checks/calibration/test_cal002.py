"""CAL002: the error is that of 15 equal bins, and counts only above its null band."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated

TITLE = "The calibration error is larger than chance makes it."


def plain_ece(y: np.ndarray, p: np.ndarray, w: np.ndarray) -> float:
    place = np.clip(np.ceil(p * 15).astype(int) - 1, 0, 14)
    gaps = [abs(np.sum(w[place == b] * (y - p)[place == b])) for b in range(15)]
    return float(np.sum(gaps) / w.sum())


@pytest.mark.parametrize("weighted", [False, True])
def test_the_error_is_that_of_fifteen_equal_bins(weighted: bool) -> None:
    w = np.random.default_rng(1).exponential(1, 500)
    frame = stated(500, 1, sure=1.5).with_columns(w=pl.Series(w))
    judged = judge(frame, "CAL002", target="y", score="p", weight="w" if weighted else None)
    expected = plain_ece(
        frame["y"].to_numpy(), frame["p"].to_numpy(), w if weighted else np.ones(500)
    )
    assert judged.estimate("ece").value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("n", [60, 400, 4000])
def test_a_true_model_stays_within_the_null_band(n: int) -> None:
    found = [judge(stated(n, seed), "CAL002", target="y", score="p") for seed in range(10)]
    assert sum(j["CAL002"].status is Status.PASS for j in found) >= 9
    assert all(j.estimate("ece").low == 0 or j.estimate("ece").low < 0.02 for j in found)


@pytest.mark.parametrize("fault", [{"sure": 2.5}, {"shift": 0.8}], ids=str)
def test_an_error_beyond_chance_is_found(fault: dict[str, float]) -> None:
    judged = judge(stated(2500, 2, **fault), "CAL002", target="y", score="p")
    assert judged.titles("CAL002", Status.FAIL) == [TITLE]
    assert judged.estimate("ece").low > 0


def test_the_error_never_comes_without_its_null_band() -> None:
    judged = judge(stated(100, 3), "CAL002", target="y", score="p")
    assert [e.name for e in judged["CAL002"].estimates] == ["ece", "ece_null_high"]
    small = judge(stated(2000, 3), "CAL002", target="y", score="p")
    assert small.estimate("ece_null_high").value < judged.estimate("ece_null_high").value

"""Spearman's correlation is SciPy's; its interval widens with the noise of what is ranked."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from plimsoll.stats.rank_agreement import rank_agreement, spearman


@pytest.mark.parametrize("seed", range(4))
def test_it_is_scipys_with_and_without_ties(seed: int) -> None:
    r = np.random.default_rng(seed)
    table = r.integers(0, 5, (12, 2)).astype(float) if seed % 2 else r.normal(size=(12, 2))
    assert spearman(table) == pytest.approx(spearmanr(table[:, 0], table[:, 1]).statistic)
    assert spearman(np.ones((4, 2))) == 0.0


def test_noise_widens_and_few_things_say_nothing() -> None:
    r = np.random.default_rng(5)
    values = np.stack([np.arange(8.0), np.arange(8.0)], axis=1)
    widths = []
    for scale in (0.1, 30.0):
        influence = scale * r.normal(size=(8, 2, 200))
        found = rank_agreement("ranking_agreement", values, influence, np.random.default_rng(1))
        assert found is not None
        assert found.value == pytest.approx(1.0)
        widths.append(found.high - found.low)
    assert widths[0] < 0.01 < widths[1]
    assert rank_agreement("x", values[:2], np.zeros((2, 2, 5)), r) is None


def test_rows_that_hang_together_widen_it() -> None:
    values = np.stack([np.arange(8.0), np.arange(8.0)], axis=1)
    influence = np.repeat(np.random.default_rng(6).normal(size=(8, 2, 10)) * 8, 20, axis=2)
    widths = []
    for clusters in (None, np.arange(200) // 20):
        found = rank_agreement(
            "ranking_agreement", values, influence, np.random.default_rng(1), clusters=clusters
        )
        assert found is not None
        widths.append(found.high - found.low)
    assert widths[1] > widths[0]

import pytest

from plimsoll.stats import reuse


def test_ease_ml_ci_budgets_as_published():
    # Renggli et al. (2019): 29K and 67K labels for 32 commits.
    ask = {"tolerance": 0.01, "reliability": 0.9999, "discordance": 0.1}
    assert reuse.rows_for_looks(32, adaptive=False, **ask) == pytest.approx(29_000, rel=0.01)
    assert reuse.rows_for_looks(32, adaptive=True, **ask) == pytest.approx(67_000, rel=0.02)


def test_the_first_look_is_free_and_further_ones_cost():
    assert reuse.reuse_inflation(1) == pytest.approx(0.95)
    assert reuse.reuse_inflation(0) == 1.0
    assert reuse.reuse_inflation(4, adaptive=False) == pytest.approx(0.80)
    assert reuse.reuse_inflation(4) == pytest.approx(0.25)
    assert reuse.reuse_inflation(5) == 0.0
    assert reuse.reuse_inflation(5000) == 0.0


@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("uses", [1, 3, 7])
def test_the_level_to_ask_keeps_the_claim(uses, adaptive):
    level = reuse.level_to_ask(uses, adaptive=adaptive)
    assert reuse.reuse_inflation(uses, level=level, adaptive=adaptive) == pytest.approx(0.95)


def test_more_looks_need_more_rows_and_adaptive_ones_the_most():
    ask = {"tolerance": 0.02, "reliability": 0.95}
    few, many = (reuse.rows_for_looks(k, adaptive=False, **ask) for k in (1, 100))
    assert few < many < reuse.rows_for_looks(100, **ask)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="uses"):
        reuse.reuse_inflation(-1)
    with pytest.raises(ValueError, match="level"):
        reuse.reuse_inflation(1, level=95)
    with pytest.raises(ValueError, match="tolerance"):
        reuse.rows_for_looks(1, tolerance=0.0, reliability=0.9)

"""Corruption errors: published answers, closed forms, and intervals that hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from plimsoll.selfcheck.robustness import ALEXNET, R50_AGAIN, alexnet, errors
from plimsoll.stats.corruption_error import (
    CorruptionErrors,
    Errors,
    corruption_error,
    corruption_errors,
    mean_of,
    relative_corruption_error,
)
from plimsoll.stats.influence import Value

EMPTY = np.empty(0)


def known(*rates: float) -> list[Value]:
    return [Value(rate, EMPTY) for rate in rates]


def counted(wrong: np.ndarray) -> Value:
    return Value(float(wrong.mean()), wrong - wrong.mean())


def test_resnet_50_against_alexnet_is_what_its_authors_print() -> None:
    """76.7 in https://github.com/hendrycks/robustness, from 50,000 images; the rates are of 5,000."""
    model, baseline = errors("ResNet-50", R50_AGAIN), alexnet()
    found = {name: corruption_error(model, baseline, name) for name in ALEXNET}
    ces = [value for value in found.values() if value is not None]
    assert len(ces) == 15
    assert 100 * mean_of(ces).value == pytest.approx(76.63, abs=0.005)
    assert 100 * mean_of(ces).value == pytest.approx(76.7, abs=0.1)


def test_the_baseline_against_itself_is_1() -> None:
    baseline = Errors("b", {"fog": known(0.2, 0.4), "snow": known(0.5, 0.6)}, Value(0.1, EMPTY))
    for name in ("fog", "snow"):
        for value in (corruption_error(baseline, baseline, name),
                      relative_corruption_error(baseline, baseline, name)):  # fmt: skip
            assert value is not None and value.value == pytest.approx(1.0)


def test_the_two_formulas() -> None:
    model = Errors("m", {"fog": known(0.2, 0.5)}, Value(0.1, EMPTY))
    baseline = Errors("b", {"fog": known(0.4, 0.6)}, Value(0.3, EMPTY))
    ce = corruption_error(model, baseline, "fog")
    relative = relative_corruption_error(model, baseline, "fog")
    assert ce is not None and ce.value == pytest.approx(0.7 / 1.0)
    assert relative is not None and relative.value == pytest.approx((0.7 - 0.2) / (1.0 - 0.6))


def test_what_has_no_denominator_has_no_ratio() -> None:
    model = Errors("m", {"fog": known(0.2)}, Value(0.1, EMPTY))
    assert corruption_error(model, Errors("b", {"fog": known(0.0)}), "fog") is None
    harmless = Errors("b", {"fog": known(0.3)}, Value(0.3, EMPTY))
    assert relative_corruption_error(model, harmless, "fog") is None
    assert relative_corruption_error(model, Errors("b", {"fog": known(0.3)}), "fog") is None


def world(n: int, rng: np.random.Generator) -> tuple[Errors, Errors, float, float]:
    """Make answers of a model and a baseline for the same rows; return them, mCE and relative mCE."""
    baseline = np.array([[0.25, 0.35, 0.5], [0.3, 0.45, 0.7]])
    model = baseline * np.array([0.8, 0.6])[:, None]
    clean = (0.1, 0.18)
    hard = 0.8 * rng.normal(size=n)

    def wrong(rate: float) -> Value:
        return counted((hard + 0.6 * rng.normal(size=n) < ndtri(rate)).astype(float))

    made = [
        Errors(name, {c: [wrong(r) for r in row] for c, row in zip(("fog", "snow"), rates, strict=True)},
               wrong(at))
        for name, rates, at in (("m", model, clean[0]), ("b", baseline, clean[1]))
    ]  # fmt: skip
    mce = (model.sum(axis=1) / baseline.sum(axis=1)).mean()
    added = (model - clean[0]).sum(axis=1) / (baseline - clean[1]).sum(axis=1)
    return made[0], made[1], float(mce), float(added.mean())


def test_every_number_says_whose_it_is_and_against_whom() -> None:
    model, baseline, _, _ = world(500, np.random.default_rng(0))
    found = corruption_errors(model, baseline)
    assert found is not None
    assert found.baseline == "b"
    assert list(found.by_corruption) == ["fog", "snow"]
    assert found.by_corruption["fog"].where.stress == "fog"
    assert found.by_corruption["fog"].where.model == found.mean.where.model == "m"
    parts = [e.value for e in found.by_corruption.values()]
    assert found.mean.value == pytest.approx(np.mean(parts))
    assert found.mean.n == 500
    assert found.relative is not None
    assert found.mean.name == "mean_corruption_error"
    assert found.relative.name == "relative_mean_corruption_error"


def test_the_standard_error_is_that_of_leaving_each_row_out() -> None:
    model, baseline, _, _ = world(300, np.random.default_rng(1))
    found = corruption_errors(model, baseline)
    assert found is not None

    def without(row: int) -> float:
        def rates(errors: Errors, name: str) -> float:
            return sum(np.delete(v.influence + v.value, row).mean() for v in errors.corrupted[name])

        return float(np.mean([rates(model, n) / rates(baseline, n) for n in ("fog", "snow")]))

    left_out = np.array([without(row) for row in range(300)])
    jackknife = np.sqrt(299 / 300 * ((left_out - left_out.mean()) ** 2).sum())
    assert found.mean.half_width / 1.959964 == pytest.approx(jackknife, rel=0.01)


def test_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(2)
    held = np.zeros(2)
    runs = 600
    for _ in range(runs):
        model, baseline, mce, relative = world(200, rng)
        found = corruption_errors(model, baseline)
        assert found is not None and found.relative is not None
        held += [found.mean.low <= mce <= found.mean.high,
                 found.relative.low <= relative <= found.relative.high]  # fmt: skip
    assert (held / runs >= 0.92).all() and (held / runs <= 0.98).all()


def test_pairing_makes_intervals_narrow() -> None:
    model, baseline, _, _ = world(400, np.random.default_rng(3))
    _, other, _, _ = world(400, np.random.default_rng(4))
    paired, unpaired = corruption_errors(model, baseline), corruption_errors(model, other)
    assert paired is not None and unpaired is not None
    assert paired.mean.half_width < 0.8 * unpaired.mean.half_width


def test_rows_that_hang_together_count_as_one() -> None:
    model, baseline, _, _ = world(100, np.random.default_rng(5))

    def thrice(errors: Errors) -> Errors:
        def more(value: Value) -> Value:
            return Value(value.value, np.repeat(value.influence, 3))

        assert errors.clean is not None
        corrupted = {n: [more(v) for v in values] for n, values in errors.corrupted.items()}
        return Errors(errors.name, corrupted, more(errors.clean))

    once = corruption_errors(model, baseline)
    groups = np.repeat(np.arange(100), 3)
    again = corruption_errors(thrice(model), thrice(baseline), clusters=groups)
    assert once is not None and again is not None
    assert again.mean.half_width == pytest.approx(once.mean.half_width)


def test_a_baseline_of_the_literature_is_taken_as_known() -> None:
    model, _, _, _ = world(400, np.random.default_rng(6))
    published = Errors("AlexNet", {"fog": known(0.3, 0.4, 0.5), "snow": known(0.4, 0.5, 0.6)})
    found = corruption_errors(model, published)
    assert found is not None
    assert found.baseline == "AlexNet" and found.relative is None
    fog = found.by_corruption["fog"]
    influence = sum(v.influence for v in model.corrupted["fog"]) / 1.2
    assert fog.half_width == pytest.approx(
        1.959964 * influence.std(ddof=0) / np.sqrt(399), rel=1e-6
    )


def test_of_published_figures_alone_there_is_no_interval_and_so_no_estimate() -> None:
    assert corruption_errors(errors("ResNet-50", R50_AGAIN), alexnet()) is None


def test_a_baseline_that_may_make_no_error_gives_no_ratio() -> None:
    rng = np.random.default_rng(7)
    rare = (rng.random(200) < 0.005).astype(float)
    rare[0] = 1.0
    often = (rng.random(200) < 0.3).astype(float)
    model = Errors("m", {"fog": [counted(often)]})
    assert corruption_errors(model, Errors("b", {"fog": [counted(rare[:200])]})) is None
    assert isinstance(
        corruption_errors(model, Errors("b", {"fog": [counted(often)]})), CorruptionErrors
    )


@pytest.mark.parametrize(
    "mine,theirs",
    [({"fog": 2}, {"fog": 3}), ({"fog": 1}, {"snow": 1}), ({"fog": 1, "snow": 1}, {"fog": 1}), ({}, {}),
     ({"fog": 0}, {"fog": 0})],
)  # fmt: skip
def test_other_trials_are_not_compared(mine: dict[str, int], theirs: dict[str, int]) -> None:
    model, baseline = (
        Errors(name, {c: known(*[0.5] * k) for c, k in parts.items()})
        for name, parts in (("mine", mine), ("theirs", theirs))
    )
    with pytest.raises(ValueError, match="same corruptions and severities"):
        corruption_errors(model, baseline)

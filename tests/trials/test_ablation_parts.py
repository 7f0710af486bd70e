"""Units, masked answers, halves, the search for a small set, and the purse of fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pytest

from plimsoll.core.errors import ModelError
from plimsoll.core.finding import Status
from plimsoll.core.keys import mix
from plimsoll.core.subject import Roles, ScoreKind, Subject, Task
from plimsoll.core.trial import Answers, Refit, Spent
from plimsoll.stats.row_measures import measure
from plimsoll.trials.compared import ALL, CHOOSE, CONFIRM, Comparer, choosing, margin_of
from plimsoll.trials.ladder import random_sizes, smallest_set
from plimsoll.trials.masking import Masker
from plimsoll.trials.refits import FitRows, Fitter, Retrainer
from plimsoll.trials.rows import TrialRows
from plimsoll.trials.units import MOST_UNITS, Unit, held_at, typical, units_of

INPUTS = ("a", "b", "c", "d")
ROLES = Roles(target="y", features=INPUTS)
SUBJECT = Subject("made", Task.BINARY, ROLES, ("0", "1"), ScoreKind.PROBABILITY, True, 0.5)


def probability(frame: pl.DataFrame) -> Answers:
    margin = sum(w * frame[c].to_numpy() for w, c in zip((2.0, 1.5, 1.0, 0.0), INPUTS, strict=True))
    score = 1.0 / (1.0 + np.exp(-margin))
    return Answers(score, (score >= 0.5).astype(float))


@dataclass
class FakeDesk:
    """Asks a function, and may stop after some calls."""

    asks: Callable[[pl.DataFrame], Answers] = probability
    most: int = 10_000
    refit: Refit | None = None
    budget_s: float | None = None
    subject: Subject = SUBJECT
    why_no_refit: str = "nothing repeats the fit"
    own: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    calls: int = 0

    @property
    def spent(self) -> Spent:
        return Spent(self.calls)

    def ask(self, frame: pl.DataFrame) -> Answers:
        self.calls += 1
        return self.asks(frame)

    def goes_on(self) -> bool:
        return self.calls < self.most

    def why_stopped(self) -> str:
        return "" if self.goes_on() else "the budget was used up"

    def tell(self, what: str, done: int, of: int) -> None:
        return None


def world(n: int, seed: int) -> TrialRows:
    r = np.random.default_rng(seed)
    frame = pl.DataFrame(dict(zip(INPUTS, r.normal(size=(4, n)), strict=True)))
    clean = probability(frame)
    assert clean.scores is not None
    target = (r.random(n) < clean.scores).astype(float)
    keys = mix(np.arange(n, dtype=np.uint64) + np.uint64(seed))
    return TrialRows(frame, SUBJECT, keys, target, np.ones(n), clean, n)


def comparer(rows: TrialRows, margin: float = 0.01) -> Comparer:
    found = measure("roc_auc")
    assert found is not None
    return Comparer(rows, found, margin, 0.95, rows.clean)


UNITS = units_of(INPUTS, ())


# Units


def test_many_inputs_become_groups_of_neighbours_that_hold_them_all() -> None:
    names = tuple(f"p{i}" for i in range(101))
    units = units_of(names, ())
    assert len(units) == MOST_UNITS
    assert tuple(c for u in units for c in u.columns) == names
    assert units_of(names, (("all", names),)) == (Unit("all", names),)


def test_a_typical_cell_is_one_that_was_there_in_its_own_type() -> None:
    frame = pl.DataFrame(
        {
            "whole": [1, 2, 9, None],
            "word": ["x", "y", "y", None],
            "flag": [True, True, False, None],
            "part": [0.5, float("nan"), 7.0, 7.5],
            "gone": [None, None, None, None],
        },
        schema_overrides={"gone": pl.Float64},
    )
    cells = typical(frame, frame.columns)
    held = held_at(frame, cells)
    assert held.schema == frame.schema
    assert held.row(0) == (2, "y", True, 7.0, None)
    assert held.n_unique() == 1


# Masking


def test_masked_answers_are_the_mean_over_what_is_left_out() -> None:
    rows, pool = world(400, 1), world(3000, 2).frame
    desk = FakeDesk()
    found = Masker(rows, UNITS, pool, desk, 0, generous=12).answers(frozenset(["a"]))
    assert found is not None
    r = np.random.default_rng(3)
    x = rows.frame["a"].to_numpy()
    rest = r.normal(size=(4000, 2)) @ np.array([1.5, 1.0])
    expected = (1 / (1 + np.exp(-(2 * x[:, None] + rest)))).mean(axis=1)
    assert found.scores is not None
    assert np.abs(found.scores - expected).mean() < 0.06
    np.testing.assert_array_equal(found.decided, found.scores >= 0.5)


def test_what_the_model_does_not_read_changes_nothing_and_draws_stay() -> None:
    rows, pool = world(400, 4), world(1000, 5).frame
    masker = Masker(rows, UNITS, pool, FakeDesk(), 0)
    found = masker.answers(frozenset(["a", "b", "c"]))
    assert found is not None
    np.testing.assert_allclose(found.scores, rows.clean.scores)
    again = Masker(rows, UNITS, pool, FakeDesk(), 0).answers(frozenset(["a", "b"]))
    other = Masker(rows, UNITS, pool, FakeDesk(), 1).answers(frozenset(["a", "b"]))
    first = masker.answers(frozenset(["a", "b"]))
    assert first is not None
    assert again is not None
    assert other is not None
    np.testing.assert_array_equal(first.scores, again.scores)
    assert not np.array_equal(first.scores, other.scores)


def test_all_inputs_are_the_clean_answers_and_nothing_is_asked_when_it_is_over() -> None:
    rows, pool = world(200, 6), world(300, 7).frame
    desk = FakeDesk(most=0)
    masker = Masker(rows, UNITS, pool, desk, 0)
    assert masker.answers(frozenset(INPUTS)) is rows.clean
    assert masker.answers(frozenset(["a"])) is None
    assert desk.calls == 0


def test_decisions_that_do_not_follow_from_scores_are_voted_on() -> None:
    def stubborn(frame: pl.DataFrame) -> Answers:
        return Answers(probability(frame).scores, (frame["a"].to_numpy() > 0).astype(float))

    base = world(500, 8)
    rows = TrialRows(
        base.frame, SUBJECT, base.keys, base.target, base.weights, stubborn(base.frame), 500
    )
    masker = Masker(rows, UNITS, world(1000, 9).frame, FakeDesk(stubborn), 0)
    found = masker.answers(frozenset(["a", "b"]))
    assert found is not None
    np.testing.assert_array_equal(found.decided, rows.clean.decided)


# Halves and margins


def test_halves_part_the_rows_and_keep_groups_together() -> None:
    rows = world(2000, 10)
    first = choosing(rows)
    assert 0.45 < first.mean() < 0.55
    grouped = Subject(
        "made", Task.BINARY, Roles(target="y", features=INPUTS, group="g"), ("0", "1"),
        ScoreKind.PROBABILITY, True, 0.5,
    )  # fmt: skip
    frame = rows.frame.with_columns(g=pl.Series(np.arange(2000) // 8))
    held = TrialRows(frame, grouped, rows.keys, rows.target, rows.weights, rows.clean, 2000)
    by_group = choosing(held).reshape(-1, 8)
    assert (by_group.all(axis=1) | ~by_group.any(axis=1)).all()
    found = comparer(held)
    assert found.parts[CHOOSE].rows + found.parts[CONFIRM].rows == found.parts[ALL].rows


def test_the_margin_comes_from_the_policy_the_scale_or_the_room_of_a_limit() -> None:
    auc, rmse = measure("roc_auc"), measure("root_mean_squared_error")
    assert auc is not None
    assert rmse is not None
    assert margin_of(auc, 0.9, 0.5, (), None)[0] == 0.01
    assert margin_of(auc, 0.9, 0.5, (("roc_auc", 0.03),), None)[0] == 0.03
    assert margin_of(auc, 0.9, 0.5, (), 0.896)[0] == pytest.approx(0.004)
    assert margin_of(auc, 0.9, 0.5, (), 0.7)[0] == 0.01, "a wide limit is no licence"
    assert margin_of(rmse, 20.0, 120.0, (), None)[0] == pytest.approx(1.0)


def test_the_p_values_of_a_change_hold_their_level() -> None:
    """Two answers as good as each other: worse is found in one of forty, not more."""
    worse = spared = 0
    for seed in range(200):
        rows = world(400, 100 + seed)
        r = np.random.default_rng(seed)
        assert rows.clean.scores is not None
        one, two = (rows.clean.scores + r.normal(0, 0.3, 400) for _ in range(2))
        found = measure("roc_auc")
        assert found is not None
        held = Comparer(rows, found, 0.0, 0.95, Answers(one, None)).change(Answers(two, None))
        worse += held.p_worse < 0.025
        spared += held.p_margin(0.0) < 0.025
    assert worse <= 11
    assert spared <= 11


def test_the_noise_of_fits_widens_the_interval() -> None:
    rows = world(600, 11)
    plain = comparer(rows)
    noisy = Comparer(rows, plain.measure, 0.01, 0.95, rows.clean, noise=1e-4, noise_df=2.0)
    answers = Answers(np.roll(rows.clean.scores, 1), None)
    one, two = plain.change(answers), noisy.change(answers)
    assert two.error**2 == pytest.approx(one.error**2 + 2e-4)
    assert two.df < one.df
    assert plain.spares(plain.change(rows.clean)) is Status.PASS
    assert noisy.spares(noisy.change(rows.clean)) is Status.UNSURE


# The ladder


def test_the_smallest_set_is_found_whatever_the_order() -> None:
    rows, pool = world(6000, 12), world(4000, 13).frame
    for order in (("d", "c", "b", "a"), ("a", "d", "b", "c")):
        way = Masker(rows, UNITS, pool, FakeDesk(), 0)
        found = smallest_set(order, way, comparer(rows))
        assert found is not None
        assert set(found.kept) == {"a", "b", "c"}
        assert found.possible == 3
        assert found.complete


def test_a_wide_margin_leaves_one_input_and_a_stop_is_said() -> None:
    rows, pool = world(3000, 14), world(1000, 15).frame
    way = Masker(rows, UNITS, pool, FakeDesk(), 0)
    found = smallest_set(("d", "c", "b", "a"), way, comparer(rows, margin=0.4))
    assert found is not None
    assert found.kept == ("a",)
    stopped = Masker(rows, UNITS, pool, FakeDesk(most=1), 0)
    cut = smallest_set(("d", "c", "b", "a"), stopped, comparer(rows))
    assert cut is not None
    assert not cut.complete
    assert (
        smallest_set(INPUTS, Masker(rows, UNITS, pool, FakeDesk(most=0), 0), comparer(rows)) is None
    )


def test_a_set_that_is_not_as_good_is_rarely_confirmed() -> None:
    """Without c the area falls by a little more than the margin of this test."""
    pool = world(4000, 16).frame
    truth = comparer(world(60_000, 17))
    masker = Masker(truth.rows, UNITS, pool, FakeDesk(), 0)
    answers = masker.answers(frozenset(["a", "b"]))
    assert answers is not None
    margin = truth.change(answers).harm
    wrong = 0
    for seed in range(60):
        rows = world(1200, 300 + seed)
        way = Masker(rows, UNITS, pool, FakeDesk(), seed)
        found = smallest_set(("d", "c", "b", "a"), way, comparer(rows, margin=margin))
        assert found is not None
        wrong += "c" not in found.kept
    assert wrong <= 4


def test_random_orders_need_almost_all_inputs() -> None:
    rows, pool = world(4000, 18), world(1000, 19).frame
    way = Masker(rows, UNITS, pool, FakeDesk(), 0)
    sizes = random_sizes(INPUTS, way, comparer(rows), np.random.default_rng(1))
    assert len(sizes) == 5
    assert set(sizes) <= {3, 4}


# Fits


def fit_rows(n: int = 100) -> FitRows:
    r = np.random.default_rng(20)
    frame = pl.DataFrame(dict(zip(INPUTS, r.normal(size=(4, n)), strict=True)))
    y = (r.random(n) < 0.5).astype(float)
    return FitRows(frame.with_columns(y=pl.Series(y)), y, n)


def remembering(seen: list[pl.DataFrame]) -> Refit:
    def refit(frame: pl.DataFrame, seed: int, within_s: float) -> Callable[[pl.DataFrame], Answers]:
        seen.append(frame)
        return probability

    return refit


def test_a_unit_left_out_of_a_fit_tells_nothing_there_or_when_asked() -> None:
    seen: list[pl.DataFrame] = []
    rows = world(50, 21)
    fitter = Fitter(FakeDesk(refit=remembering(seen)), 10, 1.0)
    way = Retrainer(UNITS, fitter, fit_rows(), rows.frame, 0)
    found = way.answers(frozenset(["b", "c", "d"]))
    assert found is not None
    assert seen[0]["a"].n_unique() == 1
    assert seen[0]["b"].n_unique() == 100
    assert way.answers(frozenset(["b", "c", "d"])) is found, "the same fit is not made twice"
    assert fitter.done == 1


def test_fits_end_with_their_number_their_time_or_an_error() -> None:
    fitter = Fitter(FakeDesk(refit=remembering([])), 2, 1.0)
    assert fitter.fit(fit_rows(), 0) is not None
    assert fitter.fit(fit_rows(), 1) is not None
    assert fitter.fit(fit_rows(), 2) is None
    assert "2 fits were made" in fitter.stopped

    short = Fitter(FakeDesk(refit=remembering([]), budget_s=1e-9), 10, 0.5)
    assert short.fit(fit_rows(), 0) is not None, "one fit is always tried"
    assert short.fit(fit_rows(), 1) is None
    assert "used up" in short.stopped

    def broken(frame: pl.DataFrame, seed: int, within_s: float) -> Any:
        raise ModelError("It was expected to fit and did not.")

    bad = Fitter(FakeDesk(refit=broken), 10, 1.0)
    assert bad.fit(fit_rows(), 0) is None
    assert bad.stopped == "It was expected to fit and did not"
    assert Fitter(FakeDesk(), 10, 1.0).stopped == "nothing repeats the fit"


def test_scrambled_labels_are_the_same_labels_in_another_order() -> None:
    rows = fit_rows()
    order = np.random.default_rng(1).permutation(100)
    dealt = rows.with_labels_of(order, "y")
    np.testing.assert_array_equal(dealt.target, rows.target[order])
    np.testing.assert_array_equal(dealt.frame["y"].to_numpy(), dealt.target)
    assert dealt.frame["a"].equals(rows.frame["a"])

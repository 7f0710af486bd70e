"""Load lines against worlds in which the truth is known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.optimize import brentq

from plimsoll.core.check import StressOptions
from plimsoll.core.errors import ModelError
from plimsoll.core.stress import Draws, Stress
from plimsoll.core.tally import Tallies
from plimsoll.core.trial import Answers
from plimsoll.probes.stress.learnt import learn
from plimsoll.probes.stress.missing import missing, missing_not_at_random
from plimsoll.probes.stress.noise import noise, noise_all
from plimsoll.tallies.sample import Sample
from plimsoll.trials.lines import State
from plimsoll.trials.load_lines import LoadLineTrial
from plimsoll.trials.stresses import applied
from worlds.asked import (
    SUBJECT,
    FunctionDesk,
    accuracy_at,
    area_under_noise,
    asker,
    gaussian_rows,
    posterior,
)

LEARNT = learn(gaussian_rows(200_000, 999)[0], SUBJECT)
RUNS = 100


def one(family, name: str) -> Stress:
    return next(s for s in family.make(LEARNT) if s.name == name)


def test_the_line_of_noise_in_one_input_is_found() -> None:
    """AUC under Gaussian noise is known; its crossing lies in the interval in at least 93 of 100 runs."""
    noisy = np.array([1.0, 0.0])
    truth = brentq(lambda s: area_under_noise(s, noisy) - 0.86, 0.0, 3.0)
    stress, held, calls = one(noise, "noise:a"), 0, 0
    for run in range(RUNS):
        line = asker(1500, run, ("roc_auc", 0.86)).line(stress)
        assert line is not None
        held += line.low <= truth <= line.high
        calls += line.calls
    assert held >= 91  # 93 of 100 as measured over more runs; here less two standard errors of 100
    assert calls / RUNS < 6


def test_the_line_of_noise_in_all_inputs_is_found() -> None:
    noisy = np.array([1.0, 1.0])
    truth = brentq(lambda s: area_under_noise(s, noisy) - 0.85, 0.0, 3.0)
    line = asker(40_000, 3, ("roc_auc", 0.85)).line(one(noise_all, "noise_all"))
    assert line is not None
    assert line.low <= truth <= line.high
    assert line.high - line.low < 0.1
    assert line.value == pytest.approx(truth, abs=0.04)


def test_the_line_of_missing_values_is_found_with_one_call() -> None:
    """Accuracy falls along a straight line in the share of rows that lack the input."""
    truth = brentq(lambda p: accuracy_at(p) - 0.78, 0.0, 1.0)
    stress, held = one(missing, "missing:a"), 0
    for run in range(RUNS):
        line = asker(1500, run, ("accuracy", 0.78)).line(stress)
        assert line is not None
        assert line.calls == 1
        held += line.low <= truth <= line.high
    assert held >= 91


def test_a_mix_is_what_random_hits_come_to() -> None:
    """The curve over shares is the mean over many draws of which rows are hit."""
    ask = asker(800, 5, ("roc_auc", 0.8))
    stress = one(missing, "missing:a")
    line = ask.line(stress)
    assert line is not None
    at = line.curve.severities.index(0.35)
    found = []
    for draw in range(200):
        frame = applied(stress, ask.rows.frame, 0.35, Draws(ask.rows.keys, draw, "hits"))
        graded = ask.rows.grade(posterior(frame))
        found.append(ask.judges[0].measure.mix(graded, graded, ask.rows.weights).at(0.0).value)
    assert line.curve.values[at] == pytest.approx(np.mean(found), abs=4 * np.std(found) / 200**0.5)


def test_values_that_are_missing_for_what_they_are_hit_those_rows() -> None:
    stress = one(missing_not_at_random, "missing_not_at_random:a:high")
    ask = asker(2000, 6)
    hit = stress.hit(ask.rows.frame, 0.25)
    a = ask.rows.frame["a"].to_numpy()
    assert hit.mean() == pytest.approx(0.25, abs=1e-9)
    assert a[hit == 1].min() >= a[hit == 0].max()


def test_without_a_limit_nine_tenths_of_the_gain_are_kept() -> None:
    ask = asker(20_000, 7)
    judge = ask.judges[0]
    assert not judge.from_policy
    assert judge.limit == pytest.approx(0.5 + 0.9 * (judge.clean.value - 0.5))
    assert "nothing that stress can be judged by" in judge.words()
    noisy = np.array([1.0, 0.0])
    limit = 0.5 + 0.9 * (area_under_noise(0.0, noisy) - 0.5)
    truth = brentq(lambda s: area_under_noise(s, noisy) - limit, 0.0, 3.0)
    line = ask.line(one(noise, "noise:a"))
    assert line is not None
    assert line.low <= truth <= line.high


def test_a_line_may_hold_to_the_end() -> None:
    line = asker(2000, 8, ("roc_auc", 0.6)).line(one(missing, "missing:b"))
    assert line is not None
    assert (line.state, line.value, line.low) == (State.HOLDS, 1.0, 1.0)


def test_a_limit_broken_when_clean_is_below() -> None:
    line = asker(2000, 8, ("roc_auc", 0.99)).line(one(missing, "missing:b"))
    assert line is not None
    assert (line.state, line.value, line.high) == (State.BELOW, 0.0, 0.0)


def test_a_model_that_refuses_is_a_finding_and_no_error() -> None:
    def picky(frame: pl.DataFrame) -> Answers:
        if frame["a"].null_count():
            raise ModelError("The model was expected to answer and raised ValueError.")
        return posterior(frame)

    line = asker(500, 1, answer=picky).line(one(missing, "missing:a"))
    assert line is not None
    assert line.state is State.REFUSES
    assert (line.value, line.high) == (0.0, 0.0)
    assert "ValueError" in line.refused


def test_the_first_limit_to_break_binds() -> None:
    ask = asker(3000, 2, ("roc_auc", 0.86))
    strict = asker(3000, 2, ("accuracy", 0.8)).judges
    ask.judges = (*ask.judges, *strict)
    line = ask.line(one(missing, "missing:a"))
    assert line is not None
    assert len(line.curves) == 2
    values = [c.crossing.value for c in line.curves]
    assert line.value == min(values)
    assert line.curve.metric == ("roc_auc", "accuracy")[int(np.argmin(values))]


def test_the_severities_of_one_measure_serve_the_next() -> None:
    ask = asker(3000, 2, ("roc_auc", 0.86))
    alone = ask.line(one(noise, "noise:a"))
    both = asker(3000, 2, ("roc_auc", 0.86))
    both.judges = (*both.judges, *asker(3000, 2, ("accuracy", 0.70)).judges)
    line = both.line(one(noise, "noise:a"))
    assert alone is not None
    assert line is not None
    assert line.calls <= alone.calls + 5
    assert len(line.curves[0].severities) == len(line.curves[1].severities)


def run_trial(options: StressOptions, answer=posterior, most: int = 10**9, rows: int = 1200):
    frame, y = gaussian_rows(rows, 4)
    clean = answer(frame)
    full = frame.with_columns(
        pl.Series("@target", y.astype(np.int64)),
        pl.Series("@score", clean.scores),
        pl.Series("@prediction", clean.decided.astype(np.int64)),
        pl.Series("@key", np.arange(rows, dtype=np.uint64)),
    )
    trial = LoadLineTrial(SUBJECT, options)
    sample = trial.needs()["rows"].tally
    assert isinstance(sample, Sample)
    tallies = Tallies({"rows": Sample(sample.takes, sample.size, rows=rows, frame=full)})
    return trial.run(tallies, FunctionDesk(SUBJECT, answer, most))


def test_a_whole_trial_has_its_controls_and_its_worst() -> None:
    found = run_trial(StressOptions())
    assert found.controls is not None
    assert (found.controls.again, found.controls.order, found.controls.batch) == (0.0, 0.0, 0.0)
    assert found.controls.destroyed is not None
    assert found.controls.destroyed.value == pytest.approx(0.5, abs=0.06)
    assert not found.controls.destroyed_better
    assert not found.on_reference
    assert {line.stress.kind for line in found.lines} >= {"missing", "noise", "outlier", "shuffled"}
    assert found.worst is not None
    assert found.worst.value == min(e.value for e in found.retentions)
    assert not any(line.stress.destroys for line in found.lines)
    assert found.asked.calls >= len(found.lines)


def test_what_was_done_when_the_calls_were_used_up_counts() -> None:
    found = run_trial(StressOptions(), most=40)
    assert found.lines
    assert found.undone
    assert found.stopped == "the calls were used up"


def test_kinds_narrow_the_stresses() -> None:
    found = run_trial(StressOptions(kinds=("missing:a", "noise")))
    assert {line.stress.name for line in found.lines} == {"missing:a", "noise:a", "noise:b"}


def test_contexts_are_judged_together() -> None:
    contexts = (("calm", (("noise:a", 0.1),)), ("storm", (("noise:a", 2.0), ("missing:b", 0.5))))
    found = run_trial(StressOptions(kinds=("missing:a",), contexts=contexts))
    calm, storm = found.contexts
    assert calm.kept == (True,)
    assert storm.kept == (False,)
    assert storm.differences[0].high < 0
    assert storm.estimates[0].value < calm.estimates[0].value


def test_a_restless_model_is_caught() -> None:
    rng = np.random.default_rng(0)

    def restless(frame: pl.DataFrame) -> Answers:
        clean = posterior(frame)
        score = np.clip(clean.scores + rng.normal(0, 0.05, frame.height), 0, 1)
        return Answers(score, (score >= 0.5) * 1.0)

    found = run_trial(StressOptions(kinds=("missing:a",)), answer=restless)
    assert found.controls is not None
    assert found.controls.again > 0.9


def test_a_model_that_looks_at_its_batch_is_caught() -> None:
    def batchy(frame: pl.DataFrame) -> Answers:
        a = frame["a"].fill_null(0.0).to_numpy()
        score = 1 / (1 + np.exp(-(a - a.mean())))
        return Answers(score, (score >= 0.5) * 1.0)

    found = run_trial(StressOptions(kinds=("missing:a",)), answer=batchy)
    assert found.controls is not None
    assert found.controls.again == 0.0
    assert found.controls.batch > 0.5


def test_a_model_that_reads_past_its_inputs_stays_good_when_all_is_destroyed() -> None:
    truth = gaussian_rows(1200, 4)[1]

    def peeking(frame: pl.DataFrame) -> Answers:
        if frame.height == truth.size:
            return Answers(truth * 0.8 + 0.1, truth)
        return Answers(np.full(frame.height, 0.5), np.ones(frame.height))

    found = run_trial(StressOptions(kinds=("missing:a",)), answer=peeking)
    assert found.controls is not None
    assert found.controls.destroyed_better


def test_drift_sees_missing_values_and_not_two_columns_that_change_places() -> None:
    found = run_trial(StressOptions(kinds=("missing:a", "rank_noise:a", "noise:a")), rows=3000)
    by_name = {line.stress.name: line for line in found.lines}
    gone = by_name["missing:a"]
    assert gone.state is State.CROSSES
    assert gone.notice is not None
    assert gone.notice.effect == pytest.approx(gone.value, abs=0.03)
    assert gone.notice.rows is not None


def test_a_share_that_hits_low_values_first_is_followed_to_its_crossing() -> None:
    """The line stands where the mix itself crosses, though it was looked at in nine shares at first."""
    asked = asker(3000, 4)
    found = 0
    for stress in (s for s in missing_not_at_random.make(LEARNT) if s.hit is not None):
        line = asked.line(stress)
        assert line is not None
        if line.state is not State.CROSSES:
            continue
        found += 1
        stressed = asked.ask(stress, 1.0, asked.rows.draws(stress.name, 0))
        judge = asked.judges[0]
        at = line.curve.crossing.value
        value = judge.mix(stressed).at(stress.hit(asked.rows.frame, at))
        margin = judge.margin(value, at)
        assert abs(margin.value) < 0.1 * margin.error
    assert found > 0

"""Relations between answers in worlds where it is known how often they are broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

import plimsoll
from plimsoll.core.batch import KEY, PREDICTION, TARGET, WEIGHT, score_column
from plimsoll.core.check import StressOptions
from plimsoll.core.errors import ModelError
from plimsoll.core.keys import mix
from plimsoll.core.subject import Roles, ScoreKind, Subject, Task
from plimsoll.core.tally import Rows, Tallies, Tally
from plimsoll.core.trial import Answers
from plimsoll.tallies.sample import Sample
from plimsoll.trials.relation_results import Answered, Relations, State
from plimsoll.trials.relations import RelationTrial
from plimsoll.trials.rows import CURRENT, REFERENCE
from worlds.asked import FunctionDesk

Model = Callable[[pl.DataFrame], Answers]


def binary(score: Callable[[pl.DataFrame], np.ndarray]) -> Model:
    def answer(frame: pl.DataFrame) -> Answers:
        found = score(frame)
        return Answers(found, (found >= 0.5) * 1.0)

    return answer


def number(value: Callable[[pl.DataFrame], np.ndarray]) -> Model:
    return lambda frame: Answers(None, value(frame))


def subject_of(frame: pl.DataFrame, task: Task = Task.BINARY, **roles: object) -> Subject:
    apart = {roles.get("group"), roles.get("weight")}
    features = tuple(c for c in frame.columns if c not in apart)
    made = Roles(target="y", features=features, **roles)  # type: ignore[arg-type]
    if task is Task.REGRESSION:
        return Subject("known", task, made, has_prediction=True, has_model=True)
    return Subject(
        "known",
        task,
        made,
        ("no", "yes"),
        ScoreKind.PROBABILITY,
        has_prediction=True,
        has_model=True,
    )


def asked(
    frame: pl.DataFrame,
    model: Model,
    subject: Subject | None = None,
    *,
    own: tuple[Callable[..., object], ...] = (),
    most: int = 10**9,
    seed: int = 0,
    least: int = 20,
    reference: pl.DataFrame | None = None,
    **options: object,
) -> Relations:
    """Run the trial on rows that are their own reference, where none is given."""
    subject = subject or subject_of(frame)
    trial = RelationTrial(subject, StressOptions(**options), seed=seed, least=least)  # type: ignore[arg-type]
    need = trial.needs()[CURRENT]
    clean = model(frame)
    columns = [pl.Series(KEY, mix(np.arange(frame.height, dtype=np.uint64)))]
    if clean.scores is not None and clean.scores.ndim == 1:
        columns.append(pl.Series(score_column(), clean.scores))
    elif clean.scores is not None:
        columns += [pl.Series(score_column(j), s) for j, s in enumerate(clean.scores.T)]
    if clean.decided is not None:
        columns.append(pl.Series(PREDICTION, clean.decided))
    if subject.labelled:
        columns.append(pl.Series(TARGET, np.zeros(frame.height)))
    if subject.roles.weight is not None:
        columns.append(frame.get_column(subject.roles.weight).alias(WEIGHT))
    assert isinstance(need.tally, Sample)
    whole = frame.with_columns(columns)
    assert set(need.tally.takes) <= set(whole.columns)
    sample = replace(need.tally, rows=frame.height, frame=whole)
    desk = FunctionDesk(subject, model, most, {f.__name__: f for f in own})
    tallies: dict[str, Tally] = {CURRENT: sample}
    if reference is not None:
        held = Sample(tuple(reference.columns))
        tallies[REFERENCE] = replace(held, rows=reference.height, frame=reference)
    return trial.run(Tallies(tallies), desk)


def one(found: Relations, name: str) -> Answered:
    return next(a for a in found.answered if a.relation.name == name)


def people(rows: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame({"x": rng.normal(size=rows), "sex": rng.choice(["f", "m"], rows)})


GAIN = 0.3


@binary
def uses_sex(frame: pl.DataFrame) -> np.ndarray:
    return expit(frame["x"].to_numpy() + GAIN * (frame["sex"] == "m").to_numpy())


@binary
def ignores_sex(frame: pl.DataFrame) -> np.ndarray:
    return expit(frame["x"].to_numpy())


def change_of(x: float) -> float:
    return float(expit(x + GAIN) - expit(x))


FLIPS = float(norm.cdf(0) - norm.cdf(-GAIN))
MEAN = quad(lambda x: change_of(x) * norm.pdf(x), -8, 8)[0]


def p95() -> float:
    """The change is largest at x = -0.15 and falls on both sides; its quantile by a fine grid."""
    x = norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    return float(np.quantile(expit(x + GAIN) - expit(x), 0.95))


def protected_run(rows: int, seed: int, model: Model = uses_sex) -> Answered:
    frame = people(rows, seed)
    found = asked(frame, model, subject_of(frame, sensitive=("sex",)), seed=seed)
    return one(found, "protected:sex")


# A protected column


def test_the_share_of_flips_by_a_protected_column_is_found() -> None:
    """All four numbers lie in their intervals in at least 91 of 100 runs of 1,000 rows."""
    held = dict.fromkeys(("flips", "mean", "p95", "gained"), 0)
    far = p95()
    for seed in range(100):
        got = protected_run(1000, seed)
        assert got.far is not None
        held["flips"] += got.violations.low <= FLIPS <= got.violations.high
        held["p95"] += got.far.low <= far <= got.far.high
        up = next(d for d in got.directions if d.source == "f")
        assert up.change is not None and up.gained is not None and up.lost is not None
        held["mean"] += up.change.low <= MEAN <= up.change.high
        held["gained"] += up.gained.low <= FLIPS <= up.gained.high
        assert up.lost.value == 0.0
    assert min(held.values()) >= 91, held
    assert max(held.values()) <= 100


def test_who_gains_is_told_for_each_direction() -> None:
    got = protected_run(20_000, 3)
    assert got.state is State.BROKEN
    assert {(d.source, d.target) for d in got.directions} == {("f", "m"), ("m", "f")}
    down = next(d for d in got.directions if d.source == "m")
    assert down.change is not None and down.gained is not None and down.lost is not None
    assert down.change.value == pytest.approx(-MEAN, abs=0.002)
    assert down.lost.value == pytest.approx(FLIPS, abs=0.01)
    assert down.gained.value == 0.0
    assert got.worst == pytest.approx(change_of(-GAIN / 2), abs=1e-3)


def test_a_model_that_ignores_the_column_is_not_touched_by_it() -> None:
    got = protected_run(1000, 0, ignores_sex)
    assert got.state is State.HOLDS
    assert (got.violations.value, got.worst) == (0.0, 0.0)
    few = protected_run(200, 0, ignores_sex)
    assert few.state is State.UNTOLD
    assert few.violations.value == 0.0


def test_a_relation_just_at_what_is_allowed_is_seldom_called_either_way() -> None:
    """With 1 of 100 rows breaking it, neither verdict comes in more than 5 of 100 runs each."""
    rng = np.random.default_rng(8)
    verdicts = []
    for seed in range(200):
        touchy = rng.random(1500) < 0.01
        frame = people(1500, seed).with_columns(touchy=pl.Series(touchy))

        @binary
        def model(rows: pl.DataFrame) -> np.ndarray:
            return ((rows["sex"] == "m") & rows["touchy"]).to_numpy() * 0.9

        found = asked(frame, model, subject_of(frame, sensitive=("sex",)))
        verdicts.append(one(found, "protected:sex").state)
    assert verdicts.count(State.BROKEN) <= 10
    assert verdicts.count(State.HOLDS) <= 10
    assert verdicts.count(State.UNTOLD) >= 180


def test_rows_that_hang_together_make_the_interval_wider() -> None:
    base = people(500, 1)
    frame = pl.concat([base] * 10).with_columns(g=pl.Series(np.tile(np.arange(500), 10)))
    alone = asked(frame, uses_sex, subject_of(frame.drop("g"), sensitive=("sex",)))
    tied = asked(frame, uses_sex, subject_of(frame, sensitive=("sex",), group="g"))
    a, b = (one(f, "protected:sex") for f in (alone, tied))
    assert a.violations.value == pytest.approx(b.violations.value)
    width = b.violations.half_width / a.violations.half_width
    assert 2.5 < width < 4.0  # the square root of 10
    assert a.directions[0].change is not None and b.directions[0].change is not None
    ratio = b.directions[0].change.half_width / a.directions[0].change.half_width
    assert 2.5 < ratio < 4.0


def test_weights_count() -> None:
    frame = people(2000, 2)
    heavy = np.where(np.abs(frame["x"].to_numpy() + GAIN / 2) < GAIN / 2, 5.0, 1.0)
    frame = frame.with_columns(w=pl.Series(heavy))
    got = one(
        asked(frame, uses_sex, subject_of(frame, sensitive=("sex",), weight="w")), "protected:sex"
    )
    plain = protected_run(2000, 2).violations.value
    assert got.violations.value == pytest.approx(5 * plain / (5 * plain + 1 - plain))


def test_a_regression_counts_changes_of_a_tenth_of_a_standard_deviation() -> None:
    frame = people(2000, 4)
    subject = subject_of(frame, Task.REGRESSION, sensitive=("sex",))
    shift = {"small": 0.09, "large": 0.12}
    found = {}
    for name, by in shift.items():
        model = number(lambda f, by=by: f["x"].to_numpy() + by * (f["sex"] == "m").to_numpy())
        found[name] = one(asked(frame, model, subject), "protected:sex")
    assert found["small"].violations.value == 0.0
    assert found["large"].violations.value == 1.0
    (up,) = (d for d in found["large"].directions if d.source == "f")
    assert up.gained is None
    assert up.change is not None
    assert up.change.value == pytest.approx(0.12)


def test_several_classes_have_flips_and_no_direction() -> None:
    frame = people(600, 5)

    def model(rows: pl.DataFrame) -> Answers:
        z = np.stack(
            [rows["x"].to_numpy(), 2.0 * (rows["sex"] == "m"), np.zeros(rows.height)], axis=1
        )
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        return Answers(p, p.argmax(axis=1) * 1.0)

    subject = replace(
        subject_of(frame, Task.MULTICLASS, sensitive=("sex",)), classes=("a", "b", "c")
    )
    found = asked(frame, model, subject, increasing=("x",))
    got = one(found, "protected:sex")
    swapped = frame.with_columns(sex=pl.col("sex").replace({"f": "m", "m": "f"}))
    truth = (model(frame).decided != model(swapped).decided).mean()
    assert got.violations.value == pytest.approx(truth)
    assert 0.3 < truth < 0.9
    assert got.far is not None and 0 < got.far.value <= 1
    assert all(d.change is None and d.gained is None for d in got.directions)
    assert dict(found.left)["monotone:x"].startswith("answers of several classes")


def test_a_protected_column_that_is_no_input_is_said() -> None:
    frame = people(500, 6)
    subject = subject_of(frame, sensitive=("sex",))
    subject = replace(subject, roles=replace(subject.roles, features=("x",)))
    found = asked(frame, ignores_sex, subject)
    assert found.unread == ("sex",)
    assert not any(a.relation.kind == "protected" for a in found.answered)


# Monotone inputs


def test_a_monotone_model_holds_and_the_other_way_is_broken() -> None:
    frame = people(2000, 7)
    up = one(asked(frame, ignores_sex, increasing=("x",)), "monotone:x")
    assert (up.state, up.violations.value, up.worst) == (State.HOLDS, 0.0, 0.0)
    down = one(asked(frame, ignores_sex, decreasing=("x",)), "monotone:x")
    assert down.state is State.BROKEN
    assert down.violations.value > 0.99


def test_the_share_of_rows_that_move_the_wrong_way_is_found() -> None:
    """The answer rises to x = 1 and falls beyond; which rows it fails is a matter of arithmetic."""
    grid = (np.arange(100_000) + 0.5) / 100_000
    steps = [norm.ppf(grid), *(norm.ppf(grid + s * (1 - grid)) for s in (0.1, 0.5))]
    path = np.stack([expit(-np.abs(x - 1)) for x in steps])
    fall = (np.maximum.accumulate(path) - path).max(axis=0)
    truth = float((fall > 1e-3).mean())
    falls = binary(lambda f: expit(-np.abs(f["x"].to_numpy() - 1)))
    reference = people(100_000, 999)
    held = 0
    for seed in range(100):
        found = asked(people(1000, seed), falls, reference=reference, increasing=("x",))
        got = one(found, "monotone:x")
        held += got.violations.low <= truth <= got.violations.high
        assert got.worst <= fall.max() + 0.05
    assert held >= 91


# The other families


def test_a_model_that_leaks_an_identifier_is_found() -> None:
    """Nine of ten rows get an id with another last digit."""
    n = 3000
    frame = people(n, 9).with_columns(
        customer_id=pl.Series(np.random.default_rng(0).permutation(n))
    )
    leaks = binary(lambda f: expit(f["x"].to_numpy() + (f["customer_id"].to_numpy() % 10) / 50))
    got = one(asked(frame, leaks), "identifier:customer_id")
    assert got.state is State.BROKEN
    assert got.violations.low <= 0.9 <= got.violations.high
    still = one(asked(frame, ignores_sex), "identifier:customer_id")
    assert (still.state, still.violations.value) == (State.HOLDS, 0.0)


def test_a_model_that_answers_the_same_row_twice_differently_is_found() -> None:
    rng = np.random.default_rng(0)
    restless = binary(lambda f: expit(f["x"].to_numpy() + 0.1 * rng.normal(size=f.height)))
    frame = people(1000, 10)
    assert one(asked(frame, restless), "duplicate").violations.value == 1.0
    by_place = binary(lambda f: expit(f["x"].to_numpy() + 0.1 * (np.arange(f.height) >= 1000)))
    assert one(asked(frame, by_place), "duplicate").violations.value == 1.0
    got = one(asked(frame, ignores_sex), "duplicate")
    assert (got.state, got.violations.n) == (State.HOLDS, 1000)


def test_a_model_that_weighs_two_units_against_each_other_goes_astray() -> None:
    km = np.random.default_rng(1).normal(10, 3, 2000)
    frame = pl.DataFrame({"km": km, "miles": km / 1.609344})
    subject = subject_of(frame, Task.REGRESSION)
    name = "two_units:km and miles"

    def weighed(a: float, b: float) -> Answered:
        model = number(lambda f: a * f["km"].to_numpy() + b * 1.609344 * f["miles"].to_numpy())
        return one(asked(frame, model, subject), name)

    assert weighed(1.0, 0.0).state is State.HOLDS
    assert weighed(0.5, 0.5).state is State.HOLDS
    astray = weighed(6.0, -5.0)
    assert astray.state is State.BROKEN
    assert astray.violations.value > 0.9
    model = binary(lambda f: expit(f["km"].to_numpy() - 10))
    got = one(asked(frame, model), name)
    assert got.state is State.HOLDS
    flips = dict(got.flips)
    assert flips["both of another row"].value == pytest.approx(0.5, abs=0.05)
    assert flips["only km"].value == flips["both of another row"].value
    assert flips["only miles"].value == 0.0


def test_formatting_breaks_a_model_that_matches_letters_and_not_one_that_cleans() -> None:
    frame = people(2000, 12)
    exact = asked(frame, uses_sex)
    men = float((frame["sex"] == "m").mean())  # type: ignore[arg-type]
    for kind in ("spaces", "letter_case"):
        got = one(exact, f"{kind}:sex")
        assert got.violations.value == pytest.approx(men)
        ((_, flips),) = got.flips
        assert 0 < flips.value < got.violations.value

    def cleans(rows: pl.DataFrame) -> Answers:
        return uses_sex(rows.with_columns(pl.col("sex").str.strip_chars().str.to_lowercase()))

    clean = asked(frame, cleans)
    assert {one(clean, f"{k}:sex").state for k in ("spaces", "letter_case")} == {State.HOLDS}


def test_a_threshold_on_a_value_that_rows_have_is_found() -> None:
    x = np.round(np.random.default_rng(2).uniform(0, 1, 3000), 1)
    frame = pl.DataFrame({"x": x})
    on = binary(lambda f: (f["x"].to_numpy() >= 0.5) * 0.8)
    assert one(asked(frame, on), "rounding:x:noise").violations.value == pytest.approx(
        (x[x != 0] == 0.5).mean()  # a billionth of nothing is nothing
    )
    between = binary(lambda f: (f["x"].to_numpy() >= 0.45) * 0.8)
    assert one(asked(frame, between), "rounding:x:noise").state is State.HOLDS


def test_rounding_asks_nothing_where_rows_are_written_as_the_reference_is() -> None:
    frame = pl.DataFrame({"x": np.round(np.random.default_rng(2).uniform(0, 1, 300), 1)})
    found = asked(frame, ignores_sex)
    assert dict(found.left)["rounding:x:decimals"] == "it changes nothing in these rows"


# The user's own


@plimsoll.relation("one more x", expect="higher", tolerance=0.01, columns=["x"])
def one_more(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    return rows.with_columns(x=pl.col("x") + 1)


@plimsoll.relation("women a little higher", expect="lower")
def some_lower(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    less = pl.when(pl.col("sex") == "f").then(pl.col("x") + 0.5)
    return rows.with_columns(x=less.otherwise(pl.col("x")))


@plimsoll.relation("x a hair off", tolerance=0.01)
def a_hair(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    return rows.with_columns(x=pl.col("x") + 0.03 * (2 * pl.Series(rng.random(rows.height)) - 1))


@plimsoll.relation("broken")
def broken(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    return rows.head(3)


def test_relations_of_ones_own_hold_or_not_and_one_that_breaks_stops_no_other() -> None:
    frame = people(1000, 13)
    found = asked(frame, ignores_sex, own=(one_more, broken, some_lower, a_hair, print))
    assert one(found, "one_more:x").state is State.HOLDS
    got = one(found, "some_lower")
    assert got.violations.value == 1.0
    assert got.violations.n == frame.filter(sex="f").height
    assert one(found, "a_hair").state is State.HOLDS
    ((name, why),) = found.broken
    assert name == "broken"
    assert "of 3 rows" in why
    lazy = asked(
        frame, binary(lambda f: np.clip(0.5 - f["x"].to_numpy() / 9, 0, 1)), own=(one_more,)
    )
    assert one(lazy, "one_more:x").violations.value == 1.0
    assert one(lazy, "one_more:x").worst == pytest.approx(1 / 9)


# Ugly worlds


def test_rows_without_labels_are_asked_as_well() -> None:
    frame = people(1000, 14)
    subject = replace(subject_of(frame, sensitive=("sex",)), labelled=False)
    need = RelationTrial(subject, StressOptions()).needs()[CURRENT]
    assert need.rows is Rows.ANSWERED
    with_labels = asked(frame, uses_sex, subject_of(frame, sensitive=("sex",)))
    without = asked(frame, uses_sex, subject)
    assert [a.violations for a in without.answered] == [a.violations for a in with_labels.answered]


def test_a_model_that_refuses_changed_rows_is_told() -> None:
    def strict(rows: pl.DataFrame) -> Answers:
        if not rows["sex"].is_in(["f", "m"]).all():
            raise ModelError("It knows no such category.")
        return uses_sex(rows)

    found = asked(people(500, 15), strict)
    got = one(found, "spaces:sex")
    assert got.state is State.REFUSES
    assert got.refused == "It knows no such category."
    assert (got.violations.value, got.violations.low) == (1.0, 1.0)
    assert one(found, "duplicate").state is State.HOLDS


def test_when_the_time_is_up_what_is_done_stays() -> None:
    frame = people(500, 16)
    found = asked(frame, uses_sex, most=2)
    assert len(found.answered) == 2
    assert found.undone
    assert found.stopped == "the calls were used up"
    half = asked(
        frame, uses_sex, most=2, increasing=("x",)
    )  # the second call of a pair is not made
    assert set(half.undone) >= {"monotone:x"} or len(half.answered) == 2
    assert half.asked.calls == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_three_rows_tell_nothing_and_nothing_breaks(rows: int) -> None:
    frame = people(rows, 17)
    found = asked(frame, ignores_sex, subject_of(frame, sensitive=("sex",)), increasing=("x",))
    assert found.broken == ()
    assert {a.state for a in found.answered} <= {State.UNTOLD}
    assert "protected:sex" in dict(found.left)


def test_constants_missing_cells_and_odd_types_break_nothing() -> None:
    n = 400
    rng = np.random.default_rng(18)
    frame = pl.DataFrame(
        {
            "x": rng.normal(size=n),
            "flat": np.full(n, 3.0),
            "empty": pl.Series([None] * n, dtype=pl.Float64),
            "gaps": pl.Series([None if i % 3 else float(i) for i in range(n)]),
            "nan": np.where(rng.random(n) < 0.5, np.nan, rng.normal(size=n)),
            "inf": np.where(rng.random(n) < 0.1, np.inf, rng.normal(size=n)),
            "huge": rng.normal(size=n) * 1e300,
            "word": pl.Series(["a", None] * (n // 2)),
            "city": pl.Series(rng.choice(["Oslo", "Rome"], n), dtype=pl.Enum(["Oslo", "Rome"])),
            "day": pl.Series(np.datetime64("2024-01-01") + np.arange(n)),
            "list": pl.Series([[1, 2]] * n),
            "truth": rng.random(n) < 0.5,
        }
    )
    features = ("x", "flat", "empty", "gaps", "nan", "inf", "huge", "truth")
    subject = subject_of(frame, sensitive=frame.columns[1:])  # type: ignore[arg-type]
    model = binary(lambda f: expit(f["x"].to_numpy()))
    found = asked(frame, model, subject, increasing=features[:-1], own=(one_more,))
    assert found.broken == ()
    assert "monotone:flat" in dict(found.left)
    assert "protected:empty" in dict(found.left)
    assert {"monotone:x", "monotone:gaps", "protected:city", "protected:truth"} <= {
        a.relation.name for a in found.answered
    }
    assert all(a.violations.value == 0.0 for a in found.answered)


def test_labels_alone_and_scores_that_only_order_are_asked_as_well() -> None:
    frame = people(2000, 19)
    labels = replace(subject_of(frame, sensitive=("sex",)), score_kind=ScoreKind.NONE)
    got = asked(frame, lambda f: Answers(None, uses_sex(f).decided), labels, increasing=("x",))
    assert (
        one(got, "protected:sex").violations.low
        <= FLIPS
        <= one(got, "protected:sex").violations.high
    )
    assert one(got, "monotone:x").state is State.HOLDS
    ranks = replace(labels, score_kind=ScoreKind.RANKING, has_prediction=False)
    plain = asked(frame, lambda f: Answers(10 * uses_sex(f).scores, None), ranks)  # type: ignore[operator]
    assert one(plain, "protected:sex").flips == ()
    assert one(plain, "protected:sex").violations.value > 0.5


def test_the_same_rows_and_seed_give_the_same_answer() -> None:
    frame = people(500, 20).with_columns(id=pl.Series(np.arange(500)))
    one_run, again = (asked(frame, uses_sex, seed=4).answered for _ in range(2))
    assert [a.violations for a in one_run] == [a.violations for a in again]

"""Every stress keeps the contract, without being asked: families() is walked, none is named by hand."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from plimsoll.core.keys import mix
from plimsoll.core.stress import Draws, Stress
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.probes.stress import families
from plimsoll.probes.stress.learnt import Learnt, learn

FAMILIES = {family.kind: family for family in families()}
SIDE = 8
PIXELS = tuple(f"pixel_{i}" for i in range(SIDE * SIDE))
WORDS = (pl.String, pl.Categorical, pl.Enum)
COLOURS = pl.Enum(["red", "green", "blue", "never"])
SHARES = (0.0, 0.01, 0.1, 0.3, 0.5, 0.77, 1.0)


def mixed(rows: int, seed: int = 3) -> pl.DataFrame:
    """Make a table with a column of every type that there is, and of some that there should not be."""
    rng = np.random.default_rng(seed)

    def holes(values: list[object], share: float = 0.1) -> list[object]:
        return [None if rng.random() < share else value for value in values]

    z = rng.normal(size=rows)
    with_nan = np.where(rng.random(rows) < 0.1, np.nan, z * 3 + rng.normal(size=rows))
    start = dt.datetime(2024, 3, 29, 23, 30)
    moments = [start + dt.timedelta(hours=7 * i) for i in range(rows)]
    words = np.array(
        ["the", "café", "Ärger", "fast", "12,5", "a b", "don't", "Paris", "is", "Mary"]
    )
    data: dict[str, pl.Series] = {
        "id": pl.Series(np.arange(rows) + 2**60 + 1, dtype=pl.Int64),
        "small": pl.Series(holes(list(rng.integers(-128, 128, rows))), dtype=pl.Int8),
        "byte": pl.Series(rng.integers(0, 256, rows), dtype=pl.UInt8),
        "wide": pl.Series(2**62 + rng.integers(0, 10**6, rows), dtype=pl.Int64),
        "widest": pl.Series(rng.integers(0, 2**63, rows), dtype=pl.UInt64) + 2**63,
        "count": pl.Series(holes(list(rng.poisson(2.0, rows))), dtype=pl.Int64),
        "flag": pl.Series(rng.integers(0, 2, rows), dtype=pl.Int32),
        "thin": pl.Series(np.exp(z), dtype=pl.Float32),
        "broad": pl.Series(with_nan),
        "holey": pl.Series(holes(list(z * 2 + 1))),
        "both": pl.Series(holes(list(with_nan))),
        "huge": pl.Series(z * 1e300),
        "endless": pl.Series(np.where(rng.random(rows) < 0.05, np.inf, z)),
        "price": pl.Series(holes([round(float(v), 2) for v in np.exp(z)]), dtype=pl.Decimal(12, 2)),
        "outdoor_temp": pl.Series(12 + 8 * z),
        "yes": pl.Series(holes(list(rng.random(rows) < 0.4)), dtype=pl.Boolean),
        "word": pl.Series(holes(list(rng.choice(["North ", "south", "EAST", "wést"], rows)))),
        "kind": pl.Series(holes(list(rng.choice(["a", "b", "c"], rows))), dtype=pl.Categorical()),
        "colour": pl.Series(holes(list(rng.choice(["red", "green", "blue"], rows))), dtype=COLOURS),
        "amount": pl.Series([f"{v:.1f}" for v in 1500 + 900 * np.abs(z)], dtype=pl.String),
        "code": pl.Series([f"{v:08x}" for v in rng.integers(0, 2**32, rows)], dtype=pl.String),
        "note": pl.Series(
            holes([" ".join(rng.choice(words, 7)) + f" {i}" for i in range(rows)]), dtype=pl.String
        ),
        "day": pl.Series(holes([m.date() for m in moments]), dtype=pl.Date),
        "moment": pl.Series(holes(list(moments)), dtype=pl.Datetime("us")),
        "zoned": pl.Series(moments, dtype=pl.Datetime("ms", "UTC")).dt.convert_time_zone(
            "Europe/Berlin"
        ),
        "hour": pl.Series([m.time() for m in moments], dtype=pl.Time),
        "wait": pl.Series(
            [dt.timedelta(minutes=i % 50) for i in range(rows)], dtype=pl.Duration("ms")
        ),
        "one": pl.Series([7] * rows, dtype=pl.Int64),
        "same": pl.Series(["x"] * rows, dtype=pl.String),
        "gone": pl.Series([None] * rows, dtype=pl.Float64),
        "void": pl.Series([None] * rows, dtype=pl.Null),
        "blank": pl.Series([None] * rows, dtype=pl.String),
        "many": pl.Series([[i, i + 1] for i in range(rows)], dtype=pl.List(pl.Int64)),
        "site": pl.Series([f"s{i % 4}" for i in range(rows)], dtype=pl.String),
        "all": pl.Series(z - 1),
    }
    for i, name in enumerate(PIXELS):
        data[name] = pl.Series(rng.integers(0, 17, rows) * (i % 9 > 0), dtype=pl.UInt8)
    data["outcome"] = pl.Series((z + rng.normal(size=rows) > 0).astype(int), dtype=pl.Int64)
    return pl.DataFrame([series.alias(name) for name, series in data.items()])


def plain(rows: int) -> pl.DataFrame:
    """Make a table of few columns, without an image."""
    return mixed(rows, 5).select("id", "small", "holey", "word", "note", "day", "outcome")


def subject(frame: pl.DataFrame) -> Subject:
    features = tuple(name for name in frame.columns if name not in ("id", "outcome"))
    time = "moment" if "moment" in frame.columns else None
    group = "site" if "site" in frame.columns else None
    roles = Roles(target="outcome", id="id", time=time, group=group, features=features)
    return Subject("made", Task.BINARY, roles, ("0", "1"))


def learnt_from(frame: pl.DataFrame) -> Learnt:
    image = (PIXELS, (SIDE, SIDE)) if PIXELS[0] in frame.columns else None
    return learn(frame, subject(frame), image=image)


@cache
def worlds() -> dict[str, tuple[Learnt, pl.DataFrame]]:
    """Return what is learnt and the rows that it is applied to, by name."""
    ugly = mixed(160)
    return {
        "mixed": (learnt_from(ugly), mixed(90, 4)),
        "three rows": (learnt_from(mixed(3)), mixed(3, 4)),
        "learnt from no row": (learnt_from(ugly[:0]), mixed(5)),
        "applied to no row": (learnt_from(ugly), ugly[:0]),
        "few columns": (learnt_from(plain(60)), plain(40)),
    }


WORLDS = tuple(worlds())


def draws_for(stress: Stress, keys: np.ndarray) -> Draws:
    return Draws(mix(keys.astype(np.uint64)), seed=1, name=stress.name)


def apply(stress: Stress, frame: pl.DataFrame, severity: float, keys: np.ndarray) -> pl.DataFrame:
    try:
        return stress.fault(frame, severity, draws_for(stress, keys))
    except Exception as error:
        error.add_note(f"applying {stress.name} at {severity} to {frame.height} rows")
        raise


def severities(stress: Stress) -> tuple[float, ...]:
    return (1.0,) if stress.is_share else (stress.top / 7.0, stress.top)


def stresses(kind: str, world: str) -> tuple[list[Stress], pl.DataFrame]:
    learnt, frame = worlds()[world]
    return list(FAMILIES[kind].make(learnt)), frame


def like_words(frame: pl.DataFrame, model: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with words as texts, for a stress may turn an enumeration into text."""
    names = [
        name for name, dtype in model.schema.items() if isinstance(dtype, WORDS) or dtype in WORDS
    ]
    return frame.with_columns(pl.col(names).cast(pl.String))


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_family_says_what_it_is(kind: str) -> None:
    family = FAMILIES[kind]
    assert family.title and family.title[0].islower()
    assert len(family.about) > 40


@pytest.mark.parametrize("world", WORLDS)
def test_no_two_stresses_have_the_same_name(world: str) -> None:
    learnt, _ = worlds()[world]
    names = [stress.name for family in FAMILIES.values() for stress in family.make(learnt)]
    assert sorted(names) == sorted(set(names))


def test_there_is_something_to_walk_over() -> None:
    learnt, _ = worlds()["mixed"]
    made = {kind: len(list(family.make(learnt))) for kind, family in FAMILIES.items()}
    assert [kind for kind, count in made.items() if not count] == []


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_stress_says_what_it_is(kind: str) -> None:
    made, frame = stresses(kind, "mixed")
    for stress in made:
        assert stress.kind == kind, stress.name
        assert stress.title.strip() == stress.title != "", stress.name
        assert not stress.title.endswith("."), stress.name
        assert stress.life.endswith("."), stress.name
        assert stress.life[0].isupper(), stress.name
        assert stress.unit, stress.name
        assert stress.columns and set(stress.columns) <= set(frame.columns), stress.name
        assert len(set(stress.columns)) == len(stress.columns), stress.name
        assert not {"id", "outcome"} & set(stress.columns), stress.name
        assert 0.0 < stress.top < np.inf, stress.name
        if stress.is_share:
            assert stress.top <= 1.0, stress.name


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("kind", FAMILIES)
def test_a_stress_changes_its_columns_and_keeps_rows_order_and_types(kind: str, world: str) -> None:
    made, frame = stresses(kind, world)
    untouched = frame.clone()
    keys = np.arange(frame.height)
    for stress in made:
        for severity in severities(stress):
            after = apply(stress, frame, severity, keys)
            assert after.columns == frame.columns, stress.name
            assert after.height == frame.height, stress.name
            rest = [name for name in frame.columns if name not in stress.columns]
            assert_frame_equal(after.select(rest), frame.select(rest), check_exact=True)
            for name in stress.columns:
                was, now = frame.schema[name], after.schema[name]
                words = isinstance(was, WORDS) or was in WORDS
                assert now == was or (words and now == pl.String), (stress.name, name, was, now)
            assert_frame_equal(frame, untouched, check_exact=True)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("kind", FAMILIES)
def test_a_magnitude_of_nothing_changes_nothing(kind: str, world: str) -> None:
    made, frame = stresses(kind, world)
    for stress in made:
        if not stress.is_share:
            after = apply(stress, frame, 0.0, np.arange(frame.height))
            assert_frame_equal(like_words(after, frame), like_words(frame, frame), check_exact=True)


@pytest.mark.parametrize("world", ["mixed", "three rows", "few columns"])
@pytest.mark.parametrize("kind", FAMILIES)
def test_a_row_is_changed_alike_in_any_order_and_in_parts(kind: str, world: str) -> None:
    made, frame = stresses(kind, world)
    keys = np.arange(frame.height)
    order = np.random.default_rng(0).permutation(frame.height)
    half = frame.height // 2
    for stress in made:
        severity = severities(stress)[0]
        whole = apply(stress, frame, severity, keys)
        turned = apply(stress, frame[order], severity, keys[order])
        near = {"check_exact": False, "rel_tol": 1e-9, "abs_tol": 1e-12}
        assert_frame_equal(turned, whole[order], **near)
        parts = [
            apply(stress, frame[:half], severity, keys[:half]),
            apply(stress, frame[half:], severity, keys[half:]),
        ]
        assert_frame_equal(pl.concat(parts), whole, **near)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("kind", FAMILIES)
def test_who_is_hit_makes_up_the_share_and_stays_hit(kind: str, world: str) -> None:
    made, frame = stresses(kind, world)
    for stress in made:
        if stress.hit is None:
            continue
        assert stress.is_share, stress.name
        before = np.zeros(frame.height)
        for share in SHARES:
            hit = stress.hit(frame, share)
            assert hit.shape == (frame.height,), stress.name
            if not frame.height:
                continue
            assert abs(hit.mean() - share) <= max(1e-6, 1.0 / frame.height), (stress.name, share)
            assert hit.min() >= 0.0 and hit.max() <= 1.0, stress.name
            assert (hit >= before - 1e-9).all(), (stress.name, share)
            before = hit


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("kind", FAMILIES)
def test_exposure_is_a_severity_or_nothing(kind: str, world: str) -> None:
    made, frame = stresses(kind, world)
    for stress in made:
        found = stress.exposure(frame) if stress.exposure is not None else None
        assert found is None or 0.0 <= found < np.inf, (stress.name, found)
        if found is not None and stress.is_share:
            assert found <= 1.0, (stress.name, found)

"""Every family of relations: what it changes, what it leaves alone, and when there is nothing to ask."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from plimsoll.core.keys import mix
from plimsoll.core.relation import Holds, Relation
from plimsoll.core.stress import Draws
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.probes.relations import relation_families
from plimsoll.probes.relations.duplicates import duplicate
from plimsoll.probes.relations.family import Declared, RelationFamily
from plimsoll.probes.relations.formatting import letter_case, spaces
from plimsoll.probes.relations.identifiers import identifier
from plimsoll.probes.relations.monotone import monotone
from plimsoll.probes.relations.protected import protected
from plimsoll.probes.relations.rounding import decimals, rounding
from plimsoll.probes.relations.two_units import two_units
from plimsoll.probes.stress.learnt import learn
from worlds.stressing import Columns, table

RNG = np.random.default_rng(11)


def made(
    family: RelationFamily, frame: pl.DataFrame, *, sensitive: tuple[str, ...] = (), **said: object
) -> list[Relation]:
    roles = Roles(target="y", features=tuple(frame.columns), sensitive=sensitive)
    if "id" in said:
        roles = replace(roles, id=str(said.pop("id")))
    subject = Subject("made", Task.BINARY, roles, ("0", "1"))
    return list(family.make(learn(frame, subject), Declared(**said)))  # type: ignore[arg-type]


def changed(relation: Relation, frame: pl.DataFrame, ask: int = 0) -> pl.DataFrame:
    keys = mix(np.arange(frame.height, dtype=np.uint64))
    return relation.asks[ask].change(frame, Draws(keys, 0, relation.name))


def test_every_family_is_found_once() -> None:
    kinds = [family.kind for family in relation_families()]
    assert kinds == [
        "duplicate", "identifier", "letter_case", "monotone", "protected", "rounding", "spaces", "two_units",
    ]  # fmt: skip
    assert all(family.about and family.title for family in relation_families())


# Protected columns


@pytest.mark.parametrize(
    "values",
    [
        ["f", "m", "x"] * 40,
        [1, 2, 5] * 40,
        [0.5, 1.5, 2.5] * 40,
        pl.Series(["f", "m", "x"] * 40, dtype=pl.Categorical),
        pl.Series(["f", "m", "x"] * 40, dtype=pl.Enum(["x", "m", "f"])),
    ],
)
def test_every_row_gets_every_other_frequent_value_once(values: Columns) -> None:
    frame = table({"who": values, "other": range(120)})  # type: ignore[dict-item]
    (relation,) = made(protected, frame, sensitive=("who",))
    assert len(relation.asks) == 2
    seen = [changed(relation, frame, i) for i in range(2)]
    for after in seen:
        assert after.schema == frame.schema
        assert after["other"].equals(frame["other"])
    triples = zip(frame["who"], *(a["who"] for a in seen), strict=True)
    assert all(len(set(three)) == 3 for three in triples)


def test_a_truth_value_is_turned() -> None:
    frame = table({"who": [True, False, None] * 40})
    (relation,) = made(protected, frame, sensitive=("who",))
    assert changed(relation, frame)["who"].to_list() == [False, True, None] * 40


def test_rare_values_and_missing_ones_stay_and_are_never_named() -> None:
    frame = table({"who": ["f"] * 50 + ["m"] * 50 + ["rare"] * 19 + [None]})
    (relation,) = made(protected, frame, sensitive=("who",))
    after = changed(relation, frame)
    assert after["who"][100:].to_list() == ["rare"] * 19 + [None]
    assert relation.groups is not None
    names = relation.groups(frame)
    assert names[:100].to_list() == ["f"] * 50 + ["m"] * 50
    assert names[100:].null_count() == 20
    (other,) = made(protected, frame, sensitive=("who",), least=10)
    assert set(changed(other, frame, 0)["who"][100:119]) != {"rare"}


def test_a_column_of_many_numbers_is_set_low_middle_and_high() -> None:
    ages = RNG.integers(18, 80, 500)
    frame = table({"age": ages})
    (relation,) = made(protected, frame, sensitive=("age",))
    levels = np.rint(np.quantile(ages, [0.1, 0.5, 0.9]))
    seen = np.stack([changed(relation, frame, i)["age"].to_numpy() for i in range(2)])
    assert set(np.unique(seen)) == set(levels)
    assert (seen[0] != seen[1]).all()
    assert relation.groups is not None
    assert sorted(relation.groups(frame).unique()) == sorted(f"about {v:g}" for v in levels)


@pytest.mark.parametrize("values", [["f"] * 50, [None] * 50, ["f", "m", "x"], [3] * 50])
def test_one_value_or_too_few_rows_is_nothing_to_change(values: list[object]) -> None:
    assert made(protected, table({"who": values}), sensitive=("who",)) == []
    assert made(protected, table({"x": [1, 2] * 50}), sensitive=("gone",)) == []


# Monotone inputs


@pytest.mark.parametrize("dtype", [pl.Float64, pl.Int32, pl.Float32])
def test_values_rise_past_a_tenth_and_half_of_those_above(dtype: pl.DataType) -> None:
    frame = pl.DataFrame({"x": pl.Series(np.arange(1000)).cast(dtype)})
    (relation,) = made(monotone, frame, increasing=("x",))
    assert relation.rule is Holds.HIGHER
    before = frame["x"].cast(pl.Float64).to_numpy()
    for i, step in enumerate((0.1, 0.5)):
        after = changed(relation, frame, i)
        assert after.schema == frame.schema
        moved = after["x"].cast(pl.Float64).to_numpy()
        assert np.abs(moved - (before + step * (999 - before))).max() <= 1.5  # a rank, and rounding
        assert (moved >= before).all()


def test_a_column_that_is_mostly_zero_still_rises() -> None:
    frame = table({"gain": [0] * 900 + list(range(1, 101))})
    (relation,) = made(monotone, frame, decreasing=("gain",))
    assert relation.rule is Holds.LOWER
    assert changed(relation, frame, 0)["gain"][:900].unique().to_list() == [10]
    assert changed(relation, frame, 1)["gain"][:900].unique().to_list() in ([50], [51])


def test_the_top_a_missing_cell_and_what_lies_beyond_stay() -> None:
    (relation,) = made(monotone, table({"x": np.arange(100.0)}), increasing=("x",))
    frame = table({"x": [99.0, 250.0, None, float("nan"), float("inf")]})
    assert changed(relation, frame)["x"].equals(frame["x"])


def test_constants_and_words_are_not_raised() -> None:
    frame = table({"one": [1.0] * 50, "word": ["a", "b"] * 25})
    assert made(monotone, frame, increasing=("one", "word", "gone")) == []


# Identifiers


def test_identifiers_are_those_that_name_a_row() -> None:
    n = 2000
    amounts = np.unique(RNG.lognormal(12, 1, 3 * n).astype(int))
    frame = table(
        {
            "customer_id": RNG.permutation(amounts)[:n],
            "accountId": RNG.permutation(amounts)[:n],
            "nth": RNG.permutation(n),
            "drawn": RNG.permutation(10**6)[:n],
            "code": [f"k{i}" for i in range(n)],
            "amount": RNG.permutation(amounts)[:n],
            "paid": RNG.permutation(amounts)[:n],
            "x": RNG.normal(size=n),
            "age": RNG.integers(18, 90, n),
            "colour": RNG.choice(["a", "b"], n),
            "prose": [f"it is the story of number {i}" for i in range(n)],
        }
    )
    found = made(identifier, frame)
    assert [r.column for r in found] == ["customer_id", "accountId", "nth", "drawn", "code"]
    named = made(identifier, frame, id="age")
    assert "age" in [r.column for r in named]


def test_an_identifier_becomes_that_of_another_row() -> None:
    frame = table({"id": [f"k{i}" for i in range(100)], "x": range(100)})
    (relation,) = made(identifier, frame.select("id"))
    after = changed(relation, frame)
    assert (after["id"] != frame["id"]).all()
    assert sorted(after["id"]) == sorted(frame["id"])
    assert after["x"].equals(frame["x"])
    assert made(identifier, frame.head(49).select("id")) == []


# The same row twice, two units, formatting, rounding


def test_rows_come_twice_the_second_time_in_reversed_order() -> None:
    frame = table({"x": [1, 2, 3]})
    (relation,) = made(duplicate, frame)
    assert relation.rule is Holds.TWICE
    assert changed(relation, frame)["x"].to_list() == [1, 2, 3, 3, 2, 1]


def test_two_units_are_inputs_on_an_exact_line() -> None:
    km = RNG.normal(100, 20, 300)
    frame = table(
        {
            "km": km,
            "miles": km * 0.621371,
            "celsius_like": 5 - 2 * km,
            "near": km + RNG.normal(0, 0.5, 300),
            "far": RNG.normal(size=300),
        }
    )
    found = made(two_units, frame)
    pairs = [("km", "miles"), ("km", "celsius_like"), ("miles", "celsius_like")]
    assert [r.columns for r in found] == pairs
    relation = found[0]
    both, one, two = (changed(relation, frame, i) for i in range(3))
    assert np.allclose(both["miles"], both["km"] * 0.621371)
    assert (both["km"] != frame["km"]).all()
    assert one["km"].equals(both["km"]) and one["miles"].equals(frame["miles"])
    assert two["miles"].equals(both["miles"]) and two["km"].equals(frame["km"])


@pytest.mark.parametrize("value", [0.0, 1e200])
def test_constants_and_few_values_are_no_two_units(value: float) -> None:
    frame = table({"a": [value] * 60, "b": [value] * 60, "u": [0, 1] * 30, "v": [1, 0] * 30})
    assert made(two_units, frame) == []


def test_formatting_changes_the_writing_and_not_the_rest() -> None:
    frame = table({"city": ["Rome", "OSLO", None, "bonn"] * 10, "n": range(40)})
    (space,) = made(spaces, frame)
    assert changed(space, frame)["city"][:4].to_list() == [" Rome ", " OSLO ", None, " bonn "]
    (case,) = made(letter_case, frame)
    assert changed(case, frame)["city"][:4].to_list() == ["ROME", "oslo", None, "BONN"]
    assert changed(case, frame)["n"].equals(frame["n"])


def test_formatting_that_tells_categories_apart_is_left_alone() -> None:
    frame = table(
        {"size": ["m", "M", "l"] * 10, "pad": ["a", " a", "b"] * 10, "code": ["1", "2"] * 15}
    )
    assert [r.column for r in made(letter_case, frame)] == ["pad"]
    assert [r.column for r in made(spaces, frame)] == ["size", "code"]


def test_numbers_move_by_a_billionth_and_are_rounded_as_the_reference_is() -> None:
    frame = table({"x": [1.25, 2.5, None, 1e6], "free": RNG.normal(size=4), "n": [1, 2, 3, 4]})
    noise, rounded = made(rounding, frame)
    for i, sign in enumerate((-1, 1)):
        after = changed(noise, frame, i)
        assert after["n"].equals(frame["n"])
        assert after["x"][0] - 1.25 == pytest.approx(sign * 1.25e-9, rel=1e-6)
        assert after["x"][2] is None
    today = frame.with_columns(x=pl.Series([1.2549, 2.5, None, 3.1]))
    after = changed(rounded, today)
    assert after["x"].to_list() == [1.25, 2.5, None, 3.1]
    assert after["free"].equals(frame["free"])


def test_decimals_are_those_that_nearly_all_values_need() -> None:
    assert decimals(np.array([1.0, 2.0, 1e9])) == 0
    assert decimals(np.round(RNG.normal(size=500), 3)) == 3
    assert decimals(RNG.normal(size=500)) is None
    assert made(rounding, table({"n": [1, 2, 3]})) == []

"""Wrong units are wrong by exactly their formula, and only where a column can show them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.probes.stress.units import unit, unlikely_unit
from worlds.stressing import applied, learnt_of, made, numbers, table

RNG = np.random.default_rng(2)
INCOME = np.round(np.exp(RNG.normal(10.0, 1.2, 2000)), 2)


def variants(columns: dict[str, object]) -> set[str]:
    return {stress.variant for stress in made(unit, learnt_of(columns)).values()}  # type: ignore[arg-type]


def test_a_thousand_times_is_a_thousand_times() -> None:
    stresses = made(unit, learnt_of({"income": INCOME}))
    assert list(stresses) == ["unit:income:x1000", "unit:income:x0.01", "unit:income:log"]
    today = table({"income": [1.5, None, 0.0, -2.0]})
    after = applied(stresses["unit:income:x1000"], today)["income"].to_list()
    assert after == [1500.0, None, 0.0, -2000.0]
    after = applied(stresses["unit:income:x0.01"], today)["income"].to_list()
    assert after == [0.015, None, 0.0, -0.02]


def test_a_logarithm_is_natural_and_missing_where_there_is_none() -> None:
    stress = made(unit, learnt_of({"income": INCOME}))["unit:income:log"]
    after = applied(stress, table({"income": [np.e**3, 1.0, 0.0, -1.0, None]}))["income"].to_list()
    assert after == [pytest.approx(3.0), 0.0, None, None, None]


def test_a_logarithm_needs_positive_floats_of_some_span() -> None:
    assert "log" not in variants({"x": 100.0 + RNG.random(500)})
    assert "log" not in variants({"x": INCOME - INCOME.min()})
    assert "log" not in variants({"x": INCOME.astype(int)})


def test_the_sign_flips_where_the_reference_has_both() -> None:
    learnt = learnt_of(
        {"balance": RNG.normal(size=500), "age": np.arange(18, 90)[np.arange(500) % 72]}
    )
    assert "unit:balance:sign" in made(unit, learnt)
    assert "unit:age:sign" not in made(unit, learnt)
    stress = made(unlikely_unit, learnt)["unlikely_unit:age:sign"]
    assert applied(stress, table({"age": [30, None, 0]}))["age"].to_list() == [-30, None, 0]


def test_a_variant_that_the_type_cannot_hold_is_left_out() -> None:
    byte = pl.Series(np.arange(2000) % 200, dtype=pl.UInt8)
    assert variants({"n": byte}) == set()  # 199000 does not fit, and a hundredth is 1 at best
    assert variants({"n": byte.cast(pl.Int32) % 40}) == {"x1000"}
    assert variants({"n": byte.cast(pl.Int32) * 1000}) == {"x1000", "x0.01"}
    unsigned = learnt_of({"n": byte.cast(pl.UInt32)})
    assert not any("sign" in name for name in made(unlikely_unit, unsigned))


def test_flags_and_constants_have_no_unit() -> None:
    assert variants({"flag": [0, 1] * 50, "zero": [0.0] * 100}) == set()


@pytest.mark.parametrize(
    "name", ["outdoor_temp", "Temperature", "airTemp", "t_celsius", "tmax", "TEMP 2", "dew_point"]
)
def test_a_name_that_says_temperature_gets_both_scales(name: str) -> None:
    learnt = learnt_of({name: 12.0 + 8.0 * RNG.normal(size=300)})
    stresses = made(unit, learnt)
    today = table({name: [0.0, 100.0, -40.0]})
    to_f = applied(stresses[f"unit:{name}:to_fahrenheit"], today)
    assert numbers(to_f, name) == pytest.approx([32.0, 212.0, -40.0])
    back = applied(stresses[f"unit:{name}:to_celsius"], to_f)
    assert numbers(back, name) == pytest.approx([0.0, 100.0, -40.0], abs=1e-12)


@pytest.mark.parametrize("name", ["temporary", "attempts", "template", "contempt", "x"])
def test_other_names_get_them_in_the_full_suite_only(name: str) -> None:
    learnt = learnt_of({name: 12.0 + 8.0 * RNG.normal(size=300)})
    assert f"unit:{name}:to_celsius" not in made(unit, learnt)
    assert f"unlikely_unit:{name}:to_celsius" in made(unlikely_unit, learnt)


def test_numbers_in_texts_are_written_in_another_language() -> None:
    learnt = learnt_of({"price": [f"{v:.2f}" for v in INCOME], "word": ["a", "1"] * 1000})
    stresses = made(unit, learnt)
    assert list(stresses) == ["unit:price:decimal_comma", "unit:price:thousands"]
    today = table({"price": ["12.50", "-1234567.5", "999", "1000", None, "n/a"]})
    assert applied(stresses["unit:price:decimal_comma"], today)["price"].to_list() == [
        "12,50", "-1234567,5", "999", "1000", None, "n/a",
    ]  # fmt: skip
    assert applied(stresses["unit:price:thousands"], today)["price"].to_list() == [
        "12.50", "-1,234,567.5", "999", "1,000", None, "n/a",
    ]  # fmt: skip


def test_texts_that_would_not_change_get_no_such_stress() -> None:
    assert variants({"n": ["7", "12", "345"] * 40}) == set()


@pytest.mark.parametrize("share", [0.0, 0.07, 1.0])
def test_the_share_in_the_wrong_unit_today_is_found(share: float) -> None:
    narrow = 20.0 + 60.0 * RNG.random(1000)
    stresses = made(unit, learnt_of({"x": narrow}))
    for variant, factor in (("x1000", 1000.0), ("x0.01", 0.01)):
        seen = stresses[f"unit:x:{variant}"].exposure
        assert seen is not None
        hit = np.arange(1000) < 1000 * share
        today = table({"x": np.where(hit, narrow * factor, narrow)})
        assert seen(today) == pytest.approx(share, abs=1e-9)


def test_values_outside_for_another_reason_are_no_wrong_unit() -> None:
    seen = made(unit, learnt_of({"x": 20.0 + 60.0 * RNG.random(1000)}))["unit:x:x1000"].exposure
    assert seen is not None
    assert seen(table({"x": [400.0] * 10 + [1e9] * 10 + [50.0] * 80})) == 0.0


def test_nothing_is_said_where_the_wrong_unit_looks_like_a_right_one() -> None:
    stresses = made(
        unit, learnt_of({"x": RNG.normal(size=2000), "income": INCOME * (INCOME > 9e3)})
    )
    assert stresses["unit:x:sign"].exposure is None
    assert stresses["unit:x:x0.01"].exposure is None
    assert stresses["unit:income:x0.01"].exposure is None


def test_zeros_tell_nothing_of_the_factor() -> None:
    values = np.where(np.arange(1000) % 10 == 0, 50.0 + np.arange(1000) % 7, 0.0)
    seen = made(unit, learnt_of({"gain": values}))["unit:gain:x1000"].exposure
    assert seen is not None
    assert seen(table({"gain": values * 1000.0})) == 1.0
    assert seen(table({"gain": [0.0, 0.0]})) is None

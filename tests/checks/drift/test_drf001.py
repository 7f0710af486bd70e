"""DRF001: moved columns are named, harmless differences are not, and the distances are SciPy's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance

import plimsoll
from plimsoll.core.finding import Status
from worlds.judging import Judged, judge
from worlds.planted import stated

CHANGED = "This column has changed since the reference."
LITTLE = "Some columns changed a little."
NEW = "This column holds values that the reference never had."


def world(n: int, seed: int) -> pl.DataFrame:
    r = np.random.default_rng(seed)
    return (
        stated(n, seed)
        .drop("true")
        .with_columns(
            age=pl.Series(r.integers(18, 80, n)),
            city=pl.Series(r.choice(["ulm", "bonn", "kiel"], n, p=[0.5, 0.3, 0.2])),
            income=pl.Series(r.lognormal(size=n)),
        )
    )


THEN, NOW = world(2000, 1), world(1500, 2)


def held(now: Any, then: Any = THEN, **flags: Any) -> Judged:
    return judge(now, "DRF001", target="y", score="p", reference=then, **flags)


def named(judged: Judged, title: str) -> list[str | None]:
    return [f.where.column for f in judged.findings("DRF001") if f.title == title]


def test_two_draws_of_one_world_raise_nothing() -> None:
    judged = held(NOW)
    assert judged["DRF001"].status is Status.PASS
    assert not judged["DRF001"].findings


def test_moved_columns_are_named_and_no_other_the_furthest_first() -> None:
    now = NOW.with_columns(
        income=pl.col("income") * 4, age=pl.when(pl.col("age") < 40).then(45).otherwise("age")
    )
    judged = held(now)
    assert named(judged, CHANGED) == ["income", "age"]
    assert judged["DRF001"].status is Status.FAIL
    assert judged.estimate("ks", column="income").low > 0.05


def test_a_change_of_categories_is_named_with_its_size() -> None:
    fewer = pl.when(pl.int_range(pl.len()) % 4 == 0).then(pl.lit("kiel")).otherwise("city")
    judged = held(NOW.with_columns(city=fewer))
    assert named(judged, CHANGED) == ["city"]
    (finding,) = judged.findings("DRF001", Status.FAIL)
    value = judged.estimate("total_variation", column="city").value
    assert f"About {100 * value:.0f} of 100 rows" in finding.meaning
    assert judged.estimate("total_variation", column="city").low > 0.05


def test_a_shift_of_a_fiftieth_sigma_in_many_rows_is_told_and_is_no_alarm() -> None:
    r = np.random.default_rng(5)
    then = pl.DataFrame({"x": r.normal(size=100_000), "s": r.normal(size=100_000)})
    now = pl.DataFrame({"x": r.normal(0.02, 1, 100_000), "s": r.normal(0.4, 1, 100_000)})
    answers = {"y": pl.int_range(100_000) % 2, "p": pl.int_range(100_000) % 100 / 100}
    judged = held(now.with_columns(**answers), then.with_columns(**answers))
    assert ks_2samp(then["x"], now["x"]).pvalue < 0.05, "a plain test would alarm"
    assert named(judged, CHANGED) == ["s"]
    (little,) = judged.findings("DRF001", Status.PASS)
    assert little.title == LITTLE
    assert little.meaning.startswith("x:")


def test_distances_of_numbers_are_those_of_scipy() -> None:
    judged = held(NOW.with_columns(income=pl.col("income") * 1.3))
    now, then = (1.3 * NOW["income"]).to_numpy(), THEN["income"].to_numpy()
    ks = judged.estimate("ks", column="income").value
    assert ks == pytest.approx(ks_2samp(then, now).statistic, abs=1e-12)
    moved = judged.estimate("wasserstein_sigma", column="income").value
    assert moved == pytest.approx(wasserstein_distance(then, now) / then.std(), rel=1e-9)


def test_jensen_shannon_of_categories_is_that_of_scipy() -> None:
    judged = held(NOW.with_columns(city=pl.col("city").replace("kiel", "ulm")))
    now, then = NOW["city"].replace("kiel", "ulm").to_numpy(), THEN["city"].to_numpy()
    cities = ["bonn", "kiel", "ulm"]
    shares = [np.array([(side == c).mean() for c in cities]) for side in (then, now)]
    found = judged.estimate("jensen_shannon", column="city").value
    assert found == pytest.approx(jensenshannon(*shares, base=2), rel=1e-9)
    moved = judged.estimate("total_variation", column="city").value
    assert moved == pytest.approx(np.abs(shares[0] - shares[1]).sum() / 2, rel=1e-12)


@pytest.mark.parametrize("a", [1020, 1100])
def test_a_small_change_of_categories_is_told_where_chi_squared_sees_it(a: int) -> None:
    def table(a: int, seed: int) -> pl.DataFrame:
        cities = ["a"] * a + ["b"] * 300 + ["c"] * (1700 - a)
        return world(2000, seed).with_columns(city=pl.Series(cities))

    rows = [[1000, 300, 700], [a, 300, 1700 - a]]
    seen = bool(chi2_contingency(rows, correction=False).pvalue < 0.05 / 4)
    little = held(table(a, 2), table(1000, 1)).findings("DRF001", Status.PASS)
    assert any("city" in f.meaning for f in little) is seen, "four columns are looked at"
    assert seen is (a == 1100)


def test_psi_of_categories_is_the_sum_of_the_field() -> None:
    then = THEN.with_columns(city=pl.Series(["a"] * 1200 + ["b"] * 800))
    now = NOW.with_columns(city=pl.Series(["a"] * 750 + ["b"] * 750))
    p, q = np.array([1200.5, 800.5]) / 2001, np.array([750.5, 750.5]) / 1501
    found = held(now, then).estimate("psi", column="city").value
    assert found == pytest.approx(((q - p) * np.log(q / p)).sum(), rel=1e-9)


def test_new_values_are_named_only_if_they_are_frequent() -> None:
    i = pl.int_range(pl.len())
    city = pl.when(i % 5 == 0).then(pl.lit("graz")).when(i == 1).then(pl.lit("solo"))
    judged = held(NOW.with_columns(city=city.otherwise("city")))
    assert named(judged, NEW) == ["city"]
    (finding,) = [f for f in judged.findings("DRF001") if f.title == NEW]
    assert "'graz'" in finding.meaning
    assert "solo" not in finding.meaning, "a value of one row may be a person's"
    assert judged.estimate("new_values_rate", column="city").value == pytest.approx(301 / 1500)


def test_unique_names_are_no_new_values_but_their_length_is_compared() -> None:
    def ids(start: int) -> pl.Expr:
        return pl.format("id{}", pl.int_range(pl.len()) + start)

    alike = held(NOW.with_columns(name=ids(20_000)), THEN.with_columns(name=ids(10_000)))
    assert not named(alike, NEW) + named(alike, CHANGED)
    longer = held(NOW.with_columns(name=ids(2_000_000)), THEN.with_columns(name=ids(10_000)))
    (finding,) = longer.findings("DRF001", Status.FAIL)
    assert finding.title == "The texts of this column have another length than in the reference."
    assert (finding.where.column, finding.where.variant) == ("name", "text length")


def test_a_changed_encoding_shows_in_the_characters() -> None:
    def spelt(word: str) -> pl.Expr:
        return pl.when(pl.col("city") == "ulm").then(pl.lit(word)).otherwise("city")

    judged = held(NOW.with_columns(city=spelt("Köln")), THEN.with_columns(city=spelt("Koln")))
    assert named(judged, "The characters of this column's texts have changed.") == ["city"]
    change = judged.estimate("non_ascii_change", column="city")
    assert change.value == pytest.approx((NOW["city"] == "ulm").mean())


def test_dates_are_compared_and_their_ranges_are_shown() -> None:
    def day(start: str) -> pl.Expr:
        return pl.lit(start).str.to_date() + pl.duration(days=pl.int_range(pl.len()) % 100)

    judged = held(NOW.with_columns(day=day("2024-04-01")), THEN.with_columns(day=day("2024-01-01")))
    assert named(judged, CHANGED) == ["day"]
    (ranges,) = [t for t in judged["DRF001"].tables if t.title == "Ranges of dates and times"]
    assert ranges.rows == (("day", "2024-01-01", "2024-04-09", "2024-04-01", "2024-07-09"),)


def test_rows_of_few_groups_are_worth_less() -> None:
    r = np.random.default_rng(8)

    def table(seed: int) -> pl.DataFrame:
        r = np.random.default_rng(seed)
        group = np.repeat(np.arange(15), 100)
        level = r.normal(size=15)[group]
        return world(1500, seed).with_columns(
            g=pl.Series(group + 100 * seed), income=pl.Series(level)
        )

    one, two = table(int(r.integers(100))), table(int(r.integers(100)))
    assert "income" in named(held(two, one), CHANGED)
    assert "income" not in named(held(two, one, group="g"), CHANGED)


def test_a_higher_floor_asks_for_a_larger_change() -> None:
    now = NOW.with_columns(age=pl.col("age") + 10)
    assert named(held(now), CHANGED) == ["age"]
    assert named(held(now, floor=0.3), CHANGED) == []


def test_three_rows_are_too_few_and_it_says_how_many_would_do() -> None:
    (finding,) = held(NOW.head(3))["DRF001"].findings
    assert finding.status is Status.UNSURE
    assert "too few rows" in finding.title
    assert "rows would tell" in finding.meaning


def test_why_it_cannot_run_is_said() -> None:
    alone = judge(NOW, "DRF001", target="y", score="p")["DRF001"]
    assert (alone.status, alone.reason) == (Status.SKIPPED, "no reference was given")
    renamed = THEN.rename({c: f"{c}_old" for c in ("x", "age", "city", "income")})
    other = held(NOW, renamed)["DRF001"]
    assert other.status is Status.NOT_APPLICABLE
    assert "no input column is in both" in (other.reason or "")


def test_a_saved_profile_says_what_the_table_says(tmp_path: Path) -> None:
    now = NOW.with_columns(
        income=pl.col("income") * 1.5, city=pl.col("city").replace("kiel", "ulm")
    )
    kept = plimsoll.profile(THEN, target="y", score="p")
    path = kept.write(tmp_path / "ref.plimsoll")
    whole, saved = held(now), held(now, path)
    assert saved.titles("DRF001") == whole.titles("DRF001")
    assert named(saved, CHANGED) == named(whole, CHANGED)
    for e in whole["DRF001"].estimates:
        again = next(s for s in saved["DRF001"].estimates if (s.name, s.where) == (e.name, e.where))
        if e.name in ("ks", "wasserstein_sigma"):
            assert again.low <= e.value <= again.high, "cells may hide what the interval allows"
            assert again.value == pytest.approx(e.value, abs=0.01)
        elif e.name in ("total_variation", "new_values_rate", "non_ascii_change"):
            assert again == e
    assert held(now, kept)["DRF001"].estimates == saved["DRF001"].estimates


def test_a_table_without_a_model_is_not_sent_to_what_its_model_suffers() -> None:
    now, then = (frame.drop("y", "p") for frame in (NOW.filter(pl.col("age") > 50), THEN))
    alone = judge(now, "DRF001", reference=then).findings("DRF001", Status.FAIL)
    assert alone and not any("DRF004" in finding.action for finding in alone)
    beside = held(NOW.filter(pl.col("age") > 50)).findings("DRF001", Status.FAIL)
    assert all("DRF004" in finding.action for finding in beside)

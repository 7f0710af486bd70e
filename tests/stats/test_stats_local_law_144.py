"""The examples that the city prints in its rule, and what it leaves to the auditor."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.stats.local_law_144 import above_median, bias_audit

# 6 RCNY 5-301 (b), example: applicants, selected, impact ratio as printed.
SELECTED_BY_RACE = {
    "Hispanic or Latino": (408, 204, 0.967),
    "White": (797, 412, 1.000),
    "Black or African American": (390, 170, 0.843),
    "Native Hawaiian or Pacific Islander": (119, 52, 0.845),
    "Asian": (616, 302, 0.948),
    "Native American or Alaska Native": (41, 18, 0.849),
    "Two or More Races": (213, 96, 0.872),
}
SELECTED_BY_SEX = {"Male": (1390, 667, 1.000), "Female": (1181, 555, 0.979)}
# 6 RCNY 5-301 (d), example: applicants, above the median (from the printed rate), impact ratio.
SCORED_BY_RACE = {
    "Hispanic or Latino": (28, 18, 1.00),
    "White": (40, 15, 0.58),
    "Black or African American": (32, 16, 0.78),
    "Native Hawaiian or Pacific Islander": (8, 5, 0.97),
    "Asian": (24, 10, 0.65),
}
SCORED_BY_SEX = {"Male": (92, 50, 1.00), "Female": (76, 34, 0.82)}


def column(table):
    people, hits, ratios = zip(*table.values(), strict=True)
    return list(table), np.array([hits]), np.array([people]), ratios


@pytest.mark.parametrize(
    "table, digits",
    [(SELECTED_BY_SEX, 3), (SELECTED_BY_RACE, 3), (SCORED_BY_SEX, 2), (SCORED_BY_RACE, 2)],
)
def test_ratios_are_those_that_the_city_prints(table, digits):
    names, hits, people, printed = column(table)
    found = bias_audit(["everybody"], names, hits, people).race.rows
    assert [round(row.impact_ratio.value, digits) for row in found] == list(printed)
    assert all(row.impact_ratio.low <= row.impact_ratio.value <= 1 for row in found)
    rates = [row.rate.value for row in found]
    assert rates == pytest.approx((hits / people)[0])


def test_three_tables_each_with_its_own_highest_rate():
    people = np.array([[40, 60, 5], [50, 80, 0], [3, 0, 2]])
    hits = np.array([[20, 15, 1], [10, 48, 0], [1, 0, 2]])
    audit = bias_audit(["F", "M", None], ["a", "b", None], hits, people)
    assert [(row.names, row.applicants, row.selected) for row in audit.sex.rows] == [
        (("F",), 105, 36),
        (("M",), 130, 58),
    ]
    assert [row.names for row in audit.crossing.rows] == [
        ("F", "a"), ("F", "b"), ("M", "a"), ("M", "b")
    ]  # fmt: skip
    assert (audit.sex.unknown, audit.race.unknown, audit.crossing.unknown) == (5, 7, 10)
    ratios = [row.impact_ratio.value for row in audit.crossing.rows]
    assert ratios == pytest.approx([0.5 / 0.6, 0.25 / 0.6, 0.2 / 0.6, 1.0])
    assert audit.race.rows[0].rate.name == "selection_rate"


def test_small_categories_may_be_left_out_and_do_not_set_the_highest_rate():
    names, people = ["a", "b", "c"], np.array([[500, 490, 10]])
    hits = np.array([[250, 245, 9]])
    every = bias_audit(["x"], names, hits, people).race.rows
    assert every[0].impact_ratio.value == pytest.approx(0.5 / 0.9)
    kept = bias_audit(["x"], names, hits, people, leave_out_below=0.02).race.rows
    assert [row.left_out for row in kept] == [False, False, True]
    assert kept[0].impact_ratio.value == 1.0
    assert kept[2].impact_ratio is None and kept[2].rate.value == 0.9
    with pytest.raises(ValueError, match=r"0\.02"):
        bias_audit(["x"], names, hits, people, leave_out_below=0.05)


def test_nobody_in_a_category_and_nobody_selected():
    audit = bias_audit(["F", "M"], ["a"], np.array([[0], [0]]), np.array([[7], [0]]), scored=True)
    assert audit.sex.rows[0].rate.name == "scoring_rate"
    assert audit.sex.rows[1].rate is None
    assert all(row.impact_ratio is None for row in audit.sex.rows)
    with pytest.raises(ValueError, match="a row for each of 1 sexes"):
        bias_audit(["F"], ["a"], np.zeros((2, 1), int), np.zeros((2, 1), int))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6)), max_size=40))
def test_above_the_median_is_numpys(people):
    group = np.array([g for g, _ in people], int)
    score = np.array([s / 4 for _, s in people])
    values = np.unique(score)
    counts = np.array([[np.sum((group == g) & (score == v)) for v in values] for g in range(3)])
    found = above_median(values, counts.reshape(3, values.size))
    expected = [
        int((score[group == g] > np.median(score)).sum()) if people else 0 for g in range(3)
    ]
    assert found.tolist() == expected

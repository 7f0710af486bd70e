from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.stats import slice_lattice
from plimsoll.stats.slice_lattice import Condition, SliceColumn, count_slices, members

COLUMNS = (
    SliceColumn(3),
    SliceColumn(5, ordered=True, missing=True),
    SliceColumn(2, ordered=True),
    SliceColumn(4, missing=True),
)


def table(rng, n, columns=COLUMNS):
    return np.stack([rng.integers(0, column.size, n) for column in columns], axis=1)


def test_conditions_of_a_number_are_bins_and_half_lines_and_missing_is_in_no_half_line():
    column = SliceColumn(4, ordered=True, missing=True)
    found = [tuple(r) for r in column.ranges.tolist()]
    bins = [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)]
    assert found == [*bins, (0, 1), (0, 2), (1, 3), (2, 3)]
    assert SliceColumn(4).ranges.tolist() == [[c, c] for c in range(4)]
    assert [tuple(r) for r in SliceColumn(2, ordered=True).ranges.tolist()] == [(0, 0), (1, 1)]
    assert column.cover.sum(axis=1).tolist() == [1, 1, 1, 1, 1, 2, 3, 3, 2]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["right or wrong", "loss", "two sums"]))
def test_every_slice_has_the_rows_and_sums_that_counting_it_alone_finds(seed, kind):
    rng = np.random.default_rng(seed)
    codes = table(rng, 300)
    sums = {
        "right or wrong": [(rng.random(300) < 0.3).astype(float)],
        "loss": [rng.normal(size=300)],
        "two sums": [rng.random(300), rng.normal(size=300)],
    }[kind]
    lattice = count_slices(codes, COLUMNS, sums, min_rows=1)
    assert len(lattice.cells) == 4 + 6 + 4
    assert lattice.totals == pytest.approx([300, *(x.sum() for x in sums)])
    for columns in lattice.cells:
        found = lattice.slices(columns)
        ranges = [COLUMNS[c].ranges.tolist() for c in columns]
        assert found.shape == (1 + len(sums), *(len(r) for r in ranges))
        for place in product(*(range(len(r)) for r in ranges)):
            conditions = [
                Condition(c, *r[i]) for c, r, i in zip(columns, ranges, place, strict=True)
            ]
            inside = members(codes, conditions)
            expected = [inside.sum(), *(x[inside].sum() for x in sums)]
            assert found[(slice(None), *place)] == pytest.approx(expected, abs=1e-9)


def test_rows_are_counted_alike_in_one_part_or_many(monkeypatch):
    rng = np.random.default_rng(0)
    codes, loss = table(rng, 1000), rng.normal(size=1000)
    one = count_slices(codes, COLUMNS, [loss])
    monkeypatch.setattr(slice_lattice, "AT_ONCE", 64)
    two = count_slices(codes, COLUMNS, [loss])
    for columns, cells in one.cells.items():
        assert two.cells[columns] == pytest.approx(cells, abs=1e-9)


def test_a_set_that_is_left_out_had_no_slice_with_enough_rows():
    rng = np.random.default_rng(1)
    columns = (SliceColumn(8), SliceColumn(8), SliceColumn(8), SliceColumn(3, ordered=True))
    codes, loss = table(rng, 600, columns), np.zeros(600)
    kept = count_slices(codes, columns, [loss], min_rows=25)
    every = count_slices(codes, columns, [loss], min_rows=1)
    left_out = set(every.cells) - set(kept.cells)
    assert left_out
    for one in left_out:
        assert every.slices(one)[0].max() < 25


def test_depth_is_how_many_conditions_there_are():
    codes = table(np.random.default_rng(2), 50)
    for depth in (1, 2, 3):
        lattice = count_slices(codes, COLUMNS, [np.zeros(50)], depth=depth, min_rows=1)
        sets = [s for d in range(1, depth + 1) for s in combinations(range(4), d)]
        assert sorted(lattice.cells) == sorted(sets)


@pytest.mark.parametrize(
    "codes, depth, word",
    [
        (np.zeros((5, 3), int), 2, "shape"),
        (np.full((5, 4), 9), 2, "none of those"),
        (np.full((5, 4), -1), 2, "none of those"),
        (np.zeros((5, 4), int), 4, "one to three"),
    ],
)
def test_wrong_codes_are_refused(codes, depth, word):
    with pytest.raises(ValueError, match=word):
        count_slices(codes, COLUMNS, [np.zeros(5)], depth=depth)


def test_columns_of_thousands_of_codes_are_refused():
    with pytest.raises(ValueError, match="keep the most frequent"):
        count_slices(np.zeros((5, 3), int), [SliceColumn(1000)] * 3, [np.zeros(5)])

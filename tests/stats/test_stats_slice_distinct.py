import numpy as np
import pytest

from plimsoll.stats.slice_distinct import Bad, Proposed, distinct

N = 4000


def rows(*parts):
    out = np.zeros(N, bool)
    for start, stop in parts:
        out[start:stop] = True
    return out


def chosen(loss, slices, *, top=10, asked=None, weights=None):
    bad = Bad(loss, weights, 0.4, 0.05, 20)

    def proposed(i):
        mask, sign = slices[i] if isinstance(slices[i], tuple) else (slices[i], 1.0)
        return Proposed(mask, sign, asked)

    return distinct(len(slices), proposed, bad, top=top)


@pytest.fixture
def loss():
    """Rows 0 to 400 are wrong in half of the cases, the others in one of ten."""
    out = np.zeros(N)
    out[0:400:2] = 1.0
    out[400::10] = 1.0
    return out


def test_about_the_same_rows_are_one_slice(loss):
    assert chosen(loss, [rows((0, 400)), rows((0, 420)), rows((20, 400))]) == [0]


def test_a_part_that_is_no_worse_is_nothing_new(loss):
    assert chosen(loss, [rows((0, 400)), rows((0, 200))]) == [0]


def test_a_part_that_comes_first_gives_way_to_the_whole(loss):
    assert chosen(loss, [rows((0, 200)), rows((0, 400))]) == [1]


def test_a_whole_that_its_part_explains_goes(loss):
    assert chosen(loss, [rows((0, 1000)), rows((0, 400))]) == [1]
    assert chosen(loss, [rows((0, 400)), rows((0, 1000))]) == [0]


def test_a_whole_stays_beside_its_worse_part_if_the_remainder_is_bad_too(loss):
    loss[400:1000:3] = 1.0
    assert chosen(loss, [rows((0, 1000)), rows((0, 400))]) == [0, 1]


def test_separate_slices_stay_and_no_more_than_asked_for(loss):
    loss[2000:2400:2] = 1.0
    two = [rows((0, 400)), rows((2000, 2400))]
    assert chosen(loss, two) == [0, 1]
    assert chosen(loss, two, top=1) == [0]
    assert chosen(loss, []) == []


def test_too_low_and_too_high_have_nothing_to_do_with_each_other(loss):
    assert chosen(loss, [(rows((0, 400)), 1.0), (rows((0, 390)), -1.0)]) == [0, 1]


def test_only_rows_that_may_speak_are_asked(loss):
    whole, part = rows((0, 1000)), rows((0, 400))
    # The rows that are asked have no errors at all, so nothing is explained by anything.
    asked = loss == 0.0
    assert chosen(loss, [whole, part], asked=asked) == [0]


def test_rows_without_weight_do_not_count(loss):
    weights = np.ones(N)
    weights[:400] = np.where(loss[:400] > 0, 1e-9, 1.0)
    assert chosen(loss, [rows((0, 1000)), rows((0, 400))]) == [1]
    assert chosen(loss, [rows((0, 1000)), rows((0, 400))], weights=weights) == [0]

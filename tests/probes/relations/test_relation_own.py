"""A relation of one's own: what the decorator takes, and what a function must give back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import plimsoll
from plimsoll.core.errors import CheckError
from plimsoll.core.relation import Holds
from plimsoll.core.stress import Draws
from plimsoll.probes.relations.own import is_relation, own_relation

FRAME = pl.DataFrame({"x": [1.0, 2.0, 3.0], "word": ["a", "b", None]})
DRAWS = Draws(np.arange(3, dtype=np.uint64), 7)


def test_the_function_stays_callable_and_becomes_a_relation() -> None:
    @plimsoll.relation("more x", expect="higher", tolerance=0.5, columns=["x"], life="It grows.")
    def more(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        return rows.with_columns(x=pl.col("x") + rng.random())

    assert is_relation(more)
    assert not is_relation(len)
    relation = own_relation(more, "made:more")
    assert (relation.name, relation.rule, relation.tolerance) == ("more:x", Holds.HIGHER, 0.5)
    assert relation.in_units
    assert relation.life == "It grows."
    one, two = (relation.asks[0].change(FRAME, DRAWS) for _ in range(2))
    assert one.equals(two)
    assert (one["x"] > FRAME["x"]).all()
    other = relation.asks[0].change(FRAME, Draws(DRAWS.keys, 8))
    assert not other.equals(one)


def test_pandas_is_handed_over_where_it_is_asked_for() -> None:
    @plimsoll.relation("loud")
    def loud(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        return rows.assign(word=rows["word"].str.upper())

    after = own_relation(loud, "loud").asks[0].change(FRAME, DRAWS)
    assert after["word"].to_list() == ["A", "B", None]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (lambda rows: rows.head(1), "of 1 rows"),
        (lambda rows: rows.drop("word"), "without 'word'"),
        (lambda rows: 3, "returned a int"),
        (lambda rows: rows["gone"], "raised ColumnNotFoundError"),
    ],
)
def test_what_comes_back_must_be_the_rows(body: object, says: str) -> None:
    @plimsoll.relation("odd")
    def odd(rows: pl.DataFrame, rng: np.random.Generator) -> object:
        return body(rows)  # type: ignore[operator]

    with pytest.raises(CheckError, match=says):
        own_relation(odd, "odd").asks[0].change(FRAME, DRAWS)


@pytest.mark.parametrize("said", [{"expect": "equal"}, {"expect": "twice"}, {"tolerance": -1.0}])
def test_a_wrong_word_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        plimsoll.relation("t", **said)  # type: ignore[arg-type]

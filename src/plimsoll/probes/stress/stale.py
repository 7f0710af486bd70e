"""Staleness: the value is right, but of some time ago. Only where a column says when a row is of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from plimsoll.core.stress import Draws, Fault, Stress
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn
from plimsoll.probes.stress.past import Past, order_of, past_of

CHANGING = (Kind.NUMBER, Kind.INTEGER, Kind.CATEGORY, Kind.BOOLEAN)


@family("stale", "values of some time ago")
def stale(learnt: Learnt) -> Iterator[Stress]:
    """Every cell of a column is that of some time before, for the same group where rows have one.

    The severity is the mean age, in seconds, minutes, hours or days (in units of the time column where that
    holds numbers), up to 48 rows of the reference back. How values change over that time is learnt on the
    reference: a cell changes as it had for one of the 20 reference rows that are most like it. Columns that
    never change in a group are left out. The direction of a change does not go with other columns of the row.
    """
    for past in past_of(learnt, learnt.of(*CHANGING)):
        yield Stress(
            "stale",
            (past.column.name,),
            title=f"stale {past.column.name}",
            life="The value comes from a cache or a nightly job, and is that of some time before.",
            fault=_aged(past),
            unit=f"{past.order.unit} back",
            top=past.top,
        )


@family("frozen", "values that no longer move")
def frozen(learnt: Learnt) -> Iterator[Stress]:
    """Cells hold the last value that the reference has for their group, or has at all where there is none.

    Rows of a group that the reference does not know get the last value of all.
    """
    order = order_of(learnt)
    if order is None:
        return
    newest = learnt.frame[order.rows[np.argsort(order.seconds, kind="stable")]]
    for column in learnt.of(*CHANGING):
        fault = _last(column, newest, learnt.subject.roles.group)
        if fault(learnt.frame, 1.0, Draws(np.empty(0, np.uint64))).equals(learnt.frame):
            continue  # it never changes in a group
        yield Stress(
            "frozen",
            (column.name,),
            title=f"frozen {column.name}",
            life="The feed stops, and the last value that it sent is used again and again.",
            fault=fault,
        )


@family("held", "values that are updated rarely", standard=False)
def held(learnt: Learnt) -> Iterator[Stress]:
    """A column is updated at intervals only, and in between holds the value of the last update.

    The severity is the time between two updates. A row falls anywhere between two, so its value is of any age
    from none to that time; how values change is learnt on the reference as for *stale*.
    """
    for past in past_of(learnt, learnt.of(*CHANGING)):
        yield Stress(
            "held",
            (past.column.name,),
            title=f"{past.column.name} updated rarely",
            life="To save calls, the value is fetched once in a while and kept in between.",
            fault=_held(past),
            unit=f"{past.order.unit} between updates",
            top=past.top,
        )


def _aged(past: Past) -> Fault:
    def fault(frame: pl.DataFrame, severity: float, draws: Draws) -> pl.DataFrame:
        return past.aged(frame, np.full(frame.height, severity), draws)

    return fault


def _held(past: Past) -> Fault:
    def fault(frame: pl.DataFrame, severity: float, draws: Draws) -> pl.DataFrame:
        return past.aged(frame, severity * draws.uniform("age"), draws)

    return fault


def _last(column: LearntColumn, newest: pl.DataFrame, group: str | None) -> Fault:
    """Return the fault that puts the last known value into every cell that is not missing."""
    name = column.name
    there = newest.filter(~_gone(newest, name))
    of_all = there.get_column(name).tail(1)
    grouped = group is not None and group in newest.columns
    by_group = there.group_by(group).agg(pl.col(name).last().alias("@last")) if grouped else None

    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        last = of_all.new_from_index(0, frame.height)
        if by_group is not None and group is not None:
            found = frame.select(group).join(by_group, on=group, how="left", maintain_order="left")
            held = found.get_column("@last")
            last = held.zip_with(held.is_not_null(), last)
        new = (
            pl.when(_gone(frame, name)).then(pl.col(name)).otherwise(last.cast(frame.schema[name]))
        )
        return frame.with_columns(new.alias(name))

    return fault


def _gone(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Return which cells of a column are missing."""
    gone = pl.col(name).is_null()
    return gone | pl.col(name).is_nan() if frame.schema[name].is_float() else gone

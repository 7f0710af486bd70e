"""Checks, probes and tallies as an installed package might bring them, some of them broken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from plimsoll.core.batch import Batch
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.finding import Judgement
from plimsoll.core.probe import Apply, Probe
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies, Tally, state

Judge = Callable[[Tallies, Context], Judgement]


def check(
    code: str,
    needs: Mapping[str, Need] | Exception | None = None,
    judge: Judge | None = None,
    **card: Any,
) -> Any:
    """Return a check of these needs, or one that raises when it is asked for them."""

    def asked(subject: Subject, options: Options) -> Mapping[str, Need]:
        if isinstance(needs, Exception):
            raise needs
        return needs or {}

    facts = {"title": "made", "question": "?", "area": "made", "needs": "nothing"}
    return SimpleNamespace(
        CARD=Card(code, **facts, **card),
        needs=asked,
        judge=judge or (lambda tallies, context: Judgement()),
        __doc__=f"{code}  ?",
    )


@dataclass(frozen=True)
class Rows(Tally):
    """Counts rows; ``name`` tells needs apart, ``breaks`` names where it raises."""

    name: str = ""
    reads: tuple[str, ...] = ()
    breaks: str = ""
    rows: int = state(0)

    @property
    def columns(self) -> tuple[str, ...]:
        return self.reads

    def of(self, batch: Batch) -> Rows:
        if self.breaks == "of":
            raise RuntimeError("a tally broke")
        return replace(self, rows=batch.rows)

    def merge(self, other: Rows) -> Rows:
        return replace(self, rows=self.rows + other.rows)

    def settle(self) -> Rows:
        if self.breaks == "settle":
            raise RuntimeError("a tally broke at the end")
        return self


@dataclass(frozen=True)
class Doubled(Probe):
    """Adds a column of twice another; ``breaks`` names where it raises."""

    column: str = "x"
    first: tuple[tuple[str, Need], ...] = ()
    breaks: str = ""

    def needs(self) -> Mapping[str, Need]:
        return dict(self.first)

    def reads(self) -> tuple[str, ...]:
        return (self.column,)

    def prepare(self, tallies: Mapping[str, Tally]) -> Apply:
        if self.breaks == "prepare":
            raise RuntimeError("a probe broke")

        def apply(batch: Batch) -> Batch:
            if self.breaks == "apply":
                raise RuntimeError("a probe broke at work")
            column = batch.frame[self.column] * 2
            return Batch(batch.frame.with_columns(column.alias("@doubled")), batch.subject)

        return apply


@dataclass(frozen=True)
class Circle(Probe):
    """Waits for itself."""

    def needs(self) -> Mapping[str, Need]:
        return {"self": Need(Rows("circle"), probe=self)}

    def prepare(self, tallies: Mapping[str, Tally]) -> Apply:
        return lambda batch: batch


@dataclass
class Watch:
    """Counts how often something happened, from several threads."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    now: int = 0
    most: int = 0

    def __enter__(self) -> Watch:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        return self

    def __exit__(self, *error: object) -> None:
        with self.lock:
            self.now -= 1

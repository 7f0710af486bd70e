"""The one adapter: a card, the columns the model wants, and a function that asks it.

What differs between kinds of model is handed in as functions by the file of that kind; what is the
same for all (picking columns, one call at a time, telling what went wrong) is here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from plimsoll.core.errors import ModelError, PlimsollError
from plimsoll.core.model import ModelCard, Output, Prediction

Select = Callable[[pl.DataFrame], pl.DataFrame]
Ask = Callable[[pl.DataFrame], Prediction]

CALLS_TO_FIND_BAD_ROWS = 64


@dataclass(frozen=True)
class Fitted:
    """The fitted object behind an adapter, and how it is handed rows, so that its fit can be repeated.

    ``hand`` picks the features of a frame and turns them into what the object was fitted on.
    """

    estimator: Any
    hand: Callable[[pl.DataFrame], Any]


class AskedModel:
    """A trained model that can be asked from several threads.

    ``select`` returns the feature columns of a frame and raises ModelError where one is missing;
    ``ask`` answers for a frame of at least one row. ``locked`` models are asked one call at a
    time, for libraries and user code that do not promise to be thread-safe. ``ask_scores`` answers
    with scores alone, for models that must work twice to give labels too. ``fitted`` is what was fitted,
    where its fit may be repeated.
    """

    def __init__(
        self,
        card: ModelCard,
        who: str,
        select: Select,
        ask: Ask,
        *,
        locked: bool,
        ask_scores: Ask | None = None,
        fitted: Fitted | None = None,
    ) -> None:
        self._card = card
        self._who = who
        self._select = select
        self._ask = ask
        self._ask_scores = ask_scores or ask
        self.fitted = fitted
        self._turn: AbstractContextManager[object] = threading.Lock() if locked else nullcontext()

    @property
    def card(self) -> ModelCard:
        """What is known of the model without asking it."""
        return self._card

    def predict(self, frame: pl.DataFrame, *, labels: bool = True) -> Prediction:
        """Answer for every row of ``frame``, which holds the feature columns.

        With ``labels`` false, labels may be left out where the model gives scores, which can halve
        the work; decisions are then made from the scores.

        Raises
        ------
        ModelError
            If a feature is missing or of the wrong type, or the model raises or answers with the
            wrong shape, with NaN or with infinity. No value of the data is in the message.
        """
        rows = self._select(frame)
        ask = self._ask if labels else self._ask_scores
        if frame.height == 0:
            return _nothing(self._card)
        with self._turn:
            try:
                return ask(rows)
            except PlimsollError:
                raise
            except (Exception, SystemExit) as error:  # a model that exits is no verdict
                told = _how_many(ask, rows)
                raise ModelError(
                    f"{self._who} was expected to answer for every row and raised "
                    f"{type(error).__name__} {told}; "
                    "compare the values and types of its features with those it was fitted on."
                ) from error


def _nothing(card: ModelCard) -> Prediction:
    if card.output in (Output.PROBABILITY, Output.DECISION):
        width = len(card.classes) if card.output is Output.PROBABILITY else 1
        return Prediction(scores=np.empty((0, max(width, 1))))
    if card.output is Output.LABEL:
        return Prediction(labels=np.empty(0, dtype=object))
    return Prediction(values=np.empty(0))


def _how_many(ask: Ask, rows: pl.DataFrame) -> str:
    """Say on how many rows the model raises, found by halving with few calls.

    Single rows at the start, in the middle and at the end that all fail mean that the trouble is
    not in the rows. Otherwise parts that fail are halved until the calls are used up.
    """
    total = rows.height
    if all(_raises(ask, rows[place : place + 1]) for place in {0, total // 2, total - 1}):
        return f"on {total} rows and on every single row tried alone"
    calls = 3
    failing = [(0, total)]
    while calls < CALLS_TO_FIND_BAD_ROWS:
        start, length = max(failing, key=lambda part: part[1])
        if length == 1:
            return f"on {len(failing)} of {total} rows"
        failing.remove((start, length))
        half = length // 2
        halves = [(start, half), (start + half, length - half)]
        worse = [part for part in halves if _raises(ask, rows[part[0] : sum(part)])]
        calls += 2
        if not worse:  # only together do the rows trouble the model
            return f"on {total} rows together, though not on each half of {length} of them"
        failing += worse
    return f"on at least {len(failing)} of {total} rows"


def _raises(ask: Ask, rows: pl.DataFrame) -> bool:
    try:
        ask(rows)
    except (Exception, SystemExit):
        return True
    return False

"""The desk at which trials ask the model: one call at a time, watched by a clock."""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TypeVar, cast

import polars as pl

from plimsoll.core.errors import ModelError
from plimsoll.core.model import Model
from plimsoll.core.subject import Subject
from plimsoll.core.trial import Answers, Ask, Refit, Spent
from plimsoll.engine.encode import Encoder

Tell = Callable[[str, int, int, float | None], None]
"""Called with what is being done, how much of how much, and the seconds left where they can be told."""
Found = TypeVar("Found")
GLANCE_S = 0.2
"""How often is looked, while long work goes on, whether somebody has stopped it."""
NO_REFIT = "nothing repeats the fit; name the function that does with --fit"


@dataclass
class AskingDesk:
    """Asks one model for trials; see :class:`plimsoll.core.trial.Desk`.

    ``rivals`` are the other models of the run that can be asked, by their name. ``budget_s`` is the time
    for all trials together; ``within_s`` that of one call, after which the model
    counts as hung and nothing more is asked of it.
    """

    encoder: Encoder
    rivals: Mapping[str, Model] = field(default_factory=dict)
    own: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    refits: Callable[[pl.DataFrame, int], Model] | None = None
    why_no_refit: str = NO_REFIT
    budget_s: float | None = None
    within_s: float = 60.0
    on_progress: Tell | None = None
    clock: Callable[[], float] = time.perf_counter
    stopped: bool = False
    hung: bool = False
    spent: Spent = Spent()

    def __post_init__(self) -> None:
        self._start = self.clock()
        self._worker: _Worker | None = None
        self._unfitted = ""
        self._told: tuple[str, float] = ("", 0.0)

    @property
    def subject(self) -> Subject:
        """What is judged."""
        return self.encoder.subject

    @property
    def refit(self) -> Refit | None:
        """What repeats the fit, or None."""
        fits = self.refits
        if fits is None:
            return None

        def again(frame: pl.DataFrame, seed: int, within_s: float) -> Ask:
            return self._asking(self._fitted(lambda: fits(frame, seed), within_s))

        return None if self._unfitted else again

    def rival(self, name: str) -> Ask | None:
        """Return what asks another model of the run; see :class:`plimsoll.core.trial.Desk`."""
        return self._asking(self.rivals[name]) if name in self.rivals else None

    def run(self, work: Callable[[], Found], within_s: float, what: str) -> Found:
        """Do long work of the user; see :class:`plimsoll.core.trial.Desk`.

        In the thread that also asks, for every thread that calls OpenMP has a pool of its own, and where
        there are more pools than cores each parallel loop sleeps (a fit of 0.2 s took 2.8 s on two cores).
        """
        worker = self._thread()
        end = time.perf_counter() + within_s
        found = worker.ask(work, min(within_s, GLANCE_S))
        while found is None and not self.stopped and time.perf_counter() < end:
            found = worker.wait(min(GLANCE_S, end - time.perf_counter()))
        if isinstance(found, BaseException):
            raise found
        if found is None:
            worker.close()
            self._worker = None
            why = f"{what} did not end within {within_s:.3g} s"
            why = self.why_stopped() if self.stopped else why
            raise _LeftError(f"{why[:1].upper()}{why[1:]}.")
        return cast(Found, found)

    def _fitted(self, fit: Callable[[], Model], within_s: float) -> Model:
        """Fit again; where one fit was left behind, no other is begun."""
        try:
            return self.run(fit, within_s, "a fit")
        except _LeftError as error:
            why = str(error).removesuffix(".")
            self._unfitted = self.why_no_refit = f"{why[:1].lower()}{why[1:]}"
            raise

    def _asking(self, model: Model) -> Ask:
        encoder = self.encoder.with_model(model)
        return lambda rows: self._watched(encoder, rows)

    def ask(self, frame: pl.DataFrame) -> Answers:
        """Ask the model judged; see :class:`plimsoll.core.trial.Desk`."""
        start = time.perf_counter()
        answers = self._watched(self.encoder, frame)
        took = time.perf_counter() - start
        self.spent = Spent(
            self.spent.calls + 1, self.spent.rows + frame.height, self.spent.seconds + took
        )
        return answers

    def goes_on(self) -> bool:
        """Whether there is time and nobody has stopped it."""
        return not self.why_stopped()

    def why_stopped(self) -> str:
        """Say why it does not go on."""
        if self.hung:
            return f"the model gave no answer within {self.within_s:g} s and was not asked again"
        if self.stopped:
            return "it was stopped from the keyboard"
        if self.budget_s is not None and self.clock() - self._start > self.budget_s:
            return f"the budget of {self.budget_s:g} s was used up"
        return ""

    def tell(self, what: str, done: int, of: int) -> None:
        """Show how far the trial is, with the time left as the pace so far has it."""
        if self.on_progress is None:
            return
        now = self.clock()
        part, _, _ = what.partition(":")
        if self._told[0] != part:
            self._told = (part, now)
        left = (now - self._told[1]) / done * (of - done) if done else None
        if self.budget_s is not None and left is not None:
            left = min(left, max(self.budget_s - (now - self._start), 0.0))
        self.on_progress(what, done, of, left)

    def _watched(self, encoder: Encoder, frame: pl.DataFrame) -> Answers:
        """Ask in a thread of its own, so that a model that hangs does not hang the run."""
        if self.hung:
            raise ModelError(f"The model is not asked any more: {self.why_stopped()}.")
        answer = self._thread().ask(lambda: encoder.answers(frame), self.within_s)
        if answer is None:
            self.hung = True
            raise ModelError(
                f"The model was expected to answer within {self.within_s:g} s and did not for "
                f"{frame.height:,} rows; give it more time with answer_within under [stress]."
            )
        if isinstance(answer, BaseException):
            raise answer
        return cast(Answers, answer)

    def _thread(self) -> _Worker:
        if self._worker is None:
            self._worker = _Worker()
        return self._worker

    def close(self) -> None:
        """Let the thread end, if the model does."""
        if self._worker is not None:
            self._worker.close()


class _LeftError(ModelError):
    """Work of the user that did not end in its time, or that somebody stopped."""


class _Worker:
    """A thread that does one thing at a time; a daemon, so that a hung model cannot keep the program."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[object] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="plimsoll-asks", daemon=True).start()

    def ask(self, job: Callable[[], object], within_s: float) -> object:
        self._jobs.put(job)
        return self.wait(within_s)

    def wait(self, within_s: float) -> object:
        try:
            return self._done.get(timeout=max(within_s, 0.0))
        except queue.Empty:
            return None

    def close(self) -> None:
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._done.put(job())
            except BaseException as error:  # told to whoever asked, in their thread
                self._done.put(error)


@contextmanager
def stoppable(desk: AskingDesk) -> Iterator[None]:
    """Let the first Ctrl-C end the trials and keep what is done; the second one ends the run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def on_stop(signum: int, frame: FrameType | None) -> None:
        if desk.stopped:
            raise KeyboardInterrupt
        desk.stopped = True

    signal.signal(signal.SIGINT, on_stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

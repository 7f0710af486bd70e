"""The desk: a model that hangs or raises, a budget, and somebody who stops it."""

from __future__ import annotations

import signal
import threading

import numpy as np
import polars as pl
import pytest

from plimsoll.core.errors import ModelError
from plimsoll.core.model import Output
from plimsoll.core.subject import Roles, ScoreKind, Subject, Task
from plimsoll.engine.desk import AskingDesk, stoppable
from plimsoll.engine.encode import Encoder
from worlds.models import Made

SUBJECT = Subject(
    "made", Task.BINARY, Roles(target="y", features=("a",)), ("no", "yes"),
    ScoreKind.PROBABILITY, has_prediction=True, threshold=0.5, has_model=True,
)  # fmt: skip
ROWS = pl.DataFrame({"a": [0.1, 0.9, 0.4]})


def halves(frame: pl.DataFrame) -> np.ndarray:
    p = frame["a"].to_numpy()
    return np.stack([1 - p, p], axis=1)


OPEN: list[AskingDesk] = []


@pytest.fixture(autouse=True)
def closed():
    """Let the threads of every desk end with the test."""
    yield
    while OPEN:
        OPEN.pop().close()


def desk(answer=halves, **more) -> AskingDesk:
    model = Made(Output.PROBABILITY, answer, ("no", "yes"))
    OPEN.append(AskingDesk(Encoder(SUBJECT, {"": model}), **more))
    return OPEN[-1]


def test_answers_are_coded_as_in_a_scan() -> None:
    one = desk()
    found = one.ask(ROWS)
    assert found.scores is not None
    assert found.scores.tolist() == [0.1, 0.9, 0.4]
    assert found.decided is not None
    assert found.decided.tolist() == [0.0, 1.0, 0.0]
    assert (one.spent.calls, one.spent.rows) == (1, 3)


def test_a_model_that_hangs_is_left_and_not_asked_again() -> None:
    freed = threading.Event()

    def hangs(frame: pl.DataFrame) -> np.ndarray:
        freed.wait(20)
        return halves(frame)

    one = desk(hangs, within_s=0.2)
    with pytest.raises(ModelError, match=r"expected to answer within 0.2 s"):
        one.ask(ROWS)
    assert not one.goes_on()
    assert "no answer within 0.2 s" in one.why_stopped()
    with pytest.raises(ModelError, match="not asked any more"):
        one.ask(ROWS)
    freed.set()


def test_what_the_model_raises_comes_to_whoever_asked() -> None:
    def raises(frame: pl.DataFrame) -> np.ndarray:
        raise ModelError("The model was expected to answer and did not.")

    with pytest.raises(ModelError, match="expected to answer and did not"):
        desk(raises).ask(ROWS)


def test_a_budget_ends_the_asking() -> None:
    now = [0.0]
    one = desk(budget_s=10.0, clock=lambda: now[0])
    assert one.goes_on()
    now[0] = 10.5
    assert not one.goes_on()
    assert one.why_stopped() == "the budget of 10 s was used up"


def test_the_first_interrupt_ends_the_trials_and_the_second_the_run() -> None:
    one = desk()
    with pytest.raises(KeyboardInterrupt), stoppable(one):
        signal.raise_signal(signal.SIGINT)
        assert one.why_stopped() == "it was stopped from the keyboard"
        assert one.ask(ROWS).rows == 3  # what is under way is still finished
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):  # afterwards Ctrl-C is again what it was
        signal.raise_signal(signal.SIGINT)


def test_the_time_left_follows_the_pace() -> None:
    now, told = [0.0], []
    one = desk(clock=lambda: now[0], on_progress=lambda *what: told.append(what))
    for done in range(3):
        one.tell("stress: missing a", done, 10)
        now[0] += 2.0
    assert told[0][3] is None
    assert told[2] == ("stress: missing a", 2, 10, pytest.approx(16.0))


def test_a_refit_is_asked_like_the_model() -> None:
    made = Made(Output.PROBABILITY, lambda frame: 1 - halves(frame), ("no", "yes"))
    one = desk(refits=lambda frame, seed: made)
    assert one.refit is not None
    ask = one.refit(ROWS, 0, 60.0)
    assert ask(ROWS).scores.tolist() == pytest.approx([0.9, 0.1, 0.6])
    assert desk().refit is None


def test_a_fit_that_does_not_end_is_left_and_none_is_begun_again() -> None:
    freed = threading.Event()

    def fits(frame: pl.DataFrame, seed: int) -> Made:
        freed.wait(20)
        return Made(Output.PROBABILITY, halves, ("no", "yes"))

    one = desk(refits=fits)
    assert one.refit is not None
    with pytest.raises(ModelError, match=r"A fit did not end within 0.3 s"):
        one.refit(ROWS, 0, 0.3)
    assert one.refit is None
    assert one.why_no_refit == "a fit did not end within 0.3 s"
    assert one.goes_on()  # the model itself answers
    assert one.ask(ROWS).rows == 3
    freed.set()


def test_a_fit_is_left_when_somebody_stops_the_run() -> None:
    freed = threading.Event()

    def fits(frame: pl.DataFrame, seed: int) -> Made:
        one.stopped = True
        freed.wait(20)
        return Made(Output.PROBABILITY, halves, ("no", "yes"))

    one = desk(refits=fits)
    assert one.refit is not None
    with pytest.raises(ModelError, match="stopped from the keyboard"):
        one.refit(ROWS, 0, 60.0)
    freed.set()


def test_long_work_that_does_not_end_is_left_and_fits_go_on() -> None:
    freed = threading.Event()
    one = desk(refits=lambda frame, seed: Made(Output.PROBABILITY, halves, ("no", "yes")))
    with pytest.raises(ModelError, match=r"The experiment did not end within 0.2 s"):
        one.run(lambda: freed.wait(20), 0.2, "the experiment")
    assert one.run(lambda: 0.5, 5.0, "the experiment") == 0.5
    assert one.refit is not None
    assert one.refit(ROWS, 0, 5.0)(ROWS).rows == 3
    freed.set()


def test_what_a_fit_raises_comes_to_whoever_asked() -> None:
    def fits(frame: pl.DataFrame, seed: int) -> Made:
        raise ModelError("The fit was expected to return a model and did not.")

    one = desk(refits=fits)
    assert one.refit is not None
    with pytest.raises(ModelError, match="expected to return a model"):
        one.refit(ROWS, 0, 60.0)
    assert one.refit is not None
    assert "--fit" in desk().why_no_refit


def test_asking_in_another_thread_needs_no_signal() -> None:
    one = desk()
    found: list[int] = []

    def work() -> None:
        with stoppable(one):
            found.append(one.ask(ROWS).rows)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    assert found == [3]

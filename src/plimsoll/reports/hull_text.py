"""The lanes of the load lines in letters, for a terminal: line characters, or ASCII where that is all."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.reports import hull_words
from plimsoll.reports.load_lines import Diagram, Lane, State


@dataclass(frozen=True, slots=True)
class Letters:
    """One character for every part of a lane."""

    safe: str
    maybe: str
    past: str
    mark: str
    today: str
    beyond: str
    refused: str


LINES = Letters("━", "╍", "·", "⊖", "▾", ">", "×")
ASCII = Letters("=", "~", ".", "O", "v", ">", "x")


def bar(lane: Lane, width: int, letters: Letters = LINES) -> str:
    """Return a lane as ``width`` characters: ``━━▾━━━╍⊖╍·········``.

    The mark stands at the load line and the pennant at today; where both fall on one character the
    mark is shown, and the words beside it say which is more.
    """
    if lane.state is State.REFUSES:
        return letters.refused + letters.past * (width - 1)
    low, value, high = lane.places
    cells = [
        letters.safe if middle < low else letters.maybe if middle < high else letters.past
        for middle in ((i + 0.5) / width for i in range(width))
    ]
    if lane.exposure is not None:
        cells[_cell(lane.at(lane.exposure), width)] = letters.today
    holds = lane.state is State.HOLDS
    cells[_cell(value, width)] = letters.beyond if holds else letters.mark
    return "".join(cells)


def key(diagram: Diagram, letters: Letters = LINES) -> str:
    """Say what the characters mean, of those that are there."""
    shapes = {
        "safe": letters.safe,
        "mark": letters.mark,
        "maybe": letters.maybe,
        "past": letters.past,
        "today": letters.today,
    }
    told = [(shapes[one.shape], one.text) for one in hull_words.keys(diagram)]
    return "   ".join(f"{shape} {text.partition(',')[0]}" for shape, text in told)


def head(diagram: Diagram) -> str:
    """Say the numbers of the head in one paragraph."""
    clean, limit, tightest = hull_words.readouts(diagram)
    return (
        f"{clean.name}: {clean.value} ({clean.remark}). {limit.name}: {limit.value} "
        f"({limit.remark}). {tightest.name}: {tightest.value} ({tightest.remark})."
    )


def _cell(share: float, width: int) -> int:
    return min(int(share * width), width - 1)

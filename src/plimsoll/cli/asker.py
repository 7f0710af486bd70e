"""Asks at the keyboard, or takes the guess and says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plimsoll.cli import voice
from plimsoll.cli.guess import Guess

NONE = "none"


@dataclass(frozen=True)
class Asker:
    """Settles one open point at a time; ``asks`` is False with ``--yes`` or without a keyboard."""

    asks: bool

    def settle(self, guess: Guess | None, question: str, choices: Sequence[str]) -> Guess | None:
        """Return the guess where it is sure or nobody can be asked, else what the user answers.

        The answer must be one of ``choices``, or nothing, which leaves the point open.
        """
        if guess is not None and (guess.sure or not self.asks):
            return guess
        if not self.asks:
            return None
        default = NONE if guess is None else str(guess.value)
        answer = self._ask(question, [*choices, NONE], default)
        if answer == NONE:
            return None
        role = guess.role if guess is not None else ""
        return Guess(role, answer, "you said so")

    def word(self, question: str) -> str | None:
        """Return a word that the user types, or None for none."""
        if not self.asks:
            return None
        answer = self._ask(question, [], "")
        return answer.strip() or None

    def say(self, guess: Guess) -> None:
        """Say one guess on standard error."""
        value: Any = guess.value
        if isinstance(value, dict):
            value = ", ".join(f"{label}={column}" for label, column in value.items())
        mark = "" if guess.sure else "; please look at it"
        voice.aside(f"  {guess.role} = {value}  ({guess.why}{mark})")

    def _ask(self, question: str, choices: list[str], default: str) -> str:
        from rich.console import Console
        from rich.prompt import Prompt

        shown = len(choices) <= 12
        answer: str = Prompt.ask(
            question,
            console=Console(stderr=True),
            choices=choices or None,
            show_choices=shown,
            default=default,
            show_default=bool(default),
        )
        return answer

"""``plimsoll.toml`` as text for people: every line says why it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LOOK = "LOOK AT THIS"
"""Marks a line that was guessed and could turn the answer round."""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LIMITS = {
    "binary": ("roc_auc = { min = 0.75 }", "recall = { min = 0.60 }", "log_loss = { max = 0.40 }"),
    "multiclass": ("balanced_accuracy = { min = 0.75 }", "log_loss = { max = 0.60 }"),
    "regression": ("r2 = { min = 0.60 }", "mean_absolute_error = { max = 10.0 }"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One setting. ``off`` writes it as a comment: a proposal that nobody took."""

    key: str
    value: Any
    why: str = ""
    off: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What the file will say, table by table."""

    task: str
    origin: str
    tables: Mapping[str, Sequence[Line]] = field(default_factory=dict)

    def text(self) -> str:
        """Return the file."""
        parts = [
            f"# Settings of Plimsoll, written by 'plimsoll init' after a look at {one_line(self.origin)}.\n"
            "# Run them with 'plimsoll check'; 'plimsoll schema --settings' tells every setting there is.\n"
            "# Paths are relative to this file.\n"
        ]
        for table, lines in self.tables.items():
            parts.append(f"[{table}]\n" + "".join(_line(line) for line in lines))
        parts.append(_policy(self.task))
        parts.append('[report]\n# html = "report.html"                  # the page for people\n')
        return "\n".join(parts)


def one_line(text: str) -> str:
    """Return text without line breaks, fit for a comment."""
    return " ".join(text.split())


def literal(value: Any) -> str:
    """Return a value as TOML writes it.

    >>> print(literal({"a b": 1}), literal(['x"y', True]))
    { "a b" = 1 } ["x\\"y", true]
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{literal(str(key))} = {literal(item)}" for key, item in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(item) for item in value)}]"
    text = "".join(_ESCAPES.get(sign, _control(sign)) for sign in str(value))
    return f'"{text}"'


def _control(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 32 or ord(sign) == 127 else sign


def _line(line: Line) -> str:
    said = f"{'# ' if line.off else ''}{line.key} = {literal(line.value)}"
    return f"{said:<40}# {one_line(line.why)}\n" if line.why else f"{said}\n"


def _policy(task: str) -> str:
    lines = "".join(f"# {limit}\n" for limit in _LIMITS.get(task, ()))
    return (
        "[policy]\n"
        "# Limits decide the verdict. A first run without any tells which ones this data supports;\n"
        "# such as these, with numbers of your own:\n"
        f"{lines}"
    )

"""Settles which column plays which part for ``plimsoll init``: flags, then sure guesses, then asking."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plimsoll.cli import guess as guessing
from plimsoll.cli.asker import Asker
from plimsoll.cli.guess import Guess, Seen
from plimsoll.cli.settings_text import LOOK, Draft, Line
from plimsoll.core.errors import DataError, SettingsError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

    from plimsoll.core.source import Source

LOOKED_ROWS = 100_000
COLUMN_ROLES = ("target", "prediction", "score", "positive", "score_kind", "id", "time", "group",
                "weight")  # fmt: skip
MODEL_MISSING = "model"


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a table: its columns, the rows looked at, whether these were all."""

    seen: tuple[Seen, ...]
    frame: pl.DataFrame
    whole: bool

    def column(self, name: str) -> Seen:
        """Return what was seen of one column."""
        return next(column for column in self.seen if column.name == name)

    @property
    def rows_word(self) -> str:
        """How many rows were looked at, in words."""
        return f"{'all' if self.whole else 'the first'} {self.frame.height:,} rows"


@dataclass(frozen=True, slots=True)
class Settled:
    """The parts as settled; ``open`` says what must still be filled in before a check can run."""

    ref: str
    task: str
    look: Look
    given: Mapping[str, Any]
    guesses: tuple[Guess, ...]
    classes: tuple[str, ...] = ()
    open: tuple[str, ...] = field(default=())

    def draft(self, output: Path) -> Draft:
        """Return the settings file to be written to ``output``."""
        tables = {
            "subject": self._subject(output),
            "data": self._data(output),
            "columns": self._columns(),
        }
        return Draft(self.task, f"{self.look.rows_word} of {self.ref}", tables)

    def _subject(self, output: Path) -> list[Line]:
        lines = []
        if "name" in self.given:
            lines.append(Line("name", self.given["name"]))
        told = "task" in self.given
        why = "" if told else _task_word(self.classes)
        lines.append(Line("task", self.given.get("task", self.task), why, off=not told))
        if "model" in self.given:
            lines.append(Line("model", beside(str(self.given["model"]), output)))
        else:
            why = "FILL IN the model to judge" if MODEL_MISSING in self.open else (
                "names a model to judge instead of the predictions in the data"
            )  # fmt: skip
            lines.append(Line("model", "model.onnx", why, off=True))
        for guess in self.guesses:
            if guess.role == "score_kind":
                lines.append(Line("score_kind", guess.value, _why(guess)))
        return lines

    def _data(self, output: Path) -> list[Line]:
        why = "rows the model was trained on: baselines and drift need them"
        lines = [Line("current", beside(self.ref, output))]
        for name in ("query", "labels", "predictions", "reference"):
            if name in self.given:
                lines.append(Line(name, beside(str(self.given[name]), output)))
        if "reference" not in self.given:
            lines.append(Line("reference", "train.parquet", why, off=True))
        return lines

    def _columns(self) -> list[Line]:
        lines = []
        for guess in sorted(self.guesses, key=lambda g: COLUMN_ROLES.index(g.role)):
            if guess.role != "score_kind":
                lines.append(Line(guess.role, guess.value, _why(guess)))
        weight = guessing.maybe_weight(self.look.seen)
        if weight is not None and all(guess.role != "weight" for guess in self.guesses):
            lines.append(Line("weight", weight, "if it says how much a row counts", off=True))
        protected = guessing.sensitive(self.look.seen)
        if protected:
            lines.append(Line("sensitive", protected, "columns to compare groups by", off=True))
        return lines


def settle_roles(ref: str, given: Mapping[str, Any], asker: Asker) -> Settled:
    """Look at the table and settle every part.

    Raises
    ------
    DataError
        If the table cannot be read, or a flag names a column that it does not have.
    """
    from plimsoll.engine.classes import look_at_labels
    from plimsoll.sources import open_source

    source = _joined(open_source(ref, query=given.get("query"), role="data"), given)
    _check_names(given, list(source.schema))
    look = look_at(source)
    names = [column.name for column in look.seen]
    target = _given(given, "target") or asker.settle(
        guessing.guess_target(look.seen), "Which column holds the true answer?", names
    )
    if target is None:
        raise DataError(
            "A column with the true answer was expected and none looks like one; name it with "
            "--target COLUMN, or the table that holds it with --labels FILE and --id COLUMN. "
            f"The data has: {', '.join(names[:12])}{' and more' if len(names) > 12 else ''}."
        )
    target = replace(target, role="target")
    labels = look_at_labels(source, target.value)
    kind = look.column(target.value).kind
    task = str(given.get("task", "auto"))
    if task == "auto":
        task = guessing.guess_task(kind, labels.texts, labels.many)
    classes = () if task == "regression" else labels.texts
    answers = _answers(look, target.value, classes, given, asker)
    busy = [target.value, *(v for g in answers for v in _columns_of(g.value))]
    others = _others(look, busy, given, asker)
    positive = _positive(look, target.value, task, classes, answers, given, asker)
    missing = not answers and "model" not in given
    if missing:
        model = asker.word("Which model is judged? (file or module:attribute; Enter for later)")
        if model is not None:
            given, missing = {**given, "model": model}, False
    guesses = (target, *answers, *positive, *others)
    still = (MODEL_MISSING,) if missing else ()
    return Settled(ref, task, look, given, guesses, classes, still)


def _joined(source: Source, given: Mapping[str, Any]) -> Source:
    from plimsoll.sources import join_by_id, open_source

    for role in ("predictions", "labels"):
        if role in given:
            if "id" not in given:
                raise SettingsError(
                    f"The table of {role} is joined by an id and no id column is named; "
                    "give --id COLUMN."
                )
            other = open_source(given[role], role=role)
            source = join_by_id(source, other, given["id"], what=role)
    return source


def look_at(source: Source) -> Look:
    """Read the first rows of a table."""
    import polars as pl

    parts, rows, whole = [], 0, True
    for frame in source.batches(list(source.schema), LOOKED_ROWS):
        if rows >= LOOKED_ROWS:
            whole = False
            break
        parts.append(frame)
        rows += frame.height
    frame = pl.concat(parts)
    if frame.height > LOOKED_ROWS:
        frame, whole = frame.head(LOOKED_ROWS), False
    return Look(tuple(guessing.see(frame)), frame, whole)


def beside(place: str, output: Path) -> str:
    """Return a path as the settings file in ``output`` has to write it; other words as they are."""
    if "://" in place or os.path.isabs(place) or output.parent == Path():
        return place
    if not (os.path.exists(place) or any(sign in place for sign in "*?[")):
        return place
    return Path(os.path.relpath(place, output.parent)).as_posix()


def _given(given: Mapping[str, Any], role: str) -> Guess | None:
    return Guess(role, given[role], "you said so") if role in given else None


def _check_names(given: Mapping[str, Any], known: list[str]) -> None:
    for role in ("target", "prediction", "score", "id", "time", "group", "weight"):
        for entry in _columns_of(given.get(role)):
            name = entry.partition("=")[2] or entry
            if name not in known and entry not in known:
                raise DataError(
                    f"--{role} names the column '{name}', which the data does not have."
                    f"{did_you_mean(name, known)}"
                )


def _columns_of(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return list(value.values())
    return [value] if isinstance(value, str) else list(value)


def _answers(
    look: Look, target: str, classes: tuple[str, ...], given: Mapping[str, Any], asker: Asker
) -> list[Guess]:
    said = [guess for role in ("score", "prediction") if (guess := _given(given, role))]
    if said or "model" in given:
        return said
    found = guessing.guess_answers(look.seen, target, classes)
    questions = {
        "score": "Which column holds the model's score?",
        "prediction": "Which column holds the model's answer?",
    }
    names = [column.name for column in look.seen if column.name != target]
    if asker.asks and not found:
        role = "score" if classes else "prediction"
        open_guess = asker.settle(None, questions[role], names)
        return [] if open_guess is None else [replace(open_guess, role=role)]
    out = []
    for guess in found:
        if guess.role in questions and isinstance(guess.value, str):
            settled = asker.settle(guess, questions[guess.role], names)
            out += [settled] if settled is not None else []
        else:
            out.append(guess)
    return out


def _others(look: Look, busy: list[str], given: Mapping[str, Any], asker: Asker) -> list[Guess]:
    roles = ("id", "time", "group", "weight")
    said = [guess for role in roles if (guess := _given(given, role))]
    taken = [*busy, *(str(guess.value) for guess in said)]
    free = [column.name for column in look.seen if column.name not in taken]
    questions = {
        "id": "Which column names a row?",
        "time": "Which column says when a row was made?",
        "group": "Which column marks rows that hang together (customer, site)?",
        "weight": "Which column says how much a row counts?",
    }
    for guess in guessing.guess_others(look.seen, taken):
        if guess.role not in given:
            settled = asker.settle(guess, questions[guess.role], free)
            said += [settled] if settled is not None else []
    return said


def _positive(
    look: Look,
    target: str,
    task: str,
    classes: tuple[str, ...],
    answers: list[Guess],
    given: Mapping[str, Any],
    asker: Asker,
) -> list[Guess]:
    if "positive" in given:
        return [Guess("positive", given["positive"], "you said so")]
    if task != "binary" or len(classes) != 2:
        return []
    from plimsoll.core.labels import label_expr

    column = look.frame.select(label_expr(_col(target), look.frame.schema[target]).alias("label"))
    counts = dict(column.to_series().drop_nulls().value_counts().iter_rows())
    score = next((guess.value for guess in answers if guess.role == "score"), None)
    guess = guessing.guess_positive(classes, counts, score)
    question = f"Which label of '{target}' is the positive one, the one to be found?"
    settled = asker.settle(guess, question, list(classes)) or guess
    return [replace(settled, role="positive")]


def _col(name: str) -> pl.Expr:
    import polars as pl

    return pl.col(name)


def _why(guess: Guess) -> str:
    return guess.why if guess.sure else f"{LOOK}: guessed, for {guess.why}"


def _task_word(classes: tuple[str, ...]) -> str:
    return f"detected: the target holds {f'{len(classes)} labels' if classes else 'many numbers'}"

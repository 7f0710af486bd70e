"""Which score column belongs to which class."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.core.errors import SettingsError, did_you_mean
from plimsoll.core.labels import match_label, sort_labels
from plimsoll.core.settings import ColumnSettings, Settings
from plimsoll.core.subject import Subject, Task


def score_pairs(columns: ColumnSettings) -> list[tuple[str | None, str]]:
    """Return (label or None, column) for every score; 'label=COL' entries are taken apart."""
    score = columns.score
    if score is None:
        return []
    if isinstance(score, Mapping):
        return list(score.items())
    entries = [score] if isinstance(score, str) else score
    pairs: list[tuple[str | None, str]] = []
    for entry in entries:
        label, sign, column = entry.partition("=")
        pairs.append((label.strip(), column.strip()) if sign else (None, entry.strip()))
    return pairs


def score_roles(subject: Subject, settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return (label, column) of the scores: of the positive class, or of every class in order."""
    pairs, classes = score_pairs(settings.columns), subject.classes
    if subject.task is Task.BINARY:
        return _binary_score(pairs, classes)
    if all(label is None for label, _ in pairs):
        if len(pairs) != len(classes):
            raise SettingsError(
                f"A multiclass score needs one column a class, {len(classes)} in the order of the sorted "
                f"labels ({', '.join(classes)}); got {len(pairs)}."
            )
        return tuple(zip(classes, (column for _, column in pairs), strict=True))
    found: dict[str, str] = {}
    for label, column in pairs:
        matched = match_label(label or "", classes)
        if matched is None:
            raise SettingsError(
                f"The score entry '{label or ''}={column}' names no class; the classes are "
                f"{', '.join(classes)}.{did_you_mean(label or '', classes)}"
            )
        found[matched] = column
    missing = [c for c in classes if c not in found]
    if missing:
        raise SettingsError(
            f"Every class needs a score column; '{missing[0]}' has none. Add '{missing[0]}=COLUMN'."
        )
    return tuple((c, found[c]) for c in classes)


def _binary_score(
    pairs: list[tuple[str | None, str]], classes: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    if len(pairs) == 1 and pairs[0][0] is None:
        return ((classes[1], pairs[0][1]),)
    labelled = {match_label(label or "", classes): column for label, column in pairs}
    if None not in labelled and classes[1] in labelled:
        return ((classes[1], labelled[classes[1]]),)
    if len(pairs) == 2 and all(label is None for label, _ in pairs):
        ordered = sort_labels(list(classes))
        return ((classes[1], pairs[ordered.index(classes[1])][1]),)
    raise SettingsError(
        f"A binary score needs the column of the positive class '{classes[1]}'; "
        f"give --score COLUMN, or --score '{classes[1]}=COLUMN'."
    )

"""What is being judged: read from the settings, the schema, the labels and the model's own card.

Nothing is guessed where a guess could turn the answer round: the positive class of labels such as
``good`` and ``bad`` must be said. What was detected is said in the record (``subject.said``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from plimsoll.core.errors import DataError, ModelError, SettingsError, did_you_mean
from plimsoll.core.labels import NATURAL_PAIRS, label_expr, label_text, match_label, sort_labels
from plimsoll.core.model import ModelCard, Output
from plimsoll.core.settings import ColumnSettings, Settings
from plimsoll.core.source import Source
from plimsoll.core.subject import Roles, ScoreKind, Subject, Task

MOST_CLASSES = 1000
FEW_VALUES = 20
_TRUE_WORDS = {"true", "false", "yes", "no", "y", "n", "t", "f"}


@dataclass(frozen=True)
class Labels:
    """The different labels of a column: texts, whether more than could be held, rows without one."""

    texts: tuple[str, ...]
    many: bool
    missing: int
    rows: int


def look_at_labels(source: Source, column: str) -> Labels:
    """Read one column and return its different labels; stops collecting beyond MOST_CLASSES."""
    dtype = source.schema[column]
    seen: set[str] = set()
    missing = rows = 0
    for frame in source.batches([column], 1 << 19):
        cells = frame.get_column(column)
        if dtype.is_float():
            cells = cells.fill_nan(None)
        rows += cells.len()
        missing += cells.null_count()
        if len(seen) <= MOST_CLASSES:
            unique = cells.drop_nulls().unique().to_frame(column)
            if unique.height > MOST_CLASSES:
                unique = unique.head(MOST_CLASSES + 1)
            seen.update(unique.select(label_expr(pl.col(column), dtype)).to_series().to_list())
    return Labels(sort_labels(sorted(seen)), len(seen) > MOST_CLASSES, missing, rows)


def settle(
    settings: Settings,
    source: Source,
    card: ModelCard | None = None,
) -> Subject:
    """Return what is being judged.

    Raises
    ------
    SettingsError, DataError, ModelError
        Where a role names no column, the target cannot be used, or something must be said first.
    """
    columns = settings.columns
    _check_names(columns, source.schema)
    target = columns.target
    if target is None:
        raise SettingsError(
            "A target column was expected and none is named; "
            f"say which column holds the true answer with --target. {_columns_word(source.schema)}"
        )
    if card is None and columns.score is None and columns.prediction is None:
        raise SettingsError(
            "Something to judge was expected and neither a model nor predictions are named; "
            f"give --model, --score or --prediction. {_columns_word(source.schema)}"
        )
    said: list[str] = []
    labels = look_at_labels(source, target) if settings.subject.task != "regression" else None
    predicted = _predicted(settings, source, labels, card)
    task = _task(settings, source.schema[target], labels, predicted, card, said)
    name = settings.subject.name or _name(columns, card)
    roles = _roles(columns, source.schema, card)
    if task is Task.REGRESSION:
        return _regression(Subject(name, task, roles), settings, card, said)
    assert labels is not None
    classes = _classes(task, labels, settings, card, said, predicted)
    subject = Subject(name, task, roles, classes)
    return _answers(subject, settings, card, said)


def _name(columns: ColumnSettings, card: ModelCard | None) -> str:
    """Return a name for reports where none was given: the model's, or that of its answers."""
    if card is not None:
        return card.origin or "the model"
    answers = [column for _, column in _score_pairs(columns)] or [columns.prediction or "answers"]
    return f"the model behind '{answers[0]}'"


def _check_names(columns: ColumnSettings, schema: pl.Schema) -> None:
    known = list(schema)
    single = ("target", "prediction", "id", "time", "group", "weight")
    named: list[tuple[str, str]] = [
        (role, getattr(columns, role)) for role in single if getattr(columns, role) is not None
    ]
    named += [("score", column) for _, column in _score_pairs(columns)]
    for role in ("sensitive", "slice_by", "ignore"):
        named += [(role, column) for column in getattr(columns, role)]
    named += [("interval", column) for column in columns.interval or []]
    named += [("quantiles", column) for column in columns.quantiles.values()]
    for role, column in named:
        if column not in known:
            raise DataError(
                f"The role '{role}' names the column '{column}', which the data does not have."
                f"{did_you_mean(column, known)} {_columns_word(schema)}"
            )
    taken = {columns.target: "target"}
    for role, column in named[1:] if columns.target else named:
        if column in taken and role in ("prediction", "score"):
            raise SettingsError(
                f"Column '{column}' is named as {taken[column]} and as {role}; "
                "a model judged against its own answer is always right. Name two columns."
            )


def _columns_word(schema: pl.Schema) -> str:
    names = list(schema)
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f"The data has: {shown}."


def _score_pairs(columns: ColumnSettings) -> list[tuple[str | None, str]]:
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


def _roles(columns: ColumnSettings, schema: pl.Schema, card: ModelCard | None) -> Roles:
    scores = () if card else tuple((label or "", column) for label, column in _score_pairs(columns))
    interval = columns.interval
    if interval is not None and len(interval) != 2:
        raise SettingsError(
            f"The role 'interval' needs two columns, the lower and the upper bound; got {len(interval)}."
        )
    quantiles = []
    for text, column in columns.quantiles.items():
        try:
            probability = float(text)
        except ValueError:
            probability = -1.0
        if not 0 < probability < 1:
            raise SettingsError(
                f"The role 'quantiles' maps probabilities between 0 and 1 to columns; got '{text}'."
            )
        quantiles.append((probability, column))
    roles = Roles(
        target=columns.target,
        prediction=None if card else columns.prediction,
        scores=scores,
        id=columns.id,
        time=columns.time,
        group=columns.group,
        weight=columns.weight,
        sensitive=tuple(columns.sensitive),
        slice_by=tuple(columns.slice_by),
        ignore=tuple(columns.ignore),
        interval=(interval[0], interval[1], columns.interval_level) if interval else None,
        quantiles=tuple(sorted(quantiles)),
    )
    answers = {column for _, column in _score_pairs(columns)} | {columns.prediction}
    apart = {roles.target, roles.id, roles.weight, *roles.ignore, *answers}
    apart |= {column for role, column in roles.named() if role in ("interval", "quantiles")}
    features = tuple(column for column in schema if column not in apart)
    return replace(roles, features=features)


def _predicted(
    settings: Settings, source: Source, labels: Labels | None, card: ModelCard | None
) -> tuple[str, ...]:
    """Return the labels of the prediction column where they may say more than the target does."""
    column = settings.columns.prediction
    if labels is None or card is not None or column is None:
        return ()
    if len(labels.texts) == 2 and settings.subject.task != "multiclass":
        return ()
    return look_at_labels(source, column).texts


def _task(
    settings: Settings,
    dtype: pl.DataType,
    labels: Labels | None,
    predicted: tuple[str, ...],
    card: ModelCard | None,
    said: list[str],
) -> Task:
    if labels is None or settings.subject.task != "auto":
        if settings.subject.task != "regression" and labels is not None:
            _check_labels(settings, labels)
        return Task(settings.subject.task)
    _check_labels(settings, labels)
    task = _detected(settings, dtype, labels, predicted, card)
    shown = f"more than {MOST_CLASSES}" if labels.many else str(len(labels.texts))
    kind = "numbers" if dtype.is_numeric() else "truth values" if dtype == pl.Boolean else "text"
    said.append(
        f"Task: {task.value} (the target holds {kind}, {shown} different); override with --task."
    )
    return task


def _detected(
    settings: Settings,
    dtype: pl.DataType,
    labels: Labels,
    predicted: tuple[str, ...],
    card: ModelCard | None,
) -> Task:
    if card is not None:
        if card.output is Output.VALUE:
            return Task.REGRESSION
        two = len(labels.texts) == 2 and len(card.classes) <= 2
        return Task.BINARY if two else Task.MULTICLASS
    pairs = _score_pairs(settings.columns)
    if dtype.is_numeric() and labels.many:
        return Task.REGRESSION
    if len(labels.texts) == 2 and len(pairs) <= 2:
        return Task.BINARY
    if pairs or not dtype.is_numeric():
        return Task.MULTICLASS
    few = len(labels.texts) <= FEW_VALUES
    return Task.MULTICLASS if few and _whole((*labels.texts, *predicted)) else Task.REGRESSION


def _whole(texts: Iterable[str]) -> bool:
    return all("." not in text for text in texts)


def _check_labels(settings: Settings, labels: Labels) -> None:
    column = settings.columns.target
    if labels.rows == 0:
        raise DataError(
            "Rows to judge were expected and the table is empty; give a table with rows."
        )
    if not labels.texts:
        raise DataError(
            f"Target column '{column}' must hold labels; all {labels.rows} rows are empty. "
            "Name another column or join the labels by id."
        )
    words = {text.casefold() for text in labels.texts}
    numerals = {w for w in words if w.lstrip("+-").replace(".", "", 1).isdigit()}
    if len(words) <= FEW_VALUES and words & _TRUE_WORDS and numerals:
        raise DataError(
            f"Target column '{column}' must write each class in one way; it mixes numbers with words "
            f"({', '.join(labels.texts[:6])}). Map them to one kind of label first."
        )


def _classes(
    task: Task,
    labels: Labels,
    settings: Settings,
    card: ModelCard | None,
    said: list[str],
    predicted: tuple[str, ...],
) -> tuple[str, ...]:
    """Return the classes in order; ``predicted`` are labels that only the predictions may hold."""
    column, texts = settings.columns.target, labels.texts
    if len(texts) == 1 and not (card and len(card.classes) > 1 and task is Task.MULTICLASS):
        raise DataError(
            f"Target column '{column}' must hold at least two classes; all {labels.rows - labels.missing} "
            f"labelled rows hold '{texts[0]}'. Give rows of both classes."
        )
    if labels.many:
        raise DataError(
            f"Target column '{column}' holds more than {MOST_CLASSES} different labels; "
            'a class target was expected. Name another column or set task = "regression".'
        )
    if task is Task.BINARY:
        if len(texts) != 2:
            raise DataError(
                f"A binary target must hold two labels; column '{column}' holds {len(texts)} "
                f'({", ".join(texts[:6])}). Set task = "multiclass" or mend the labels.'
            )
        return _ordered_pair((texts[0], texts[1]), settings.columns.positive, column or "", said)
    if settings.columns.positive is not None:
        raise SettingsError(
            f"A positive label belongs to a binary task; column '{column}' holds {len(texts)} labels. "
            "Leave --positive out, or give a binary target."
        )
    if settings.subject.threshold is not None:
        raise SettingsError(
            "A threshold belongs to a binary task; this one has several classes, and the one with the "
            "largest score is chosen. Leave --threshold out."
        )
    known = (
        card.classes
        if card
        else tuple(label for label, _ in _score_pairs(settings.columns) if label)
    )
    if _whole(texts) and not _whole(predicted):
        predicted = ()  # numbers with a fraction name no class; the scan will say so
    extra = [c for c in (*known, *predicted) if match_label(c, texts) is None]
    classes = sort_labels([*texts, *dict.fromkeys(extra)])
    if len(classes) > MOST_CLASSES:
        raise DataError(
            f"The predictions hold more than {MOST_CLASSES} different labels; the classes of column "
            f"'{column}' were expected. Name another prediction column."
        )
    return classes


def _ordered_pair(
    texts: tuple[str, str], positive: object, column: str, said: list[str]
) -> tuple[str, ...]:
    if positive is not None:
        chosen = match_label(label_text(positive), texts)
        if chosen is None:
            raise SettingsError(
                f"The positive label '{label_text(positive)}' is not in column '{column}', which holds "
                f"'{texts[0]}' and '{texts[1]}'.{did_you_mean(label_text(positive), texts)}"
            )
        return (texts[1], texts[0]) if chosen == texts[0] else texts
    for pair in NATURAL_PAIRS:
        if set(pair) == set(texts):
            said.append(f"Positive class: '{pair[1]}'; override with --positive.")
            return pair
    raise SettingsError(
        f"Column '{column}' holds the labels '{texts[0]}' and '{texts[1]}', and which of them is the "
        f"positive one cannot be told; say it with --positive '{texts[1]}' or --positive '{texts[0]}'."
    )


def _answers(
    subject: Subject, settings: Settings, card: ModelCard | None, said: list[str]
) -> Subject:
    kind = ScoreKind.NONE
    asked = settings.subject.score_kind
    roles = subject.roles
    if card is not None:
        kind = {
            Output.PROBABILITY: ScoreKind.PROBABILITY,
            Output.DECISION: ScoreKind.RANKING,
            Output.LABEL: ScoreKind.NONE,
        }.get(card.output, ScoreKind.NONE)
        if card.output is Output.VALUE:
            raise ModelError(
                f"A {subject.task.value} task needs classes or scores and the model answers with numbers; "
                'give a classifier, or set task = "regression".'
            )
        if asked == "probability" and kind is ScoreKind.RANKING:
            kind = ScoreKind.PROBABILITY
    elif roles.scores:
        kind = ScoreKind.RANKING if asked == "ranking" else ScoreKind.PROBABILITY
        roles = replace(roles, scores=_score_roles(subject, settings))
    if asked == "ranking" and kind is ScoreKind.PROBABILITY:
        kind = ScoreKind.RANKING
    if asked == "logit" and kind is not ScoreKind.NONE:
        if card is not None and card.output is Output.PROBABILITY:
            raise SettingsError(
                'score_kind = "logit" was set and the model answers with probabilities; '
                "leave score_kind out."
            )
        kind = ScoreKind.PROBABILITY
    threshold, decided = _decision(subject, settings, card, kind, roles)
    has_prediction = (
        roles.prediction is not None
        or threshold is not None
        or (subject.task is Task.MULTICLASS and kind is not ScoreKind.NONE)
        or (card is not None and card.output in (Output.LABEL, Output.DECISION))
        or (card is not None and card.decides_itself)
    )
    return replace(
        subject,
        roles=roles,
        score_kind=kind,
        has_prediction=has_prediction,
        threshold=threshold,
        decided_by=decided,
        has_model=card is not None,
        said=tuple(said),
    )


def _decision(
    subject: Subject, settings: Settings, card: ModelCard | None, kind: ScoreKind, roles: Roles
) -> tuple[float | None, str]:
    if subject.task is Task.MULTICLASS:
        if roles.prediction:
            return None, f"column '{roles.prediction}'"
        if card is not None and card.decides_itself:
            return None, "the model's own predict"
        return (
            None,
            "the class with the largest score" if kind is not ScoreKind.NONE else "the model",
        )
    given = settings.subject.threshold
    if roles.prediction:
        if given is not None:
            raise SettingsError(
                f"Decisions come from column '{roles.prediction}' or from a threshold, not from both; "
                "leave out --prediction or --threshold."
            )
        return None, f"column '{roles.prediction}'"
    if given is not None and kind is not ScoreKind.NONE:
        return given, f"score >= {given:g} (from the settings)"
    if card is not None and card.decides_itself:
        return None, "the model's own predict"
    if kind is ScoreKind.PROBABILITY:
        return 0.5, "score >= 0.5 (no threshold was given)"
    if card is not None and card.output in (Output.LABEL, Output.DECISION):
        return None, "the model's own predict"
    return None, ""


def _score_roles(subject: Subject, settings: Settings) -> tuple[tuple[str, str], ...]:
    pairs, classes = _score_pairs(settings.columns), subject.classes
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


def _regression(
    subject: Subject,
    settings: Settings,
    card: ModelCard | None,
    said: list[str],
) -> Subject:
    roles = subject.roles
    if settings.columns.positive is not None:
        raise SettingsError("A positive label belongs to a binary task; this one is a regression.")
    if settings.subject.threshold is not None:
        raise SettingsError("A threshold belongs to a binary task; this one is a regression.")
    if card is None and roles.prediction is None:
        pairs = _score_pairs(settings.columns)
        if len(pairs) != 1:
            raise SettingsError(
                "A regression needs one prediction column; name it with --prediction."
            )
        roles = replace(roles, prediction=pairs[0][1], scores=())
    if card is not None and card.output is not Output.VALUE:
        raise ModelError(
            "A regression needs a model that answers with numbers; this one answers with classes. "
            "Correct the task or the model."
        )
    return replace(
        subject,
        roles=replace(roles, scores=()),
        has_prediction=True,
        has_model=card is not None,
        decided_by="the model" if card else f"column '{roles.prediction}'",
        said=tuple(said),
    )

"""What is being judged: read from the settings, the schema, the labels and the model's own card.

Nothing is guessed where a guess could turn the answer round: the positive class of labels such as
``good`` and ``bad`` must be said. What was detected is said in the record (``subject.said``).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from plimsoll.core.batch import is_added
from plimsoll.core.errors import DataError, ModelError, SettingsError, did_you_mean
from plimsoll.core.model import ModelCard, Output
from plimsoll.core.settings import ColumnSettings, Settings
from plimsoll.core.source import Source
from plimsoll.core.subject import Roles, ScoreKind, Subject, Task
from plimsoll.engine.classes import (
    FEW_VALUES,
    MOST_CLASSES,
    Labels,
    all_whole,
    check_labels,
    classes_of,
    look_at_labels,
)
from plimsoll.engine.score_roles import score_pairs, score_roles
from plimsoll.engine.slicing import check_conditions


def settle(
    settings: Settings,
    source: Source,
    card: ModelCard | None = None,
    labels_from: Source | None = None,
) -> Subject:
    """Return what is being judged.

    ``labels_from`` is a table that has the target where ``source`` does not have it yet: the classes are
    read there.

    Raises
    ------
    SettingsError, DataError, ModelError
        Where a role names no column, the target cannot be used, or something must be said first.
    """
    columns = settings.columns
    labelled = labels_from is None
    _check_names(columns, source.schema, labelled=labelled)
    check_conditions(settings.slices, source.schema)
    target = columns.target
    if target is None:
        raise SettingsError(
            "A target column was expected and none is named; say which column holds the true answer with "
            f"--target, or give --reference to compare the rows with it. {_columns_word(source.schema)}"
        )
    if card is None and columns.score is None and columns.prediction is None:
        raise SettingsError(
            "Something to judge was expected and neither a model nor predictions are named; "
            f"give --model, --score or --prediction. {_columns_word(source.schema)}"
        )
    said: list[str] = []
    known = source if labels_from is None else labels_from
    labels = look_at_labels(known, target) if settings.subject.task != "regression" else None
    predicted = _predicted(settings, source, labels, card)
    task = _task(settings, known.schema[target], labels, predicted, card, said)
    name = settings.subject.name or _name(columns, card)
    roles = _roles(columns, source.schema, card)
    if task is Task.REGRESSION:
        subject = Subject(name, task, roles, labelled=labelled)
        return _regression(subject, settings, card, said)
    assert labels is not None
    classes = classes_of(task, labels, settings, card, said, predicted)
    subject = Subject(name, task, roles, classes, labelled=labelled)
    return _answers(subject, settings, card, said)


def settle_table(settings: Settings, source: Source) -> Subject:
    """Return a table that is only compared with a reference: no target and no answers are named."""
    columns = settings.columns
    _check_names(columns, source.schema)
    check_conditions(settings.slices, source.schema)
    name = settings.subject.name or source.origin or "the table"
    return Subject(name, Task.NONE, _roles(columns, source.schema, None), labelled=False)


def asks_nothing(settings: Settings, has_model: bool) -> bool:
    """Whether neither a target nor anything that answers is named."""
    columns = settings.columns
    answers = has_model or columns.score is not None or columns.prediction is not None
    return columns.target is None and not answers


def _name(columns: ColumnSettings, card: ModelCard | None) -> str:
    """Return a name for reports where none was given: the model's, or that of its answers."""
    if card is not None:
        return card.origin or "the model"
    answers = [column for _, column in score_pairs(columns)] or [columns.prediction or "answers"]
    return f"the model behind '{answers[0]}'"


def _check_names(columns: ColumnSettings, schema: pl.Schema, *, labelled: bool = True) -> None:
    known = list(schema)
    for column in known:
        if is_added(column):
            raise DataError(
                f"Column '{column}' bears a name that the scan gives to a column of its own; rename it."
            )
    single = ("target", "prediction", "id", "time", "group", "weight")
    named: list[tuple[str, str]] = [
        (role, getattr(columns, role)) for role in single if getattr(columns, role) is not None
    ]
    named += [("score", column) for _, column in score_pairs(columns)]
    if not labelled:
        named = [(role, column) for role, column in named if role not in ("target", "weight")]
    for role in ("sensitive", "ignore"):
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
    for role, column in named[1:] if columns.target and labelled else named:
        if column in taken and role in ("prediction", "score"):
            raise SettingsError(
                f"Column '{column}' is named as {taken[column]} and as {role}; "
                "a model judged against its own answer is always right. Name two columns."
            )


def _columns_word(schema: pl.Schema) -> str:
    names = list(schema)
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f"The data has: {shown}."


def _roles(columns: ColumnSettings, schema: pl.Schema, card: ModelCard | None) -> Roles:
    scores = () if card else tuple((label or "", column) for label, column in score_pairs(columns))
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
        weight=columns.weight if columns.weight in schema else None,
        sensitive=tuple(columns.sensitive),
        slice_by=tuple(columns.slice_by),
        ignore=tuple(columns.ignore),
        interval=(interval[0], interval[1], columns.interval_level) if interval else None,
        quantiles=tuple(sorted(quantiles)),
    )
    answers = {column for _, column in score_pairs(columns)} | {columns.prediction}
    apart = {roles.target, roles.id, roles.weight, *roles.ignore, *answers}
    apart |= {column for role, column in roles.named() if role in ("interval", "quantiles")}
    asked = None if card is None or card.features is None else set(card.features)
    features = tuple(
        c for c in schema if (c not in apart if asked is None else c in asked and c != roles.target)
    )
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
            check_labels(settings, labels)
        return Task(settings.subject.task)
    check_labels(settings, labels)
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
    pairs = score_pairs(settings.columns)
    if dtype.is_numeric() and labels.many:
        return Task.REGRESSION
    if len(labels.texts) == 2 and len(pairs) <= 2:
        return Task.BINARY
    if pairs or not dtype.is_numeric():
        return Task.MULTICLASS
    few = len(labels.texts) <= FEW_VALUES
    return Task.MULTICLASS if few and all_whole((*labels.texts, *predicted)) else Task.REGRESSION


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
        roles = replace(roles, scores=score_roles(subject, settings))
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
        pairs = score_pairs(settings.columns)
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

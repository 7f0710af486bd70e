"""The reference of a run: a table, or a profile of one, and what it says about the subject."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from plimsoll.core.model import Model
from plimsoll.core.profile import SUFFIX, Profile
from plimsoll.core.settings import Settings
from plimsoll.core.source import Source
from plimsoll.core.subject import Subject
from plimsoll.records.profiles import load_profile
from plimsoll.sources import open_source
from plimsoll.tallies import kinds

Reference = Source | Profile


def open_reference(settings: Settings, given: Any = None) -> Reference | None:
    """Return the reference that was given or is named in the settings, or None."""
    ref = given if given is not None else settings.data.reference
    if ref is None or isinstance(ref, Profile):
        return ref
    if isinstance(ref, str | Path) and Path(ref).suffix == SUFFIX:
        return load_profile(ref, kinds())
    return open_source(ref, query=settings.data.reference_query, role="reference")


def labels_elsewhere(
    settings: Settings, current: Source, reference: Reference | None
) -> tuple[Settings, Source | None]:
    """Return a table that has the target where the data to judge do not have it yet, as in production.

    A profile says which task and which classes there are, and no more.
    """
    target = settings.columns.target
    if target is None or target in current.schema or reference is None:
        return settings, None
    if not isinstance(reference, Profile):
        return settings, reference if target in reference.schema else None
    if not reference.labelled:
        return settings, None
    known = settings.subject.model_copy(update={"task": reference.task})
    labels: list[Any] = list(reference.classes) or [0.0, 1.0]
    return settings.model_copy(update={"subject": known}), open_source({target: labels})


def beside_reference(subject: Subject, reference: Reference, model: Model | None) -> Subject:
    """Return the subject that knows what the reference holds."""
    if isinstance(reference, Profile):
        return replace(
            subject,
            has_profile=True,
            reference_columns=tuple(column for column, _ in reference.columns),
            reference_labelled=reference.labelled,
            reference_answered=reference.answered and reference.labelled,
        )
    names = set(reference.schema)
    roles = subject.roles
    if model is not None:
        answered = set(model.card.features or roles.features) <= names
    else:
        columns = [column for _, column in roles.scores]
        columns += [roles.prediction] if roles.prediction else []
        answered = bool(columns) and set(columns) <= names
    labelled = roles.target in names
    return replace(
        subject,
        reference_columns=tuple(reference.schema),
        reference_labelled=labelled,
        reference_answered=answered and labelled,
    )


def said_of(reference: Reference | None) -> tuple[str, ...]:
    """Return what a reader should know of the reading of the reference."""
    if isinstance(reference, Profile):
        return (f"The reference is a profile of {reference.rows:,} rows, made {reference.made}.",)
    return () if reference is None else reference.said

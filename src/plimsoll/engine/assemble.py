"""From settings to a job: opens the tables and the models and settles what is judged."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from plimsoll.core.check import Card, Check, Options, StressOptions
from plimsoll.core.errors import SettingsError, did_you_mean, nearest
from plimsoll.core.limit import Limit
from plimsoll.core.model import Model, ModelCard, Output
from plimsoll.core.settings import Settings
from plimsoll.core.source import Source
from plimsoll.core.subject import Rival, Subject, Task
from plimsoll.engine.asking import (
    budget_seconds,
    check_against,
    check_monotone,
    experiments,
    fit_function,
    own_functions,
    stress_options,
)
from plimsoll.engine.desk import Tell
from plimsoll.engine.job import Job
from plimsoll.engine.reference import (
    beside_reference,
    labels_elsewhere,
    open_reference,
    said_of,
)
from plimsoll.engine.scan import BATCH_ROWS, Progress
from plimsoll.engine.settle import asks_nothing, settle, settle_table
from plimsoll.engine.slicing import audit_columns, sensitive_sets, slice_sets
from plimsoll.engine.trials import Asking
from plimsoll.models import load_model
from plimsoll.models.logged import LoggedAnswers
from plimsoll.models.python_ref import is_python_reference
from plimsoll.models.refit import refitting
from plimsoll.sources import join_by_id, open_source

SAMPLE_ROWS = 64


@dataclass(frozen=True)
class Given:
    """Objects handed over in Python, which win over the settings' paths; each may be None.

    Tables are Polars, pandas, PyArrow or NumPy; models are fitted objects or functions. ``stresses`` are
    functions of the user; ``fit`` repeats the fit and ``experiment`` does all of fitting and scoring.
    """

    data: Any = None
    reference: Any = None
    model: Any = None
    champion: Any = None
    challenger: Any = None
    stresses: tuple[Callable[..., object], ...] = ()
    fit: Any = None
    experiment: Any = None


def assemble(
    settings: Settings,
    checks: Sequence[Check],
    limits: tuple[Limit, ...],
    given: Given | None = None,
    *,
    trust_model: bool = False,
    progress: Progress | None = None,
    telling: Tell | None = None,
    batch_rows: int = BATCH_ROWS,
) -> Job:
    """Open everything that the settings name and settle what is judged.

    With a challenger, the challenger is judged and ``model`` becomes the champion it is held against.

    Raises
    ------
    PlimsollError
        Where a table or a model cannot be opened or something must be said first.
    """
    given = given or Given()
    if settings.run.engine != "local":
        raise SettingsError(
            f"The engine '{settings.run.engine}' is not part of this version; leave --engine at local."
        )
    current = _current(settings, given)
    reference = open_reference(settings, given.reference)
    model_ref, champion_ref = _roles_of_models(settings, given)
    settings, model_ref = _logged_in_data(settings, model_ref, current)
    model = _loaded(model_ref, current, trust_model, settings)
    card = model.card if model is not None else None
    if reference is not None and asks_nothing(settings, card is not None):
        subject = settle_table(settings, current)
    else:
        settings, labels_from = labels_elsewhere(settings, current, reference)
        subject = settle(settings, current, card, labels_from)
    subject = replace(
        subject,
        has_reference=reference is not None,
        slice_sets=slice_sets(settings, current.schema, limits),
        sensitive_sets=sensitive_sets(settings, current.schema, limits),
    )
    champion = _champion(champion_ref, subject, current, trust_model, settings)
    if champion is not None:
        subject = replace(subject, rivals=(_rival("champion", champion.card, subject),))
    if isinstance(champion, LoggedAnswers):  # an answer is no input
        inputs = tuple(c for c in subject.roles.features if c != champion.column)
        subject = replace(subject, roles=replace(subject.roles, features=inputs))
    if reference is not None:
        subject = beside_reference(subject, reference, model)
    remarks = [*(card.notes if card is not None else ()), *current.said]
    remarks += said_of(reference)
    if not subject.labelled and subject.roles.target is not None:
        remarks.append(
            f"The data has no column '{subject.roles.target}' yet: nothing was judged against labels."
        )
    subject = replace(subject, said=(*subject.said, *remarks))
    own = own_functions(settings, given.stresses)
    stress = stress_options(settings, limits, list(current.schema), own)
    check_monotone(stress, subject.roles.features, current.schema)
    check_against(stress.against, champion)
    refit = refitting(subject, model, fit_function(settings, given.fit))
    models = {"": model} if model is not None else {}
    if champion is not None:
        models["champion"] = champion
    return Job(
        subject=subject,
        checks=choose(checks, settings, limits),
        current=current,
        reference=reference,
        models=models,
        options=_options(settings, limits, stress),
        limits=limits,
        logit=settings.subject.score_kind == "logit",
        duplicate_ids=settings.data.duplicate_ids,
        missing_scores=settings.data.missing_scores,
        jobs=settings.run.jobs or default_jobs(bool(models)),
        batch_rows=batch_rows,
        progress=progress,
        asking=Asking(
            own={**own, **experiments(settings, given.experiment)},
            refits=refit.refits,
            why_no_refit=refit.why_not,
            budget_s=budget_seconds(settings.stress.budget),
            within_s=settings.stress.answer_within,
            progress=telling,
        ),
    )


def choose(
    checks: Sequence[Check], settings: Settings, limits: Sequence[Limit] = ()
) -> list[Check]:
    """Return the checks of the suite, narrowed by ``only`` and ``skip``.

    A limit on robustness, a named context, or a model to hold errors under stress against, asks for the
    checks that measure it in any suite.
    """
    codes = [check.CARD.code for check in checks]
    for code in (*settings.run.only, *settings.run.skip):
        if code.upper() not in codes:
            raise SettingsError(
                f"There is no check '{code}'; 'plimsoll list' shows all.{did_you_mean(code, codes)}"
            )
    only = {code.upper() for code in settings.run.only}
    skip = {code.upper() for code in settings.run.skip}
    limited = {limit.area for limit in limits if limit.area == "robustness"}
    limited |= {"contexts"} if settings.contexts else set()
    limited |= {"against"} if settings.stress.against else set()
    measures = {limit.measure for limit in limits if limit.area == "robustness"}

    def is_asked_for(card: Card) -> bool:
        """Whether the suite, a table of settings or a limit asks for a check."""
        limits_it = card.area == "robustness" and not measures.isdisjoint(
            measure.name for measure in card.measures
        )
        return settings.run.suite in card.suites or card.gated_by in limited or limits_it

    chosen = [
        check
        for check in checks
        if check.CARD.code not in skip
        and (check.CARD.code in only if only else is_asked_for(check.CARD))
    ]
    if not chosen:
        raise SettingsError(
            "At least one check must run and --only, --skip and --suite leave none; leave one of them out."
        )
    return chosen


def default_jobs(asks_models: bool) -> int:
    """Return how many threads tally batches where none is asked for.

    Counting holds the interpreter lock and Polars decodes on threads of its own, so a second counting
    thread costs more than it wins (10 million rows: 2 s of work on one, 3 s on two); asking a model does
    not hold it.
    """
    return available_cores() if asks_models else 1


def available_cores() -> int:
    """Return the number of cores this process may use."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:
        return os.cpu_count() or 1


def _current(settings: Settings, given: Given) -> Source:
    data = settings.data
    ref = given.data if given.data is not None else data.current
    if ref is None:
        raise SettingsError(
            "Data to judge were expected and none are named; give --data PATH or current under [data]."
        )
    source = open_source(ref, query=data.query, role="data")
    for other, role in ((data.predictions, "predictions"), (data.labels, "labels")):
        if other is None:
            continue
        if settings.columns.id is None:
            raise SettingsError(
                f"The table of {role} is joined by an id and no id column is named; give --id COLUMN."
            )
        joined = open_source(other, role=role)
        source = join_by_id(source, joined, settings.columns.id, what=role)
    return source


def _roles_of_models(settings: Settings, given: Given) -> tuple[Any, Any]:
    model = given.model if given.model is not None else settings.subject.model
    champion = given.champion if given.champion is not None else settings.subject.champion
    challenger = given.challenger if given.challenger is not None else settings.subject.challenger
    if challenger is None:
        return model, champion
    if champion is not None and model is not None:
        raise SettingsError(
            "A model, a champion and a challenger were given where two are compared; "
            "give --champion and --challenger, or --model and one of them."
        )
    return challenger, champion if champion is not None else model


def _logged_in_data(settings: Settings, ref: Any, source: Source) -> tuple[Settings, Any]:
    """Where a model is named by a column of the data, judge that column's answers."""
    if not (isinstance(ref, str) and ref in source.schema):
        return settings, ref
    role = "score" if source.schema[ref].is_float() else "prediction"
    empty: dict[str, Any] = {"score": None, "prediction": None}
    columns = settings.columns.model_copy(update=empty | {role: ref})
    return settings.model_copy(update={"columns": columns}), None


def _loaded(ref: Any, source: Source, trust: bool, settings: Settings) -> Model | None:
    """Load a model; a function that does not state its output is shown a few rows to tell it by."""
    if ref is None:
        return None
    if isinstance(ref, str) and not Path(ref).exists():
        close = nearest(ref, source.schema)
        if close is not None and Path(ref).suffix == "" and ":" not in ref:
            raise SettingsError(
                f"'{ref}' is neither a model file nor a column of the data. "
                f"Did you mean the column '{close}'?"
            )
    sample = None
    if callable(ref) or (isinstance(ref, str) and is_python_reference(ref)):
        apart = {settings.columns.target, settings.columns.id, settings.columns.weight}
        inputs = [c for c in source.schema if c not in apart and c not in settings.columns.ignore]
        sample = next(iter(source.batches(inputs, SAMPLE_ROWS)), None)
        sample = None if sample is None else sample.head(SAMPLE_ROWS)
    return load_model(ref, trust=trust, task=settings.subject.task, sample=sample)


def _champion(
    ref: Any, subject: Subject, source: Source, trust: bool, settings: Settings
) -> Model | None:
    if ref is None:
        return None
    if not (isinstance(ref, str) and ref in source.schema):
        champion = _loaded(ref, source, trust, settings)
        assert champion is not None
        _same_kind(subject, champion.card)
        return champion
    if ref == subject.roles.target:
        raise SettingsError(
            f"Column '{ref}' is named as target and as champion; a champion judged against its own answer "
            "is always right. Name two columns."
        )
    if subject.task is Task.REGRESSION:
        return LoggedAnswers(ref, Output.VALUE)
    if not source.schema[ref].is_float():
        return LoggedAnswers(ref, Output.LABEL)
    return LoggedAnswers(ref, Output.PROBABILITY if subject.has_probabilities else Output.DECISION)


def _rival(name: str, card: ModelCard, subject: Subject) -> Rival:
    """Say what a rival answers with, as far as the subject can be held against it."""
    probabilities = card.output is Output.PROBABILITY and subject.has_probabilities
    logged = card.kind == "predictions" and card.output in (Output.PROBABILITY, Output.DECISION)
    cut = card.output is Output.PROBABILITY
    return Rival(
        name,
        has_scores=card.output in (Output.PROBABILITY, Output.DECISION) and subject.has_scores,
        has_probabilities=probabilities,
        has_prediction=not logged or cut,
    )


def _same_kind(subject: Subject, card: ModelCard) -> None:
    fits = (card.output is Output.VALUE) == (subject.task is Task.REGRESSION)
    if not fits:
        raise SettingsError(
            f"The champion must answer the same kind of question as the model ({subject.task.value}); "
            f"it answers with a {card.output.value}. Give another champion."
        )


def _options(settings: Settings, limits: tuple[Limit, ...], stress: StressOptions) -> Options:
    run = settings.run
    costs = None
    if run.cost_false_positive is not None or run.cost_false_negative is not None:
        if run.cost_false_positive is None or run.cost_false_negative is None:
            raise SettingsError(
                "Costs come in pairs; give both --cost-false-positive and --cost-false-negative."
            )
        costs = (run.cost_false_positive, run.cost_false_negative)
    return Options(
        confidence=run.confidence,
        seed=run.seed,
        suite=run.suite,
        costs=costs,
        on_reference=any(limit.kind == "max_drop" and not limit.by for limit in limits),
        min_rows=settings.slices.min_rows,
        gap=settings.slices.gap,
        depth=settings.slices.depth,
        drift_floor=settings.drift.floor,
        favourable=settings.fairness.favourable == "positive",
        audit=audit_columns(settings),
        stress=stress,
        slice_measures=tuple(
            dict.fromkeys(
                limit.measure
                for limit in limits
                if limit.area == "slices" and limit.kind == "max_drop"
            )
        ),
    )

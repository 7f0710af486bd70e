"""Makes the profile of a table: the tallies that checks ask of a reference, finished and without rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from plimsoll.core.check import Check
from plimsoll.core.errors import SettingsError
from plimsoll.core.model import Model
from plimsoll.core.profile import Held, Profile
from plimsoll.core.settings import Settings
from plimsoll.core.source import Source
from plimsoll.core.tally import Need, Rows, Side
from plimsoll.engine.assemble import Given, assemble
from plimsoll.engine.job import Job
from plimsoll.engine.reading import read_needs
from plimsoll.engine.score_roles import score_pairs
from plimsoll.engine.settle import settle_table
from plimsoll.sources import open_source


def make_profile(
    settings: Settings,
    checks: Sequence[Check],
    given: Given,
    made: str,
    version: str,
    *,
    trust_model: bool = False,
) -> Profile:
    """Read a table once and keep of it what the checks ask of a reference.

    ``given.data``, or ``current`` in the settings, is the table. With a target and an answer named,
    performance on it is kept, too, so that a drop from it can be limited.
    """
    data = settings.data
    ref = given.data if given.data is not None else data.current or data.reference
    if ref is None:
        raise SettingsError(
            "A table to take the profile of was expected and none is named; give its path."
        )
    query = data.query if given.data is not None or data.current else data.reference_query
    source = open_source(ref, query=query, role="data")
    job = _job(settings, checks, replace(given, data=source), source, trust_model)
    needs = _needs(job)
    done = read_needs(job, Side.REFERENCE, needs)
    found = [need for need in needs if need in done.tallies]
    held = tuple(Held(need.rows, done.tallies[need].anonymous()) for need in found)
    subject = job.subject
    return Profile(
        rows=done.rows,
        columns=tuple((name, str(dtype)) for name, dtype in source.schema.items()),
        task=subject.task.value,
        target=subject.roles.target,
        labelled=subject.reference_labelled,
        answered=subject.reference_answered,
        classes=subject.classes,
        made=made,
        plimsoll=version,
        polars=pl.__version__,
        origin=source.origin,
        sha256=source.fingerprint(),
        held=held,
    )


def _job(
    settings: Settings, checks: Sequence[Check], given: Given, source: Source, trust: bool
) -> Job:
    """Return a job in which the table is its own reference."""
    columns = settings.columns
    named = [column for _, column in score_pairs(columns)]
    named += [columns.prediction] if columns.prediction else []
    logged = bool(named) and set(named) <= set(source.schema)
    answers = logged or settings.subject.model is not None or given.model is not None
    if columns.target in source.schema and answers:
        whole = replace(given, reference=source)
        return assemble(settings, checks, (), whole, trust_model=trust)
    plain = settings.model_copy(
        update={
            "columns": columns.model_copy(
                update={"target": None, "score": None, "prediction": None}
            )
        }
    )
    subject = settle_table(plain, source)
    apart = {columns.target, *named}
    features = tuple(c for c in subject.roles.features if c not in apart)
    subject = replace(
        subject,
        roles=replace(subject.roles, features=features),
        has_reference=True,
        reference_columns=tuple(source.schema),
    )
    models: dict[str, Model] = {}
    return Job(subject, checks, source, source, models)


def _needs(job: Job) -> tuple[Need, ...]:
    """Return what the checks ask of the reference that can be kept, each once."""
    options = replace(job.options, on_reference=True)
    found: dict[Need, None] = {}
    subject = replace(job.subject, has_profile=True)
    for check in job.checks:
        for need in check.needs(subject, options).values():
            plain = need.side is Side.REFERENCE and need.probe is None
            known = job.subject.labelled or need.rows is Rows.ALL
            if plain and known and not need.tally.holds_rows:
                found[need] = None
    return tuple(found)

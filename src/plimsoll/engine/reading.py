"""Reads the tables of a run, pass by pass, as its plan says."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

from plimsoll.core.batch import (
    ABSOLUTE_ERROR,
    BUCKET,
    CORRECT,
    ERROR,
    KEY,
    LOSS,
    PREDICTION,
    REASON,
    SCORE,
    TOP,
    WEIGHT,
    is_added,
)
from plimsoll.core.errors import (
    CheckError,
    NotInProfileError,
    PlimsollError,
)
from plimsoll.core.model import Model
from plimsoll.core.probe import Apply, Probe
from plimsoll.core.profile import Profile
from plimsoll.core.record import ScanFacts
from plimsoll.core.subject import Roles, ScoreKind, Subject
from plimsoll.core.tally import Need, Rows, Side, Tally
from plimsoll.engine.encode import Encoder
from plimsoll.engine.job import Job
from plimsoll.engine.plan import Pass, Plan, at_columns, prerequisites, raw_columns
from plimsoll.engine.scan import Scanned, scan

_ANSWERS = (SCORE, PREDICTION, ERROR, ABSOLUTE_ERROR, TOP, CORRECT, LOSS)


def read(job: Job, plan: Plan) -> tuple[dict[Need, Tally], dict[Need, Exception], ScanFacts, int]:
    """Return the tallies by need, what broke by need, the cost, and the rows of the reference."""
    found: dict[Need, Tally] = {}
    broken: dict[Need, Exception] = {}
    applies: dict[Probe, Apply] = {}
    facts = ScanFacts(0, len(job.current.schema), 0, 0.0, 0)
    reference_rows = 0
    for step in plan.passes:
        if step.side is Side.REFERENCE and job.reference is None:
            none = CheckError("it needs a reference, and none was given")
            broken.update(dict.fromkeys(step.needs, none))
            continue
        if step.side is Side.REFERENCE and isinstance(job.reference, Profile):
            _from_profile(job.reference, step, found, broken)
            reference_rows = job.reference.rows
            continue
        fit = _prepare(step, found, applies, broken)
        needs = tuple(need for need in step.needs if need not in broken)
        done = _pass(job, replace(step, needs=needs), applies)
        found.update(done.tallies)
        broken.update(done.broken)
        if step.side is Side.REFERENCE:
            reference_rows = done.rows
        facts = replace(
            facts,
            passes=facts.passes + 1,
            batches=facts.batches + done.batches,
            seconds=facts.seconds + done.seconds,
            fit_seconds=facts.fit_seconds + fit,
        )
    return found, broken, facts, reference_rows


def _from_profile(
    profile: Profile,
    step: Pass,
    found: dict[Need, Tally],
    broken: dict[Need, Exception],
) -> None:
    """Take what a profile holds in place of a reading of the reference."""
    for need in step.needs:
        held = profile.find(need)
        if held is None:
            broken[need] = NotInProfileError(profile.why_not(need))
        else:
            found[need] = held


def _prepare(
    step: Pass,
    found: Mapping[Need, Tally],
    applies: dict[Probe, Apply],
    broken: dict[Need, Exception],
) -> float:
    """Let every new probe of this pass learn what it needs; return the seconds it took.

    A probe that raises breaks the needs that ask for it and no others.
    """
    start = time.perf_counter()
    failed: dict[Probe, Exception] = {}
    for need in step.needs:
        probe = need.probe
        if probe is None or probe in applies:
            continue
        lost = next((broken[p] for p in prerequisites(need) if p in broken), failed.get(probe))
        if lost is None:
            try:
                applies[probe] = probe.prepare({n: found[p] for n, p in probe.needs().items()})
            except PlimsollError:
                raise
            except Exception as error:  # what breaks for one check never stops the others
                lost = error
        if lost is not None:
            failed[probe] = broken[need] = lost
    return time.perf_counter() - start


def read_needs(job: Job, side: Side, needs: tuple[Need, ...]) -> Scanned:
    """Read one table once for these needs, which ask for no probe."""
    return _pass(job, Pass(side, needs), {})


def _pass(job: Job, step: Pass, applies: Mapping[Probe, Apply]) -> Scanned:
    source = job.current if step.side is Side.CURRENT else job.reference
    assert source is not None and not isinstance(source, Profile)
    wanted = at_columns(step.needs)
    names = list(source.schema)
    keyed = bool(wanted & {KEY, BUCKET})
    subject, models = _on_side(job, step, names)
    encoder = Encoder(
        subject=subject,
        models=models,
        wanted=wanted,
        key_columns=tuple(names) if keyed and subject.roles.id is None else (),
        logit=job.logit,
        missing_scores=job.missing_scores,
        what="data" if step.side is Side.CURRENT else "reference",
        unlabelled=any(need.rows is Rows.ANSWERED for need in step.needs),
    )
    return scan(
        source,
        _columns(step.needs, encoder, names, keyed, WEIGHT in wanted),
        step.needs,
        encoder,
        applies,
        jobs=job.jobs,
        batch_rows=job.batch_rows,
        progress=job.progress if step.side is Side.CURRENT else None,
    )


def _on_side(job: Job, step: Pass, names: list[str]) -> tuple[Subject, Mapping[str, Model]]:
    """Return the subject and models as they can be had on this side.

    Answers are asked for only where some tally reads one or counts the rows that have one.
    """
    read = {column for need in step.needs for column in need.tally.columns}
    if step.side is Side.CURRENT:
        current = _known(job.subject)
        if REASON in read or any(need.rows is not Rows.ALL for need in step.needs):
            return current, job.models
        return _silent(current, current.roles), {}
    answers = any(is_added(column) and column.startswith(_ANSWERS) for column in read)
    roles = job.subject.roles

    def there(column: str | None) -> str | None:
        return column if column in names else None

    scored = all(column in names for _, column in roles.scores)
    here = replace(
        roles,
        target=there(roles.target),
        prediction=there(roles.prediction),
        scores=roles.scores if scored else (),
        id=there(roles.id),
        group=there(roles.group),
        weight=there(roles.weight),
    )
    subject = replace(job.subject, roles=here)
    if not answers:
        return _silent(subject, here), {}
    return subject, {"": job.models[""]} if "" in job.models else {}


def _known(subject: Subject) -> Subject:
    """Return the subject of the current rows, without a target where they have none yet."""
    return (
        subject if subject.labelled else replace(subject, roles=replace(subject.roles, target=None))
    )


def _silent(subject: Subject, roles: Roles) -> Subject:
    """Return the subject without its answers, for a reading that needs none."""
    silent = replace(subject, score_kind=ScoreKind.NONE, has_prediction=False)
    return replace(silent, roles=replace(roles, scores=(), prediction=None))


def _columns(
    needs: Iterable[Need], encoder: Encoder, names: list[str], keyed: bool, weighted: bool
) -> list[str]:
    roles = encoder.subject.roles
    wanted = set(raw_columns(needs))
    wanted |= {c for c in (roles.target, roles.prediction, roles.weight) if c}
    wanted |= {column for _, column in roles.scores}
    if keyed:
        wanted |= {c for c in (roles.id, roles.group) if c} | set(encoder.key_columns)
    for model in encoder.models.values():
        wanted |= set(model.card.features or roles.features)
    return [name for name in names if name in wanted] or names[:1]

"""Plan, scan, judge: from sources and checks to what every check says."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from threadpoolctl import threadpool_limits

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
from plimsoll.core.check import Check, Context, Options
from plimsoll.core.errors import (
    CheckError,
    DataError,
    NotInProfileError,
    PlimsollError,
    UsageError,
)
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Judgement, Status, not_given
from plimsoll.core.limit import Limit
from plimsoll.core.model import Model
from plimsoll.core.probe import Apply, Probe
from plimsoll.core.profile import Profile
from plimsoll.core.record import CheckEntry, FindingEntry, ScanFacts
from plimsoll.core.source import Source
from plimsoll.core.subject import Roles, ScoreKind, Subject
from plimsoll.core.tally import Need, Rows, Side, Tallies, Tally
from plimsoll.engine.desk import AskingDesk
from plimsoll.engine.encode import Encoder
from plimsoll.engine.plan import Pass, Plan, at_columns, make_plan, prerequisites, raw_columns
from plimsoll.engine.scan import BATCH_ROWS, Progress, Scanned, scan
from plimsoll.engine.trials import Asking, Tried, run_trials
from plimsoll.models.logged import can_be_asked
from plimsoll.tallies.key_set import KeySet
from plimsoll.tallies.row_counts import RowCounts

_ANSWERS = (SCORE, PREDICTION, ERROR, ABSOLUTE_ERROR, TOP, CORRECT, LOSS)


@dataclass(frozen=True)
class Job:
    """All that a run needs. ``models`` holds the model judged under "" and rivals by name."""

    subject: Subject
    checks: Sequence[Check]
    current: Source
    reference: Source | Profile | None = None
    models: Mapping[str, Model] = field(default_factory=dict)
    options: Options = Options()
    limits: tuple[Limit, ...] = ()
    logit: bool = False
    missing_scores: str = "error"
    duplicate_ids: str = "error"
    jobs: int = 1
    batch_rows: int = BATCH_ROWS
    progress: Progress | None = None
    asking: Asking = Asking()


@dataclass(frozen=True)
class Result:
    """What the checks said and what the reading cost."""

    entries: tuple[CheckEntry, ...]
    scan: ScanFacts
    reference_rows: int = 0


def run(job: Job) -> Result:
    """Judge the subject of ``job``.

    Raises
    ------
    PlimsollError
        Where the data or the model cannot be used at all. A check that breaks is an entry with
        status ERROR and does not stop the others.
    """
    roles = job.subject.roles
    weighted = roles.weight is not None and job.subject.labelled
    row_counts = Need(RowCounts(weighted), rows=Rows.ALL)
    ids = Need(KeySet(), rows=Rows.ALL)
    always = (row_counts, ids) if roles.id is not None else (row_counts,)
    asked = [c for c in job.checks if job.subject.labelled or not c.CARD.labels]
    plan = make_plan(asked, job.subject, job.options, always)
    found, broken, facts, reference_rows = _read(job, plan)
    counts = found[row_counts]
    assert isinstance(counts, RowCounts)
    if roles.id is not None and job.duplicate_ids == "error":
        _refuse_duplicates(roles.id, found[ids])
    if counts.used == 0 and job.subject.labelled:
        raise DataError(
            f"Rows to judge were expected; of {counts.rows} rows none has both a label and an answer "
            f"({_reasons(counts)}). Join the labels, or name other columns."
        )
    if weighted and counts.weight <= 0:
        raise DataError(
            f"Weight column '{roles.weight}' must hold a weight above 0 in some row; all weights are 0. "
            "Name another column or leave the weights out."
        )
    # Without labels every row lacks its label, and none was left out of what could be judged.
    left_out = counts.left_out if job.subject.labelled else {}
    facts = replace(facts, rows=counts.rows, rows_used=counts.used, left_out=left_out)
    desk = _desk(job)
    tried = run_trials(plan.trials, desk, found, broken)
    with threadpool_limits(1, user_api="blas"):  # small matrices: threads would wait for each other
        entries = _judge(job, plan, found, broken, counts.used, tried)
    facts = replace(facts, peak_rss_bytes=peak_rss())
    return Result(entries, facts, reference_rows)


def _desk(job: Job) -> AskingDesk:
    """Return where trials ask; it asks nothing by itself."""
    asking = job.asking
    return AskingDesk(
        Encoder(job.subject, {k: m for k, m in job.models.items() if not k}, logit=job.logit),
        rivals={k: m for k, m in job.models.items() if k and can_be_asked(m)},
        own=asking.own,
        refits=asking.refits,
        why_no_refit=asking.why_no_refit,
        budget_s=asking.budget_s,
        within_s=asking.within_s,
        on_progress=asking.progress,
    )


def _refuse_duplicates(column: str, keys: Tally) -> None:
    assert isinstance(keys, KeySet)
    if keys.duplicated_rows:
        among = "" if keys.exact else f" among the {keys.rows_examined} rows examined"
        raise DataError(
            f"Column '{column}' must name each row once; {keys.duplicated_rows} rows{among} repeat an id. "
            'Drop the repeats, name another id, or set duplicate_ids = "keep" under [data] to have it '
            "reported instead."
        )


def _reasons(counts: RowCounts) -> str:
    return (
        ", ".join(f"{reason} in {n}" for reason, n in counts.left_out.items())
        or "the table is empty"
    )


def _read(job: Job, plan: Plan) -> tuple[dict[Need, Tally], dict[Need, Exception], ScanFacts, int]:
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


def _judge(
    job: Job,
    plan: Plan,
    found: Mapping[Need, Tally],
    broken: Mapping[Need, Exception],
    rows: int,
    tried: Tried,
) -> tuple[CheckEntry, ...]:
    entries: dict[str, CheckEntry] = {}
    measured: list[Estimate] = []
    unasked = "the target is not known for these rows yet"
    ordered = [c for c in job.checks if not c.CARD.last] + [c for c in job.checks if c.CARD.last]
    for check in ordered:
        context = Context(job.subject, job.options, job.limits, tuple(measured), rows)
        if check.CARD.code in plan.by_check or check.CARD.code in plan.broken:
            entry = _ask(check, plan, found, broken, context, tried)
        else:
            entry = to_entry(check, not_given(unasked), 0.0)
        entries[check.CARD.code] = entry
        measured.extend(entry.estimates)
    return tuple(entries[check.CARD.code] for check in job.checks)


def _ask(
    check: Check,
    plan: Plan,
    found: Mapping[Need, Tally],
    broken: Mapping[Need, Exception],
    context: Context,
    tried: Tried,
) -> CheckEntry:
    card = check.CARD
    start = time.perf_counter()
    try:
        if card.code in plan.broken:
            raise plan.broken[card.code]
        needs = plan.by_check[card.code]
        for need in needs.values():
            if need in broken:
                raise broken[need]
        context = replace(context, outcomes=tried.of(card.code))
        judgement = check.judge(Tallies({name: found[n] for name, n in needs.items()}), context)
    except UsageError:
        raise
    except NotInProfileError as error:
        judgement = not_given(str(error))
    except Exception as error:  # one check that breaks never stops the others
        reason = f"The check broke: {type(error).__name__}: {error}"
        judgement = Judgement(status=Status.ERROR, reason=reason)
    took = time.perf_counter() - start + tried.seconds(card.code)
    return to_entry(check, judgement, took)


def to_entry(check: Check, judgement: Judgement, seconds: float) -> CheckEntry:
    """Turn what a check said into an entry of the record."""
    estimates = list(judgement.estimates)
    findings = []
    for f in judgement.findings:
        places = []
        for estimate in f.estimates:
            if estimate not in estimates:
                estimates.append(estimate)
            places.append(estimates.index(estimate))
        findings.append(
            FindingEntry(f.status, f.title, f.meaning, f.action, f.where, tuple(places), f.critical)
        )
    return CheckEntry(
        check.CARD.code,
        check.CARD.title,
        judgement.overall,
        judgement.reason,
        seconds,
        check.CARD,
        tuple(estimates),
        tuple(findings),
        judgement.figures,
        judgement.tables,
    )


def peak_rss() -> int:
    """Return the largest resident memory of this process so far, in bytes; 0 where not known."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)

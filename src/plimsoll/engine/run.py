"""Plan, scan, judge: from sources and checks to what every check says."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from threadpoolctl import threadpool_limits

from plimsoll.core.check import Check, Context
from plimsoll.core.errors import (
    DataError,
    NotInProfileError,
    UsageError,
)
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Judgement, Status, not_given
from plimsoll.core.record import CheckEntry, FindingEntry, ScanFacts
from plimsoll.core.tally import Need, Rows, Tallies, Tally
from plimsoll.engine.desk import AskingDesk
from plimsoll.engine.encode import Encoder
from plimsoll.engine.job import Job
from plimsoll.engine.plan import Plan, make_plan
from plimsoll.engine.reading import read
from plimsoll.engine.trials import Tried, run_trials
from plimsoll.models.logged import can_be_asked
from plimsoll.tallies.key_set import KeySet
from plimsoll.tallies.row_counts import RowCounts


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
    found, broken, facts, reference_rows = read(job, plan)
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

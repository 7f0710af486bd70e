"""Holds the estimates against the limits: the interval decides, not the point.

PASS only if the whole interval is inside the limit, FAIL only if it is wholly outside, otherwise
UNSURE with the number of rows that would settle it in 80 of 100 cases. Several limits that must
all hold need no correction of the level (each can only make passing harder); what they have
together is less power, which :func:`joint_power` puts in words. (decisions/0003)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from plimsoll.core.errors import nearest
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Status
from plimsoll.core.limit import Limit
from plimsoll.core.measure import Measure
from plimsoll.core.record import CheckEntry, GateLine, Verdict
from plimsoll.policy.places import in_many_places, over_places
from plimsoll.stats.adjust import rounded_up, shown
from plimsoll.stats.difference import difference_of_independent
from plimsoll.stats.power import joint_power as _joint
from plimsoll.stats.power import minimum_detectable_effect, power_at, rows_to_settle

_RIVALS = {
    "champion": "the champion",
    "constant": "a constant",
    "best_feature": "the one best input",
    "linear": "a linear model",
    "gradient_boosting": "a small gradient-boosted model",
}
POWER = 0.8
"""How likely the rows that a line asks for are to settle it."""
REFERENCE = "reference"
"""The ``where.variant`` of an estimate measured on the reference."""


def gate(limits: Sequence[Limit], entries: Sequence[CheckEntry], rows: int) -> tuple[GateLine, ...]:
    """Return one line for every limit, in the order of the policy."""
    return tuple(_line(limit, entries, rows) for limit in limits)


def verdict(lines: Iterable[GateLine], entries: Iterable[CheckEntry]) -> Verdict:
    """Return the answer of the run: a broken check, then a failure, then doubt, then a pass.

    Where there is no limit, only critical findings count: broken input, a model no better than a
    constant.
    """
    statuses = [line.status for line in lines]
    for entry in entries:
        statuses += [f.status for f in entry.findings if f.critical]
        if entry.status is Status.ERROR:
            statuses.append(Status.ERROR)
    if Status.ERROR in statuses:
        return Verdict.ERROR
    if Status.FAIL in statuses:
        return Verdict.FAIL
    if Status.UNSURE in statuses:
        return Verdict.UNSURE
    return Verdict.PASS


def detectable(lines: Sequence[GateLine]) -> list[str]:
    """Return for each limited measure the smallest effect that these rows show in 80 of 100 cases."""
    out = []
    for line in lines:
        if line.estimate is None:
            continue
        effect = minimum_detectable_effect(line.estimate)
        estimate = line.estimate
        name = estimate.where.metric if estimate.name == "difference" else estimate.name
        margin = ""
        if line.limit.endswith(".non_inferior_to"):
            fine = line.bound < effect
            margin = (
                f"; the margin of {line.bound:g} is {'finer than that' if fine else 'wide enough'}"
            )
        out.append(
            f"{line.limit}: these rows show a difference of {shown(effect)} in {name}{margin}."
        )
    return out


def joint_power(lines: Sequence[GateLine]) -> float | None:
    """Return a lower bound of the chance that a model as good as measured passes every limit.

    The limits of one data set are positively related as a rule; the product of their powers, which
    holds for independent ones, is taken as the cautious figure. None with fewer than two limits, or
    where one of them was not measured, for then nothing can be said of all.
    """
    powers = [line.power for line in lines if line.power is not None]
    return _joint(powers) if len(powers) == len(lines) > 1 else None


def _line(limit: Limit, entries: Sequence[CheckEntry], rows: int) -> GateLine:
    if limit.kind == "non_inferior_to":
        return _against_rival(limit, entries, rows)
    if in_many_places(limit):
        lower = _better(entries, limit.measure) == "lower"
        line = over_places(
            limit, entries, lower, lambda lim, e, bound, least: _compare(lim, e, bound, least, rows)
        )
        return _unmeasured(limit, _why_nowhere(limit, entries)) if line is None else line
    if limit.kind == "max_drop" and not limit.by:
        return _drop(limit, entries, rows)
    if limit.kind not in ("min", "max") or limit.by:
        return _unmeasured(limit, "no check of this version measures it")
    where = Where(label=limit.label) if limit.label is not None else Where()
    estimate = _find(entries, limit.measure, where, limit.area)
    if estimate is None:
        return _unmeasured(limit, _why_missing(limit, entries))
    return _compare(limit, estimate, limit.bound, limit.kind == "min", rows)


def _compare(limit: Limit, estimate: Estimate, bound: float, at_least: bool, rows: int) -> GateLine:
    inside = estimate.low >= bound if at_least else estimate.high <= bound
    outside = estimate.high < bound if at_least else estimate.low > bound
    status = Status.PASS if inside else Status.FAIL if outside else Status.UNSURE
    needed = None
    if status is Status.UNSURE:
        own = rows_to_settle(estimate, bound, power=POWER)
        needed = None if own is None else math.ceil(own * rows / max(estimate.n, 1))
    return GateLine(
        limit=_name(limit),
        bound=limit.bound,
        status=status,
        estimate=estimate,
        meaning=_meaning(limit, estimate, status, needed, bound, at_least),
        rows_needed=needed,
        power=power_at(estimate, (estimate.value - bound) * (1 if at_least else -1)),
    )


def _meaning(
    limit: Limit,
    estimate: Estimate,
    status: Status,
    needed: int | None,
    bound: float,
    at_least: bool,
) -> str:
    side = "at least" if at_least else "at most"
    likely = f"{_short(estimate.value)}, likely {_short(estimate.low)} to {_short(estimate.high)}"
    asked = f"{_title(limit)} must be {side} {_short(bound)}; measured {likely}."
    if status is Status.PASS:
        return f"{asked} The whole range keeps the limit."
    if status is Status.FAIL:
        return f"{asked} The whole range breaks the limit."
    if needed is None:
        return f"{asked} It stands on the limit; no number of rows would settle it."
    return (
        f"{asked} The range crosses the limit; about {rounded_up(needed):,} rows would settle it."
    )


def _name(limit: Limit) -> str:
    return limit.name if limit.label is None else f"{limit.name} [{limit.label}]"


def _title(limit: Limit) -> str:
    name = limit.measure if limit.label is None else f"{limit.measure} of class {limit.label}"
    if limit.kind == "non_inferior_to":
        return f"The difference in {name} from {_RIVALS.get(limit.rival or '', limit.rival)}"
    if limit.kind == "load_line_min":
        return f"The load line of {limit.measure}"
    than = "the whole" if limit.area == "slices" else "the reference"
    return f"The drop of {name} from {than}" if limit.kind == "max_drop" else name


def _against_rival(limit: Limit, entries: Sequence[CheckEntry], rows: int) -> GateLine:
    where = Where(metric=limit.measure, model=limit.rival)
    estimate = _find(entries, "difference", where, "")
    if estimate is None:
        return _unmeasured(
            limit,
            f"there is no paired difference in {limit.measure} from the {limit.rival}; "
            f"give {'--champion' if limit.rival == 'champion' else '--reference to fit it on'}",
        )
    higher = _better(entries, limit.measure) != "lower"
    bound = -limit.bound if higher else limit.bound
    return _compare(limit, estimate, bound, higher, rows)


def _drop(limit: Limit, entries: Sequence[CheckEntry], rows: int) -> GateLine:
    here = Where(label=limit.label)
    now = _find(entries, limit.measure, here, limit.area)
    then = _find(entries, limit.measure, Where(label=limit.label, variant=REFERENCE), limit.area)
    if now is None or then is None:
        return _unmeasured(
            limit, f"{limit.measure} was not measured on both the data and the reference"
        )
    drop = difference_of_independent(then, now)
    if _better(entries, limit.measure) == "lower":
        drop = difference_of_independent(now, then)
    return _compare(limit, drop, limit.bound, False, rows)


def _find(entries: Sequence[CheckEntry], name: str, where: Where, area: str) -> Estimate | None:
    for entry in entries:
        if area and entry.card.area != area:
            continue
        for estimate in entry.estimates:
            if estimate.name == name and estimate.where == where:
                return estimate
    return None


def _better(entries: Sequence[CheckEntry], name: str) -> str:
    return next((m.better for e in entries for m in e.card.measures if m.name == name), "higher")


def _why_missing(limit: Limit, entries: Sequence[CheckEntry]) -> str:
    for entry in entries:
        places = [str(e.where) for e in entry.estimates if e.name == limit.measure]
        if places:
            whole = "for the whole" if limit.label is None else f"for the class {limit.label}"
            return f"{entry.code} measures it only for {places[0] or 'the whole'}, not {whole}"
    for entry in entries:
        if any(measure.name == limit.measure for measure in entry.card.measures):
            return entry.reason or f"{entry.code} could not measure it on this data"
    return "no check of this run measures it"


def _why_nowhere(limit: Limit, entries: Sequence[CheckEntry]) -> str:
    """Say what to give for a limit on slices, groups or columns to be measured."""
    own = [entry for entry in entries if entry.card.area == limit.area]
    if any(e.name == limit.measure and e.where.metric for entry in own for e in entry.estimates):
        return "it is measured apart for each metric, and a limit cannot say which is meant"
    of_measure = [c for c in own if limit.measure in {m.name for m in c.card.measures}]
    for entry in of_measure or own:
        if entry.reason and not entry.estimates:
            return entry.reason
    missing = {
        "slices": "no slice was measured; name its columns with by or with --slice-by",
        "fairness": "no group was measured; name protected columns with --sensitive",
        "drift": "no column was compared; give a --reference",
        "robustness": "no stress of this name was run",
    }
    if limit.area == "robustness":
        names = {e.where.stress for entry in own for e in entry.estimates if e.where.stress}
        if names:
            near = nearest(limit.measure, names - {limit.measure})
            hint = f" (did you mean '{near}'?)" if near and limit.measure not in names else ""
            return missing[limit.area] + hint
        return next(
            (e.reason for e in entries if e.card.area == "robustness" and e.reason), None
        ) or (f"{missing[limit.area]}; give a --model that can be asked")
    return missing[limit.area]


def _unmeasured(limit: Limit, reason: str) -> GateLine:
    return GateLine(
        limit=_name(limit),
        bound=limit.bound,
        status=Status.UNSURE,
        estimate=None,
        meaning=f"{_title(limit)} could not be held against its limit: {reason}.",
        reason=reason,
    )


def suggest(entries: Sequence[CheckEntry], most: int = 4) -> list[dict[str, object]]:
    """Return limits worth setting where the owner set none: what this data already supports.

    The bound is the worse end of the interval, rounded away from the estimate to two digits, so the
    model as it stands would keep it.
    """
    found: list[dict[str, object]] = []
    wanted = (
        "roc_auc",
        "recall",
        "precision",
        "log_loss",
        "balanced_accuracy",
        "r2",
        "mean_absolute_error",
    )
    known: Mapping[str, Measure] = {m.name: m for e in entries for m in e.card.measures}
    for name in wanted:
        estimate = _find(entries, name, Where(), "")
        if estimate is None or name not in known or len(found) == most:
            continue
        higher = known[name].better != "lower"
        bound = _round_away(estimate.low if higher else estimate.high, higher)
        found.append(
            {
                "limit": f"{name}.{'min' if higher else 'max'}",
                "value": bound,
                "why": f"the data supports it: {_short(estimate.value)}, "
                f"likely {_short(estimate.low)} to {_short(estimate.high)}",
            }
        )
    return found


def _round_away(value: float, down: bool) -> float:
    if value == 0:
        return 0.0
    digits = 1 - math.floor(math.log10(abs(value)))
    scale = 10.0**digits
    return round((math.floor if down else math.ceil)(value * scale) / scale, max(digits, 0))


def _short(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"

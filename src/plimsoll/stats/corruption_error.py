"""How badly a model does under corruptions, beside a named baseline: CE, mCE and relative mCE.

Corruptions differ in how hard they are: one in ten wrong under fog and five in ten under noise says as much
of fog and noise as of the model. The corruption error divides by the errors of a baseline under the same
corruption, so 1 is as bad as the baseline, and the mean over corruptions is not ruled by the hardest one:

* ``CE_c = sum_s E_{s,c} / sum_s E'_{s,c}``, over the severities ``s`` of a corruption ``c``, ``E`` the error
  rates of the model and ``E'`` of the baseline;
* ``relative CE_c = sum_s (E_{s,c} - E_clean) / sum_s (E'_{s,c} - E'_clean)``: what corruption adds;
* mCE and relative mCE are their means over the corruptions.

Hendrycks and Dietterich 2019, arXiv:1903.12261, who name AlexNet as the baseline. Numbers under different
baselines do not compare, so the baseline always has a name. Relative mCE alone flatters a model that is bad
on clean rows, for it has less to lose: show the clean error beside it.

Every number has the influence of each row (:mod:`plimsoll.stats.influence`), so where the model and the
baseline answered for the same rows their errors are paired. A baseline known from the literature is taken as
known. A ratio is normal only when its denominator is far from 0, and none is stated where the interval of the
denominator holds 0. Simulated with three corruptions at five severities, errors of 0.12 (model) and 0.20
(baseline) on clean rows and of 0.17 to 0.70 on corrupted ones, half of the luck shared by all answers for
a row: the 95 % interval of mCE holds the truth in 95, 95 and 95 % of 2,000 runs with 50, 100 and 400 rows,
and that of relative mCE in 93, 95 and 96 %; with 50 rows relative mCE is not stated in 15 % of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.core.estimate import Estimate, Where
from plimsoll.stats.influence import Ints, Value, standard_error
from plimsoll.stats.interval import z_quantile

Floats = npt.NDArray[np.float64]
METHOD = "influence of rows"


@dataclass(frozen=True)
class Errors:
    """The error rates of one model: on clean rows, and at each severity of each corruption.

    ``name`` says whose they are. ``corrupted`` holds by the name of a corruption one value a severity, the
    same severities for all. ``clean`` may be missing, then nothing relative is known. The influences are of
    the same rows throughout; of a published figure the influence is empty.
    """

    name: str
    corrupted: Mapping[str, Sequence[Value]]
    clean: Value | None = None


@dataclass(frozen=True)
class CorruptionErrors:
    """What came out, all of it against ``baseline``.

    ``by_corruption`` holds CE by the name of the corruption. ``relative`` is relative mCE; None where the
    clean errors are not known, or where it is not certain that every corruption makes the baseline worse.
    """

    baseline: str
    by_corruption: Mapping[str, Estimate]
    mean: Estimate
    relative: Estimate | None


def corruption_errors(
    model: Errors, baseline: Errors, *, level: float = 0.95, clusters: Ints | None = None
) -> CorruptionErrors | None:
    """Return CE, mCE and relative mCE of a model against a baseline, with intervals.

    ``clusters`` are codes from 0 on of rows that hang together, shape (rows,). None where the errors of the
    baseline under some corruption may be 0 (their interval holds it, so no ratio is known), or where neither
    model nor baseline has rows.

    Raises
    ------
    ValueError
        If the two were not tried under the same corruptions and severities.
    """
    _must_match(model, baseline)
    names = list(model.corrupted)
    if not all(_is_above_0(_total(baseline.corrupted[n]), level, clusters) for n in names):
        return None
    found = {name: corruption_error(model, baseline, name) for name in names}
    ratios = [value for value in found.values() if value is not None]
    if len(ratios) < len(names):
        return None
    parts = [_estimate("corruption_error", v, level, clusters) for v in ratios]
    mean = _estimate("mean_corruption_error", mean_of(ratios), level, clusters)
    kept = [part for part in parts if part is not None]
    if mean is None or len(kept) < len(parts):
        return None
    return CorruptionErrors(
        baseline.name,
        {
            n: part.at(Where(model=model.name, stress=n))
            for n, part in zip(names, kept, strict=True)
        },
        mean.at(Where(model=model.name)),
        _relative(model, baseline, level, clusters),
    )


def corruption_error(model: Errors, baseline: Errors, corruption: str) -> Value | None:
    """Return CE of one corruption with the influence of every row; None where the baseline makes no error.

    >>> def known(*rates): return [Value(rate, np.empty(0)) for rate in rates]
    >>> model, baseline = Errors("a", {"fog": known(0.1, 0.3)}), Errors("b", {"fog": known(0.2, 0.6)})
    >>> round(corruption_error(model, baseline, "fog").value, 9)
    0.5
    """
    return _ratio(_total(model.corrupted[corruption]), _total(baseline.corrupted[corruption]))


def relative_corruption_error(model: Errors, baseline: Errors, corruption: str) -> Value | None:
    """Return relative CE of one corruption with the influence of every row.

    None where a clean error is not known, or where the corruption does not make the baseline worse.
    """
    if model.clean is None or baseline.clean is None:
        return None
    worse, base = (
        _total(errors.corrupted[corruption], less=clean)
        for errors, clean in ((model, model.clean), (baseline, baseline.clean))
    )
    return _ratio(worse, base)


def mean_of(values: Sequence[Value]) -> Value:
    """Return the mean of values of the same rows, with the influence of every row."""
    return _scaled(_total(values), 1.0 / len(values))


def _total(values: Sequence[Value], less: Value | None = None) -> Value:
    """Return the sum of values, each less another one."""
    value = math.fsum(v.value for v in values)
    influence = np.zeros(1)
    for each in values:
        influence = _both(influence, each.influence)
    if less is not None:
        value -= len(values) * less.value
        influence = _both(influence, -len(values) * less.influence)
    return Value(value, influence)


def _ratio(above: Value, below: Value) -> Value | None:
    if not below.value > 0.0:
        return None
    ratio = above.value / below.value
    return _scaled(Value(ratio, _both(above.influence, -ratio * below.influence)), 1.0, below.value)


def _scaled(value: Value, by: float, influence_over: float = 1.0) -> Value:
    return Value(value.value * by, value.influence * (by / influence_over))


def _both(one: Floats, other: Floats) -> Floats:
    """Return the sum of influences; an empty one is that of a figure taken as known, which is 0."""
    return one if other.size == 0 else one + other


def _relative(
    model: Errors, baseline: Errors, level: float, clusters: Ints | None
) -> Estimate | None:
    values = []
    for name, rates in baseline.corrupted.items():
        value = relative_corruption_error(model, baseline, name)
        if value is None or not _is_above_0(_total(rates, baseline.clean), level, clusters):
            return None
        values.append(value)
    found = _estimate("relative_mean_corruption_error", mean_of(values), level, clusters)
    return None if found is None else found.at(Where(model=model.name))


def _is_above_0(value: Value, level: float, clusters: Ints | None) -> bool:
    """Return whether a denominator is certainly above 0: its interval, where it has one, lies above."""
    error = 0.0 if value.influence.size < 2 else standard_error(value.influence, clusters)
    return value.value > z_quantile(level) * error


def _estimate(name: str, value: Value, level: float, clusters: Ints | None) -> Estimate | None:
    if value.influence.size < 2:
        return None
    error = standard_error(value.influence, clusters)
    if not math.isfinite(error):
        return None
    reach = z_quantile(level) * error
    return Estimate(
        name, value.value, value.value - reach, value.value + reach, level,
        value.influence.size, METHOD,
    )  # fmt: skip


def _must_match(model: Errors, baseline: Errors) -> None:
    """Raise where the two were not tried under the same corruptions and severities."""
    mine = {name: len(values) for name, values in model.corrupted.items()}
    theirs = {name: len(values) for name, values in baseline.corrupted.items()}
    if not mine or mine != theirs or 0 in mine.values():
        odd = sorted(n for n in mine.keys() | theirs.keys() if mine.get(n) != theirs.get(n))
        raise ValueError(
            f"model and baseline must be tried under the same corruptions and severities, at least one; "
            f"'{model.name}' and '{baseline.name}' differ in {', '.join(odd) or 'none, and have none'}"
        )

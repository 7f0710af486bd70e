"""The numbers of a bias audit as New York City asks for them: rates and impact ratios, and no pass mark.

Local Law 144 of 2021 and its rule (Department of Consumer and Worker Protection 2023, 6 RCNY 5-300 to
5-304) want, for tools that help to decide on hiring and promotion, three tables: by sex, by race or
ethnicity, and by both. Each holds the people, the rate and the impact ratio: the rate of a category over
that of the most selected category. The rule names no ratio that would be good enough, and neither does this
table.

Intervals are added to what the rule asks for; see :func:`plimsoll.stats.impact.impact_ratios`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.core.estimate import Estimate
from plimsoll.stats.impact import impact_ratios
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.proportion import proportion
from plimsoll.stats.share_ratio import GroupShares

IntArray = npt.NDArray[np.int64]
SMALL = 0.02
"""Below this share of the data the auditor may leave a category out of the ratios (6 RCNY 5-301 d)."""


@dataclass(frozen=True, slots=True)
class Category:
    """One row of an impact table.

    ``names`` is the sex, the race or ethnicity, or both. ``rate`` is None where there is nobody.
    ``impact_ratio`` is None where the category is ``left_out``, where there is nobody to be held against,
    or nobody was selected. ``share_of_data`` counts everybody, those of unknown category among them.
    """

    names: tuple[str, ...]
    applicants: int
    selected: int
    share_of_data: float
    rate: Estimate | None
    impact_ratio: Estimate | None
    left_out: bool


@dataclass(frozen=True, slots=True)
class ImpactTable:
    """The rows of one table, and how many people are in none of them because a category is unknown."""

    rows: tuple[Category, ...]
    unknown: int


@dataclass(frozen=True, slots=True)
class BiasAudit:
    """The three tables that the rule asks for; each has its own highest rate."""

    sex: ImpactTable
    race: ImpactTable
    crossing: ImpactTable


def bias_audit(
    sexes: Sequence[str | None],
    races: Sequence[str | None],
    selected: IntArray,
    applicants: IntArray,
    *,
    leave_out_below: float = 0.0,
    scored: bool = False,
    level: float = 0.95,
) -> BiasAudit:
    """Return the tables by sex, by race or ethnicity, and by both, from counts (S, R).

    ``selected`` of ``applicants`` went on; for a tool that gives scores they are those ``scored`` above the
    median (:func:`above_median`), and the rate is the scoring rate. A name that is None stands for people
    whose sex or race is unknown: they are counted in the other table, and told as unknown where they are
    missing.

    ``leave_out_below`` leaves categories with a smaller share of the data out of the ratios, and out of the
    search for the highest rate; the rule allows up to 0.02 and wants the reason told.
    """
    shape = (len(sexes), len(races))
    if selected.shape != shape or applicants.shape != shape:
        raise ValueError(
            f"counts must have a row for each of {shape[0]} sexes and a column for each of {shape[1]} races; "
            f"got shapes {selected.shape} and {applicants.shape}"
        )
    if not 0.0 <= leave_out_below <= SMALL:
        raise ValueError(
            f"leave_out_below must lie between 0 and {SMALL}, the most that the rule allows; "
            f"got {leave_out_below}"
        )
    rate = "scoring_rate" if scored else "selection_rate"
    whole = int(applicants.sum())

    def table(names: list[tuple[str | None, ...]], hits: IntArray, people: IntArray) -> ImpactTable:
        return _table(names, hits, people, whole, rate, leave_out_below, level)

    crossed: list[tuple[str | None, ...]] = [(sex, race) for sex in sexes for race in races]
    return BiasAudit(
        table([(sex,) for sex in sexes], selected.sum(axis=1), applicants.sum(axis=1)),
        table([(race,) for race in races], selected.sum(axis=0), applicants.sum(axis=0)),
        table(crossed, selected.ravel(), applicants.ravel()),
    )


def above_median(scores: FloatArray, counts: IntArray) -> IntArray:
    """Return how many people of each category scored above the median of everybody, (G,).

    ``scores`` (m,) are distinct scores in rising order, ``counts`` (G, m) the people with each. The median
    of an even number of people is the middle of the two in the middle; a score equal to it is not above it.
    """
    everybody = counts.sum(axis=0)
    total = int(everybody.sum())
    if total == 0:
        return np.zeros(counts.shape[0], np.int64)
    upto = np.cumsum(everybody)
    middle = np.searchsorted(upto, [(total - 1) // 2, total // 2], side="right")
    median = float(scores[middle].mean())
    above: IntArray = counts[:, scores > median].sum(axis=1).astype(np.int64)
    return above


def _table(
    names: list[tuple[str | None, ...]],
    hits: IntArray,
    people: IntArray,
    whole: int,
    rate: str,
    leave_out_below: float,
    level: float,
) -> ImpactTable:
    known = [i for i, name in enumerate(names) if None not in name]
    small = {i for i in known if people[i] < leave_out_below * whole}
    judged = [i for i in known if i not in small and people[i] > 0]
    ratios = None
    if judged:
        shares = GroupShares.of_counts(hits[judged], people[judged])
        ratios = impact_ratios(shares, level=level, name=f"{rate}_ratio")
    found = dict(zip(judged, ratios or (), strict=False))
    rows = tuple(
        Category(
            names=tuple(str(part) for part in names[i]),
            applicants=int(people[i]),
            selected=int(hits[i]),
            share_of_data=float(people[i] / whole) if whole else 0.0,
            rate=proportion(rate, int(hits[i]), int(people[i]), level=level),
            impact_ratio=found.get(i),
            left_out=i in small,
        )
        for i in known
    )
    return ImpactTable(rows, whole - sum(row.applicants for row in rows))

"""DRF001  Which inputs have changed since the reference?

## What it measures
For every input column on both sides, how far its values have moved. Numbers and dates: the
Kolmogorov-Smirnov distance (KS), the Wasserstein distance in standard deviations of the reference,
Jensen-Shannon and the population stability index (PSI). Texts and categories: the total variation,
Jensen-Shannon and PSI, values that are new and values that vanished, and the length and the characters
of texts. The shares of infinite numbers, and time zones.

## Why it matters
A model knows the world it was trained on. An input that moved away from it may carry the model into a
region where it guesses.

## How
One number decides for each column, the share of rows that would have to move: KS for numbers, the total
variation for categories. A column is an alarm only if that share is shown to be above the floor (0.05
unless set otherwise), with the error over all columns held by Holm's correction at the actual numbers
of rows; with thousands of rows every harmless difference is significant, and with a hundred every fixed
threshold is crossed by chance. Groups of rows that hang together, or stretches of time, count for as
many rows as they are worth. Values are counted exactly up to 32,768 different numbers and 20,000
different texts; beyond, cells bound what the distance can be. Sources: Kolmogorov's law (Smirnov 1948,
doi:10.1214/aoms/1177730256), McDiarmid 1989 (doi:10.1017/CBO9781107359949.008) for the total variation.

## When it cannot tell
It looks at one column at a time: see DRF003 for changes of several together. It says that a column
moved, not whether that matters: see DRF004. Fewer than 20 rows on a side say nothing.

## What to do
Begin with what DRF004 ranks first. A changed unit or a broken export shows as a large distance in one
column; a new season shows in many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from plimsoll.checks.drift.odd_cells import cell_changes, changed_cells
from plimsoll.checks.drift.sides import DISTANCES, NOW, Both, distribution_needs
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Where
from plimsoll.core.finding import Finding, Judgement, Status, Table, not_applicable, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.adjust import rounded_up
from plimsoll.stats.drift import ColumnDrift, Judged, Statement, column_drift, judge_columns
from plimsoll.stats.effective_rows import design_effect
from plimsoll.stats.family import holm
from plimsoll.stats.new_values import NewValues, new_values
from plimsoll.tallies.distribution import Distribution, Kind

CARD = Card(
    "DRF001",
    title="Drift of inputs",
    question="Which inputs have changed since the reference?",
    area="drift",
    needs="a reference",
    cost="one scan of the data and one of the reference",
    measures=(
        *DISTANCES,
        Measure("new_values_rate", "share of rows with new values", "lower", style="per100"),
        Measure("non_ascii_change", "change in texts beyond ASCII", "target", 0.0, -1.0),
        Measure("infinite_change", "change in infinite values", "target", 0.0, -1.0),
    ),
    evidence=("data.drift",),
    sources=("doi:10.1214/aoms/1177730256", "doi:10.1017/CBO9781107359949.008"),
    labels=False,
)
FREE_TEXT = 50
"""Different values from which on the length of texts is looked at, too."""
MOST_NAMED, MOST_ROWS, LENGTH = 8, 80, "text length"


@dataclass(frozen=True, eq=False)
class _Column:
    """One column, or the length of its texts, as it was measured."""

    both: Both
    drift: ColumnDrift
    variant: str | None = None

    @property
    def where(self) -> Where:
        """Of what its numbers are."""
        return Where(column=self.both.column, variant=self.variant)

    @property
    def name(self) -> str:
        """The column in words."""
        return self.both.column if self.variant is None else f"{self.both.column} ({self.variant})"


def columns_of(subject: Subject) -> tuple[str, ...]:
    """Return the input columns that both sides have; the time column is no input that may drift."""
    there = set(subject.reference_columns)
    apart = (subject.roles.time, subject.roles.group)
    return tuple(c for c in subject.roles.features if c in there and c not in apart)


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """How every input column is spread on both sides."""
    if not subject.has_reference:
        return {}
    out: dict[str, Need] = {}
    for column in columns_of(subject):
        out |= distribution_needs(column, subject)
    return out


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure every column and name those that moved by more than the floor."""
    if not context.subject.has_reference:
        return not_given("no reference was given")
    sides = [Both.of(name.removeprefix(NOW), tallies) for name in tallies if name.startswith(NOW)]
    if not sides:
        return not_applicable("no input column is in both the data and the reference")
    floor, level = context.options.drift_floor, context.options.confidence
    columns = [one for both in sides for one in _measured(both, floor, level)]
    said = judge_columns([c.drift for c in columns], floor=floor, alpha=1 - level)
    estimates = [e.at(c.where) for c in columns for e in c.drift.estimates]
    new = [
        (both, found) for both in sides if (found := _new_values(both, floor, level)) is not None
    ]
    estimates += [found.share.at(Where(column=both.column)) for both, found in new]
    changes = [change for both in sides for change in cell_changes(both, level)]
    estimates += changes
    findings = [*_alarms(columns, said, floor, context), *_new(new, context)]
    findings += [finding for change in changes if (finding := changed_cells(change)) is not None]
    findings += _told(columns, said, sides)
    return Judgement(
        tuple(estimates), tuple(findings), tables=(_table(columns, said), *_ranges(sides))
    )


def _measured(both: Both, floor: float, level: float) -> Iterator[_Column]:
    samples = both.samples
    drift = None if samples is None else column_drift(samples, floor=floor, level=level)
    if drift is not None:
        yield _Column(both, drift)
    words = both.now.words
    if words is not None and words.different >= FREE_TEXT and both.lengths is not None:
        length = column_drift(both.lengths, floor=floor, level=level)
        if length is not None:
            yield _Column(both, length, LENGTH)


def _alarms(
    columns: list[_Column], said: tuple[Judged, ...], floor: float, context: Context
) -> Iterator[Finding]:
    action = "See whether the source of the column changed."
    if context.subject.reference_answered:
        action = "See DRF004 for what this does to the model, and whether the source of the column changed."
    alarms = [(c, j) for c, j in zip(columns, said, strict=True) if j.statement is Statement.ALARM]
    for column, _ in sorted(alarms, key=lambda item: -item[0].drift.effect.estimate.value):
        effect = column.drift.effect.estimate.at(column.where)
        yield Finding(
            Status.FAIL,
            "This column has changed since the reference."
            if column.variant is None
            else "The texts of this column have another length than in the reference.",
            f"About {100 * effect.value:.0f} of 100 rows would have to change to look as they did, likely "
            f"{100 * effect.low:.0f} to {100 * effect.high:.0f}; an alarm begins above {100 * floor:.0f}.",
            action,
            column.where,
            tuple(e.at(column.where) for e in column.drift.estimates),
        )


def _told(columns: list[_Column], said: tuple[Judged, ...], sides: list[Both]) -> Iterator[Finding]:
    """Yield what is no alarm: small changes, too few rows, and columns that cannot be compared."""
    below = [c.name for c, j in zip(columns, said, strict=True) if j.statement is Statement.BELOW]
    if below:
        yield Finding(
            Status.PASS,
            "Some columns changed a little.",
            f"{_listed(below)}: a change is there, and it is not shown to be above the floor.",
            "Nothing for now.",
        )
    few = [(c, j) for c, j in zip(columns, said, strict=True) if j.statement is Statement.TOO_FEW]
    if few:
        needed = max((j.rows_needed or 0 for _, j in few), default=0)
        more = f" About {rounded_up(needed):,} rows would tell." if needed else ""
        yield Finding(
            Status.UNSURE,
            "There are too few rows to say whether these columns changed.",
            f"{_listed([c.name for c, _ in few])}.{more}",
            "Wait for more rows, or compare a longer stretch of time.",
        )
    lost = [both for both in sides if not both.comparable and _holds(both)]
    if lost:
        words = [f"{b.column} ({_held(b.then)}, now {_held(b.now)})" for b in lost]
        yield Finding(
            Status.UNSURE,
            "Some columns cannot be compared with the reference.",
            f"{_listed(words)}.",
            "Bring the column back to what it held, or leave it out with --ignore.",
        )
    zones = [f"{b.column} ({b.zones[0]}, now {b.zones[1]})" for b in sides if len(b.zones) == 2]
    if zones:
        yield Finding(
            Status.UNSURE,
            "The time zone of some columns has changed.",
            f"{_listed(zones)}. Moments were compared as they stand in time, and without a zone as UTC; a "
            "model that reads the hour or the day may see other ones.",
            "Give both tables the same time zone.",
        )


def _holds(both: Both) -> bool:
    return both.then.rows > 0 and both.now.rows > 0 and both.then.kind is not Kind.OTHER


def _held(one: Distribution) -> str:
    """Return what a side of a column holds, in words."""
    if one.kind is Kind.NUMBER and not one.held:
        return "no finite number"
    return one.kind.value


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _new_values(both: Both, floor: float, level: float) -> NewValues | None:
    """Return what is said of texts that the reference never had, where all texts are held."""
    cells = both.cells
    if cells is None or cells.ordered or not cells.exact:
        return None
    samples = both.samples
    worth = 1.0 if samples is None else design_effect(samples, floor).factor
    return new_values(cells.reference, cells.current, floor=floor, level=level, worth=worth)


def _new(found: list[tuple[Both, NewValues]], context: Context) -> Iterator[Finding]:
    if not found:
        return
    adjusted = holm(np.array([one.p_above_floor for _, one in found]))
    for (both, one), p in zip(found, adjusted, strict=True):
        if p >= 1 - context.options.confidence:
            continue
        share = one.share.at(Where(column=both.column))
        names = _frequent_new(both, context.options.min_rows)
        said = f" Among them {', '.join(names)}." if names else ""
        yield Finding(
            Status.FAIL,
            "This column holds values that the reference never had.",
            f"{100 * share.value:.0f} of 100 rows (likely {100 * share.low:.0f} to "
            f"{100 * share.high:.0f}) hold one of {one.values:,} new values; by chance it would be "
            f"{100 * one.by_chance:.0f}.{said}",
            "See whether the coding changed; the model has never seen these values.",
            Where(column=both.column),
            (share,),
        )


def _frequent_new(both: Both, min_rows: int) -> list[str]:
    """Return the most frequent new values; only of enough rows, for a rare one may be a person's."""
    cells = both.cells
    assert cells is not None
    new = [
        (int(n), label)
        for n, before, label in zip(cells.current, cells.reference, cells.labels, strict=True)
        if n >= min_rows and before == 0 and label is not None
    ]
    ordered = sorted(new, key=lambda item: (-item[0], item[1]))
    return [f"'{label[:30]}'" for _, label in ordered[:5]]


def _table(columns: list[_Column], said: tuple[Judged, ...]) -> Table:
    pairs = sorted(
        zip(columns, said, strict=True), key=lambda item: -item[0].drift.effect.estimate.value
    )
    rows = tuple(
        (
            column.name,
            column.both.now.kind.value,
            column.drift.effect.estimate.value,
            column.drift.effect.estimate.low,
            column.drift.effect.estimate.high,
            column.drift.effect.by_chance,
            judged.detectable,
            judged.statement.value,
        )
        for column, judged in pairs[:MOST_ROWS]
    )
    more = len(pairs) - len(rows)
    return Table(
        "Columns by how far they moved",
        (
            "column", "kind", "share of rows moved", "from", "to", "by chance", "would be seen from",
            "what is said",
        ),
        rows,
        caption=f"{more} more moved less." if more else "",
    )  # fmt: skip


def _ranges(sides: list[Both]) -> tuple[Table, ...]:
    """Return from when to when columns of moments reach on both sides."""
    rows = tuple(
        (both.column, *_span(both.then), *_span(both.now))
        for both in sides
        if both.now.kind is Kind.MOMENT and both.then.kind is Kind.MOMENT
    )
    if not rows:
        return ()
    heads = ("column", "reference from", "to", "now from", "to")
    return (Table("Ranges of dates and times", heads, rows),)


def _span(one: Distribution) -> tuple[str, str]:
    if one.numbers is None or not one.numbers.keys.size:
        return "–", "–"
    low, high = one.numbers.edges
    return _moment(float(low[0])), _moment(float(high[-1]))


def _moment(seconds: float) -> str:
    return str(np.datetime64(int(seconds // 1), "s")).removesuffix("T00:00:00")

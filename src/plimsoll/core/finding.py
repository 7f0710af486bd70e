"""What a check says: a status, what it means, what to do, and the numbers it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from plimsoll.core.estimate import EVERYWHERE, Estimate, Where


class Status(StrEnum):
    """The only answers there are. "Don't know" is UNSURE, never a number."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNSURE = "UNSURE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    SKIPPED = "SKIPPED"
    ERROR = "ERROR"


_WORST_FIRST = (
    Status.ERROR,
    Status.FAIL,
    Status.UNSURE,
    Status.PASS,
    Status.NOT_APPLICABLE,
    Status.SKIPPED,
)


def worst(statuses: Iterable[Status], default: Status = Status.PASS) -> Status:
    """Return the worst of the statuses; ERROR is worst, then FAIL, UNSURE, PASS.

    >>> worst([Status.PASS, Status.UNSURE])
    <Status.UNSURE: 'UNSURE'>
    """
    return min(statuses, key=_WORST_FIRST.index, default=default)


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence's worth of what a check found.

    ``title`` is a sentence without numbers that needs a statistics course; ``meaning`` says what
    it means for the person who owns the model; ``action`` what to do next. A ``critical`` finding
    decides the verdict even where the owner set no limit (broken input, a model no better than a
    constant); one that is not critical informs.
    """

    status: Status
    title: str
    meaning: str
    action: str
    where: Where = EVERYWHERE
    estimates: tuple[Estimate, ...] = ()
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as data: a report draws it, so an old record can still be drawn.

    ``kind`` names the way of drawing; ``series`` are named lists of finite numbers or words,
    all of one length within a series. ``about`` holds what a drawing needs besides (axis titles,
    reference lines). No raw rows: only points of a curve, bins or groups, at most 400 a series.

    Kinds and their series (every series is a mapping of equal-length lists). ``beyond`` is always
    optional and says where the whole interval lies: ``""``, ``"below"`` or ``"above"``. Labels may
    hold ranges such as ``[30, 45)``; they are shown in words.

    ``line``
        ``x``, ``y``; optional ``low``, ``high`` (a band) and ``name`` (of the series). About:
        ``x_title``, ``y_title``; ``x_domain``, ``y_domain`` (two numbers); ``x_rules``, ``y_rules``
        (lists of numbers, dashed lines); ``diagonal`` (true or false).
    ``reliability``
        As ``line``, plus a ``counts`` series ``x``, ``x2``, ``n`` drawn as a histogram.
    ``interval``
        ``label``, ``value``, ``low``, ``high``: one row a label. About: ``bound``, ``x_title``,
        ``x_domain``.
    ``bar``
        ``label``, ``value``. About: ``x_title``, ``x_domain``.
    ``distributions``
        One series a panel, named by its column, in the order to be shown (the first 12 are drawn).
        Numbers: ``x``, ``x2`` (ends of the bins, in order; numbers, or dates and moments as ISO
        texts), ``reference``, ``current`` (share of rows on each side, 0 to 1). Categories:
        ``label``, ``reference``, ``current``; beyond eight the rest is added up. About: ``notes``
        and ``titles`` (mappings from panel to one line), ``names`` (what both sides are called).
    ``heat``
        One series: ``row``, ``column``, ``value`` (None for too few rows; a crossing that is not
        listed counts as such), optional ``n`` (rows) and ``beyond``. About: ``middle`` (the shade
        parts there; without it, it runs from low to high), ``middle_title`` ("the whole"),
        ``better`` ("higher", "lower" or "neither"), ``reach`` (how far from the middle the shade is
        full), ``bound`` with ``bound_title`` (what ``beyond`` is about, else the middle),
        ``x_title``, ``y_title``, ``gap_title`` ("too few rows").
    ``multiples``
        One series a panel: ``label``, ``value``, ``low``, ``high``, optional ``beyond``; up to 20
        rows a panel, all panels on one scale. About: ``rule`` (the value of the whole) with
        ``rule_title``, ``bound`` with ``bound_title`` (what ``beyond`` is about, else the rule),
        ``x_domain``, ``notes``, ``titles``.
    ``strip``
        One series a panel: ``x`` (start of each window: numbers, ISO texts, or names in order),
        ``value``, ``low``, ``high`` (None in all three for a window without a number), optional
        ``alarm`` (true or false). About: ``floor`` with ``floor_title``, ``y_domain``,
        ``alarm_title``, ``notes``, ``titles``.
    ``tree``
        One series of nodes, parents first, at most 15 drawn: ``label``, ``n`` (rows), ``value``
        (None where unknown), ``parent`` (position of the parent, -1 at the root); optional ``low``
        with ``high``, and ``beyond``. About: ``bound`` with ``bound_title``, else ``rule`` with
        ``rule_title``: what ``beyond`` is about.
    ``load_lines``
        The load-line diagram: one series, one row a stress. ``label`` ("missing income"), ``kind``
        (its family, "missing"), ``unit`` ("share of rows", "standard deviations"), ``top`` (the
        greatest severity tried, above 0), ``state``: "crosses", "holds" (``value`` is ``top``),
        "unsure", "refuses" (the model does not run with it) or "below" (broken without any);
        ``value``, ``low``, ``high`` (severity at which the limit is crossed, in the unit of the
        row; may be None where it refuses or is below). Optional: ``exposure`` (severity in today's
        rows), ``safe_at_exposure`` (true, false), ``loss`` (what the measure loses; the greater
        leads among equals), None where unknown. Reports sort the rows, the least room first, and
        show 16. About: ``metric``, ``limit``, ``clean``, ``clean_low``, ``clean_high``; optional
        ``metric_title``, ``limit_from`` ("policy" or "default"), ``limit_words`` (a sentence),
        ``chance`` (what a constant answer reaches), ``higher_is_better`` (true unless given),
        ``rows``, ``subject``, ``more`` (stresses that are not in the series).
    """

    kind: str
    title: str
    caption: str
    series: dict[str, dict[str, list[Any]]]
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A small table that belongs to a check: column heads and rows of words and numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that one check says. Without findings the status is PASS: nothing was found."""

    estimates: tuple[Estimate, ...] = ()
    findings: tuple[Finding, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    status: Status | None = None
    reason: str | None = None

    @property
    def overall(self) -> Status:
        """The stated status, or the worst of the findings, or PASS."""
        return self.status if self.status is not None else worst(f.status for f in self.findings)


def not_applicable(reason: str) -> Judgement:
    """Return a judgement that says why this question cannot be asked of this subject."""
    return Judgement(status=Status.NOT_APPLICABLE, reason=reason)


def not_given(reason: str) -> Judgement:
    """Return a judgement that says what must be given for this question to be asked.

    SKIPPED, where :func:`not_applicable` is for a question that this kind of task never raises.
    """
    return Judgement(status=Status.SKIPPED, reason=reason)

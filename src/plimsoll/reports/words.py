"""The wording that all reports share: ranges, statuses, limits and places in plain words.

A status is always a shape and a word, never a colour alone. Likelihood words come from one fixed
list, that of the IPCC guidance note on uncertainty (Mastrandrea et al. 2010,
https://www.ipcc.ch/site/assets/uploads/2017/08/AR5_Uncertainty_Guidance_Note.pdf); words stand
beside numbers, which readers understand better than words alone
(Budescu et al. 2012, doi:10.1007/s10584-011-0330-3).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status, worst
from plimsoll.core.measure import Measure
from plimsoll.core.record import CheckEntry, GateLine, Record, Verdict
from plimsoll.reports.digits import number, per_hundred
from plimsoll.reports.glossary import SEVERAL_CLASSES


@dataclass(frozen=True, slots=True)
class Badge:
    """How a status is shown: a shape, the same shape in ASCII, and a word."""

    shape: str
    ascii: str
    word: str


BADGES: dict[Status, Badge] = {
    Status.PASS: Badge("✔", "[+]", "Pass"),
    Status.FAIL: Badge("✖", "[x]", "Fail"),
    Status.UNSURE: Badge("◆", "[?]", "Unsure"),
    Status.ERROR: Badge("▲", "[!]", "Error"),
    Status.NOT_APPLICABLE: Badge("○", "[-]", "Does not apply"),
    Status.SKIPPED: Badge("»", "[>]", "Skipped"),
}

ADVICE = Badge("▹", "[>]", "Advice")
"""A finding that did not change the grade."""

STATUS_OF: dict[Verdict, Status] = {
    Verdict.PASS: Status.PASS,
    Verdict.FAIL: Status.FAIL,
    Verdict.UNSURE: Status.UNSURE,
    Verdict.ERROR: Status.ERROR,
}

SILENT = (Status.NOT_APPLICABLE, Status.SKIPPED)
LONGEST_TITLE = 80
LONGEST_TEXT = 200

_LIKELIHOODS = (
    (0.99, "virtually certain"),
    (0.90, "very likely"),
    (0.66, "likely"),
    (math.nextafter(0.33, 1), "about as likely as not"),
    (math.nextafter(0.10, 1), "unlikely"),
    (math.nextafter(0.01, 1), "very unlikely"),
    (-math.inf, "exceptionally unlikely"),
)

_KINDS = {
    "min": "at least {bound}",
    "max": "at most {bound}",
    "max_drop": "drops by at most {bound}",
    "load_line_min": "takes stress up to {bound} or more",
    "non_inferior_to": "no worse than the other model by more than {bound}",
}

# C0 and C1 controls, and the characters that reorder or hide text on a screen.
_CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]+"
)
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: object) -> str:
    """Return a text without control characters, so that a name cannot steer a screen or a file.

    >>> clean("a\\x1b[31mb\\nc")
    'a [31mb c'
    """
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub(" ", str(text))).strip()


def shorten(text: object, limit: int) -> str:
    """Return a clean text of at most ``limit`` characters, an ellipsis where some were cut.

    >>> shorten("a long name", 7)
    'a long…'
    """
    whole = clean(text)
    return whole if len(whole) <= limit else whole[: limit - 1].rstrip() + "…"


def likelihood(probability: float) -> str:
    """Return the word that the fixed list gives a probability.

    >>> likelihood(0.71), likelihood(0.95), likelihood(0.5), likelihood(0.005)
    ('likely', 'very likely', 'about as likely as not', 'exceptionally unlikely')
    """
    return next(word for floor, word in _LIKELIHOODS if probability >= floor)


def value_text(estimate: Estimate) -> str:
    """Write the value of an estimate, with its unit if it has one."""
    text = number(estimate.value, estimate.half_width)
    return f"{text} {clean(estimate.unit)}" if estimate.unit else text


def range_text(estimate: Estimate) -> str:
    """Write the interval of an estimate as words: ``0.908 to 0.917``."""
    half = estimate.half_width
    return f"{number(estimate.low, half)} to {number(estimate.high, half)}"


def say(measure: Measure, estimate: Estimate) -> str:
    """Fill the measure's plain sentence with an estimate; empty if the measure has none.

    Only ``{value}``, ``{low}`` and ``{high}`` are replaced, so a stored template can do nothing else.
    """
    if not measure.plain:
        return ""
    if measure.style == "per100":
        value, low, high = per_hundred(estimate.value, estimate.low, estimate.high)
    else:
        half = estimate.half_width
        value, low, high = (number(x, half) for x in (estimate.value, estimate.low, estimate.high))
        if measure.style == "unit" and estimate.unit:
            value = f"{value} {clean(estimate.unit)}"
    parts = {"{value}": value, "{low}": low, "{high}": high}
    text = re.sub(r"\{(?:value|low|high)\}", lambda found: parts[found[0]], measure.plain)
    return sentence(text)


def sentence(text: str) -> str:
    """Return a text that starts with a capital and ends with a full stop.

    >>> sentence("it works")
    'It works.'
    """
    whole = clean(text)
    if not whole:
        return ""
    if not re.match(r"\S*(_|\w\.\w)", whole):  # a measure or limit keeps the name it has in code
        whole = whole[0].upper() + whole[1:]
    return whole if whole[-1] in ".!?…" else whole + "."


def count(n: int, singular: str, plural: str | None = None) -> str:
    """Write a count with its noun: ``1 limit``, ``16,281 rows``."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"


def more(n: int) -> str:
    """Write how many more there are: ``1 more is``, ``38 more are``."""
    return f"{n:,} more {'is' if n == 1 else 'are'}"


def rows_about(rows: int) -> str:
    """Write a number of rows, rounded up to two digits; more would be a pretence.

    >>> rows_about(40934), rows_about(1)
    ('41,000 rows', '1 row')
    """
    scale = 10 ** max(0, len(str(rows)) - 2)
    return count(math.ceil(rows / scale) * scale, "row")


def limit_kind(limit: str) -> str:
    """Return the word of a limit's name that says what kind of bound it is.

    >>> limit_kind("calibration.mcb.max"), limit_kind("recall.min [Iris v.]")
    ('max', 'min')
    """
    return limit.split(" [", 1)[0].rsplit(".", 1)[-1]


def limit_ask(limit: str, bound: float) -> str:
    """Say what a limit asks for: ``at least 0.75``."""
    kind = limit_kind(limit)
    ask = _KINDS.get(kind, f"{clean(kind).replace('_', ' ')} {{bound}}")
    return ask.replace("{bound}", number(bound))


def bound_of(record: Record, line: GateLine) -> tuple[float, str | None]:
    """Return where a line's bound lies on the scale of its estimate, and its safe side.

    The side is ``above`` or ``below``, or None for a kind of limit that is not known here. A margin
    against another model lies below zero where more is better and above it where less is.
    """
    kind = limit_kind(line.limit)
    if kind == "non_inferior_to":
        lower = measure_for(record, measure_of(line)).better == "lower"
        return (abs(line.bound), "below") if lower else (-abs(line.bound), "above")
    sides = {"min": "above", "load_line_min": "above", "max": "below", "max_drop": "below"}
    return line.bound, sides.get(kind)


def line_alone(line: GateLine) -> str:
    """Say what came of a limit where no table stands beside it: with its numbers, once."""
    text = sentence(line.meaning or line.reason or "")
    if line.reason and line.reason not in text:
        text += f" {sentence(line.reason)}"
    if line.estimate is not None and "measured" not in text:
        value, interval = value_text(line.estimate), range_text(line.estimate)
        ask = limit_ask(line.limit, line.bound)
        text += f" The limit is {ask}; measured {value}, likely {interval}."
    return text.strip()


def line_beside(line: GateLine) -> str:
    """Say what came of a limit in a table that already shows its numbers."""
    text = sentence(line.meaning)
    first, stop, rest = text.partition(". ")
    if stop and line.estimate is not None and "measured" in first:
        text = rest
    if line.reason and line.reason not in text:
        text += f" {sentence(line.reason)}"
    if line.rows_needed and "settle" not in text:
        text += f" About {rows_about(line.rows_needed)} would settle it."
    return text.strip()


def measure_of(line: GateLine) -> str:
    """Return the name of the measure that a line of the gate is about."""
    if line.estimate is None:
        parts = line.limit.split(" [", 1)[0].split(".")
        return parts[-2] if len(parts) > 1 else line.limit
    return line.estimate.where.metric or line.estimate.name


def measure_for(record: Record, name: str) -> Measure:
    """Return the measure of this name from the cards in the record, or one made of the name."""
    for check in record.checks:
        for measure in check.card.measures:
            if measure.name == name:
                averaged = SEVERAL_CLASSES.get(name, measure.plain)
                several = record.subject.task == "multiclass" and bool(measure.plain)
                return replace(measure, plain=averaged) if several else measure
    return Measure(name, name.replace("_", " "), better="neither", low=None, high=None)


def unsure_counts_as(record: Record) -> str:
    """Return what the settings count an unsure answer as: ``unsure``, ``pass`` or ``fail``."""
    run = record.settings.get("run")
    return str(run.get("unsure") or "unsure") if isinstance(run, dict) else "unsure"


def deciding(check: CheckEntry) -> Status:
    """Return the status with which a check takes part in the verdict.

    Only critical findings and stated statuses decide; findings that inform leave it a PASS, so that
    a build server shows red where the exit code is not 0, and nowhere else.
    """
    if check.status not in (Status.FAIL, Status.UNSURE) or not check.findings:
        return check.status
    return worst(finding.status for finding in check.findings if finding.critical)


def ascii_only(text: str) -> str:
    """Write a text in ASCII for a screen that has nothing else; nothing is lost.

    >>> ascii_only("−0.5 … 漢")
    '-0.5 ... \\\\u6f22'
    """
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")


def day(created: str) -> str:
    """Write a moment for a person: ``23 November 2026, 03:00 UTC``; unreadable ones stay as they are."""
    try:
        moment = datetime.fromisoformat(created.replace("Z", "+00:00"))
    except ValueError:
        return clean(created)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    month = _MONTHS[moment.month - 1]
    return f"{moment.day} {month} {moment.year}, {moment:%H:%M} UTC"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


_ASCII = str.maketrans(
    {"−": "-", "–": "-", "…": "...", "“": '"', "”": '"', "’": "'", "·": "-", "×": "x", "→": "->",
     "≥": ">=", "≤": "<=", "²": "2", "•": "*", "⊖": "(-)", "\u00a0": " "}
)  # fmt: skip

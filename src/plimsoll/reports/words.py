"""The wording that all reports share: numbers, ranges, statuses and limits in plain words.

A status is always a shape and a word, never a colour alone. A number is written with as many digits
as its interval can carry. Likelihood words come from one fixed list, that of the IPCC guidance note
on uncertainty (Mastrandrea et al. 2010, https://www.ipcc.ch/site/assets/uploads/2017/08/AR5_Uncertainty_Guidance_Note.pdf);
words stand beside numbers, which readers understand better than words alone
(Budescu et al. 2012, doi:10.1007/s10584-011-0330-3).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from plimsoll.core.estimate import EVERYWHERE, Estimate, Where
from plimsoll.core.finding import Status
from plimsoll.core.measure import Measure
from plimsoll.core.record import Record, Verdict


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

STATUS_OF: dict[Verdict, Status] = {
    Verdict.PASS: Status.PASS,
    Verdict.FAIL: Status.FAIL,
    Verdict.UNSURE: Status.UNSURE,
    Verdict.ERROR: Status.ERROR,
}

GLOSSES: dict[str, str] = {
    "accuracy": "share of all answers that are right",
    "balanced_accuracy": "share of right answers, each class counting the same",
    "precision": "of those it flags, the share it is right about",
    "recall": "of those it should flag, the share it finds",
    "specificity": "of those it should leave alone, the share it does",
    "f1": "one number for both finding cases and being right about them",
    "matthews_corrcoef": "agreement with the truth: 0 is chance, 1 is perfect",
    "roc_auc": "how often it ranks a true case above a false one",
    "average_precision": "how clean the top of its ranking is",
    "log_loss": "cost of being sure and wrong; lower is better",
    "brier_score": "squared gap between stated chance and outcome; lower is better",
    "selection_rate": "share of all cases that it flags",
    "base_rate": "share of all cases that are true cases",
    "false_positive_rate": "of those it should leave alone, the share it flags",
    "false_negative_rate": "of those it should flag, the share it misses",
    "mcb": "what is lost because stated chances are off; 0 is best",
    "dsc": "what is won by telling cases apart",
    "unc": "how hard the task is by itself",
    "ece": "average gap between stated chance and outcome",
    "calibration_slope": "1 means stated chances are as bold as they should be",
    "calibration_intercept": "0 means stated chances are right on average",
    "mean_absolute_error": "how far off it is in a usual case",
    "root_mean_squared_error": "how far off it is, large misses counting more",
    "median_absolute_error": "half of its answers are closer than this",
    "mean_absolute_percentage_error": "how far off it is, as a share of the truth",
    "mean_error": "how far off it is to one side, on average",
    "r2": "share of the ups and downs that it explains",
    "difference": "this model minus the other one, on the same rows",
    "selection_rate_ratio": "how often one group is flagged, against another",
    "load_line": "how much stress it takes before it breaks a limit",
}

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


def number(value: float, half_width: float | None = None) -> str:
    """Write a number with the digits that its interval supports: two of the half-width.

    Without an interval four significant digits are kept. The minus sign is U+2212.

    >>> number(0.91234, 0.0044), number(41234.5, 310.0), number(-0.5), number(3e-9)
    ('0.9123', '41,230', '−0.5', '3e−9')
    """
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    places = 1 - math.floor(math.log10(half_width)) if half_width else 3 - size
    if (size < -4 and places > 6) or size > 14:
        mantissa, _, power = f"{value:.2e}".partition("e")
        return _minus(f"{_trim(mantissa)}e{int(power)}")
    places = min(places, 6)
    text = f"{round(value, places):,.{max(places, 0)}f}"
    return _minus(text if half_width else _trim(text))


def per_hundred(value: float, low: float, high: float) -> tuple[str, str, str]:
    """Write three shares as counts of 100, whole unless rounding would hide the interval.

    >>> per_hundred(0.731, 0.709, 0.752)
    ('73', '71', '75')
    >>> per_hundred(0.9961, 0.9952, 0.9968)
    ('99.6', '99.5', '99.7')
    """
    shares = tuple(100 * x for x in (value, low, high))
    for places in (0, 1, 2):
        texts = tuple(f"{x:.{places}f}" for x in shares)
        if len(set(texts)) > 1 and not (places == 0 and 0 < shares[0] < 1):
            break
    if len(set(texts)) == 1:
        texts = tuple(f"{x:.0f}" if x == round(x) else f"{x:.2f}" for x in shares)
    return _minus(texts[0]), _minus(texts[1]), _minus(texts[2])


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
    whole = whole[0].upper() + whole[1:]
    return whole if whole[-1] in ".!?…" else whole + "."


def count(n: int, singular: str, plural: str | None = None) -> str:
    """Write a count with its noun: ``1 limit``, ``16,281 rows``."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"


def where_text(where: Where) -> str:
    """Say of what a number is, in words; empty for the whole of the data."""
    if where == EVERYWHERE:
        return ""
    parts = [f"{clean(column)}: {clean(value)}" for column, value in where.slice]
    named = where.to_json()
    named.pop("slice", None)
    if "window" in named:
        start, end = named.pop("window")
        parts.append(f"{clean(start)} to {clean(end)}")
    parts += [f"{key} {clean(value)}" for key, value in named.items()]
    return ", ".join(parts)


def gloss(name: str) -> str:
    """Return in a few words what a measure tells, or an empty string for one without a gloss."""
    text = GLOSSES.get(name, "")
    return text[:1].upper() + text[1:]


def limit_kind(limit: str) -> str:
    """Return the last word of a limit's name, which says what kind of bound it is."""
    return limit.rsplit(".", 1)[-1]


def limit_ask(limit: str, bound: float) -> str:
    """Say what a limit asks for: ``at least 0.75``."""
    kind = limit_kind(limit)
    size = abs(bound) if kind == "non_inferior_to" else bound
    ask = _KINDS.get(kind, f"{clean(kind).replace('_', ' ')} {{bound}}")
    return ask.replace("{bound}", number(size))


def measure_for(record: Record, name: str) -> Measure:
    """Return the measure of this name from the cards in the record, or one made of the name."""
    for check in record.checks:
        for measure in check.card.measures:
            if measure.name == name:
                return measure
    return Measure(name, name.replace("_", " "), better="neither", low=None, high=None)


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


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text

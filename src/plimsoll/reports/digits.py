"""How many digits a number is written with: as many as its interval can carry."""

from __future__ import annotations

import math


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


def per_hundred(
    value: float, low: float, high: float, *, apart: bool = False
) -> tuple[str, str, str]:
    """Write three shares as counts of 100, whole unless rounding would hide the interval.

    With ``apart``, also unless a value that lies between the ends would look like one of them.

    >>> per_hundred(0.731, 0.709, 0.752)
    ('73', '71', '75')
    >>> per_hundred(0.9961, 0.9952, 0.9968)
    ('99.6', '99.5', '99.7')
    """
    shares = tuple(100 * x for x in (value, low, high))
    inside = apart and low < value < high
    for places in range(4 if inside else 3):
        texts = tuple(f"{x:.{places}f}" if x else "0" for x in shares)
        seen = texts[0] not in texts[1:] if inside and places < 3 else len(set(texts)) > 1
        if seen and not (places == 0 and 0 < shares[0] < 1):
            break
    if len(set(texts)) == 1:
        texts = tuple(f"{x:.0f}" if x == round(x) else f"{x:.2f}" for x in shares)
    return _minus(texts[0]), _minus(texts[1]), _minus(texts[2])


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text

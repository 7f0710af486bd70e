"""The colours of the page: navy hull, signal amber, green and red, once for light and once for dark.

Every pair of text and ground in ``PAIRS`` keeps a contrast of at least 4.5 to 1, as WCAG 2.2 asks
(https://www.w3.org/TR/WCAG22/#contrast-minimum); shapes and lines in ``SHAPES`` keep 3 to 1.
"""

from __future__ import annotations

LIGHT: dict[str, str] = {
    "paper": "#fcfcfa",
    "panel": "#ffffff",
    "ink": "#14212e",
    "muted": "#546170",
    "line": "#dde2e6",
    "strong": "#9aa6b1",
    "hull": "#0f2740",
    "onhull": "#ffffff",
    "onhull2": "#b7c7d8",
    "plate": "#0f2740",
    "sea": "#3a86b8",
    "link": "#175a8c",
    "pass": "#1a6b45",
    "passwash": "#e6f2eb",
    "fail": "#b3261e",
    "failwash": "#fbeae8",
    "unsure": "#855300",
    "unsurewash": "#fcf1d8",
    "error": "#14212e",
    "errorwash": "#e8ebee",
    "none": "#546170",
    "nonewash": "#f0f2f3",
    "c1": "#1c5f96",
    "c2": "#b86e00",
    "c3": "#24805a",
    "c4": "#7d4a9c",
    "w3": "#e29a4b",
    "w2": "#f0c08a",
    "w1": "#f9e2c7",
    "h0": "#eff1f2",
    "k1": "#d5e6f4",
    "k2": "#a6cbe7",
    "k3": "#6fa9d8",
}

DARK: dict[str, str] = {
    "paper": "#0d1722",
    "panel": "#132130",
    "ink": "#e8edf2",
    "muted": "#9eafbf",
    "line": "#263748",
    "strong": "#5c7085",
    "hull": "#08111b",
    "onhull": "#ffffff",
    "onhull2": "#a9bbcd",
    "plate": "#14304d",
    "sea": "#3a86b8",
    "link": "#86bfec",
    "pass": "#6fd3a0",
    "passwash": "#11301f",
    "fail": "#ff9f93",
    "failwash": "#3d1a17",
    "unsure": "#f4c056",
    "unsurewash": "#382a0c",
    "error": "#e8edf2",
    "errorwash": "#26374a",
    "none": "#9eafbf",
    "nonewash": "#1a2a3a",
    "c1": "#7fbcec",
    "c2": "#f2b34a",
    "c3": "#6fd3a0",
    "c4": "#cfa6ea",
    "w3": "#8a5512",
    "w2": "#614016",
    "w1": "#3c2d19",
    "h0": "#1d2b3a",
    "k1": "#1a3450",
    "k2": "#204d76",
    "k3": "#2a679c",
}

PAIRS: tuple[tuple[str, str], ...] = (
    *((text, ground) for text in ("ink", "muted", "link") for ground in ("paper", "panel")),
    *((word, ground) for word in ("pass", "fail", "unsure", "error", "none") for ground in
      ("paper", "panel", f"{word}wash")),
    ("onhull", "hull"),
    ("onhull2", "hull"),
    *(("ink", shade) for shade in ("w3", "w2", "w1", "h0", "k1", "k2", "k3")),
)  # fmt: skip

SHAPES: tuple[tuple[str, str], ...] = tuple((line, "panel") for line in ("c1", "c2", "c3", "c4"))


def css(colours: dict[str, str]) -> str:
    """Return a palette as CSS custom properties."""
    return "".join(f"--{name}:{value};" for name, value in colours.items())


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1 to 21.

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

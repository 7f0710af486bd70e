"""Figures as data become Vega-Lite specifications: one file a kind of drawing.

A specification is a plain mapping, fit for a page that draws it live and for
:mod:`plimsoll.reports.drawing`, which makes still pictures of it. What the ``about`` of a figure may
hold is told beside each kind in :class:`plimsoll.core.finding.Figure`.
"""

from plimsoll.reports.charts.draw import Panel, panels, shown_of, vega_lite
from plimsoll.reports.charts.frame import HEIGHT, WIDTH, Spec
from plimsoll.reports.charts.keys import Key, keys
from plimsoll.reports.charts.rows import MOST_ROWS
from plimsoll.reports.charts.valid import why_not

__all__ = [
    "HEIGHT", "MOST_ROWS", "WIDTH", "Key", "Panel", "Spec", "keys", "panels", "shown_of",
    "vega_lite", "why_not",
]  # fmt: skip

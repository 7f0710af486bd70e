"""The record inside a notebook: the answer, the limits and the numbers, in the notebook's own look.

A fragment of HTML without script, without names that could clash with another output of the same
notebook, and readable where styles are stripped.
"""

from __future__ import annotations

from plimsoll.core.record import Record
from plimsoll.reports import marks, palette, whereabouts, words
from plimsoll.reports.front import front

MOST_ESTIMATES = 30


def render_notebook(record: Record) -> str:
    """Return a fragment of HTML that shows a record as the value of a notebook cell."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("plimsoll.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found = record.all_estimates()
    rows = [
        (
            check.code,
            whereabouts.estimate_name(estimate),
            words.value_text(estimate),
            words.range_text(estimate),
            f"{estimate.n:,}",
        )
        for check, estimate in found[:MOST_ESTIMATES]
    ]
    return environment.get_template("notebook.html.j2").render(
        page=front(record),
        rows=rows,
        hidden=words.more(len(found) - len(rows)) if len(found) > len(rows) else "",
        badge=words.BADGES.__getitem__,
        tone=marks.COLOUR.__getitem__,
        light={name: palette.LIGHT[name] for name in sorted(set(marks.COLOUR.values()))},
        dark={name: palette.DARK[name] for name in sorted(set(marks.COLOUR.values()))},
    )

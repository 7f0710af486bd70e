"""The load-line diagram on the page: a ship's side, three numbers, and one lane for every stress.

Text is text of the page, so that it wraps, is read aloud and prints; only the drawings are SVG, and as
wide as the page lets them be.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from plimsoll.core.finding import Figure
from plimsoll.core.record import Record
from plimsoll.reports import hull_marks, hull_words, marks, words
from plimsoll.reports.anchors import Anchors, Ids
from plimsoll.reports.load_lines import Diagram, Lane, of_record, read

FRONT_LANES = 10


@dataclass(frozen=True, slots=True)
class OnFront:
    """The diagram as the front page shows it, and the place of the check that it is of."""

    markup: str
    title: str
    anchor: str
    code: str


def on_front(record: Record, anchors: Anchors) -> OnFront | None:
    """Return the first load-line diagram of a record, short enough for the front; None without one."""
    found = of_record(record)
    if found is None:
        return None
    check, figure = found
    drawn = markup(figure, anchors.ids, FRONT_LANES)
    return OnFront(drawn, figure.title, anchors.checks[check], record.checks[check].code)


def markup(figure: Figure, ids: Ids, most: int | None = None) -> str:
    """Return a figure of kind ``load_lines`` as HTML for a page in which ``ids`` are taken.

    ``most`` is the number of lanes to show; how many are left out is told below them.
    """
    diagram = read(figure)
    if most is not None:
        diagram = diagram.first(most)
    lanes = "".join(_lane(lane, diagram.higher_is_better) for lane in diagram.lanes)
    left = hull_words.more(diagram)
    keys = "".join(
        f"<li>{marks.key_mark(key.shape)}{escape(key.text)}</li>"
        for key in hull_words.keys(diagram)
    )
    note = f'<p class="note">{escape(left)}</p>' if left else ""
    return (
        f'<div class="load-lines">{_head(diagram, ids)}<ul class="keys">{keys}</ul>'
        f'<ol class="lanes" aria-label="{escape(diagram.title)}">{lanes}</ol>{note}</div>'
    )


def _head(diagram: Diagram, ids: Ids) -> str:
    named, clip = ids.new("ship-side"), ids.new("ship-plate")
    width, height = hull_marks.PLATE_WIDTH, hull_marks.PLATE_HEIGHT
    side = (
        f'<svg class="ship" viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{named}">'
        f'<title id="{named}">{escape(hull_marks.plate_words(diagram))}</title>'
        f"{hull_marks.plate(diagram, clip)}</svg>"
    )
    numbers = "".join(
        f"<div><dt>{escape(one.name)}</dt><dd><b>{escape(one.value)}</b> "
        f"<span>{escape(one.remark)}</span></dd></div>"
        for one in hull_words.readouts(diagram)
    )
    told = " ".join(filter(None, (diagram.limit_words, hull_words.water(diagram))))
    limit = f'<p class="limit-words">{escape(told)}</p>' if told else ""
    return f'<div class="ship-head">{side}<div><dl>{numbers}</dl>{limit}</div></div>'


def _lane(lane: Lane, higher_is_better: bool) -> str:
    said = hull_words.said(lane, higher_is_better)
    interval = f" <span>({escape(said.interval)})</span>" if said.interval else ""
    today = f'<span class="now">{escape(said.today)}</span>' if said.today else ""
    family = f" <span>{escape(lane.family)}</span>" if lane.family else ""
    height = hull_marks.BAR_HEIGHT
    over = ' class="over"' if lane.overloaded else ""
    return (
        f"<li{over}>"
        f'<p class="lane-name">{escape(words.shorten(lane.label, words.LONGEST_TITLE))}{family}</p>'
        f'<div class="lane-bar"><svg width="100%" height="{height:g}" aria-hidden="true" '
        f'focusable="false">{hull_marks.bar(lane)}</svg>'
        f'<p><span class="unseen">Tried from 0 to </span>{escape(hull_words.end(lane))}</p></div>'
        f'<p class="lane-says"><b>{escape(said.answer)}</b>{interval}{today}</p></li>'
    )

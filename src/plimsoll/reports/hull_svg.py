"""The load-line diagram as one picture that stands alone: for a README, a slide, a page of its own.

It needs nothing beside it: no script, no file of letters, no style sheet; light and dark follow the
reader's screen.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files

from plimsoll.core.errors import UsageError
from plimsoll.core.finding import Figure
from plimsoll.core.record import Record
from plimsoll.reports import hull_marks, hull_words, marks, palette, words
from plimsoll.reports.anchors import Ids
from plimsoll.reports.load_lines import Diagram, Lane, of_record, read

WIDTH = 880.0
_MARGIN = 28.0
_LANE = 52.0
_BAR_X, _BAR_WIDTH = 246.0, 300.0
_SAYS_X = 576.0
_LONGEST_NAME, _LONGEST_SAID = 27, 40
_SANS = '"Avenir Next",Avenir,"Segoe UI",Ubuntu,"Helvetica Neue","Liberation Sans",Arial,sans-serif'
_SERIF = '"Iowan Old Style","Palatino Linotype",Palatino,Georgia,"Liberation Serif",serif'
_LETTERS = (
    f"text{{font-family:{_SANS};font-size:14px;fill:var(--ink)}}"
    f".ll-title{{font-family:{_SERIF};font-size:25px}}"
    f".ll-number{{font-family:{_SERIF};font-size:23px}}"
    ".ll-soft{fill:var(--muted);font-size:12.5px}.ll-bold{font-weight:700}"
    ".logo{color:var(--ink)}.ll-over{fill:var(--fail)}.ll-line{stroke:var(--line)}.ll-paper{fill:var(--paper)}"
)


def render_svg(record: Record) -> str:
    """Return the first load-line diagram of a record as an SVG file.

    Raises
    ------
    UsageError
        If no check of the record has one that can be drawn.
    """
    found = of_record(record)
    if found is None:
        raise UsageError(
            "A picture of the load lines was asked for, but no check of this record measured any; "
            "run the checks that stress the model, or ask for another form of report."
        )
    diagram = read(found[1])
    foot = f"Plimsoll {record.plimsoll}. {words.day(record.created)}."
    if diagram.rows:
        foot = f"Judged on {words.count(diagram.rows, 'row')}. {foot}"
    return f"{_drawing(diagram, Ids(), foot, alone=True)}\n"


def inline(figure: Figure, ids: Ids) -> str:
    """Return a figure of kind ``load_lines`` as one SVG for a page that has the palette's variables."""
    return _drawing(read(figure), ids, "", alone=False)


def _drawing(diagram: Diagram, ids: Ids, foot: str, *, alone: bool) -> str:
    lanes_at = 144.0 + hull_marks.PLATE_HEIGHT
    end = lanes_at + _LANE * len(diagram.lanes)
    notes = [text for text in (hull_words.more(diagram), foot) if text]
    height = end + (34.0 if notes else 14.0)
    named, about = ids.new("load-lines-title"), ids.new("load-lines-about")
    space = ' xmlns="http://www.w3.org/2000/svg"' if alone else ' class="chart"'
    opening = (
        f'<svg{space} viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'aria-labelledby="{named} {about}"'
    )
    opening += f' width="{WIDTH:g}" height="{height:g}">' if alone else ">"
    told = _told(diagram) if alone else diagram.caption
    parts = [
        opening,
        f'<title id="{named}">{escape(diagram.title)}</title>',
        f'<desc id="{about}">{escape(told)}</desc>',
        f"<style>{_style(alone)}</style>",
        f"<defs>{hull_marks.HATCH}</defs>",
        f'<rect class="ll-paper" width="{WIDTH:g}" height="{height:g}" rx="10"/>' if alone else "",
        _title(diagram),
        _head(diagram, ids),
        _keys(diagram, lanes_at - 14),
        *(
            _lane(lane, lanes_at + _LANE * i, diagram.higher_is_better)
            for i, lane in enumerate(diagram.lanes)
        ),
        _text(_MARGIN, end + 20, " ".join(notes), "ll-soft") if notes else "",
    ]
    return "".join([*parts, "</svg>"])


def _style(alone: bool) -> str:
    """Return the classes of the drawing, and the palette where no page holds it."""
    drawn = files("plimsoll.reports").joinpath("templates/load_lines.css").read_text("utf-8")
    rules = "".join(line.strip() for line in drawn.splitlines()) + _LETTERS
    if not alone:
        return rules
    return (
        f":root{{color-scheme:light dark;{palette.css(palette.LIGHT)}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{palette.css(palette.DARK)}}}}}{rules}"
    )


def _title(diagram: Diagram) -> str:
    logo = marks.LOGO.replace(
        "<svg ", f'<svg x="{WIDTH - _MARGIN - 45:g}" y="24" width="45" height="30" '
    )
    return (
        logo
        + _text(_MARGIN, 46, words.shorten(diagram.title, 66), "ll-title")
        + _text(_MARGIN, 70, words.shorten(diagram.subject, 100), "ll-soft")
    )


def _head(diagram: Diagram, ids: Ids) -> str:
    """Return the ship's side with the three numbers to its right."""
    top, x = 92.0, _MARGIN + hull_marks.PLATE_WIDTH + 34
    parts = [f'<g transform="translate({_MARGIN:g} {top:g})">']
    parts += [hull_marks.plate(diagram, ids.new("ship-plate")), "</g>"]
    for i, one in enumerate(hull_words.readouts(diagram)):
        y = top + 12 + 56 * i
        parts.append(_text(x, y, words.shorten(one.name, 60), "ll-soft"))
        parts.append(_text(x, y + 27, words.shorten(one.value, 24), "ll-number"))
        parts.append(_text(x + 150, y + 25, words.shorten(one.remark, 52), "ll-soft"))
    parts.append(_text(x, top + hull_marks.PLATE_HEIGHT - 3, hull_words.water(diagram), "ll-soft"))
    return "".join(parts)


def _keys(diagram: Diagram, y: float) -> str:
    parts, x = [], _MARGIN
    for key in hull_words.keys(diagram):
        mark = marks.key_mark(key.shape).replace("<svg ", f'<svg x="{x:g}" y="{y - 12:g}" ', 1)
        parts.append(mark.replace('class="key-mark"', 'width="24" height="16"'))
        parts.append(_text(x + 32, y, key.text, "ll-soft"))
        x += 32 + _width(key.text) + 26
    return "".join(parts)


def _lane(lane: Lane, top: float, higher_is_better: bool) -> str:
    """Return one lane: its name in line with the bar, what belongs to each of them below."""
    said = hull_words.said(lane, higher_is_better)
    line, below = top + 28, top + 45
    first, *others = _lines(lane.label, _LONGEST_NAME)
    second = _text(_MARGIN, below, words.shorten(lane.family, 32), "ll-soft")
    if others:
        second = _text(_MARGIN, below, others[0], "ll-bold")
    end = words.shorten(hull_words.end(lane), 40)
    today = words.shorten(said.today, _LONGEST_SAID + 4)
    answer = escape(words.shorten(said.answer, _LONGEST_SAID))
    interval = f' <tspan class="ll-soft">({escape(said.interval)})</tspan>' if said.interval else ""
    kind = "ll-soft ll-over" if lane.overloaded else "ll-soft"
    return "".join(
        (
            f'<path class="ll-line" d="M{_MARGIN:g} {top:g}H{WIDTH - _MARGIN:g}"/>',
            _text(_MARGIN, line, first, "ll-bold"),
            second,
            f'<svg x="{_BAR_X:g}" y="{top + 3:g}" width="{_BAR_WIDTH:g}" '
            f'height="{hull_marks.BAR_HEIGHT:g}" overflow="visible">{hull_marks.bar(lane)}</svg>',
            _text(_BAR_X + _BAR_WIDTH, below, end, "ll-soft", ' text-anchor="end"'),
            f'<text x="{_SAYS_X:g}" y="{line:g}"><tspan class="ll-bold">{answer}</tspan>'
            f"{interval}</text>",
            _text(_SAYS_X, below, today, kind),
        )
    )


def _lines(text: str, longest: int) -> list[str]:
    """Break a name into at most two lines."""
    if len(text) <= longest:
        return [text]
    cut = text.rfind(" ", 0, longest + 1)
    cut = longest if cut <= 0 else cut
    return [text[:cut].rstrip(), words.shorten(text[cut:], longest)]


def _text(x: float, y: float, text: str, kind: str, more: str = "") -> str:
    if not text:
        return ""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}"{more}>{escape(text)}</text>'


def _width(text: str) -> float:
    """Return about how wide a text is in small letters; the reader's letters may differ."""
    return sum(3.4 if letter in "ijlt,. f" else 6.9 for letter in text)


def _told(diagram: Diagram) -> str:
    """Return all that the picture shows, for a person who does not see it."""
    numbers = " ".join(
        words.sentence(f"{one.name}: {one.value} ({one.remark})")
        for one in hull_words.readouts(diagram)
    )
    lanes = " ".join(
        words.sentence(f"{lane.label}: {hull_words.in_words(lane, diagram.higher_is_better)}")
        for lane in diagram.lanes
    )
    return f"{numbers} {lanes}"

"""A figure becomes an SVG that belongs to the page.

It is static: no script and no fonts of its own, colours as CSS variables so that one drawing serves
light and dark, names unique in the page, a title and a description for people who do not see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from plimsoll.core.finding import Figure
from plimsoll.reports import charts, hull, hull_svg, load_lines, words
from plimsoll.reports.anchors import Ids
from plimsoll.reports.charts import vega_lite
from plimsoll.reports.tidy import tidy

_LEAST = 0.8
"""How far a drawing shrinks with a narrow page before it scrolls instead: letters of 9.6 pixels."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a figure; title and note are empty where the figure is one picture."""

    title: str
    note: str
    svg: str


def svg(figure: Figure, ids: Ids) -> str:
    """Return a figure as one inline SVG for a page in which ``ids`` are taken.

    The figure is one that :func:`plimsoll.reports.charts.why_not` lets through.
    """
    if figure.kind == load_lines.KIND:
        return hull_svg.inline(figure, ids)
    return _drawn(vega_lite(figure), figure.title, figure.caption, ids)


def pictures(figure: Figure, ids: Ids) -> tuple[Picture, ...]:
    """Return a figure panel by panel, so that the page sets as many in a row as have room.

    The load lines are no SVG but a piece of the page with drawings in it.
    """
    if figure.kind == load_lines.KIND:
        return (Picture("", "", hull.markup(figure, ids)),)
    whole, out = charts.panels(figure), []
    for panel in whole:
        title = panel.title or figure.title
        about = panel.note if len(whole) > 1 and panel.note else figure.caption
        out.append(Picture(panel.title, panel.note, _drawn(panel.spec, title, about, ids)))
    return tuple(out)


def _drawn(spec: charts.Spec, title: str, about: str, ids: Ids) -> str:
    import vl_convert

    return _for_page(vl_convert.vegalite_to_svg(spec), title, about, ids)


def _for_page(raw: str, title: str, about: str, ids: Ids) -> str:
    """Turn the drawn SVG into one that belongs to the page: small, scaling, unique, described.

    It shrinks with the page as far as its letters can be read; a page narrower than that scrolls it.
    """
    root = ElementTree.fromstring(raw)
    tidy(root, ids)
    for attribute in ("version", "xmlns"):
        root.attrib.pop(attribute, None)
    named, described = ids.new("figure-title"), ids.new("figure-about")
    width = float(root.attrib.pop("width"))
    root.attrib.pop("height", None)
    root.attrib.update(
        {
            "class": "chart",
            "role": "img",
            "aria-labelledby": f"{named} {described}",
            "style": f"max-width:{width:.0f}px;min-width:{_LEAST * width:.0f}px",
        }
    )
    for place, name, id_, text in ((0, "title", named, title), (1, "desc", described, about)):
        node = ElementTree.Element(name, {"id": id_})
        node.text = words.clean(text)
        root.insert(place, node)
    return ElementTree.tostring(root, encoding="unicode")

"""A figure becomes an SVG that belongs to the page.

It is static: no script and no fonts of its own, colours as CSS variables so that one drawing serves
light and dark, names unique in the page, a title and a description for people who do not see it.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from plimsoll.core.finding import Figure
from plimsoll.reports import palette, words
from plimsoll.reports.anchors import Ids
from plimsoll.reports.charts import vega_lite

_VARIABLES = {value.lower(): f"var(--{name})" for name, value in reversed(palette.LIGHT.items())}
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
_DROPPED = {"class", "role", "pointer-events", "font-family", "aria-hidden", "focusable"}
_XLINK = "{http://www.w3.org/1999/xlink}"


def svg(figure: Figure, ids: Ids) -> str:
    """Return a figure as inline SVG for a page in which ``ids`` are taken.

    The figure is one that :func:`plimsoll.reports.charts.why_not` lets through.
    """
    import vl_convert

    return _for_page(vl_convert.vegalite_to_svg(vega_lite(figure)), figure, ids)


def _for_page(raw: str, figure: Figure, ids: Ids) -> str:
    """Turn the drawn SVG into one that belongs to the page: small, scaling, unique, described."""
    root = ElementTree.fromstring(raw)
    renamed = {node.attrib["id"]: ids.new("clip") for node in root.iter() if node.attrib.get("id")}
    _tidy(root, renamed)
    for attribute in ("version", "xmlns"):
        root.attrib.pop(attribute, None)
    title, about = ids.new("figure-title"), ids.new("figure-about")
    width = float(root.attrib.pop("width"))
    root.attrib.pop("height", None)
    root.attrib.update(
        {
            "class": "chart",
            "role": "img",
            "aria-labelledby": f"{title} {about}",
            "style": f"max-width:{width:.0f}px",
        }
    )
    for place, name, text in ((0, "title", figure.title), (1, "desc", figure.caption)):
        node = ElementTree.Element(name, {"id": title if name == "title" else about})
        node.text = words.clean(text)
        root.insert(place, node)
    return ElementTree.tostring(root, encoding="unicode")


def _rounded(found: re.Match[str]) -> str:
    text = f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _tidy(node: ElementTree.Element, renamed: dict[str, str]) -> None:
    node.tag = node.tag.rpartition("}")[2]
    kept: dict[str, str] = {}
    for name, value in node.attrib.items():
        if name in _DROPPED or name.startswith(("aria-", _XLINK)) or (name, value) in _DEFAULTS:
            continue
        value = _VARIABLES.get(value.lower(), value)
        if name == "id":
            value = renamed[value]
        elif value.startswith("url(#"):
            value = f"url(#{renamed[value[5:-1]]})"
        elif name != "style":
            value = _LONG_NUMBER.sub(_rounded, value)
        kept[name] = value
    node.attrib.clear()
    node.attrib.update(kept)
    for child in list(node):
        _tidy(child, renamed)
        if _invisible(child):
            node.remove(child)


_DEFAULTS = {("opacity", "1"), ("stroke-width", "1")}


def _invisible(node: ElementTree.Element) -> bool:
    if node.attrib.get("display") == "none":
        return True
    if node.tag == "g":
        return len(node) == 0
    painted = "fill" in node.attrib or "stroke" in node.attrib
    return node.tag == "path" and not painted

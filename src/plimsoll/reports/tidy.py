"""A drawn SVG becomes one that belongs to the page: its colours as variables, its names unique, small.

Nothing that can be seen changes, but for places rounded to a tenth of a pixel: what is not painted
goes, what all children of a group say is said once by the group, and a circle is written as one.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from plimsoll.reports import palette
from plimsoll.reports.anchors import Ids

_VARIABLES = {value.lower(): f"var(--{name})" for name, value in reversed(palette.LIGHT.items())}
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_PLACES = {"d", "transform", "x", "y", "x1", "y1", "x2", "y2", "width", "height", "r", "cx", "cy"}
_DROPPED = {"class", "role", "pointer-events", "font-family", "aria-hidden", "focusable"}
_DEFAULTS = {
    ("opacity", "1"),
    ("stroke-width", "1"),
    ("font-weight", "normal"),
    ("text-anchor", "start"),
    ("transform", "translate(0,0)"),
}
_INHERITED = (
    "fill", "stroke", "stroke-width", "stroke-dasharray", "fill-opacity", "stroke-opacity",
    "font-size", "font-weight", "text-anchor",
)  # fmt: skip
_CIRCLE = re.compile(r"M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0Z?")
_XLINK = "{http://www.w3.org/1999/xlink}"


def tidy(root: ElementTree.Element, ids: Ids) -> None:
    """Change a drawing in place."""
    renamed = {node.attrib["id"]: ids.new("clip") for node in root.iter() if node.attrib.get("id")}
    _clean(root, renamed)
    _gather(root)


def _clean(node: ElementTree.Element, renamed: dict[str, str]) -> None:
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
        elif name in _PLACES:
            value = _LONG_NUMBER.sub(_rounded, value)
        kept[name] = value
    node.attrib.clear()
    node.attrib.update(kept)
    for child in list(node):
        _clean(child, renamed)
        if _invisible(child):
            node.remove(child)
    circle = _CIRCLE.fullmatch(node.attrib.get("d", ""))
    if circle:
        node.tag = "circle"
        del node.attrib["d"]
        node.attrib["r"] = circle[1]


def _rounded(found: re.Match[str]) -> str:
    text = f"{float(found[0]):.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _invisible(node: ElementTree.Element) -> bool:
    if node.attrib.get("display") == "none" or node.attrib.get("opacity") == "0":
        return True
    if node.tag == "g":
        return len(node) == 0
    if node.tag == "text":
        return not "".join(node.itertext()).strip()
    painted = "fill" in node.attrib or "stroke" in node.attrib
    return node.tag == "path" and not painted


def _gather(node: ElementTree.Element) -> None:
    """Lift what all children of a group share to the group; undo groups that say nothing."""
    for child in list(node):
        _gather(child)
    for i, child in reversed(list(enumerate(node))):
        if child.tag == "g" and not child.attrib:
            node[i : i + 1] = list(child)
    if node.tag != "g" or len(node) == 0:
        return
    for name in _INHERITED:
        values = {child.attrib.get(name) for child in node}
        (value, *others) = values
        if not others and value is not None and name not in node.attrib:
            node.attrib[name] = value
            for child in node:
                del child.attrib[name]

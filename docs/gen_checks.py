"""A page for every check, made from its module docstring, and the pages that follow from the cards.

MkDocs runs this as a hook (``hooks`` in mkdocs.yml). A new check needs no change here and none in the
navigation: it is found by ``plimsoll.checks.discover`` like at run time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.checks import discover
from plimsoll.core.check import Card, Check
from plimsoll.core.measure import Measure

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

FOLDER = "reference/checks"
CHECKS, DECISIONS = "Checks", "Decisions"
AREAS = {
    "input": "Input",
    "performance": "Performance",
    "baselines": "Baselines",
    "calibration": "Calibration",
    "power": "Power",
}
# A DOI may hold brackets, colons and semicolons, but does not end in punctuation.
_DOI = re.compile(r"\bdoi:(10\.\d{4,9}/\S+?)(?=[),.;:]*(?:\s|$))")
_STABLE = (  # names that stand for a page, as a DOI does
    (re.compile(r"\barXiv:(\d{4}\.\d{4,5})\b"), "https://arxiv.org/abs/"),
    (re.compile(r"\bjstor:(\d+)\b"), "https://www.jstor.org/stable/"),
)
_URL = re.compile(r"(?<![(<\[])\bhttps?://[^\s)>]+[^\s)>.,;]")
_CODE = re.compile(r"(?<![\w/`#\[-])([A-Z]{3}\d{3})(?![\w`-])")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List checks and decision records in the navigation, under the entries that stand for them."""
    cards = [check.CARD for check in discover()]
    pages = [{f"{card.code} {card.title}": f"{FOLDER}/{card.code}.md"} for card in cards]
    decisions = sorted(Path(config.docs_dir, "decisions").glob("[0-9]*.md"))
    listed: dict[str, list[object]] = {
        CHECKS: [f"{FOLDER}/index.md", *pages],
        DECISIONS: [f"decisions/{place.name}" for place in decisions],
    }
    for entry, members in listed.items():
        if not _fill(config.nav or [], entry, members):
            raise ValueError(f"mkdocs.yml needs a navigation entry named '{entry}'")
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages; nothing is written into the docs folder."""
    from mkdocs.structure.files import File

    for uri, text in pages(discover()).items():
        files.append(File.generated(config, uri, content=text))
    return files


def pages(checks: Iterable[Check]) -> dict[str, str]:
    """Return the text of every generated page by its place in the docs."""
    found = tuple(checks)
    known = {check.CARD.code for check in found}
    out = {f"{FOLDER}/{c.CARD.code}.md": check_page(c, known) for c in found}
    out[f"{FOLDER}/index.md"] = index_page([c.CARD for c in found])
    out["reference/measures.md"] = measures_page([c.CARD for c in found])
    return out


def check_page(check: Check, known: Iterable[str] = ()) -> str:
    """Return the page of one check: its docstring, with links, and the facts of its card."""
    card = check.CARD
    text = (check.__doc__ or "").strip()
    first, _, body = text.partition("\n")
    question = first.removeprefix(card.code).strip() or card.question
    body = link_codes(link_sources(body.strip()), set(known) - {card.code})
    return "\n".join([f"# {card.code} {question}", "", *_facts(card), "", body, "", *_tail(card)])


def link_sources(text: str) -> str:
    """Turn every ``doi:``, ``arXiv:`` and ``jstor:`` and every bare address into a link."""
    text = _URL.sub(lambda m: f"<{m[0]}>", text)
    text = _DOI.sub(lambda m: f"[doi:{_plain(m[1])}](https://doi.org/{_address(m[1])})", text)
    for name, place in _STABLE:
        text = name.sub(lambda m, place=place: f"[{m[0]}]({place}{m[1]})", text)
    return text


def link_codes(text: str, known: set[str]) -> str:
    """Turn the code of another check into a link to its page, outside code blocks."""
    return _CODE.sub(lambda m: f"[{m[1]}]({m[1]}.md)" if m[1] in known else m[1], text)


def index_page(cards: Iterable[Card]) -> str:
    """Return the list of all checks, by area."""
    lines = [
        "# Checks",
        "",
        "Every check asks one question. Its page is the docstring of its module, and "
        "`plimsoll explain CODE` prints the same text. The [measures](../measures.md) that they "
        "report stand on a page of their own.",
        "",
    ]
    by_area: dict[str, list[Card]] = {}
    for card in cards:
        by_area.setdefault(card.area, []).append(card)
    for area, members in by_area.items():
        lines += [f"## {AREAS.get(area, area.capitalize())}", ""]
        lines += ["| code | question | needs | cost | suites |", "|---|---|---|---|---|"]
        lines += [
            f"| [{c.code}]({c.code}.md) | {_cell(c.question)} | {_cell(c.needs)} | "
            f"{_cell(c.cost)} | {', '.join(c.suites)} |"
            for c in members
        ]
        lines.append("")
    return "\n".join(lines)


def measures_page(cards: Iterable[Card]) -> str:
    """Return the list of all measures: the names that a policy and a record use."""
    lines = [
        "# Measures",
        "",
        "A measure has one name everywhere: in the policy, in the record and in every report. In a "
        "policy it may be written alone (`roc_auc`) or with its area (`performance.roc_auc`).",
        "",
        "| name | what it is | area | better | range | check |",
        "|---|---|---|---|---|---|",
    ]
    for card in cards:
        lines += [
            f"| `{m.name}` | {_cell(m.title)} | {card.area} | {_better(m)} | {_range(m)} | "
            f"[{card.code}](checks/{card.code}.md) |"
            for m in card.measures
        ]
    return "\n".join([*lines, ""])


def _facts(card: Card) -> list[str]:
    return [
        "| area | needs | cost | suites |",
        "|---|---|---|---|",
        f"| {card.area} | {_cell(card.needs)} | {_cell(card.cost)} | {', '.join(card.suites)} |",
    ]


def _tail(card: Card) -> list[str]:
    lines: list[str] = []
    if card.measures:
        lines += ["## Measures", "", "| name | what it is | better | range |", "|---|---|---|---|"]
        lines += [
            f"| `{m.name}` | {_cell(m.title)} | {_better(m)} | {_range(m)} |" for m in card.measures
        ]
        lines.append("")
    if card.sources:
        lines += ["## Sources", ""]
        lines += [f"- {link_sources(source)}" for source in card.sources]
        lines.append("")
    return lines


def _better(measure: Measure) -> str:
    if measure.better == "target":
        return "closer to its aim" if measure.aim is None else f"closer to {measure.aim:g}"
    return {"neither": "neither"}.get(measure.better, measure.better)


def _range(measure: Measure) -> str:
    if measure.low is None and measure.high is None:
        return "any number"
    if measure.high is None:
        return f"{measure.low:g} and up"
    if measure.low is None:
        return f"up to {measure.high:g}"
    return f"{measure.low:g} to {measure.high:g}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _plain(doi: str) -> str:
    return re.sub(r"([\[\]_*])", r"\\\1", doi).replace("<", "&lt;").replace(">", "&gt;")


def _address(doi: str) -> str:
    from urllib.parse import quote

    return quote(doi, safe="/:;.-_")


def _fill(nav: list[object], name: str, members: list[object]) -> bool:
    for entry in nav:
        if isinstance(entry, dict):
            if name in entry:
                entry[name] = members
                return True
            if any(
                isinstance(part, list) and _fill(part, name, members) for part in entry.values()
            ):
                return True
    return False

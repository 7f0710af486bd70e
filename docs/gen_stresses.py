"""A page of every kind of stress and of every relation, made from the catalogue itself.

MkDocs runs this as a hook (``hooks`` in mkdocs.yml). A new family needs no change here: its description is
the docstring of its function, and unit and life are those of the stresses that it makes of a small table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

import polars as pl
from gen_checks import link_sources

from plimsoll.core.stress import SHARE, Stress
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.probes.relations import relation_families
from plimsoll.probes.stress import families
from plimsoll.probes.stress.family import Family
from plimsoll.probes.stress.learnt import Learnt, learn

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

PLACE = "reference/stresses.md"
ROWS = 400
SIDE = 4
PIXELS = tuple(f"pixel_{i}" for i in range(SIDE * SIDE))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page; nothing is written into the docs folder."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, PLACE, content=page()))
    return files


def page() -> str:
    """Return the page of all kinds of stress and of all relations."""
    lines = [
        "# Stresses and relations",
        "",
        "What a model is put under by `plimsoll stress`. Every kind that fits the columns is made once for "
        "each of them. A name is the kind, the column and, where there are several, the variant: `missing`, "
        "`missing:income`, `unit:income:x1000`. `--kinds` and contexts take such a name, or its beginning "
        "for all that begin so; a limit takes a kind or a whole name. The guide is "
        "[Find out how much it carries](../how-to/load-lines.md); stresses and relations of "
        "[your own](../how-to/own-stress.md) stand beside these.",
        "",
        "`plimsoll stress` runs the kinds of the suite *stress*; `--suite full`, or naming a kind with "
        "`--kinds`, runs the others, too. A severity is a *share of rows* that one fixed fault hits, or a "
        "*magnitude* by which every row is changed. Where unit or greatest severity follow from the data, "
        "those of a small example stand here.",
        "",
        "| kind | title | severity | at most | suite |",
        "|---|---|---|---|---|",
        *(_row(family) for family in families()),
        "",
        *_sections(families()),
        "## Relations",
        "",
        "What must hold between the answers for a row and for a changed row, whatever the right answer is. "
        "[STR008](checks/STR008.md) asks them, without labels.",
        "",
        "| kind | the row with |",
        "|---|---|",
        *(f"| [`{f.kind}`](#relation-{f.kind}) | {_cell(f.title)} |" for f in relation_families()),
        "",
        *(
            line
            for f in relation_families()
            for line in (f"### `{f.kind}` {{ #relation-{f.kind} }}", "", _prose(f.about), "")
        ),
    ]
    return "\n".join(lines)


def _row(family: Family) -> str:
    made = example(family.kind)
    suite = "control" if family.control else "stress, full" if family.standard else "full"
    units = dict.fromkeys(stress.unit for stress in made)
    tops = dict.fromkeys(_most(stress) for stress in made)
    cells = (
        f"[`{family.kind}`](#{family.kind})",
        family.title,
        " or ".join(units) or "as the columns have it",
        " or ".join(tops) or "",
        suite,
    )
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _most(stress: Stress) -> str:
    """Write the greatest severity, where it does not follow from the data."""
    return "every row" if stress.unit == SHARE and stress.top == 1.0 else f"{stress.top:.3g}"


def _sections(found: Iterable[Family]) -> Iterator[str]:
    for family in found:
        yield from (f"### `{family.kind}` {{ #{family.kind} }}", "", _prose(family.about), "")
        lives = list(dict.fromkeys(stress.life for stress in example(family.kind)))
        if lives:
            yield from (f"In life: {lives[0]}", "")
        variants = list(dict.fromkeys(s.variant for s in example(family.kind) if s.variant))
        if 1 < len(variants) <= 12 and not any("/" in v for v in variants):
            yield from (f"Variants, as far as a column has them: {_listed(variants)}.", "")


def example(kind: str) -> list[Stress]:
    """Return the stresses of a kind that the small table takes."""
    family = next(f for f in families() if f.kind == kind)
    return list(family.make(_learnt()))


@cache
def _learnt() -> Learnt:
    frame = _table()
    features = tuple(c for c in frame.columns if c not in ("outcome",))
    roles = Roles(target="outcome", time="moment", group="site", features=features)
    subject = Subject("example", Task.BINARY, roles, ("0", "1"))
    return learn(frame, subject, image=(PIXELS, (SIDE, SIDE)))


def _table() -> pl.DataFrame:
    """Return a small table with a column of every kind that stresses know."""
    n = range(ROWS)
    start = dt.datetime(2024, 1, 1)
    words = (
        "the café is not far",
        "Mary paid 12.50 for it",
        "they don't like the big one",
        "a good day",
    )
    columns: Mapping[str, object] = {
        "income": [float(1000 + (i * 7919) % 997 * 10 + i % 7) for i in n],
        "room_temp": [15.0 + (i * 31) % 113 / 10 for i in n],
        "share": [((i * 53) % 101) / 100 for i in n],
        "children": [i % 5 for i in n],
        "city": [
            ("Oslo", "Bergen", "Trondheim", "Paris ")[(i * i) % 4 if i % 3 else i % 4] for i in n
        ],
        "note": [f"{words[i % 4]}, number {i}" for i in n],
        "paid": [i % 3 == 0 for i in n],
        "day": [(start + dt.timedelta(days=i)).date() for i in n],
        "moment": [start + dt.timedelta(hours=7 * i) for i in n],
        "site": [f"s{i % 4}" for i in n],
        "outcome": [(i * 7) % 2 for i in n],
    }
    image = {name: [(i * (p + 3)) % 17 for i in n] for p, name in enumerate(PIXELS)}
    return pl.DataFrame({**columns, **image})


def _prose(text: str) -> str:
    """Return a docstring as paragraphs of Markdown, with links to its sources."""
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip())]
    return link_sources("\n\n".join(part.replace("``", "`") for part in parts))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

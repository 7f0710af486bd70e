"""Every check, command, setting, measure and error has its entry in the reference."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest
from page_runner import ROOT

from plimsoll.checks import discover
from plimsoll.core import errors
from plimsoll.core.settings import Settings
from plimsoll.probes.relations import relation_families
from plimsoll.probes.relations.family import RelationFamily
from plimsoll.probes.stress import families
from plimsoll.probes.stress.family import Family


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


gen_checks, gen_reference = load("gen_checks"), load("gen_reference")
gen_stresses = load("gen_stresses")  # takes from gen_checks
CHECKS = discover()
SECTIONS = ("## What it measures", "## Why it matters", "## How", "## When it cannot tell")


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.CARD.code)
def test_a_check_s_page_is_its_docstring(check: ModuleType) -> None:
    page = gen_checks.check_page(check)
    code, doc = check.CARD.code, check.__doc__ or ""
    assert page.startswith(f"# {code} {check.CARD.question}")
    for section in (*SECTIONS, "## What to do"):
        assert section in doc, f"{code} lacks the section {section}"
        assert section in page
    for measure in check.CARD.measures:
        assert f"`{measure.name}`" in page
    words = [w for w in doc.split() if w.isalpha() and not w.isupper()]
    missing = [w for w in words if w not in page]
    assert missing == []


def test_the_lists_name_every_check_and_measure() -> None:
    pages = gen_checks.pages(CHECKS)
    for check in CHECKS:
        card = check.CARD
        assert f"[{card.code}]({card.code}.md)" in pages["reference/checks/index.md"]
        assert f"reference/checks/{card.code}.md" in pages
        for measure in card.measures:
            assert f"| `{measure.name}` |" in pages["reference/measures.md"]


def test_a_new_check_needs_no_docs_edit() -> None:
    class Fresh:
        """ZZZ001  Is it new?

        ## What it measures
        Newness; see PRF001 and doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.
        """

        CARD = gen_checks.Card("ZZZ001", "New", "Is it new?", "novelty", "nothing")

    pages = gen_checks.pages([*CHECKS, Fresh])
    page = pages["reference/checks/ZZZ001.md"]
    assert "[PRF001](PRF001.md)" in page
    assert "(https://doi.org/10.1002/%28SICI%291097-0258%2819980430%2917:8%3C857::AID-" in page
    assert "## Novelty" in pages["reference/checks/index.md"]


def test_every_kind_of_source_is_a_link() -> None:
    text = "See doi:10.1002/sim.3095, arXiv:1610.06545; jstor:4615733 and https://example.org/a."
    linked = gen_checks.link_sources(text)
    assert "[doi:10.1002/sim.3095](https://doi.org/10.1002/sim.3095)," in linked
    assert "[arXiv:1610.06545](https://arxiv.org/abs/1610.06545);" in linked
    assert "[jstor:4615733](https://www.jstor.org/stable/4615733)" in linked
    assert "<https://example.org/a>." in linked


@pytest.mark.parametrize("family", families(), ids=lambda f: f.kind)
def test_every_kind_of_stress_has_its_entry(family: Family) -> None:
    page = gen_stresses.page()
    (row,) = [line for line in page.splitlines() if line.startswith(f"| [`{family.kind}`]")]
    _, _, title, unit, most, suite, _ = (cell.strip() for cell in row.split("|"))
    assert title == family.title
    assert unit in {s.unit for s in gen_stresses.example(family.kind)} or " or " in unit
    assert most
    assert suite in ("control", "full", "stress, full")
    assert (suite == "full") == (not family.standard)
    words = [w for w in family.about.split() if w.isalpha()]
    section = page.split(f"{{ #{family.kind} }}")[1].split("\n### ")[0]
    assert [w for w in words if w not in section] == []


@pytest.mark.parametrize("family", relation_families(), ids=lambda f: f.kind)
def test_every_relation_has_its_entry(family: RelationFamily) -> None:
    page = gen_stresses.page()
    assert f"| [`{family.kind}`](#relation-{family.kind}) | {family.title} |" in page
    assert f"{{ #relation-{family.kind} }}" in page


@pytest.mark.parametrize("key", gen_reference.setting_keys())
def test_every_setting_has_its_entry(key: str) -> None:
    section, _, name = key.partition(".")
    assert f'<a id="{section}-{name}"></a>`{name}`' in gen_reference.settings_page()


def test_every_table_of_the_settings_has_its_heading() -> None:
    page = gen_reference.settings_page()
    for section in Settings.model_fields:
        assert f"## [{section}]" in page


def test_every_setting_has_a_flag() -> None:
    page = gen_reference.settings_page()
    without = [
        line
        for line in page.splitlines()
        if line.startswith("| <a id") and "| none | none |" in line
    ]
    assert without == []


@pytest.mark.parametrize("kind", gen_reference.error_classes(), ids=lambda k: k.__name__)
def test_every_error_has_its_heading(kind: type[errors.PlimsollError]) -> None:
    page = gen_reference.errors_page()
    assert f"\n## {kind.__name__}\n" in page
    assert f"Exit code {kind.exit_code}." in page.split(f"## {kind.__name__}\n")[1]


def test_every_error_is_in_the_tree() -> None:
    tree = gen_reference.errors_page().split("```text")[1].split("```")[0]
    for kind in gen_reference.error_classes():
        assert kind.__name__ in tree


def test_the_command_line_page_says_what_help_says(capsys: pytest.CaptureFixture[str]) -> None:
    from plimsoll.cli.app import run

    page = gen_reference.command_line_page()
    assert run(["--help"]) == 0
    listed = capsys.readouterr().out
    for name, command in gen_reference.commands().items():
        assert name in listed
        assert f"## plimsoll {name}\n" in page
        assert run([name, "--help"]) == 0
        said = capsys.readouterr().out
        part = page.split(f"## plimsoll {name}\n")[1].split("\n## ")[0]
        for option in gen_reference.options(command):
            for opt in option.opts:
                assert opt in said
                assert f"`{opt}`" in part


def test_every_field_of_a_record_is_listed() -> None:
    page = gen_reference.record_page()
    schema = gen_reference.record_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    for part in parts:
        for name in part.get("properties", {}):
            assert f"| `{name}` |" in page


def test_the_exit_codes_page_names_them_all() -> None:
    from plimsoll.core.record import Verdict

    page = (ROOT / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    codes = {v.exit_code for v in Verdict} | {k.exit_code for k in gen_reference.error_classes()}
    for code in codes:
        assert f"\n| {code} |" in page


def test_the_python_page_has_every_name_of_the_package() -> None:
    import plimsoll

    page = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    linked = {"Settings"}  # has a page of its own
    for name in set(plimsoll.__all__) - linked:
        assert f"\n::: plimsoll.api.{name}\n" in page, name

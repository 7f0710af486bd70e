"""A stored record renders again; the checks are listed and explained; the schemas hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def record(shell, scored) -> str:
    scored.write_parquet("d.parquet")
    words = ("--target", "y", "--score", "p", "--id", "id", "--quiet")
    assert shell("check", "--data", "d.parquet", *words, "--json", "r.json").code == 0
    Path("d.parquet").unlink()
    return "r.json"


def test_a_record_renders_again_to_every_format(shell, record):
    said = shell("report", record, "--html", "r.html", "--markdown", "r.md", "--junit", "r.xml",
                 "--sarif", "r.sarif", "--json", "again.json")  # fmt: skip
    assert said.code == 0
    assert said.out == ""
    assert json.loads(Path("again.json").read_text()) == json.loads(Path(record).read_text())
    for name in ("r.html", "r.md", "r.xml", "r.sarif"):
        assert Path(name).stat().st_size > 200


def test_without_a_format_it_shows_itself(shell, record):
    said = shell("report", record)
    assert said.code == 0
    assert "Pass" in said.out
    assert "Pass" in shell("report", record, "--html", "r.html", "--terminal").out
    both = shell("report", record, "--markdown", "-", "--terminal")
    assert "Pass" in both.err
    assert both.out != both.err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "Did you mean 'r.json'?"),
        ("{", "JSON"),
        ("{}", "'schema'"),
        ('{"schema": "plimsoll.record/99"}', "99"),
    ],
)
def test_what_is_no_record(shell, record, text, sentence):
    place = Path("rr.json")
    if text is not None:
        place.write_text(text)
    said = shell("report", place, "--html", "r.html")
    assert said.code == 2
    assert sentence in said.complaint
    assert not Path("r.html").exists()


def test_every_check_is_listed_and_explained(shell):
    from plimsoll import cards

    listed = json.loads(shell("list", "--json").out)
    codes = [card.code for card in cards()]
    assert [entry["code"] for entry in listed] == codes
    table = shell("list").out
    for code in codes:
        assert code in table
    page = shell("explain", codes[0].lower()).out
    assert page.startswith(codes[0])
    assert "## When it cannot tell" in page


def test_an_unknown_check(shell):
    said = shell("explain", "CAL01")
    assert said.code == 2
    assert "Did you mean 'CAL001'?" in said.complaint


def test_the_schema_of_the_record_holds_for_a_record(shell, record):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(shell("schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(Path(record).read_text()), schema)


def test_the_schema_of_the_settings_names_every_table(shell):
    schema = json.loads(shell("schema", "--settings").out)
    tables = {"subject", "data", "columns", "run", "report", "policy"}
    assert tables <= set(schema["properties"])

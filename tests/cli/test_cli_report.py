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


def test_a_picture_of_load_lines_needs_some_and_costs_no_other_report(shell, record):
    said = shell("report", record, "--svg", "r.svg", "--markdown", "r.md")
    assert said.code == 2
    assert "no check of this record measured any" in said.err
    assert Path("r.md").stat().st_size > 200
    assert not Path("r.svg").exists()
    stored = json.loads(Path(record).read_text())
    lane = {"label": ["missing income"], "kind": ["missing"], "unit": ["share of rows"], "top": [1.0],
            "state": ["crosses"], "value": [0.2], "low": [0.1], "high": [0.3]}  # fmt: skip
    stored["checks"][0]["figures"] = [
        {"kind": "load_lines", "title": "Load lines", "caption": "", "series": {"lines": lane},
         "about": {"metric": "roc_auc", "limit": 0.7, "clean": 0.9, "clean_low": 0.8,
                   "clean_high": 0.95}}
    ]  # fmt: skip
    Path("with.json").write_text(json.dumps(stored))
    said = shell("report", "with.json", "--svg", "r.svg")
    assert (said.code, said.out) == (0, "")
    assert Path("r.svg").read_text().startswith("<svg xmlns=")


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

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import report_worlds as worlds
from lxml import etree

from plimsoll.core.finding import Status
from plimsoll.reports.junit import render_junit

SCHEMA = etree.XMLSchema(file=str(Path(__file__).parent / "schemas" / "junit-strict.xsd"))


def parse(text: str):
    return etree.fromstring(text.encode())


@pytest.mark.parametrize("name", worlds.WORLDS)
def test_every_world_is_valid(name: str) -> None:
    root = parse(render_junit(worlds.WORLDS[name]()))
    assert SCHEMA.validate(root), SCHEMA.error_log
    (suite,) = root
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(attribute)) == len(suite.findall(f"testcase/{tag}"))
    assert int(suite.get("tests")) == len(suite.findall("testcase"))


def test_the_schema_refuses_what_build_servers_refuse() -> None:
    good = render_junit(worlds.failing())
    for old, new in (
        (' type="fail"', ""),
        ('time="0.310"', 'time="fast"'),
        ("<system-err />", ""),
        ('timestamp="2026-11-23T03:00:00"', 'timestamp="2026-11-23T03:00:00Z"'),
    ):
        assert old in good
        assert not SCHEMA.validate(parse(good.replace(old, new)))


def outcome(record) -> dict[str, str]:
    found = {}
    for case in parse(render_junit(record)).iter("testcase"):
        found[case.get("name")] = (
            case[0].tag + ":" + case[0].get("type", "") if len(case) else "pass"
        )
    return found


def test_a_case_for_every_limit_and_check() -> None:
    assert outcome(worlds.failing()) == {
        "roc_auc.min": "pass",
        "recall.min": "failure:fail",
        "precision.min": "failure:unsure",
        "baseline.roc_auc.non_inferior_to (metric roc_auc, model boosted)": "pass",
        "INP001 Rows and roles": "pass",
        "PRF001 Performance": "pass",
        "BAS001 Against simpler models": "pass",
        "CAL001 Calibration": "pass",
        "CAL004 Interval coverage": "skipped:",
        "PWR001 Resolving power": "pass",
    }
    assert outcome(worlds.broken())["CAL001 Calibration"] == "error:error"
    assert outcome(worlds.constant())["BAS001 Against a constant"] == "failure:fail"


def test_what_only_informs_is_said_but_does_not_turn_the_build_red() -> None:
    root = parse(render_junit(worlds.passing()))
    assert root[0].get("failures") == "0"
    assert "BAS001 informs, Unsure:" in root.findtext(".//system-out")


@pytest.mark.parametrize(("word", "expected"), [("pass", "pass"), ("fail", "failure:unsure")])
def test_the_settings_say_what_unsure_counts_as(word: str, expected: str) -> None:
    record = replace(worlds.unsure(), settings={"run": {"unsure": word}})
    assert outcome(record)["recall.min"] == expected


def test_numbers_stand_in_the_properties_with_interval_and_method() -> None:
    root = parse(render_junit(worlds.passing()))
    values = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert values["PRF001.roc_auc"] == "0.9271 [0.923, 0.9312] level=0.95 n=16281 DeLong"
    assert values["verdict"] == "pass"


def test_lines_of_one_limit_have_names_of_their_own() -> None:
    names = [case.get("name") for case in parse(render_junit(worlds.crowded())).iter("testcase")]
    assert len(set(names)) == len(names)


def test_reasons_are_messages() -> None:
    root = parse(render_junit(worlds.passing()))
    assert root.find(".//skipped").get("message") == "No interval columns were named"
    line = replace(worlds.unmeasured().gate[0], status=Status.SKIPPED)
    root = parse(render_junit(replace(worlds.unmeasured(), gate=(line,))))
    assert root.find(".//skipped").get("message") == "no check of this version measures it"

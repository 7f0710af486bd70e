from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import report_worlds as worlds
from jsonschema import Draft202012Validator, FormatChecker

from plimsoll.core.record import DataFacts, ModelFacts
from plimsoll.reports.sarif import render_sarif

SCHEMA = json.loads(
    (Path(__file__).parent / "schemas" / "sarif-2.1.0-part.json").read_text("utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def run(record) -> dict:
    return json.loads(render_sarif(record))["runs"][0]


@pytest.mark.parametrize("name", worlds.WORLDS)
def test_every_world_is_valid_and_every_result_has_its_rule(name: str) -> None:
    log = json.loads(render_sarif(worlds.WORLDS[name]()))
    assert list(VALIDATOR.iter_errors(log)) == []
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in log["runs"][0]["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_the_schema_refuses_what_the_standard_refuses() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    log = json.loads(render_sarif(worlds.failing()))
    result = log["runs"][0]["results"][0]
    for change in ({"level": "error"}, {"kind": "maybe"}, {"colour": "red"}, {"message": {}}):
        broken = {**log, "runs": [{**log["runs"][0], "results": [{**result, **change}]}]}
        assert not VALIDATOR.is_valid(broken)


def test_levels_follow_status_and_whether_it_decides() -> None:
    found = {
        (r["ruleId"], r["properties"]["status"]): (r["kind"], r["level"])
        for r in run(worlds.failing())["results"]
    }
    assert found[("limit/roc_auc.min", "PASS")] == ("pass", "none")
    assert found[("limit/recall.min", "FAIL")] == ("fail", "error")
    assert found[("limit/precision.min", "UNSURE")] == ("fail", "warning")
    assert found[("CAL001", "FAIL")] == ("fail", "warning")
    assert found[("BAS001", "UNSURE")] == ("fail", "note")
    assert run(worlds.constant())["results"][0]["level"] == "error"


def test_a_broken_check_is_a_notification() -> None:
    invocation = run(worlds.broken())["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 4
    (note,) = invocation["toolExecutionNotifications"]
    assert note["descriptor"] == {"id": "CAL001"}


def test_fingerprints_outlive_new_numbers_and_tell_results_apart() -> None:
    before, after = worlds.failing(), worlds.failing()
    moved = replace(
        after.gate[1], estimate=worlds.est("recall", 0.511, 0.02), meaning="Other words."
    )
    after = replace(
        after, gate=(after.gate[0], moved, *after.gate[2:]), created="2027-01-01T00:00:00Z"
    )
    prints = [
        [r["partialFingerprints"]["plimsoll/v1"] for r in run(record)["results"]]
        for record in (before, after, worlds.crowded())
    ]
    assert prints[0] == prints[1]
    assert len(set(prints[2])) == len(prints[2])


def test_rules_come_from_the_cards() -> None:
    rules = {rule["id"]: rule for rule in run(worlds.passing())["tool"]["driver"]["rules"]}
    assert rules["PRF001"]["shortDescription"]["text"] == "How good are the answers?"
    assert rules["PRF001"]["properties"]["tags"] == ["perf.metric_ci"]
    assert rules["PRF001"]["helpUri"].startswith("https://")
    assert "helpUri" not in rules["INP001"]
    assert rules["limit/roc_auc.min"]["shortDescription"]["text"] == "ROC AUC at least 0.75."


@pytest.mark.parametrize(
    ("model", "data", "uri"),
    [
        ("model.onnx", "data/test.parquet", "model.onnx"),
        ("/home/someone/model.onnx", "data/a b.csv", "data/a%20b.csv"),
        ("shop.models:best", "C:\\data\\x.csv", "plimsoll.toml"),
        ("", "postgresql://db/x", "plimsoll.toml"),
    ],
)
def test_a_location_is_a_path_of_the_project_and_never_of_a_machine(model, data, uri) -> None:
    subject = worlds.subject(
        model=ModelFacts("onnx", None, None, model), data=DataFacts(5, None, 2, data)
    )
    location = run(replace(worlds.failing(), subject=subject))["results"][0]["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == uri
    assert location["logicalLocations"][0]["fullyQualifiedName"].startswith("credit-risk")

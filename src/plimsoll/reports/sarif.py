"""The record as SARIF 2.1.0, for tools that collect findings.

Source: OASIS Static Analysis Results Interchange Format 2.1.0,
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. A limit that is met is a result of
kind ``pass``; what does not apply is ``notApplicable``. UNSURE is a warning, because readers drop
the kind ``open`` that the standard has for it; its status stands in the properties.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any
from urllib.parse import quote

from plimsoll.core.estimate import EVERYWHERE, Estimate, Where
from plimsoll.core.finding import Status
from plimsoll.core.record import CheckEntry, FindingEntry, GateLine, Record, Verdict
from plimsoll.reports import whereabouts, words
from plimsoll.reports.answer import headline

SCHEMA_URI = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Status.FAIL: "error", Status.ERROR: "error", Status.UNSURE: "warning"}
_KINDS = {
    Status.PASS: "pass",
    Status.NOT_APPLICABLE: "notApplicable",
    Status.SKIPPED: "notApplicable",
}

Node = dict[str, Any]


def render_sarif(record: Record) -> str:
    """Return the record as one SARIF log with one run."""
    log = {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [_run(record)]}
    return json.dumps(log, allow_nan=False, indent=2, ensure_ascii=False) + "\n"


def _run(record: Record) -> Node:
    rules = _rules(record)
    index = {rule["id"]: i for i, rule in enumerate(rules)}
    results = [_of_line(line, index, record) for line in record.gate]
    for check in record.checks:
        results += [_of_finding(check, finding, index, record) for finding in check.findings]
    driver = {"name": "Plimsoll", "semanticVersion": record.plimsoll, "rules": rules}
    subject = record.subject
    return {
        "tool": {"driver": driver},
        "invocations": [_invocation(record)],
        "results": results,
        "properties": {
            "verdict": record.verdict.value,
            "headline": headline(record),
            "subject": words.clean(subject.name),
            "task": words.clean(subject.task),
            "rows": record.scan.rows_used or record.scan.rows,
        },
    }


def _rules(record: Record) -> list[Node]:
    """Return a rule for every check, from its card, and one for every limit."""
    rules: dict[str, Node] = {}
    for check in record.checks:
        card = check.card
        rules.setdefault(check.code, _check_rule(check))
        rules[check.code]["properties"] = {
            "tags": list(dict.fromkeys(map(words.clean, card.evidence)))
        }
    for line in record.gate:
        name = words.measure_for(record, words.measure_of(line)).title
        text = words.sentence(f"{name} {words.limit_ask(line.limit, line.bound)}")
        rules.setdefault(
            _limit_rule(line), {"id": _limit_rule(line), "shortDescription": {"text": text}}
        )
    return list(rules.values())


def _check_rule(check: CheckEntry) -> Node:
    card = check.card
    rule: Node = {
        "id": check.code,
        "name": words.clean(card.title) or check.code,
        "shortDescription": {"text": words.clean(card.question or card.title) or check.code},
        "help": {"text": f"It needs {words.clean(card.needs)}; it costs {words.clean(card.cost)}."},
    }
    links = [s for s in card.sources if re.fullmatch(r"https?://[!-;=?-_a-z~]+", s)]
    if links:
        rule["helpUri"] = links[0]
    return rule


def _limit_rule(line: GateLine) -> str:
    return f"limit/{words.clean(line.limit)}"


def _invocation(record: Record) -> Node:
    broken = [check for check in record.checks if check.status is Status.ERROR]
    notes = [
        {
            "level": "error",
            "descriptor": {"id": check.code},
            "message": {"text": words.sentence(check.reason or "The check broke")},
        }
        for check in broken
    ]
    return {
        "executionSuccessful": record.verdict is not Verdict.ERROR,
        "exitCode": record.verdict.exit_code,
        "endTimeUtc": record.created,
        "toolExecutionNotifications": notes,
    }


def _of_line(line: GateLine, index: dict[str, int], record: Record) -> Node:
    rule = _limit_rule(line)
    text = words.line_alone(line) or words.clean(line.limit)
    where = EVERYWHERE
    properties: Node = {"bound": line.bound}
    if line.estimate is not None:
        where = line.estimate.where
        text += f" Measured {words.value_text(line.estimate)}, likely {words.range_text(line.estimate)}."
        properties["estimates"] = [_estimate(line.estimate)]
    if line.rows_needed:
        properties["rowsNeeded"] = line.rows_needed
    return _result(
        rule, index, line.status, text, where, whereabouts.line_name(line), properties, record
    )


def _of_finding(
    check: CheckEntry, finding: FindingEntry, index: dict[str, int], record: Record
) -> Node:
    text = " ".join(map(words.sentence, (finding.title, finding.meaning, finding.action)))
    measured = [_estimate(check.estimates[i]) for i in finding.estimates]
    properties: Node = {"critical": finding.critical, "estimates": measured}
    key = f"{check.code} {words.clean(finding.title)}"
    return _result(
        check.code, index, finding.status, text, finding.where, key, properties, record,
        informs=not finding.critical,
    )  # fmt: skip


def _result(
    rule: str, index: dict[str, int], status: Status, text: str, where: Where, key: str,
    properties: Node, record: Record, *, informs: bool = False,
) -> Node:  # fmt: skip
    result: Node = {
        "ruleId": rule,
        "ruleIndex": index[rule],
        "message": {"text": words.clean(text) or "No text."},
        "locations": [_location(record, where)],
        "partialFingerprints": {"plimsoll/v1": _fingerprint(rule, key, where)},
        "properties": {"status": status.value, **properties},
    }
    if status in _KINDS:
        return {**result, "kind": _KINDS[status], "level": "none"}
    # What informs is never louder than a warning: it did not decide the verdict.
    level = _LEVELS[status]
    lower = {"error": "warning", "warning": "note"}
    return {**result, "kind": "fail", "level": lower[level] if informs else level}


def _location(record: Record, where: Where) -> Node:
    name = words.clean(record.subject.name) or "model"
    inner = whereabouts.where_text(where)
    logical = {"name": inner or name, "kind": "module"}
    logical["fullyQualifiedName"] = f"{name}/{inner}" if inner else name
    physical = {"artifactLocation": {"uri": _uri(record)}, "region": {"startLine": 1}}
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def _uri(record: Record) -> str:
    """Return the file to point at: the model or the data if it is a path of the project."""
    for origin in (record.subject.model.origin, record.subject.data.origin):
        path = words.clean(origin).replace("\\", "/")
        if path and "://" not in path and ":" not in path and not path.startswith(("/", "..", "~")):
            return quote(path)
    return "plimsoll.toml"


def _estimate(estimate: Estimate) -> Node:
    return {
        "name": whereabouts.estimate_name(estimate),
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "level": estimate.level,
        "n": estimate.n,
        "method": words.clean(estimate.method),
    }


def _fingerprint(rule: str, key: str, where: Where) -> str:
    """Return what stays the same as long as a finding is the same: no number goes into it."""
    parts = [rule, key, json.dumps(where.to_json(), sort_keys=True, default=str)]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]

"""Files are written whole or not at all; a record comes back as it was."""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.core.check import Card
from plimsoll.core.errors import OutputError, RecordError
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Status, Table
from plimsoll.core.measure import Measure
from plimsoll.core.record import (
    SCHEMA,
    CheckEntry,
    DataFacts,
    FindingEntry,
    GateLine,
    ModelFacts,
    Record,
    ScanFacts,
    SubjectFacts,
    Verdict,
)
from plimsoll.records.reading import record_from_json
from plimsoll.records.schema import record_schema
from plimsoll.records.store import check_writable, load_record, save_record, write_atomically

EVERY_WHERE = Where(
    slice=(("sex", "Female"), ("age", "[30, 40)")),
    column="income",
    label="Poor",
    metric="roc_auc",
    model="champion",
    stress="missing",
    severity=0.1,
    variant="macro",
    window=("2026-01-01", "2026-02-01"),
)


def a_record(value: float = 0.1 + 0.2) -> Record:
    """Return a record with every kind of field in use."""
    estimate = Estimate("roc_auc", value, value - 0.05, value + 0.05, 0.95, 16281, "DeLong")
    sliced = Estimate("recall", 0.5, 0.25, 0.75, 0.95, 20, "Wilson", "%", EVERY_WHERE)
    card = Card(
        "PRF001",
        "Decisions",
        "How often is it right?",
        "performance",
        "labels",
        measures=(
            Measure("recall", "Recall", aim=1.0, low=None, plain="{value}"),
            Measure("x", "X"),
        ),
        evidence=("perf",),
        sources=("doi:10.1214/ss/1009213286",),
        last=True,
    )
    check = CheckEntry(
        "PRF001",
        "Decisions",
        Status.UNSURE,
        None,
        0.125,
        card,
        (estimate, sliced),
        (
            FindingEntry(Status.FAIL, "t", "m", "a", EVERY_WHERE, (0, 1), True),
            FindingEntry(Status.PASS, "t", "m", "a"),
        ),
        (Figure("line", "ROC", "c", {"curve": {"x": [0.0, 1.0], "y": [0.0, 1]}}, {"axis": "x"}),),
        (Table("counts", ("a", "b"), (("Zürich", 1), (None, 2.5)), "c"),),
    )
    broken = CheckEntry("INP001", "Roles", Status.ERROR, "it broke", 0.0, card)
    reference = DataFacts(32561, None, 15, "train.parquet")
    return Record(
        schema=SCHEMA,
        plimsoll="0.1.0",
        created="2026-11-23T03:00:00Z",
        verdict=Verdict.UNSURE,
        subject=SubjectFacts(
            "credit",
            "binary",
            ModelFacts("ONNX", "ab" * 32, "probability", "m.onnx"),
            DataFacts(16281, "cd" * 32, 15, "test.csv"),
            reference,
            ("no", "yes"),
            "yes",
            0.5,
            "score >= 0.5",
            "probability",
            {"target": "y", "features": ["a", "b"]},
            ("Task: binary.",),
        ),
        settings={"seed": 0, "confidence": 0.95, "policy": {"roc_auc": {"min": 0.75}}},
        checks=(check, broken),
        gate=(
            GateLine("roc_auc.min", 0.75, Status.PASS, estimate, "good"),
            GateLine("recall.min", 0.6, Status.UNSURE, sliced, "m", None, 400, 0.3),
            GateLine("x.max", 1.0, Status.ERROR, None, "m", "no estimate"),
        ),
        scan=ScanFacts(
            16281, 15, 1, 0.4, 123456789, "local", 4, 16000, {"label missing": 281}, 0.5, ("n",)
        ),
        summary={"joint_power": "one sentence", "suggested_limits": ["a"]},
    )


def test_a_record_comes_back_exactly(tmp_path: Path) -> None:
    record = a_record()
    save_record(record, tmp_path / "r.json")
    back = load_record(tmp_path / "r.json")
    assert back == record
    assert type(back.verdict) is Verdict
    assert type(back.checks[0].status) is Status
    assert back.to_json() == record.to_json()


@settings(max_examples=100, deadline=None)
@given(st.floats(-1e300, 1e300))
def test_floats_come_back_to_the_last_bit(value: float) -> None:
    record = a_record(value)
    back = record_from_json(json.loads(json.dumps(record.to_json(), allow_nan=False)))
    assert back == record


def test_nan_is_never_written(tmp_path: Path) -> None:
    record = replace(a_record(), settings={"x": float("nan")})
    with pytest.raises(ValueError, match="Out of range"):
        save_record(record, tmp_path / "r.json")
    assert list(tmp_path.iterdir()) == []


def test_additions_are_tolerated() -> None:
    data = a_record().to_json()
    data["new"] = {"a": 1}
    data["checks"][0]["new"] = 1
    data["checks"][0]["estimates"][1]["where"]["new"] = "x"
    data["scan"]["new"] = None
    assert record_from_json(data) == a_record()


def test_what_the_schema_leaves_open_may_be_missing() -> None:
    full = a_record().to_json()

    def bare(data: Any, schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            schema = record_schema()["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        if "anyOf" in schema and data is not None:
            return bare(data, schema["anyOf"][0])
        if isinstance(data, list):
            return [bare(item, schema.get("items", {})) for item in data]
        if isinstance(data, dict) and "required" in schema:
            return {k: bare(data[k], schema["properties"][k]) for k in schema["required"]}
        return data

    back = record_from_json(bare(full, record_schema()))
    assert back.verdict is Verdict.UNSURE
    assert back.checks[0].card == Card("PRF001", "Decisions", "", "", "")
    assert back.checks[0].estimates == a_record().checks[0].estimates
    assert back.gate[0].meaning == ""


def broken(path: list[Any], value: Any) -> dict[str, Any]:
    data = a_record().to_json()
    place: Any = data
    for key in path[:-1]:
        place = place[key]
    if value is KeyError:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (["schema"], KeyError, "no key 'schema'"),
        (["schema"], "plimsoll.record/2", "is of version 2"),
        (["schema"], "other/1", "the schema is 'other/1'"),
        (["verdict"], "maybe", "the record.verdict must be one of pass, fail"),
        (["verdict"], 3, "is a number"),
        (["checks"], KeyError, "the record lacks the key 'checks'"),
        (["checks"], {}, "the record.checks must be a list and is a mapping"),
        (["checks", 0, "code"], KeyError, r"the record.checks\[0\] lacks the key 'code'"),
        (["checks", 0, "status"], "GREAT", "must be one of PASS, FAIL"),
        (["checks", 0, "estimates", 0, "value"], "high", "must be a number and is a text"),
        (["checks", 0, "estimates", 0, "value"], None, "must be a number and is empty"),
        (["checks", 0, "estimates", 0, "value"], float("inf"), "finite"),
        (["checks", 0, "estimates", 0, "low"], 7.0, "holds what cannot be"),
        (["checks", 0, "estimates", 0, "where"], [], "must be a mapping"),
        (["checks", 0, "estimates", 1, "where", "window"], ["x"], "must hold 2 values"),
        (["checks", 0, "estimates", 1, "where", "slice"], "x", "slice must be a mapping"),
        (["subject", "classes"], [1], "must be a text and is a number"),
        (["scan", "rows"], True, "is a truth value"),
        (["scan", "rows"], 1.5, "must be a whole number"),
    ],
)
def test_what_is_no_record_is_one_sentence(path: list[Any], value: Any, says: str) -> None:
    with pytest.raises(RecordError, match=says):
        record_from_json(broken(path, value))


@pytest.mark.parametrize("data", [[], "x", None, 3, {}])
def test_other_json_is_no_record(data: Any) -> None:
    with pytest.raises(RecordError, match="no key 'schema'"):
        record_from_json(data)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "hold JSON"),
        (b"{", r"hold JSON and does not \(line 1\)"),
        (b"\xff\xfe\x00", "it is no text"),
        (b'{"schema": NaN}', "hold JSON"),
        (b"[" * 100_000, "hold JSON"),
        (b'{"schema": "plimsoll.record/1"}', "lacks the key"),
    ],
)
def test_an_unreadable_record_file_is_one_sentence(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=rf"r.json'.*{says}"):
        load_record(path)


def test_a_missing_record_offers_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text("{}")
    with pytest.raises(RecordError, match=r"Did you mean 'record.json'\?"):
        load_record(tmp_path / "recrod.json")
    with pytest.raises(RecordError, match="is not there"):
        load_record(tmp_path / "none" / "r.json")
    with pytest.raises(RecordError, match="readable"):
        load_record(tmp_path)


def test_text_and_bytes_are_written(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_atomically(path, "Grüße\n")
    assert path.read_bytes() == "Grüße\n".encode()
    write_atomically(path, b"\x00\r\n")
    assert path.read_bytes() == b"\x00\r\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_an_interrupted_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(source: str, target: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.txt", "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("act", [check_writable, lambda path: write_atomically(path, "x")])
def test_places_that_cannot_be_written_are_refused(tmp_path: Path, act: Any) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="there is no folder"):
        act(tmp_path / "none" / "r.json")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        act(tmp_path / "file" / "r.json")
    with pytest.raises(OutputError, match="which is a folder"):
        act(tmp_path / "folder")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder"]
    assert list((tmp_path / "folder").iterdir()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder nobody may write")
@pytest.mark.parametrize("act", [check_writable, lambda path: write_atomically(path, "x")])
def test_a_folder_nobody_may_write_is_refused(act: Any) -> None:
    with pytest.raises(OutputError, match="is not possible"):
        act(Path("/proc/plimsoll.json"))


def test_checking_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    check_writable(path)
    assert list(tmp_path.iterdir()) == []
    path.write_text("old")
    before = path.stat().st_mtime_ns
    check_writable(path)
    assert path.read_text() == "old"
    assert path.stat().st_mtime_ns == before


@pytest.mark.skipif(os.name == "nt", reason="permissions and links of POSIX")
def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(0o640)
    link = tmp_path / "link.txt"
    link.symlink_to("a.txt")
    write_atomically(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    fresh = tmp_path / "fresh.txt"
    write_atomically(fresh, "x")
    other = tmp_path / "other.txt"
    other.write_text("x")
    assert fresh.stat().st_mode == other.stat().st_mode


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="needs a device to write to")
def test_a_device_is_written_to_and_not_replaced() -> None:
    check_writable("/dev/null")
    write_atomically("/dev/null", "x")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250)
    write_atomically(path, "x")
    assert path.read_text() == "x"

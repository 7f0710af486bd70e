"""``plimsoll profile``: a reference kept in a small file serves drift and limits on a drop."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from cli_tables import make_scored

ROLES = ("--target", "y", "--score", "p", "--id", "id")


@pytest.fixture
def both(shell) -> tuple[str, str]:
    make_scored(900).write_parquet("now.parquet")
    make_scored(1200).write_parquet("then.parquet")
    return "now.parquet", "then.parquet"


def drift(shell, now: str, then: str) -> dict[tuple[str, str], dict[str, object]]:
    said = shell(
        "check", "--data", now, "--reference", then, *ROLES, "--only", "DRF001", "--json", "-"
    )
    (check,) = json.loads(said.out)["checks"]
    assert check["status"] == "PASS", check
    return {(e["name"], json.dumps(e["where"])): e for e in check["estimates"]}


def test_drift_against_the_file_is_drift_against_the_table(shell, both) -> None:
    now, then = both
    said = shell("profile", then, "-o", "ref.plimsoll", *ROLES)
    assert said.code == 0
    assert "1,200 rows" in said.err
    rows, counts = drift(shell, now, then), drift(shell, now, "ref.plimsoll")
    assert rows.keys() == counts.keys()
    for key, one in rows.items():
        binned = one["name"] in ("jensen_shannon", "psi")  # bins end where cells of the profile do
        assert counts[key]["value"] == pytest.approx(one["value"], abs=0.005 if binned else 1e-3)


def test_a_limit_on_a_drop_is_judged_against_the_file(shell, both) -> None:
    now, then = both
    shell("profile", then, "-o", "ref.plimsoll", *ROLES)
    Path("policy.toml").write_text('"performance.roc_auc" = { max_drop = 0.2 }')
    said = shell(
        "check", "--data", now, "--reference", "ref.plimsoll", *ROLES, "--policy", "policy.toml",
        "--json", "-",
    )  # fmt: skip
    (line,) = json.loads(said.out)["gate"]
    assert (said.code, line["status"]) == (0, "PASS")


def test_without_a_target_it_says_what_the_file_is_good_for(shell, both) -> None:
    said = shell("profile", both[1], "-o", "ref.plimsoll")
    assert said.code == 0
    assert "drift alone" in said.err


def test_a_name_that_is_not_known_as_a_profile_is_refused(shell, both) -> None:
    said = shell("profile", both[1], "-o", "ref.json")
    assert said.code == 2
    assert ".plimsoll" in said.complaint
    assert not Path("ref.json").exists()


def test_a_table_that_is_not_there_is_one_sentence_and_no_file(shell) -> None:
    said = shell("profile", "gone.parquet", "-o", "ref.plimsoll")
    assert said.code == 2
    assert "gone.parquet" in said.complaint
    assert not Path("ref.plimsoll").exists()


def test_a_file_that_is_no_profile_is_refused(shell, both) -> None:
    Path("ref.plimsoll").write_text("hello")
    said = shell("check", "--data", both[0], "--reference", "ref.plimsoll", *ROLES)
    assert said.code == 2
    assert "ref.plimsoll" in said.complaint


def test_a_table_alone_is_compared_without_target_or_model(shell, both) -> None:
    now, then = both
    moved = pl.read_parquet(now).drop("y", "p").with_columns(z=pl.Series(range(900)))
    moved.write_parquet("now.parquet")
    said = shell("check", "--data", "now.parquet", "--reference", then, "--json", "-")
    record = json.loads(said.out)
    statuses = {c["code"]: c["status"] for c in record["checks"]}
    assert statuses["DRF001"] in ("PASS", "FAIL")
    assert "ERROR" not in statuses.values()

"""Settings: unknown keys are answered, values checked, paths read from where the file lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plimsoll.core.errors import SettingsError
from plimsoll.core.settings import load_settings, parse_settings


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"columns": {"tagret": "y"}}, ["'tagret'", "[columns]", "Did you mean 'target'?"]),
        ({"colums": {}}, ["'colums'", "top level", "Did you mean 'columns'?"]),
        ({"run": {"seed": -1}}, ["run.seed", "-1"]),
        ({"run": {"confidence": 1.0}}, ["run.confidence"]),
        ({"run": {"confidence": 0.5}}, ["run.confidence"]),
        ({"run": {"jobs": 0}}, ["run.jobs"]),
        ({"run": {"suite": "quik"}}, ["run.suite", "quik"]),
        ({"subject": {"task": "ranking"}}, ["subject.task"]),
        ({"columns": {"interval_level": 90}}, ["columns.interval_level"]),
        ({"run": {"cost_false_positive": -1}}, ["cost_false_positive"]),
        ({"report": {"json": 5}}, ["report.json"]),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(data: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(SettingsError) as error:
        parse_settings(data)
    for word in words:
        assert word in str(error.value)


def test_defaults_are_those_of_the_contract() -> None:
    settings = parse_settings({})
    assert (settings.run.seed, settings.run.confidence, settings.run.suite) == (0, 0.95, "standard")
    assert settings.subject.task == "auto"
    assert settings.run.engine == "local"


def write(folder: Path, text: str) -> Path:
    path = folder / "plimsoll.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_reads_from_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("y,p\n1,0.5\n")
    path = write(
        tmp_path,
        '[data]\ncurrent = "rows.csv"\nreference = "other.csv"\n[subject]\nmodel = "my.mod:predict"\n'
        '[report]\njson = "-"\nhtml = "out.html"\n[policy]\nroc_auc = { min = 0.7 }\n',
    )
    settings = load_settings(path)
    assert settings.data.current == str(tmp_path / "rows.csv")
    assert settings.subject.model == "my.mod:predict", "a module is no path"
    assert settings.report.json_ == "-"
    assert settings.report.html == str(tmp_path / "out.html")
    assert settings.policy == {"roc_auc": {"min": 0.7}}


def test_a_glob_and_a_url_are_read_as_they_are_meant(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("y\n1\n")
    path = write(tmp_path, '[data]\ncurrent = "*.csv"\nreference = "s3://bucket/x"\n')
    settings = load_settings(path)
    assert settings.data.current == str(tmp_path / "*.csv")
    assert settings.data.reference == "s3://bucket/x"


@pytest.mark.parametrize(
    ("text", "words"),
    [("not toml at all [", "is not valid TOML"), ("[data]\ncurent = 'x'\n", "curent")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as error:
        load_settings(write(tmp_path, text))
    assert "plimsoll.toml" in str(error.value)


def test_a_file_that_is_not_there_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="plimsoll init"):
        load_settings(tmp_path / "plimsoll.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)

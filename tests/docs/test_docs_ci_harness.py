"""The action, the examples for CI and the test module do what their pages say."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from page_runner import ROOT, blocks, page_text, parse

yaml = pytest.importorskip("yaml")

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not there")


def step(name: str) -> dict[str, Any]:
    return next(one for one in STEPS if one["name"] == name)


def test_it_is_a_composite_action() -> None:
    assert ACTION["runs"]["using"] == "composite"
    for one in STEPS:
        assert ("uses" in one) != ("run" in one)
        assert "run" not in one or one["shell"] == "bash"


def test_inputs_reach_a_script_as_variables_only() -> None:
    """Text put into a script by ${{ }} could run as code."""
    for one in STEPS:
        assert "${{" not in one.get("run", "")


def test_every_input_is_used_and_every_use_is_an_input() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert used == set(ACTION["inputs"])


def test_every_output_comes_from_a_step_that_is_there() -> None:
    ids = {one.get("id") for one in STEPS}
    for output in ACTION["outputs"].values():
        found = re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.([\w-]+) \}\}", output["value"])
        assert found is not None
        assert found[1] in ids
        assert f'echo "{found[2]}=' in step("Judge the model")["run"]


def test_the_page_lists_inputs_with_defaults_and_outputs() -> None:
    page = page_text(ROOT / "docs" / "how-to" / "github-actions.md")
    for name, facts in ACTION["inputs"].items():
        default = f"`{facts['default']}`" if facts["default"] else "empty"
        assert f"| `{name}` | {default} |" in page
    for name in ACTION["outputs"]:
        assert f"`{name}`" in page


class Runner:
    """Runs the scripts of the action as a GitHub runner would."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self.work.mkdir(parents=True)
        self.calls = folder / "calls"
        self.environment = {
            **os.environ,
            "PATH": f"{self._bin(folder)}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "GITHUB_OUTPUT": str(folder / "output"),
        }
        self.folder = folder

    def _bin(self, folder: Path) -> Path:
        """A `python` that is this one, save that pip only writes down what it was asked."""
        place = folder / "bin"
        place.mkdir()
        python = place / "python"
        python.write_text(
            "#!/bin/sh\n"
            f'if [ "$1 $2" = "-m pip" ]; then shift 2; echo "pip $*" >> "{self.calls}"; exit 0; fi\n'
            f'exec "{sys.executable}" "$@"\n',
            encoding="utf-8",
        )
        python.chmod(python.stat().st_mode | stat.S_IXUSR)
        return place

    def run(self, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
        known = set(step(name).get("env", {}))
        assert set(variables) == known, f"the step takes {known}"
        script = self.folder / "script.sh"
        script.write_text(step(name)["run"], encoding="utf-8")
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.work,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def judge(self, settings: str = "", args: str = "") -> dict[str, str]:
        done = self.run(
            "Judge the model", SETTINGS=settings, ARGS=args, FOLDER=str(self.folder / "out dir")
        )
        assert done.returncode == 0, done.stderr
        self.said = done
        lines = (self.folder / "output").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def runner(tmp_path: Path, guide_data: Path) -> Runner:
    found = Runner(tmp_path / "runner")
    shutil.copy(guide_data / "tumours.csv", found.work / "two words.csv")
    return found


@needs_bash
@pytest.mark.parametrize(
    ("version", "extras", "asked"),
    [
        ("", "", "pip install --quiet /action"),
        ("", "onnx,delta", "pip install --quiet /action[onnx,delta]"),
        ("0.1.0", "", "pip install --quiet plimsoll==0.1.0"),
        ("0.1.0", "sql", "pip install --quiet plimsoll[sql]==0.1.0"),
    ],
)
def test_it_installs_what_was_asked_for(
    tmp_path: Path, version: str, extras: str, asked: str
) -> None:
    runner = Runner(tmp_path / "runner")
    done = runner.run("Install Plimsoll", VERSION=version, EXTRAS=extras, SOURCE="/action")
    assert done.returncode == 0, done.stderr
    assert runner.calls.read_text(encoding="utf-8").strip() == asked


ROLES = "--data 'two words.csv' --target malignant --score p --id id --only PRF001"


@needs_bash
def test_a_pass_is_said_and_reported(runner: Runner) -> None:
    outputs = runner.judge(args=ROLES)
    assert outputs["verdict"] == "pass"
    assert outputs["exit-code"] == "0"
    assert Path(outputs["report"]).read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert Path(outputs["record"]).is_file()
    assert (runner.folder / "summary.md").stat().st_size > 0
    assert "::notice" in runner.said.stdout
    assert runner.run("Verdict", CODE=outputs["exit-code"]).returncode == 0


@needs_bash
def test_a_verdict_of_unsure_fails_the_last_step_only(runner: Runner) -> None:
    (runner.work / "plimsoll.toml").write_text(
        '[columns]\ntarget = "malignant"\nscore = "p"\nid = "id"\n'
        "[policy]\nrecall = { min = 0.95 }\n",
        encoding="utf-8",
    )
    outputs = runner.judge("plimsoll.toml", "--data 'two words.csv' --only PRF001")
    assert outputs["verdict"] == "unsure"
    assert outputs["exit-code"] == "3"
    assert "::warning" in runner.said.stdout
    assert runner.run("Verdict", CODE=outputs["exit-code"]).returncode == 3


@needs_bash
def test_wrong_usage_has_no_verdict_and_fails(runner: Runner) -> None:
    outputs = runner.judge(args="--data nowhere.csv --target y --score p")
    assert outputs["verdict"] == ""
    assert outputs["exit-code"] == "2"
    assert "nowhere.csv" in runner.said.stderr
    assert runner.run("Verdict", CODE="2").returncode == 2


@needs_bash
def test_text_in_args_is_never_run(runner: Runner) -> None:
    runner.judge(args=f"{ROLES} --name '$(touch planted); `touch planted`' ; touch planted")
    assert not (runner.work / "planted").exists()


def test_the_workflow_calls_the_action_with_its_inputs() -> None:
    places = [page_text(ROOT / "docs" / "how-to" / "github-actions.md")]
    flows = [yaml.safe_load(b.text) for b in blocks(places[0]) if b.language == "yaml"]
    example = (ROOT / "examples" / "github-workflow.yml").read_text(encoding="utf-8")
    flows.append(yaml.safe_load(example))
    called = 0
    for flow in flows:
        for job in flow["jobs"].values():
            for one in job["steps"]:
                if "plimsoll@" in one.get("uses", ""):
                    called += 1
                    assert set(one.get("with", {})) <= set(ACTION["inputs"])
                elif one.get("run", "").startswith("plimsoll "):
                    parse(one["run"])
    assert called >= 3


def test_the_gitlab_job_parses_and_is_the_one_on_the_page() -> None:
    example = yaml.safe_load((ROOT / "examples" / "gitlab-ci.yml").read_text(encoding="utf-8"))
    page = page_text(ROOT / "docs" / "how-to" / "gitlab.md")
    assert [yaml.safe_load(b.text) for b in blocks(page) if b.language == "yaml"] == [example]
    job = example["judge-model"]
    for command in job["script"]:
        if command.startswith("plimsoll "):
            parse(command)
            assert job["artifacts"]["reports"]["junit"] in command
            for path in job["artifacts"]["paths"]:
                assert path in command


def test_the_example_and_the_tests_on_the_pytest_page_pass(guides: Path) -> None:
    page = page_text(ROOT / "docs" / "how-to" / "pytest.md")
    code = "\n\n".join(b.text for b in blocks(page) if b.language == "python")
    (guides / "test_page.py").write_text(code, encoding="utf-8")
    shutil.copy(ROOT / "examples" / "test_model.py", guides)
    (guides / "conftest.py").write_text(
        "import polars as pl\nimport pytest\nimport skops.io\n\n\n"
        "@pytest.fixture\ndef my_pipeline():\n    return skops.io.load('model.skops')\n\n\n"
        "@pytest.fixture\ndef my_rows():\n"
        "    return pl.read_parquet('tumours.parquet').drop('p', 'p_older', 'id')\n",
        encoding="utf-8",
    )
    (guides / "plimsoll.toml").write_text(
        '[data]\ncurrent = "tumours.csv"\n'
        '[columns]\ntarget = "malignant"\nscore = "p"\nid = "id"\n',
        encoding="utf-8",
    )
    ini = next(b.text for b in blocks(page) if b.language == "ini")
    (guides / "pytest.ini").write_text(ini, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:hypothesispytest",
        ],
        cwd=guides,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    assert f"{code.count('def test_') + 2} passed" in done.stdout
    assert len(list((guides / "reports").glob("*.html"))) == code.count("def test_") + 2


def test_the_notebook_script_runs_whole(guides: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import runpy

    monkeypatch.chdir(guides)
    runpy.run_path(str(ROOT / "examples" / "notebook.py"))
    assert (guides / "report.html").is_file()
    assert (guides / "record.json").is_file()


def test_a_model_that_is_code_can_be_judged(guides: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from plimsoll.cli.app import run

    monkeypatch.chdir(guides)
    monkeypatch.setattr(sys, "path", list(sys.path))
    roles = ["--target", "malignant", "--id", "id", "--ignore", "p,p_older", "--only", "PRF002"]
    for model in ("my_model:predict", "my_model:load"):
        assert run(["check", "-q", "--data", "tumours.parquet", "--model", model, *roles]) == 0

"""What the command line says of itself, how fast, and how it answers a slip of the fingers."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import pytest

COMMANDS = (
    "check", "compare", "demo", "explain", "init", "list", "report", "schema", "selfcheck",
)  # fmt: skip
HEAVY = (
    "polars",
    "numpy",
    "pydantic",
    "sklearn",
    "scipy",
    "rich.console",
    "jinja2",
    "plimsoll.api",
)


def test_help_names_every_command(shell):
    said = shell("--help")
    assert said.code == 0
    assert [c for c in COMMANDS if f"\n  {c} " not in said.out] == []
    assert "Exit codes: 0 pass; 1 the policy is not met" in said.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(shell, command):
    said = shell(command, "--help")
    assert said.code == 0
    assert f"plimsoll {command}" in said.out
    assert said.err == ""


def test_version(shell):
    said = shell("--version")
    assert said.code == 0
    assert said.out.startswith("plimsoll ")


def test_no_command_is_no_pass(shell):
    said = shell()
    assert said.code == 2
    assert "Commands:" in said.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["chekc"], "There is no command 'chekc'. Did you mean 'check'? See 'plimsoll --help'."),
        (
            ["check", "--tagret", "y"],
            "There is no option '--tagret'. Did you mean '--target'? See 'plimsoll check --help'.",
        ),
        (["--verion"], "There is no option '--verion'. Did you mean '--version'?"),
        (["check", "--seed", "two"], "--seed"),
        (["check", "--target"], "--target"),
        (["explain"], "CODE"),
        (["check", "a.toml", "b.toml"], "b.toml"),
        (
            ["check", "--suite", "fulll"],
            "--suite must be quick, standard, stress or full; got 'fulll'.",
        ),
        (["check", "--slice-by", "a,,b"], "--slice-by must hold names with one comma between"),
        (["check", "--quantile", "0.9"], "--quantile must be P=COL"),
        (["compare", "a", "b", "--margin", "roc_auc=much"], "must be a number"),
    ],
)
def test_slips_are_answered_in_one_sentence(shell, words, sentence):
    said = shell(*words)
    assert said.code == 2
    assert sentence in said.complaint
    assert said.out == ""


def test_help_loads_nothing_heavy():
    """Older versions of Typer load Rich by themselves; that is theirs, not ours."""
    script = (
        "import sys, typer\n"
        "before = set(sys.modules)\n"
        "from plimsoll.cli.app import run\n"
        "assert run(['--help']) == 0\n"
        "ours = set(sys.modules) - before\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in ours])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_help_costs_at_most_twice_its_libraries():
    """Both are timed turn by turn, so that a busy machine slows both; the best of the runs counts."""

    def seconds(*command: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], capture_output=True, check=True, timeout=60)
        return time.perf_counter() - start

    for _ in range(3):
        pairs = [
            (seconds("-c", "import typer, rich"), seconds("-m", "plimsoll", "--help"))
            for _ in range(7)
        ]
        libraries = statistics.median(one for one, _ in pairs)
        ours = statistics.median(two for _, two in pairs)
        if ours <= 2 * libraries:
            return
    pytest.fail(f"plimsoll --help took {ours:.3f} s, its libraries {libraries:.3f} s")

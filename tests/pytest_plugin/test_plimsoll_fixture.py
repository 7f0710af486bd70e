"""The fixture judges, writes reports, says one line a record, and costs nothing until used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

pytest_plugins = ["pytester"]

HEAVY = ("numpy", "polars", "sklearn", "pydantic", "scipy", "typer")


# Each run would import Hypothesis anew for its part of the summary.
WITHOUT = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    return pytester.runpytest(*WITHOUT, *args)


@pytest.fixture(scope="module", autouse=True)
def _warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Import once what a check imports: pytester forgets modules that its runs bring in."""
    import plimsoll

    rows = write_rows(tmp_path_factory.mktemp("warm"))
    record = plimsoll.evaluate(rows, target="y", score="p", only=["PRF002"])
    assert record.render("html")


def write_rows(folder: Path, *, good: bool = True, rows: int = 800) -> Path:
    """Write rows whose score follows the label (or has nothing to do with it)."""
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 2, rows)
    noise = rng.uniform(size=rows)
    score = np.clip(0.25 + 0.5 * truth + 0.3 * (noise - 0.5), 0, 1) if good else noise
    place = folder / "rows.parquet"
    pl.DataFrame({"y": truth, "p": score}).write_parquet(place)
    return place


def test_a_good_model_passes_and_the_run_says_so(pytester: pytest.Pytester) -> None:
    rows = write_rows(pytester.path)
    pytester.makepyfile(
        f"""
        def test_model(plimsoll):
            record = plimsoll.check({str(rows)!r}, target="y", score="p", only=["PRF002"],
                                    policy={{"roc_auc": {{"min": 0.7}}}})
            record.assert_passes()
            assert plimsoll.records == [record]
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*= plimsoll =*", "pass *limits: 1 kept*::test_model*"])


def test_a_random_model_fails_the_test_with_its_reason(pytester: pytest.Pytester) -> None:
    rows = write_rows(pytester.path, good=False)
    pytester.makepyfile(
        f"""
        def test_model(plimsoll):
            plimsoll.check({str(rows)!r}, target="y", score="p", only=["PRF002"],
                           policy={{"roc_auc": {{"min": 0.7}}}}).assert_passes()
        """
    )
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*FAIL: roc_auc must be at least 0.7*"])
    result.stdout.fnmatch_lines(["fail *limits: 1 broken*"])


def test_an_unsure_model_names_the_rows_that_would_settle_it(pytester: pytest.Pytester) -> None:
    rows = write_rows(pytester.path, good=False, rows=60)
    pytester.makepyfile(
        f"""
        def test_model(plimsoll):
            record = plimsoll.check({str(rows)!r}, target="y", score="p", only=["PRF002"],
                                    policy={{"roc_auc": {{"min": 0.55}}}})
            assert record.verdict.value == "unsure"
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["unsure *limits: 1 unsure (about * rows would settle it)*"])


def test_the_option_writes_a_report_of_every_record(pytester: pytest.Pytester) -> None:
    rows = write_rows(pytester.path)
    pytester.makepyfile(
        test_two=f"""
        import pytest

        @pytest.mark.parametrize("name", ["a/b", "a-b"])
        def test_model(plimsoll, name):
            for _ in range(2):
                plimsoll.check({str(rows)!r}, target="y", score="p", only=["PRF002"], name=name)
        """
    )
    result = run(pytester, "--plimsoll-html", "reports/html")
    result.assert_outcomes(passed=2)
    written = sorted((pytester.path / "reports" / "html").glob("*.html"))
    assert len(written) == 4
    for place in written:
        assert place.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")
    result.stdout.fnmatch_lines([f"*{written[0].name}"])


def test_the_ini_file_can_name_folder_and_seed(pytester: pytest.Pytester) -> None:
    rows = write_rows(pytester.path)
    pytester.makeini("[pytest]\nplimsoll_html = out\nplimsoll_seed = 11\n")
    pytester.makepyfile(
        f"""
        def test_seed(plimsoll):
            args = dict(target="y", score="p", only=["PRF002"])
            assert plimsoll.check({str(rows)!r}, **args).settings["seed"] == 11
            assert plimsoll.check({str(rows)!r}, seed=3, **args).settings["seed"] == 3
        """
    )
    run(pytester).assert_outcomes(passed=1)
    assert len(list((pytester.path / "out").glob("*.html"))) == 2


def test_a_seed_that_is_no_number_is_refused_before_any_test(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nplimsoll_seed = many\n")
    pytester.makepyfile("def test_nothing():\n    pass\n")
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*plimsoll_seed must be a whole number*'many'*"])


def test_a_settings_file_is_read(pytester: pytest.Pytester) -> None:
    rows = write_rows(pytester.path)
    toml = pytester.path / "plimsoll.toml"
    toml.write_text(
        f'[data]\ncurrent = "{rows.as_posix()}"\n'
        '[columns]\ntarget = "y"\nscore = "p"\n'
        '[run]\nonly = ["PRF002"]\n'
        "[policy]\nroc_auc = { min = 0.7 }\n",
        encoding="utf-8",
    )
    pytester.makepyfile(
        f"""
        def test_model(plimsoll):
            record = plimsoll.check({str(toml)!r})
            record.assert_passes()
            assert [line.limit for line in record.gate] == ["roc_auc.min"]
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_a_comparison_is_paired(pytester: pytest.Pytester) -> None:
    rows = write_rows(pytester.path)
    frame = pl.read_parquet(rows)
    frame.with_columns(better=pl.col("p") * 0.5 + pl.col("y") * 0.5).write_parquet(rows)
    pytester.makepyfile(
        f"""
        def test_challenger(plimsoll):
            record = plimsoll.compare(
                "p", "better", {str(rows)!r}, target="y",
                policy={{"champion": {{"non_inferior_to": "champion", "metric": "roc_auc",
                                      "margin": 0.01}}}})
            record.assert_passes()
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["pass *limits: 1 kept*"])


def test_lines_of_worker_processes_reach_the_summary(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    rows = write_rows(pytester.path)
    pytester.makepyfile(
        f"""
        def test_model(plimsoll):
            plimsoll.check({str(rows)!r}, target="y", score="p", only=["PRF002"])
        """
    )
    result = pytester.runpytest_subprocess(*WITHOUT, "-n", "1")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*= plimsoll =*", "pass *no limits set*::test_model*"])


def test_a_suite_without_models_shows_no_section(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_nothing():\n    pass\n")
    result = run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*= plimsoll =*")


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    script = (
        f"import sys, plimsoll.pytest_plugin; print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

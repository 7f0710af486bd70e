"""``plimsoll init`` writes settings that run, says what it guessed, and loses no file."""

from __future__ import annotations

import io
import sys
import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from plimsoll.cli.settings_text import LOOK, literal
from plimsoll.core.settings import load_settings


@pytest.fixture
def loans(shell, scored) -> str:
    labels = scored["y"].replace_strict({0: "paid", 1: "failed"})
    frame = scored.select(
        loan_id="id",
        customer_id=pl.int_range(pl.len()) % 90,
        income="x",
        sex=pl.lit("f"),
        p_fail="p",
    )
    frame.with_columns(outcome=labels).write_csv("loans.csv")
    return "loans.csv"


def columns(place: str = "plimsoll.toml") -> dict[str, object]:
    return load_settings(Path(place)).columns.model_dump(exclude_unset=True)


def test_what_it_writes_runs(shell, loans):
    said = shell("init", loans, "--yes")
    assert said.code == 0
    assert columns() == {
        "target": "outcome",
        "score": "p_fail",
        "positive": "failed",
        "id": "loan_id",
        "group": "customer_id",
    }
    assert shell("check", "--quiet", "--only", "PRF001,PRF002").code == 0


def test_every_guess_is_said_and_a_doubtful_one_is_marked(shell, loans):
    said = shell("init", loans, "--yes")
    for line in ("target = outcome", "score = p_fail", "id = loan_id", "group = customer_id"):
        assert f"  {line}  (" in said.err
    assert "positive = failed  (it is the rarer label; please look at it)" in said.err
    (marked,) = [line for line in Path("plimsoll.toml").read_text().splitlines() if LOOK in line]
    assert marked.startswith('positive = "failed"')
    assert "guessed and marked in the file: positive" in said.err


def test_a_flag_is_no_guess(shell, loans):
    said = shell("init", loans, "--yes", "--positive", "paid", "--group", "sex")
    assert columns()["positive"] == "paid"
    assert columns()["group"] == "sex"
    assert "please look at it" not in said.err


def test_a_file_that_is_there_is_not_lost(shell, loans):
    Path("plimsoll.toml").write_text("# mine\n")
    said = shell("init", loans, "--yes")
    assert said.code == 2
    assert "--force" in said.complaint
    assert Path("plimsoll.toml").read_text() == "# mine\n"
    assert shell("init", loans, "--yes", "--force").code == 0
    assert columns()["target"] == "outcome"


def test_the_only_table_here_is_taken(shell, loans):
    assert shell("init", "--yes").code == 0
    assert load_settings(Path("plimsoll.toml")).data.current == "loans.csv"
    Path("more.csv").write_text("a\n1\n")
    assert "name them" in shell("init", "--yes", "--force").complaint


def test_settings_elsewhere_name_the_data_from_there(shell, loans):
    Path("conf").mkdir()
    assert shell("init", loans, "--yes", "-o", "conf/mine.toml").code == 0
    assert tomllib.loads(Path("conf/mine.toml").read_text())["data"]["current"] == "../loans.csv"
    assert shell("check", "conf/mine.toml", "--quiet", "--only", "PRF002").code == 0


def test_labels_that_lie_in_another_table(shell, scored):
    scored.drop("y").write_parquet("p.parquet")
    scored.select("id", label="y").write_parquet("labels.parquet")
    assert "--labels FILE" in shell("init", "p.parquet", "--yes").complaint
    words = ("--labels", "labels.parquet", "--yes")
    assert "--id COLUMN" in shell("init", "p.parquet", *words).complaint
    assert shell("init", "p.parquet", *words, "--id", "id").code == 0
    assert shell("check", "--quiet", "--only", "PRF002").code == 0


def test_nothing_to_judge_is_said_and_marked(shell, scored):
    scored.drop("p").write_csv("d.csv")
    said = shell("init", "d.csv", "--yes")
    assert said.code == 0
    assert "one thing is missing" in said.err
    assert "FILL IN the model" in Path("plimsoll.toml").read_text()
    assert "--model" in shell("check", "--quiet").complaint


def test_a_regression(shell):
    rng = np.random.default_rng(0)
    truth = rng.normal(100, 20, 300)
    pl.DataFrame({"price": truth, "forecast": truth + rng.normal(0, 5, 300)}).write_csv("d.csv")
    assert shell("init", "d.csv", "--yes").code == 0
    assert columns() == {"target": "price", "prediction": "forecast"}
    assert shell("check", "--quiet", "--only", "PRF004").code == 0


def test_several_classes(shell):
    rng = np.random.default_rng(0)
    p = rng.dirichlet([1, 1, 1], 300)
    names = np.array(["cat", "dog", "emu"])
    label = names[(p.cumsum(axis=1) > rng.random((300, 1))).argmax(axis=1)]
    frame = {f"p_{name}": p[:, i] for i, name in enumerate(names)}
    pl.DataFrame({**frame, "species": label}).write_parquet("d.parquet")
    assert shell("init", "d.parquet", "--yes").code == 0
    assert columns()["score"] == {"cat": "p_cat", "dog": "p_dog", "emu": "p_emu"}
    assert shell("check", "--quiet", "--only", "PRF001").code == 0


def test_names_that_need_quoting_survive(shell, scored):
    odd = {"y": 'the "label"\\\t', "p": "p=ü, 😀"}
    scored.rename(odd).write_parquet("d.parquet")
    words = ("--target", odd["y"], "--score", '"p=ü, 😀"')
    assert shell("init", "d.parquet", "--yes", *words).code == 0
    assert columns()["target"] == odd["y"]
    assert columns()["score"] == odd["p"]


@pytest.mark.parametrize("value", ["a\x7fb", 'q"\\', "line\nbreak", "ü😀", "\x01"])
def test_literals_are_read_back(value):
    assert tomllib.loads(f"x = {literal(value)}")["x"] == value
    assert tomllib.loads(f"x = {literal({value: [value, True, 1, 0.5]})}")["x"] == {
        value: [value, True, 1, 0.5]
    }


def test_a_flag_that_names_no_column(shell, loans):
    said = shell("init", loans, "--yes", "--target", "outcom")
    assert said.code == 2
    assert "Did you mean 'outcome'?" in said.complaint
    assert not Path("plimsoll.toml").exists()


class Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_asks_only_what_it_cannot_tell(shell, loans, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Keyboard("paid\n"))
    said = shell("init", loans)
    assert said.code == 0
    assert said.err.count("?") == 1
    assert "Which label of 'outcome' is the positive one" in said.err
    assert columns()["positive"] == "paid"
    assert LOOK not in Path("plimsoll.toml").read_text()


def test_it_asks_for_target_and_model_where_nothing_tells_them(shell, scored, monkeypatch):
    scored.select(a="x", b="noise", sick="y", c="weight").write_csv("d.csv")
    monkeypatch.setattr(sys, "stdin", Keyboard("nonsense\nsick\nnone\nclinic:model\n"))
    said = shell("init", "d.csv")
    assert said.code == 0
    assert columns()["target"] == "sick"
    assert load_settings(Path("plimsoll.toml")).subject.model == "clinic:model"


def test_without_a_keyboard_it_takes_the_guesses(shell, loans):
    assert shell("init", loans).code == 0
    assert columns()["positive"] == "failed"

"""Bad input from the shell: one clear sentence, exit 2, nothing written, nothing lost."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import polars as pl
import pytest

OUTPUTS = ("record.json", "report.html", "comment.md", "junit.xml", "found.sarif")
WRITES = [
    word
    for option, name in zip(
        ("--json", "--html", "--markdown", "--junit", "--sarif"), OUTPUTS, strict=True
    )
    for word in (option, name)
]
ROLES = ["--target", "y", "--score", "p"]


def refused(shell, *words: str) -> str:
    """Run a check that must be refused, and return its sentence."""
    before = {path.name for path in Path().iterdir()}
    said = shell("check", *words, *WRITES)
    assert said.code == 2, said
    assert said.out == ""
    assert {path.name for path in Path().iterdir()} == before
    assert 20 < len(said.complaint) < 700
    return said.complaint


def written(frame: pl.DataFrame, name: str = "data.parquet") -> str:
    path = Path(name)
    if name.endswith(".csv"):
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return name


def test_a_file_that_is_not_there(shell, scored):
    written(scored, "test.parquet")
    sentence = refused(shell, "--data", "tset.parquet", *ROLES)
    assert "'tset.parquet'" in sentence
    assert "test.parquet" in sentence.replace("'tset.parquet'", "")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(shell, scored):
    name = written(scored)
    Path(name).chmod(0)
    assert "data.parquet" in refused(shell, "--data", name, *ROLES)


def test_a_folder_without_tables(shell):
    Path("empty").mkdir()
    assert "empty" in refused(shell, "--data", "empty", *ROLES)


@pytest.mark.parametrize("name", ["data.parquet", "data.csv"])
def test_an_empty_table(shell, scored, name):
    sentence = refused(shell, "--data", written(scored.head(0), name), *ROLES)
    assert "row" in sentence


@pytest.mark.parametrize("name", ["data.parquet", "data.csv", "data.arrow", "data.jsonl"])
def test_a_file_of_no_bytes(shell, name):
    Path(name).write_bytes(b"")
    assert name in refused(shell, "--data", name, *ROLES)


@pytest.mark.parametrize("keep", [0.5, 0.98])
def test_a_truncated_parquet_file(shell, scored, keep):
    name = written(scored)
    whole = Path(name).read_bytes()
    Path(name).write_bytes(whole[: int(len(whole) * keep)])
    assert name in refused(shell, "--data", name, *ROLES)


def test_bytes_that_are_no_parquet_inside(shell, scored):
    name = written(scored)
    whole = bytearray(Path(name).read_bytes())
    whole[200:1500] = os.urandom(1300)
    Path(name).write_bytes(bytes(whole))
    assert name in refused(shell, "--data", name, *ROLES)


def test_a_ragged_csv(shell):
    Path("data.csv").write_text("y,p\n0,0.1\n1,0.9,7,8\n0,0.2\n")
    assert "data.csv" in refused(shell, "--data", "data.csv", *ROLES)


def test_a_wrongly_encoded_csv(shell):
    Path("data.csv").write_bytes("y,p,city\n0,0.1,Köln\n1,0.9,Zürich\n".encode("latin-1"))
    sentence = refused(shell, "--data", "data.csv", *ROLES)
    assert "UTF-8" in sentence


@pytest.mark.parametrize(
    ("words", "wrong", "near"),
    [
        (["--target", "yy", "--score", "p"], "yy", "y"),
        (["--target", "y", "--score", "pp"], "pp", "p"),
        ([*ROLES, "--weight", "wieght"], "wieght", "weight"),
        ([*ROLES, "--group", "noize"], "noize", "noise"),
        ([*ROLES, "--slice-by", "x,niose"], "niose", "noise"),
    ],
)
def test_a_role_that_names_no_column(shell, scored, words, wrong, near):
    sentence = refused(shell, "--data", written(scored), *words)
    assert f"'{wrong}'" in sentence
    assert f"Did you mean '{near}'?" in sentence


def test_text_where_numbers_belong(shell, scored):
    frame = scored.with_columns(p=pl.lit("high"))
    assert "'p' must hold numbers" in refused(shell, "--data", written(frame), *ROLES)


def test_probabilities_outside_the_unit_interval(shell, scored):
    frame = scored.with_columns(p=pl.col("p") * 5)
    sentence = refused(shell, "--data", written(frame), *ROLES)
    assert "must hold probabilities in [0, 1]" in sentence
    assert "logit" in sentence


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf"), None])
def test_scores_that_are_no_numbers(shell, scored, bad):
    frame = scored.with_columns(
        p=pl.when(pl.int_range(pl.len()) == 17).then(pl.lit(bad, pl.Float64)).otherwise("p")
    )
    assert "'p'" in refused(shell, "--data", written(frame), *ROLES)


def test_only_one_class(shell, scored):
    frame = scored.with_columns(y=pl.lit(1))
    assert "at least two classes" in refused(shell, "--data", written(frame), *ROLES)


def test_labels_that_are_all_missing(shell, scored):
    frame = scored.with_columns(y=pl.lit(None, pl.Int64))
    assert "'y'" in refused(shell, "--data", written(frame), *ROLES)


def test_an_unknown_positive_label(shell, scored):
    frame = scored.with_columns(y=pl.col("y").replace_strict({0: "good", 1: "bad"}))
    name = written(frame)
    sentence = refused(shell, "--data", name, *ROLES, "--positive", "badd")
    assert "'badd'" in sentence
    assert "Did you mean 'bad'?" in sentence
    assert "--positive 'good'" in refused(shell, "--data", name, *ROLES)


def test_labels_written_in_several_ways(shell, scored):
    labels = [("1", "0", "true", "no")[i % 4] for i in range(scored.height)]
    frame = scored.with_columns(y=pl.Series(labels))
    assert "one way" in refused(shell, "--data", written(frame), *ROLES)


def test_duplicate_ids(shell, scored):
    frame = pl.concat([scored, scored.head(3)])
    sentence = refused(shell, "--data", written(frame), *ROLES, "--id", "id")
    assert "'id' must name each row once" in sentence


@pytest.mark.parametrize("weight", [-1.0, 0.0])
def test_weights_that_weigh_nothing(shell, scored, weight):
    frame = scored.with_columns(weight=pl.lit(weight))
    assert "'weight'" in refused(shell, "--data", written(frame), *ROLES, "--weight", "weight")


def test_types_that_differ_between_files(shell, scored):
    Path("parts").mkdir()
    written(scored, "parts/a.parquet")
    written(scored.with_columns(x=pl.col("x").cast(pl.String)), "parts/b.parquet")
    assert "'x'" in refused(shell, "--data", "parts", *ROLES)


def test_duplicate_column_names(shell):
    Path("data.csv").write_text("y,p,p\n0,0.1,0.2\n1,0.9,0.8\n")
    assert "'p'" in refused(shell, "--data", "data.csv", *ROLES)


MODULE = """
import numpy as np

class Fitted:
    classes_ = np.array([0, 1])
    feature_names_in_ = np.array(["x", "age"], dtype=object)
    def predict_proba(self, frame):
        return np.full((len(frame), 2), 0.5)

class Stumbles:
    classes_ = np.array([0, 1])
    feature_names_in_ = np.array(["x"], dtype=object)
    def predict_proba(self, frame):
        if (np.asarray(frame["x"]) > 2).any():
            raise ValueError("a patient called Anna Bell")
        return np.full((len(frame), 2), 0.5)

fitted, stumbles = Fitted(), Stumbles()
"""


def test_a_model_whose_features_do_not_match(shell, scored):
    Path("clinic.py").write_text(MODULE)
    words = ["--data", written(scored), "--target", "y", "--model", "clinic:fitted"]
    assert "'age'" in refused(shell, *words)


def test_a_model_that_raises_on_some_rows(shell, scored):
    Path("surgery.py").write_text(MODULE)
    sentence = refused(
        shell, "--data", written(scored), "--target", "y", "--model", "surgery:stumbles"
    )
    assert "ValueError" in sentence


@pytest.mark.parametrize("suffix", [".pkl", ".joblib", ".bin"])
def test_a_pickle_without_trust_runs_nothing(shell, scored, suffix):
    class Planted:
        def __reduce__(self) -> tuple[object, ...]:
            return (open, ("planted.txt", "w"))

    Path(f"model{suffix}").write_bytes(pickle.dumps(Planted()))
    words = ["--data", written(scored), "--target", "y", "--model", f"model{suffix}"]
    sentence = refused(shell, *words)
    assert "--trust-model" in sentence
    assert not Path("planted.txt").exists()


def test_a_report_path_in_no_folder(shell, scored):
    name = written(scored)
    said = shell("check", "--data", name, *ROLES, "--html", "nowhere/report.html")
    assert said.code == 2
    assert "nowhere" in said.complaint
    assert not Path("nowhere").exists()


def test_a_report_path_that_is_a_folder(shell, scored):
    Path("taken").mkdir()
    said = shell("check", "--data", written(scored), *ROLES, "--json", "taken")
    assert said.code == 2
    assert "taken" in said.complaint


def test_an_unwritable_place_is_said_before_the_data_are_read(shell):
    said = shell("check", "--data", "missing.csv", *ROLES, "--json", "nowhere/r.json")
    assert said.code == 2
    assert "nowhere" in said.complaint


def test_a_refused_run_leaves_an_older_report_as_it_was(shell, scored):
    Path("report.html").write_text("older")
    frame = scored.with_columns(y=pl.lit(1))
    said = shell("check", "--data", written(frame), *ROLES, "--html", "report.html")
    assert said.code == 2
    assert Path("report.html").read_text() == "older"


def test_two_reports_for_one_place(shell, scored):
    name = written(scored)
    for place in ("-", "r.txt"):
        said = shell("check", "--data", name, *ROLES, "--json", place, "--html", place)
        assert said.code == 2
        assert "place of its own" in said.complaint


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("[columns]\ntraget = 'y'\n", "Did you mean 'target'?"),
        ("[policy]\nroc_aux = { min = 0.7 }\n", "Did you mean 'roc_auc'?"),
        ("[policy]\nroc_auc = { min = 1.7 }\n", "cannot reach"),
        ("[run]\nconfidence = 2.0\n", "run.confidence"),
        ("[columns\n", "not valid TOML"),
    ],
)
def test_settings_that_are_wrong(shell, scored, toml, sentence):
    Path("mine.toml").write_text(toml)
    assert sentence in refused(shell, "mine.toml", "--data", written(scored), *ROLES)


def test_settings_that_are_not_there(shell):
    assert "plimsoll init" in refused(shell, "mine.toml")


def test_nothing_to_judge(shell, scored):
    assert "--data" in refused(shell)
    assert "--target" in refused(shell, "--data", written(scored))
    assert "--model" in refused(shell, "--data", written(scored), "--target", "y")

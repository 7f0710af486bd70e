"""The product from outside, as a shell user meets it: what is lost, what is said, what is left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from plimsoll.cli.app import run

LEAVES = """
import sys

class Leaves:
    classes_ = [0, 1]
    def predict_proba(self, frame):
        sys.exit(0)

def leaves(frame):
    sys.exit(0)

model = Leaves()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    random = np.random.default_rng(0)
    p = random.uniform(0.01, 0.99, 300)
    y = (random.uniform(size=300) < p).astype(int)
    frame = pl.DataFrame({"y": y, "p": p, "x": random.normal(size=300)})
    frame.write_csv("rows.csv")
    Path("rows").mkdir()
    frame.write_parquet("rows/part.parquet")
    Path("limits.toml").write_text("roc_auc = { min = 0.6 }\n")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    return run(list(words)), capsys.readouterr().err


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ("rows.csv", "rows.csv"),
        ("rows.csv", "./rows/../rows.csv"),
        ("*.csv", "rows.csv"),
        ("rows", "rows/part.parquet"),
        ("rows.csv", "limits.toml"),
    ],
)
def test_no_report_takes_the_place_of_what_is_read(folder, capsys, data, place):
    before = Path(place).read_bytes()
    roles = ("--target", "y", "--score", "p", "--policy", "limits.toml")
    code, err = said(capsys, "check", "--data", data, *roles, "--json", place)
    assert code == 2
    assert f"'{place}'" in err and "would be lost" in err
    assert Path(place).read_bytes() == before


def test_a_report_is_written_over_the_one_before(folder, capsys):
    words = (
        "check",
        "--data",
        "rows.csv",
        "--target",
        "y",
        "--score",
        "p",
        "-q",
        "--html",
        "r.html",
    )
    assert said(capsys, *words)[0] == 0
    Path("r.html").write_text("old")
    assert said(capsys, *words)[0] == 0
    assert Path("r.html").read_text() != "old"


def test_a_record_is_not_lost_under_its_own_page(folder, capsys):
    words = ("check", "--data", "rows.csv", "--target", "y", "--score", "p", "-q")
    assert said(capsys, *words, "--json", "r.json")[0] == 0
    before = Path("r.json").read_bytes()
    code, err = said(capsys, "report", "r.json", "--html", "r.json")
    assert code == 2 and "would be lost" in err
    assert Path("r.json").read_bytes() == before
    assert said(capsys, "report", "r.json", "--json", "r.json")[0] == 0
    assert Path("r.json").read_bytes() == before


@pytest.mark.parametrize("name", ["leaver_object:model", "leaver_function:leaves"])
def test_a_model_that_exits_with_0_is_no_pass(folder, capsys, name):
    Path(name.split(":")[0] + ".py").write_text(LEAVES)
    code, err = said(
        capsys, "check", "--data", "rows.csv", "--target", "y", "--ignore", "p", "--model", name
    )
    assert code == 2
    assert "SystemExit" in err
    assert len(err.splitlines()) == 1


def test_a_module_that_exits_with_0_is_no_pass(folder, capsys):
    Path("leaver_module.py").write_text("import sys\nsys.exit(0)\n")
    code, err = said(
        capsys, "check", "--data", "rows.csv", "--target", "y", "--model", "leaver_module:model"
    )
    assert code == 2
    assert "SystemExit" in err


def test_a_name_of_code_keeps_its_spelling_at_the_start_of_a_sentence():
    from plimsoll.reports.words import sentence

    assert sentence("r2.min: these rows show little") == "r2.min: these rows show little."
    assert sentence("it works. and more") == "It works. and more."


def test_large_detectable_effects_are_written_as_people_write(folder, capsys):
    random = np.random.default_rng(1)
    truth = random.normal(200_000, 50_000, 400)
    pl.DataFrame({"y": truth, "q": truth + random.normal(0, 20_000, 400)}).write_csv("n.csv")
    Path("n.toml").write_text("mean_absolute_error = { max = 60000 }\n")
    capsys.readouterr()
    code = run(["check", "--data", "n.csv", "--target", "y", "--prediction", "q", "--policy",
                "n.toml"])  # fmt: skip
    out = capsys.readouterr().out
    assert code == 0
    assert "show a difference of" in out
    assert "e+0" not in out


def test_several_classes_are_not_told_as_yes_and_no(folder, capsys):
    random = np.random.default_rng(2)
    truth = random.integers(0, 3, 300)
    chances = np.full((300, 3), 0.15)
    chances[np.arange(300), np.where(random.uniform(size=300) < 0.8, truth, 0)] = 0.7
    frame = pl.DataFrame({"y": truth, **{f"s{k}": chances[:, k] for k in range(3)}})
    frame.write_csv("many.csv")
    capsys.readouterr()
    run(["check", "--data", "many.csv", "--target", "y", "--score", "s0,s1,s2"])
    out = " ".join(capsys.readouterr().out.split())
    assert "averaged over the classes" in out
    assert "it flags" not in out and "one positive" not in out


def test_decisions_are_those_of_predict_where_chances_are_fitted_apart():
    pytest.importorskip("sklearn")
    from sklearn.datasets import load_wine
    from sklearn.neighbors import NearestCentroid

    import plimsoll

    wine = load_wine()
    names = [f"x{k}" for k in range(wine.data.shape[1])]
    frame = pl.DataFrame({**dict(zip(names, wine.data.T, strict=True)), "y": wine.target})
    model = NearestCentroid().fit(wine.data, wine.target)
    record = plimsoll.evaluate(frame, model=model, target="y", only=["PRF001"])
    accuracy = record.estimates.filter(pl.col("name") == "accuracy")["value"].item()
    assert accuracy == pytest.approx((model.predict(wine.data) == wine.target).mean(), abs=1e-12)

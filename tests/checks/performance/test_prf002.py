"""PRF002: area and average precision are scikit-learn's numbers, ties and weights included."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import coin, stated
from worlds.tables import multiclass


@pytest.mark.parametrize("digits", [1, 2, 17])
@pytest.mark.parametrize("weighted", [False, True])
def test_binary_measures_are_scikit_learns(digits: int, weighted: bool) -> None:
    r = np.random.default_rng(digits)
    frame = stated(500, digits).with_columns(
        p=pl.col("p").round(digits), w=pl.Series(r.exponential(1, 500))
    )
    w = frame["w"].to_numpy() if weighted else None
    judged = judge(frame, "PRF002", target="y", score="p", weight="w" if weighted else None)
    area = sk.roc_auc_score(frame["y"], frame["p"], sample_weight=w)
    precision = sk.average_precision_score(frame["y"], frame["p"], sample_weight=w)
    assert judged.estimate("roc_auc").value == pytest.approx(area, abs=1e-9)
    assert judged.estimate("average_precision").value == pytest.approx(precision, abs=1e-9)


@pytest.mark.parametrize("scale", [(1.0, 0.0), (1e-7, 0.0), (-5.0, 3.0), (1e6, -1e9)])
def test_any_scale_of_score_ranks(scale: tuple[float, float]) -> None:
    a, b = scale
    frame = stated(300, 4).with_columns(s=pl.col("p") * a + b)
    judged = judge(frame, "PRF002", target="y", score="s", score_kind="ranking")
    expected = sk.roc_auc_score(frame["y"], frame["s"])
    assert judged.estimate("roc_auc").value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_measures_of_many_classes_are_scikit_learns(weighted: bool) -> None:
    frame = multiclass(400, 6)
    frame = frame.with_columns(w=pl.Series(np.random.default_rng(0).exponential(1, 400)))
    w = frame["w"].to_numpy() if weighted else None
    columns = ["p_cat", "p_dog", "p_emu"]
    judged = judge(frame, "PRF002", target="y", score=columns, weight="w" if weighted else None)
    p = frame.select(columns).to_numpy()
    macro = sk.roc_auc_score(frame["y"], p, multi_class="ovr", average="macro", sample_weight=w)
    assert judged.estimate("roc_auc").value == pytest.approx(macro, abs=1e-9)
    for i, label in enumerate(("cat", "dog", "emu")):
        rest = (frame["y"] == label).to_numpy()
        area = sk.roc_auc_score(rest, p[:, i], sample_weight=w)
        precision = sk.average_precision_score(rest, p[:, i], sample_weight=w)
        assert judged.estimate("roc_auc", label=label).value == pytest.approx(area, abs=1e-9)
        found = judged.estimate("average_precision", label=label).value
        assert found == pytest.approx(precision, abs=1e-9)


def test_the_curves_are_drawn_through_what_scikit_learn_finds() -> None:
    frame = stated(200, 8)
    roc, pr = judge(frame, "PRF002", target="y", score="p")["PRF002"].figures
    fpr, tpr, _ = sk.roc_curve(frame["y"], frame["p"], drop_intermediate=False)
    x, y = np.array(roc.series["model"]["x"]), np.array(roc.series["model"]["y"])
    order = np.lexsort((y, x))
    known = set(zip(fpr.round(12), tpr.round(12), strict=True))
    assert {(a.round(12), b.round(12)) for a, b in zip(x[order], y[order], strict=True)} <= known
    base = float(frame["y"].mean())
    assert pr.series["flag everybody"]["y"] == pytest.approx([base, base])


def test_chance_is_half_and_a_good_ranker_is_not() -> None:
    luck = judge(coin(2000, 3), "PRF002", target="y", score="p").estimate("roc_auc")
    assert luck.low < 0.5 < luck.high
    good = judge(stated(2000, 3), "PRF002", target="y", score="p").estimate("roc_auc")
    assert good.low > 0.8


def test_decisions_alone_do_not_rank() -> None:
    frame = stated(50).with_columns(d=(pl.col("p") > 0.5).cast(pl.Int8))
    entry = judge(frame, "PRF002", target="y", prediction="d")["PRF002"]
    assert entry.status is Status.NOT_APPLICABLE


def test_a_mean_over_some_of_many_classes_is_never_called_the_mean() -> None:
    r = np.random.default_rng(2)
    y = r.integers(0, 60, 1500)
    p = np.full((1500, 60), 0.5 / 60) + 0.5 * np.eye(60)[np.where(r.random(1500) < 0.4, y, 0)]
    frame = pl.DataFrame({"y": y, **{f"p{c}": p[:, c] for c in range(60)}})
    judged = judge(frame, target="y", score=[f"p{c}" for c in range(60)], task="multiclass")
    if judged.has("roc_auc"):
        expected = sk.roc_auc_score(y, p, multi_class="ovr", average="macro")
        assert judged.estimate("roc_auc").value == pytest.approx(expected, abs=1e-9)
    else:
        assert "of 60 classes" in (judged["PRF002"].reason or "")
    assert "of 60 classes" in (judged["CAL005"].reason or "")
    assert not judged.has("ece", variant="classwise")
    assert judged["BAS001"].status is Status.PASS

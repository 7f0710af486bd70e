"""PWR001: a margin finer than the rows can resolve is said to be so, a wide one is not."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.core.finding import Status
from worlds.judging import Judged, judge
from worlds.planted import stated, two_rankers


def compared(n: int, margin: float) -> Judged:
    return judge(
        two_rankers(n, 1, apart=1.2, champion_apart=1.2),
        "BAS003",
        "PWR001",
        target="y",
        score="mine",
        champion="theirs",
        policy={"b": {"non_inferior_to": "champion", "metric": "roc_auc", "margin": margin}},
    )


def test_a_margin_that_is_too_fine_is_found() -> None:
    judged = compared(300, 0.002)
    assert judged.titles("PWR001") == ["A margin is finer than these rows can resolve."]
    assert judged["PWR001"].status is Status.UNSURE
    assert judged["PWR001"].tables[0].rows[0][-1] == "too fine"


def test_a_wide_margin_raises_nothing() -> None:
    judged = compared(2000, 0.1)
    assert not judged["PWR001"].findings
    assert judged["PWR001"].tables[0].rows[0][-1] == "yes"


def test_the_rows_it_names_resolve_the_margin() -> None:
    few = compared(300, 0.03)
    words = few["PWR001"].findings[0].meaning.replace(",", "").split()
    rows = int(words[len(words) - words[::-1].index("About")])
    assert not compared(int(rows * 1.15), 0.03)["PWR001"].findings
    settled = [
        judge(
            two_rankers(rows, seed, apart=1.2, champion_apart=1.2),
            "BAS003",
            target="y",
            score="mine",
            champion="theirs",
            policy={"b": {"non_inferior_to": "champion", "metric": "roc_auc", "margin": 0.03}},
        )
        .gate[0]
        .status
        for seed in range(20)
    ]
    assert settled.count(Status.PASS) >= 12, "80 of 100 equal models should pass"


def test_a_drop_that_is_too_fine_is_found() -> None:
    now, then = stated(300, 2), stated(300, 3)
    fine = judge(
        now, "PRF001", "PWR001", target="y", score="p", reference=then,
        policy={"accuracy": {"max_drop": 0.01}},
    )  # fmt: skip
    assert fine.titles("PWR001") == ["A margin is finer than these rows can resolve."]
    half = fine["PWR001"].tables[0].rows[0][2]
    a, b = fine.estimate("accuracy"), fine.estimate("accuracy", variant="reference")
    assert half == pytest.approx(np.hypot(a.half_width, b.half_width))
    wide = judge(
        now, "PRF001", "PWR001", target="y", score="p", reference=then,
        policy={"accuracy": {"max_drop": 0.2}},
    )  # fmt: skip
    assert not wide["PWR001"].findings


def test_the_effect_is_two_point_eight_standard_errors_and_shrinks_with_the_root() -> None:
    def effect(n: int) -> tuple[float, float]:
        judged = judge(stated(n, 4), "PRF001", "PWR001", target="y", score="p",
                       policy={"accuracy": {"min": 0.5}})  # fmt: skip
        row = judged["PWR001"].tables[0].rows[0]
        return row[2], row[3]

    half, resolved = effect(1000)
    assert resolved / (half / 1.959964) == pytest.approx(2.8016, abs=1e-3)
    assert effect(4000)[1] == pytest.approx(resolved / 2, rel=0.1)


def test_the_effect_is_shown_in_eighty_of_a_hundred() -> None:
    judged = judge(stated(800, 5), "PRF001", "PWR001", target="y", score="p",
                   policy={"accuracy": {"min": 0.5}})  # fmt: skip
    effect = judged["PWR001"].tables[0].rows[0][3]
    r = np.random.default_rng(0)
    truth = judged.estimate("accuracy").value
    right = r.binomial(800, truth, 4000) / 800
    shown = right - 1.96 * np.sqrt(right * (1 - right) / 800) > truth - effect
    assert shown.mean() == pytest.approx(0.8, abs=0.04)


def test_without_a_policy_the_main_measures_are_listed() -> None:
    judged = judge(stated(300, 6), target="y", score="p")
    names = [row[0] for row in judged["PWR001"].tables[0].rows]
    assert names[:4] == ["roc_auc", "accuracy", "recall", "precision"]
    assert not judged["PWR001"].findings


def test_nothing_measured_is_not_applicable() -> None:
    judged = judge(stated(300, 6), "INP001", "PWR001", target="y", score="p")
    assert judged["PWR001"].status is Status.NOT_APPLICABLE


def test_a_limit_by_slices_is_not_resolved_by_the_whole() -> None:
    judged = judge(
        stated(300, 6), "PRF001", "PWR001", target="y", score="p",
        policy={"slices.recall": {"max_drop": 0.1, "by": ["x"]}, "accuracy": {"min": 0.5}},
    )  # fmt: skip
    assert [row[0] for row in judged["PWR001"].tables[0].rows] == ["accuracy.min"]

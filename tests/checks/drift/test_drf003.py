"""DRF003: tables whose columns changed only together are told apart, and like tables are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import plimsoll
from plimsoll.core.finding import Status
from worlds.judging import Judged, judge
from worlds.planted import logistic

TOLD = "Current rows can be told from those of the reference."
COSTS = "The changed mix of inputs is expected to cost the model."


def world(n: int, seed: int, *, together: float = 0.0, bad: float = 0.0) -> pl.DataFrame:
    """Two inputs with a correlation and one beside; the model knows nothing where ``a`` is above 1.

    ``bad`` moves ``a``.
    """
    r = np.random.default_rng(seed)
    a = r.normal(bad, 1, n)
    b = together * (a - bad) + np.sqrt(1 - together**2) * r.normal(size=n)
    x = r.normal(size=n)
    y = (r.random(n) < logistic(3 * x)).astype(int)
    known = np.where(a > 1, r.random(n), logistic(3 * x))
    return pl.DataFrame({"a": a, "b": b, "noise": r.normal(size=n), "p": known, "y": y})


THEN = world(800, 1)


def held(now: Any, then: Any = THEN, *only: str, **flags: Any) -> Judged:
    return judge(now, *(only or ("DRF003",)), target="y", score="p", reference=then, **flags)


def test_like_tables_are_not_told_apart() -> None:
    judged = held(world(800, 2))
    assert judged["DRF003"].status is Status.PASS
    assert not judged["DRF003"].findings
    area = judged.estimate("domain_classifier_auc")
    assert area.low < 0.55
    assert abs(area.value - 0.5) < 0.08


def test_columns_that_changed_only_together_are_found_and_named() -> None:
    judged = held(world(800, 2, together=0.9), THEN, "DRF001", "DRF003")
    assert not judged.findings("DRF001", Status.FAIL), "each by itself is as it was"
    (finding,) = judged.findings("DRF003", Status.FAIL)
    assert finding.title == TOLD
    telling = finding.meaning.split("Most telling: ")[1].rstrip(".").split(", ")
    assert set(telling) == {"a", "b"}
    assert judged.estimate("domain_classifier_auc").low > 0.55
    for column in ("a", "b"):
        assert judged.estimate("auc_drop", column=column).low > 0
    assert judged.estimate("auc_drop", column="noise").low <= 0


def test_a_mix_that_costs_is_told_and_one_that_does_not_is_not() -> None:
    judged = held(world(2000, 2, bad=1.0), world(2000, 1))
    assert COSTS in judged.titles("DRF003", Status.FAIL)
    place = {"metric": "accuracy", "variant": "all columns"}
    change = judged.estimate("expected_change", **place)
    real = _accuracy(world(50_000, 3, bad=1.0)) - _accuracy(world(50_000, 4))
    assert change.high < 0
    assert change.value == pytest.approx(real, abs=0.05)
    harmless = held(world(800, 2).with_columns(pl.col("noise") + 0.7), world(800, 1))
    assert harmless.titles("DRF003", Status.FAIL) == [TOLD]


def _accuracy(frame: pl.DataFrame) -> float:
    return float(((frame["p"] >= 0.5).cast(pl.Int64) == frame["y"]).mean())  # type: ignore[arg-type]


def test_the_same_tables_give_the_same_answer() -> None:
    one, two = (
        held(world(200, 2, together=0.9), THEN.head(200))["DRF003"].estimates for _ in range(2)
    )
    assert one == two


def test_why_it_cannot_run_is_said() -> None:
    reasons = {
        "no reference was given": judge(THEN, "DRF003", target="y", score="p"),
        "holds no rows; give the rows": held(THEN, plimsoll.profile(THEN, target="y", score="p")),
        "needs 50 rows": held(THEN.head(20)),
        "no input column is in both": held(THEN.rename({"a": "k", "b": "l", "noise": "m"})),
        "no input column has two different": held(
            *(t.with_columns(pl.lit(1).alias(c) for c in ("a", "b", "noise")) for t in (THEN, THEN))
        ),
    }
    for words, judged in reasons.items():
        entry = judged["DRF003"]
        assert entry.status in (Status.SKIPPED, Status.NOT_APPLICABLE)
        assert words in (entry.reason or "")
        assert not entry.estimates

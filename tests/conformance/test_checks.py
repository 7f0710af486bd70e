"""Every check keeps the contract, without being asked: discover() is walked, none is named by hand."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from plimsoll.checks import discover
from plimsoll.core.check import Options, StressOptions, trials_of
from plimsoll.core.finding import Status
from plimsoll.core.measure import Measure
from plimsoll.core.record import CheckEntry
from plimsoll.reports.charts import why_not
from worlds.judging import Judged, judge
from worlds.mixed import MARK, mixed

CHECKS = {check.CARD.code: check for check in discover()}
HEADINGS = (
    "What it measures",
    "Why it matters",
    "How",
    "When it cannot tell",
    "What to do",
)
# fmt: off
CONTRACT = {
    "accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1",
    "matthews_corrcoef", "roc_auc", "average_precision", "log_loss", "brier_score",
    "selection_rate", "base_rate", "false_positive_rate", "false_negative_rate", "ece",
    "ece_null_high", "mcb", "dsc", "unc", "calibration_slope", "calibration_intercept",
    "spiegelhalter_z", "spiegelhalter_p", "mean_absolute_error", "root_mean_squared_error",
    "r2", "median_absolute_error", "mean_absolute_percentage_error", "mean_error", "difference",
}
# fmt: on
SUITES = {"quick", "standard", "stress", "full"}
STYLES = {"per100", "number", "unit"}
LEVEL = 0.9


# What a check says of itself


@pytest.mark.parametrize("code", CHECKS)
def test_the_code_is_in_the_file_name_and_in_no_other(code: str) -> None:
    module = CHECKS[code]
    path = Path(str(module.__file__))
    assert re.fullmatch(rf"{code.lower()}_[a-z_]+\.py", path.name)
    assert [c for c in CHECKS if c == code] == [code]
    siblings = list(path.parents[1].glob(f"*/{code.lower()}_*.py"))
    assert siblings == [path]


@pytest.mark.parametrize("code", CHECKS)
def test_the_docstring_is_a_page(code: str) -> None:
    text = CHECKS[code].__doc__ or ""
    first = text.splitlines()[0]
    assert re.fullmatch(rf"{code}  .+\?", first)
    assert first == f"{code}  {CHECKS[code].CARD.question}"
    assert tuple(re.findall(r"^## (.+)$", text, re.M)) == HEADINGS
    for part in re.split(r"^## .+$", text, flags=re.M)[1:]:
        assert len(part.split()) >= 8, "a heading without a text"


@pytest.mark.parametrize("code", CHECKS)
def test_the_card_is_filled(code: str) -> None:
    card = CHECKS[code].CARD
    for said in (card.title, card.question, card.area, card.needs, card.cost):
        assert said.strip()
        assert said == said.strip()
    assert card.question.endswith("?")
    assert card.evidence
    assert set(card.suites) <= SUITES
    assert "full" in card.suites
    assert len({m.name for m in card.measures}) == len(card.measures)
    for measure in card.measures:
        _is_a_measure(measure)


def _is_a_measure(measure: Measure) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", measure.name)
    assert measure.title
    assert measure.better in ("higher", "lower", "target", "neither")
    assert measure.style in STYLES
    assert (measure.aim is not None) or measure.better != "target" or measure.plain or measure.title
    if measure.low is not None and measure.high is not None:
        assert measure.low < measure.high
    if measure.plain:
        said = measure.plain.format(value=1, low=0, high=2)
        assert "{" not in said
        assert "{value}" in measure.plain


def test_a_measure_has_one_title_and_one_direction_wherever_it_stands() -> None:
    facts: dict[str, Measure] = {}
    for check in CHECKS.values():
        for measure in check.CARD.measures:
            known = facts.setdefault(measure.name, measure)
            assert (known.title, known.better) == (measure.title, measure.better)


# What a check asks for and says in every world


def tasks() -> Iterator[dict[str, Any]]:
    """Every crossing of task, scores, predictions, weights and clusters."""
    for task, kind, decided, weight, group in itertools.product(
        ("binary", "multiclass", "regression"),
        ("probability", "ranking", "none"),
        (True, False),
        (True, False),
        (True, False),
    ):
        if task == "regression" and (kind != "none" or not decided):
            continue
        if kind == "none" and not decided:
            continue
        yield {"task": task, "kind": kind, "decided": decided, "weight": weight, "group": group}


def flags(task: str, kind: str, decided: bool, weight: bool, group: bool) -> dict[str, Any]:
    out: dict[str, Any] = {"target": "y", "id": "id", "time": "day"}
    out |= {
        "slice_by": ["colour", "x*colour"],
        "sensitive": ["colour", "z"],
        "named": {"up": "x > 0"},
        "sex": "colour",
        "race": "z",
    }
    if task == "regression":
        return out | {
            "prediction": "yhat",
            "interval": ["low", "high"],
            "quantiles": {"0.16": "q16", "0.84": "q84"},
            **({"weight": "w"} if weight else {}),
            **({"group": "g"} if group else {}),
        }
    if kind != "none":
        scores = "s" if kind == "ranking" else "p"
        out["score"] = scores if task == "binary" else ["p_cat", "p_dog", "p_emu"]
        out["score_kind"] = kind
    if decided:
        out["prediction"] = "decided"
    if weight:
        out["weight"] = "w"
    if group:
        out["group"] = "g"
    return out


def name_of(world: dict[str, Any]) -> str:
    said = [world["task"], world["kind"]]
    said += [word for word in ("decided", "weight", "group") if world[word]]
    return " ".join(said)


@pytest.mark.parametrize("world", list(tasks()), ids=name_of)
def test_every_check_judges_every_task(world: dict[str, Any]) -> None:
    frame = mixed(world["task"], 90, 1)
    judged = judge(frame, resamples=40, confidence=LEVEL, **flags(**world))
    assert set(judged.entries) == set(CHECKS)
    keeps_the_contract(judged)


@pytest.mark.parametrize(
    "world",
    [w for w in tasks() if w["weight"] == w["group"] and w["decided"] != (w["kind"] == "ranking")],
    ids=name_of,
)
def test_every_check_judges_with_a_reference_and_a_champion(world: dict[str, Any]) -> None:
    task = world["task"]
    frame, reference = mixed(task, 90, 1), mixed(task, 120, 2)
    scored = task == "binary" and world["kind"] != "none"
    judged = judge(
        frame,
        resamples=40,
        confidence=LEVEL,
        reference=reference,
        champion="champion" if scored else "champion_decided",
        policy={"recall": {"max_drop": 0.1}} if task != "regression" else {"r2": {"max_drop": 0.1}},
        **flags(**world),
    )
    keeps_the_contract(judged)
    assert judged["BAS002"].estimates
    assert judged["BAS003"].estimates
    assert any(e.where.variant == "reference" for c in judged.entries.values() for e in c.estimates)


@dataclass(frozen=True)
class Answering:
    """A model of x and colour that takes anything in them."""

    task: str
    classes_ = np.array(["cat", "dog", "emu"])
    feature_names_in_ = np.array(["x", "colour"])

    def _logit(self, frame: Any) -> np.ndarray:
        frame = frame if isinstance(frame, pl.DataFrame) else pl.from_pandas(frame)
        x = frame["x"].cast(pl.Float64).fill_null(0.0).fill_nan(0.0).to_numpy()
        red = (frame["colour"].cast(pl.String) == "red").fill_null(value=False).to_numpy()
        return np.clip(x, -50, 50) + 0.5 * red

    def number(self, frame: pl.DataFrame) -> np.ndarray:
        return 100 + 3 * self._logit(frame)

    def chance(self, frame: pl.DataFrame) -> np.ndarray:
        return 1 / (1 + np.exp(-1.5 * self._logit(frame)))

    def predict_proba(self, frame: pl.DataFrame) -> np.ndarray:
        x = self._logit(frame)
        p = np.exp(np.stack([x, -x, 0 * x], axis=1))
        return p / p.sum(axis=1, keepdims=True)

    def predict(self, frame: pl.DataFrame) -> np.ndarray:
        return self.classes_[self.predict_proba(frame).argmax(axis=1)]


def answering(task: str) -> Any:
    made = Answering(task)
    return {"binary": made.chance, "regression": made.number}.get(task, made)


def fitting(rows: pl.DataFrame) -> Any:
    """Fit nothing: the target of the rows says which task it is."""
    kind = rows["y"].dtype
    return answering("regression" if kind.is_float() else "binary" if kind.is_integer() else "")


@pytest.mark.parametrize("roles", ["", "weight", "group"])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("against", ["linear", "champion"])
def test_every_check_that_asks_a_model(task: str, roles: str, against: str) -> None:
    asking = [c for c in CHECKS.values() if c.CARD.area in ("robustness", "ablation")]
    columns = {"weight": {"weight": "w"}, "group": {"group": "g"}, "": {}}[roles]
    inputs = ["id", "x", "z", "colour", "g", "w", "day", "y"]
    judged = judge(
        mixed(task, 400, 1).select(inputs),
        *(c.CARD.code for c in asking),
        reference=mixed(task, 300, 2).select(inputs),
        model=answering(task),
        champion=answering(task),
        fit=fitting,
        experiment=lambda rows: float(rows["y"].is_null().mean() or 0.5),
        against=against,
        contexts={"far": {"missing:x": 0.1}},
        confidence=LEVEL,
        target="y",
        id="id",
        time="day",
        task=task,
        sensitive=["colour"],
        **columns,
    )
    keeps_the_contract(judged)
    for code in ("STR001", "STR005", "STR006", "STR008", "STR009", "ABL001", "ABL005"):
        assert judged[code].estimates, (code, judged[code].reason)


@pytest.mark.parametrize("code", CHECKS)
def test_needs_are_values(code: str) -> None:
    asked = 0
    for world in tasks():
        frame = mixed(world["task"], 20, 1)
        rival = "champion_decided"
        subject = judge(frame, "INP002", reference=frame, champion=rival, **flags(**world)).subject
        for options in (
            Options(),
            Options(on_reference=True, costs=(1.0, 5.0), audit=("colour", "z")),
        ):
            one, two = (CHECKS[code].needs(subject, options) for _ in range(2))
            assert dict(one) == dict(two)
            assert [hash(need) for need in one.values()] == [hash(need) for need in two.values()]
            asked += len(one)
        # What asks again needs a model, which these rows do not have.
        able = replace(
            subject, has_model=True, roles=replace(subject.roles, sensitive=("colour",), time="z")
        )
        far = (("far", (("missing", 0.1),)),)
        named = Options(stress=StressOptions(contexts=far, against="linear"))
        first, second = (trials_of(CHECKS[code], able, named) for _ in range(2))
        assert dict(first) == dict(second)
        assert [hash(t) for t in first.values()] == [hash(t) for t in second.values()]
        asked += len(first)
    assert asked > 0 or CHECKS[code].CARD.last


def keeps_the_contract(judged: Judged) -> None:
    for entry in judged.entries.values():
        assert entry.status is not Status.ERROR, (entry.code, entry.reason)
        if entry.status in (Status.NOT_APPLICABLE, Status.SKIPPED):
            assert entry.reason, entry.code
            assert not entry.estimates
        _estimates_are_whole(entry)
        for finding in entry.findings:
            assert finding.status in (Status.PASS, Status.FAIL, Status.UNSURE)
            assert finding.title.endswith((".", "?"))
            assert finding.meaning.strip()
            assert finding.action.strip()
            assert all(0 <= i < len(entry.estimates) for i in finding.estimates)
        for figure in entry.figures:
            assert why_not(figure) is None, (entry.code, why_not(figure))
            assert all(len(v) <= 400 for s in figure.series.values() for v in s.values())
        for table in entry.tables:
            assert all(len(row) == len(table.columns) for row in table.rows)
        for text in texts((entry.reason, entry.findings, entry.figures, entry.tables)):
            assert MARK not in text, (entry.code, text)
            assert "nan" not in re.findall(r"[a-z]+", text), (entry.code, text)
        for estimate in entry.estimates:
            assert MARK not in str(estimate.where)


def _estimates_are_whole(entry: CheckEntry) -> None:
    names = {measure.name for measure in entry.card.measures}
    places = [(e.name, e.where) for e in entry.estimates]
    assert len(set(places)) == len(places), f"{entry.code} says one thing twice"
    for e in entry.estimates:
        assert all(math.isfinite(x) for x in (e.value, e.low, e.high))
        assert e.low <= e.value <= e.high, (entry.code, e)
        assert e.level == LEVEL, (entry.code, e)
        assert e.n >= 1
        assert e.method
        assert e.name in names | CONTRACT, (entry.code, e.name)
        facts = next((m for m in entry.card.measures if m.name == e.name), None)
        if facts is not None and e.where.metric is None:
            assert facts.low is None or e.low >= facts.low - 1e-12, (entry.code, e)
            assert facts.high is None or e.high <= facts.high + 1e-12, (entry.code, e)


def texts(value: Any) -> Iterator[str]:
    """Walk everything that is said."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from texts([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)


# Worlds at the edge


def edge(name: str, n: int = 60) -> pl.DataFrame:
    """A binary table with one thing wrong in it."""
    r = np.random.default_rng(3)
    y = (np.arange(n) % 2).astype(int)
    p = np.clip(0.2 + 0.5 * y + r.normal(0, 0.15, n), 0.01, 0.99)
    x, w = r.normal(size=n), r.exponential(1, n)
    match name:
        case "twenty rows":
            y, p, x, w = y[:20], p[:20], x[:20], w[:20]
        case "four rows":
            y, p, x, w = y[:4], p[:4], x[:4], w[:4]
        case "one predictor value":
            x = np.ones(n)
        case "equal scores":
            p = np.full(n, 0.5)
        case "perfect scores":
            p = y.astype(float)
        case "nearly perfect scores":
            p = np.where(y == 1, 0.999, 0.001)
        case "all wrong":
            p = 1.0 - y
        case "single positive":
            y = (np.arange(n) == 7).astype(int)
        case "single negative":
            y = (np.arange(n) != 7).astype(int)
        case "all said negative":
            p = p / 10
        case "zero weights of the positives":
            w = np.where(y == 1, 0.0, w)
        case "one row weighs all":
            w = np.where(np.arange(n) == 3, 1.0, 0.0)
        case "one heavy row":
            w = np.where(np.arange(n) == 3, 1e6, 1.0)
    columns = {"y": y, "p": p, "x": x, "w": w, "g": np.arange(y.size) // 3, "one": np.zeros(y.size)}
    return pl.DataFrame(columns)


EDGES = (
    "twenty rows",
    "four rows",
    "one predictor value",
    "equal scores",
    "perfect scores",
    "nearly perfect scores",
    "all wrong",
    "single positive",
    "single negative",
    "all said negative",
    "zero weights of the positives",
    "one row weighs all",
    "one heavy row",
)


@pytest.mark.parametrize("roles", ["", "w", "g", "w g", "one"])
@pytest.mark.parametrize("name", EDGES)
def test_every_check_stands_at_the_edge(name: str, roles: str) -> None:
    if "weigh" in name and "w" not in roles:
        pytest.skip("no weights are named")
    columns: dict[str, Any] = {"weight": "w"} if "w" in roles else {}
    if "g" in roles or "one" in roles:
        columns["group"] = "g" if "g" in roles else "one"
    frame = edge(name)
    judged = judge(frame, resamples=40, confidence=LEVEL, target="y", score="p", **columns)
    keeps_the_contract(judged)


@pytest.mark.parametrize("name", ["equal scores", "perfect scores", "single positive", "all wrong"])
def test_simple_models_and_a_champion_stand_at_the_edge(name: str) -> None:
    frame = edge(name).with_columns(champion=pl.col("p") * 0.5 + 0.2)
    judged = judge(
        frame,
        resamples=40,
        confidence=LEVEL,
        target="y",
        score="p",
        reference=frame.drop("champion"),
        champion="champion",
    )
    keeps_the_contract(judged)


@pytest.mark.parametrize("roles", ["", "w", "g", "one"])
@pytest.mark.parametrize(
    "name", ["constant target", "perfect", "far from zero", "huge", "two rows", "target of zeros"]
)
def test_every_check_stands_at_the_edge_of_a_regression(name: str, roles: str) -> None:
    r = np.random.default_rng(4)
    n = 2 if name == "two rows" else 40
    y = r.normal(size=n)
    match name:
        case "constant target":
            y = np.full(n, 3.0)
        case "far from zero":
            y = 1e9 + y
        case "huge":
            y = y * 1e30
        case "target of zeros":
            y = np.zeros(n)
    scale = float(np.abs(y).max()) or 1.0
    yhat = y if name == "perfect" else y + 0.1 * scale * r.normal(size=n)
    frame = pl.DataFrame(
        {"y": y, "yhat": yhat, "w": r.exponential(1, n), "g": np.arange(n) // 2, "one": np.zeros(n)}
    )
    columns = {"w": {"weight": "w"}, "g": {"group": "g"}, "one": {"group": "one"}}.get(roles, {})
    judged = judge(
        frame,
        resamples=40,
        confidence=LEVEL,
        target="y",
        prediction="yhat",
        task="regression",
        **columns,
    )
    keeps_the_contract(judged)


@pytest.mark.parametrize("name", ["a class of one row", "one class never said", "certain", "equal"])
def test_every_check_stands_at_the_edge_of_many_classes(name: str) -> None:
    n = 45
    y = np.arange(n) % 3
    if name == "a class of one row":
        y = np.where(y == 2, 0, y)
        y[5] = 2
    p = np.full((n, 3), 0.1) + 0.7 * np.eye(3)[y]
    if name == "one class never said":
        p = p @ np.array([[1.0, 0, 0], [0, 1, 0], [0.5, 0.5, 0]])
    if name == "certain":
        p = np.eye(3)[(y + (np.arange(n) % 7 == 0)) % 3]
    if name == "equal":
        p = np.full((n, 3), 1 / 3)
    frame = pl.DataFrame({"y": y, "a": p[:, 0], "b": p[:, 1], "c": p[:, 2]})
    judged = judge(frame, resamples=40, confidence=LEVEL, target="y", score=["a", "b", "c"])
    keeps_the_contract(judged)


def odd(n: int) -> pl.DataFrame:
    """A binary table with an input of every type that a table may hold."""
    i, x = pl.int_range(n), pl.col("x")
    return mixed("binary", n, n).with_columns(
        a_list=pl.concat_list("x", "p"),
        an_array=pl.concat_list("x", "p").list.to_array(2),
        a_struct=pl.struct("x", "p"),
        some_bytes=pl.lit(b"\xff\xfe"),
        a_decimal=x.cast(pl.Decimal(20, 4)),
        a_duration=pl.duration(seconds=i),
        a_time=pl.lit(dt.time(3, 4)),
        a_day=pl.lit(dt.date(2024, 1, 1)) + pl.duration(days=i % 5),
        a_moment=pl.lit(dt.datetime(2024, 1, 1)).dt.replace_time_zone("Europe/Paris"),
        a_category=pl.col("colour").cast(pl.Categorical),
        an_enum=pl.lit("a").cast(pl.Enum(["a", "b"])),
        nothing=pl.lit(None),
        a_flag=i % 2 == 0,
        large=pl.lit(2**64 - 1, dtype=pl.UInt64),
        endless=pl.when(i < 3).then(float("inf")).otherwise(x),
    )


@pytest.mark.parametrize("with_id", [True, False])
def test_every_check_stands_columns_of_every_type(with_id: bool) -> None:
    named: dict[str, Any] = {"id": "id"} if with_id else {"ignore": ["id"]}
    judged = judge(
        odd(90), resamples=40, confidence=LEVEL, target="y", score="p", reference=odd(120), **named
    )
    keeps_the_contract(judged)
    judged = judge(odd(90), "PRF001", "INP003", confidence=LEVEL, target="y", score="p",
                   group="a_struct", **named)  # fmt: skip
    keeps_the_contract(judged)


def test_two_checks_never_share_a_code() -> None:
    codes = [check.CARD.code for check in discover()]
    assert len(codes) == len(set(codes))
    assert all(isinstance(check.CARD, type(discover()[0].CARD)) for check in discover())

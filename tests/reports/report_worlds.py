"""Records built by hand, one for every kind of reader's trouble: what the reports are tried on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import figure_worlds
import numpy as np
from figure_worlds import AGES, LONG_COLUMN

from plimsoll.core.check import Card
from plimsoll.core.estimate import EVERYWHERE, Estimate, Where
from plimsoll.core.finding import Figure, Status, Table
from plimsoll.core.measure import Measure
from plimsoll.core.record import (
    SCHEMA,
    CheckEntry,
    DataFacts,
    FindingEntry,
    GateLine,
    ModelFacts,
    Record,
    ScanFacts,
    SubjectFacts,
    Verdict,
)

N = 16281
EVIL = '<script>alert("x")</script>'
LONG = "a-very-long-model-name-that-nobody-would-type-" * 6


def est(
    name: str,
    value: float,
    half: float,
    *,
    n: int = N,
    method: str = "DeLong",
    unit: str | None = None,
    where: Where = EVERYWHERE,
) -> Estimate:
    return Estimate(name, value, value - half, value + half, 0.95, n, method, unit, where)


ROC_AUC = Measure(
    "roc_auc",
    "ROC AUC",
    plain="Shown one true case and one other, it ranks the true case higher about {value} times "
    "in 100 (likely {low} to {high}).",
    style="per100",
)
PRECISION = Measure(
    "precision",
    "Precision",
    plain="Of 100 people it flags, about {value} are right (likely {low} to {high}).",
    style="per100",
)
RECALL = Measure(
    "recall",
    "Recall",
    plain="Of 100 people it should flag, it finds about {value} (likely {low} to {high}).",
    style="per100",
)
ACCURACY = Measure(
    "accuracy",
    "Accuracy",
    plain="Of 100 answers, about {value} are right (likely {low} to {high}).",
    style="per100",
)
LOG_LOSS = Measure("log_loss", "Log loss", better="lower", high=None)
BRIER = Measure("brier_score", "Brier score", better="lower")
MCB = Measure("mcb", "Miscalibration (MCB)", better="lower")
ECE = Measure("ece", "Expected calibration error", better="lower")
SLOPE = Measure("calibration_slope", "Calibration slope", better="target", aim=1.0, high=None)
MAE = Measure(
    "mean_absolute_error",
    "Mean absolute error",
    better="lower",
    high=None,
    plain="Its answers are off by about {value} in a usual case (likely {low} to {high}).",
    style="unit",
)
R2 = Measure("r2", "R²", low=None)

PRF001 = Card(
    "PRF001",
    "Performance",
    "How good are the answers?",
    "performance",
    "labels and predictions",
    measures=(PRECISION, RECALL, ROC_AUC, ACCURACY, LOG_LOSS, BRIER, MAE, R2),
    evidence=("perf.metric_ci",),
    sources=("doi:10.2307/2531595", "https://doi.org/10.1214/ss/1009213286"),
)
BAS001 = Card(
    "BAS001",
    "Against a constant",
    "Is it better than giving everyone the same answer?",
    "baseline",
    "labels and scores",
    measures=(Measure("difference", "Difference", better="higher", low=None, high=None),),
)
CAL001 = Card(
    "CAL001",
    "Calibration",
    "Do stated chances match what happens?",
    "calibration",
    "probabilities",
    measures=(MCB, ECE, SLOPE),
    sources=("doi:10.1073/pnas.2016191118",),
)
INP001 = Card("INP001", "Rows and roles", "Is the input what it should be?", "input", "rows")
CAL004 = Card(
    "CAL004",
    "Interval coverage",
    "Do stated ranges hold the truth as often as they promise?",
    "calibration",
    "prediction intervals",
)
PWR001 = Card(
    "PWR001",
    "Resolving power",
    "What is the smallest change this data could show?",
    "power",
    "estimates of the other checks",
    last=True,
)


def roc_figure() -> Figure:
    x = np.linspace(0, 1, 80)
    y = x**0.18
    return Figure(
        "line",
        "How many true cases it finds for how many false alarms",
        "The further the line bends to the top left, the better. The diagonal is a coin toss.",
        {
            "model": {
                "x": x.tolist(),
                "y": y.tolist(),
                "low": np.clip(y - 0.02, 0, 1).tolist(),
                "high": np.clip(y + 0.02, 0, 1).tolist(),
            },
            "chance": {"x": [0.0, 1.0], "y": [0.0, 1.0]},
        },
        {"x_title": "False positive rate", "y_title": "True positive rate"},
    )


def precision_recall_figure() -> Figure:
    x = np.linspace(0.01, 1, 80)
    y = 0.97 - 0.7 * x**3
    return Figure(
        "line",
        "How often it is right, the more cases it flags",
        "Each point is one cut-off.",
        {"model": {"x": x.tolist(), "y": y.tolist()}},
        {"x_title": "Recall", "y_title": "Precision", "y_domain": [0, 1], "y_rules": [0.24]},
    )


def reliability_figure() -> Figure:
    x = np.linspace(0.02, 0.98, 25)
    edges = np.linspace(0, 1, 21)
    return Figure(
        "reliability",
        "Stated chance against what happened",
        "A line on the diagonal means that stated chances can be taken at their word. "
        "The bars below show how many rows had each score.",
        {
            "model": {
                "x": x.tolist(),
                "y": (x + 0.06 * np.sin(6 * x)).tolist(),
                "low": np.clip(x - 0.05, 0, 1).tolist(),
                "high": np.clip(x + 0.05, 0, 1).tolist(),
            },
            "counts": {
                "x": edges[:-1].tolist(),
                "x2": edges[1:].tolist(),
                "n": (4000 * np.exp(-5 * edges[:-1]) + 60).round().tolist(),
            },
        },
        {"x_title": "Stated chance", "y_title": "Share that happened"},
    )


def interval_figure(rows: int = 4) -> Figure:
    names = ["Constant", "Best single column", "Linear model", "Small boosted model"]
    labels = [names[i] if i < 4 else f"Rival {i}" for i in range(rows)]
    value = [0.41, 0.21, 0.028, 0.004, *(0.001 * i for i in range(4, rows))]
    return Figure(
        "interval",
        "How much better than simpler models",
        "Right of the line is better. A bar that crosses the line is not settled.",
        {
            "difference": {
                "label": labels,
                "value": value,
                "low": [v - 0.006 for v in value],
                "high": [v + 0.006 for v in value],
            }
        },
        {"x_title": "Difference in ROC AUC", "bound": 0.0},
    )


def bar_figure() -> Figure:
    return Figure(
        "bar",
        "Missing values by column",
        "Share of rows without a value.",
        {"missing": {"label": ["workclass", "occupation", "country"], "value": [0.06, 0.06, 0.02]}},
        {"x_title": "Share missing"},
    )


def performance_check(recall: float = 0.664) -> CheckEntry:
    estimates = (
        est("roc_auc", 0.9271, 0.0041),
        est("precision", 0.731, 0.021, n=3846, method="Wilson"),
        est("recall", recall, 0.0149, n=3846, method="Wilson"),
        est("accuracy", 0.8714, 0.0052, method="Wilson"),
        est("log_loss", 0.2783, 0.0071, method="Poisson bootstrap of the tally, 1,000 resamples"),
        est("brier_score", 0.0874, 0.0027, method="Poisson bootstrap of the tally"),
    )
    return CheckEntry(
        "PRF001", "Performance", Status.PASS, None, 0.31, PRF001, estimates, (),
        (roc_figure(), precision_recall_figure()),
        (
            Table(
                "Answers against the truth",
                ("", "Flagged", "Left alone"),
                (("True cases", 2554, 1292), ("Others", 940, 11495)),
                "Rows of the data, at a cut-off of 0.5.",
            ),
        ),
    )  # fmt: skip


def baseline_check() -> CheckEntry:
    estimates = tuple(
        est("difference", value, 0.006, method="paired DeLong",
            where=Where(metric="roc_auc", model=model))
        for model, value in (("constant", 0.427), ("linear", 0.028), ("boosted", 0.004))
    )  # fmt: skip
    finding = FindingEntry(
        Status.UNSURE,
        "A small boosted model may be as good",
        "A model that takes seconds to build does almost as well, so the gain may be nothing.",
        "Ask if the simpler model would do, or show where this one wins.",
        Where(model="boosted"),
        (2,),
    )
    return CheckEntry(
        "BAS001", "Against simpler models", Status.UNSURE, None, 1.84, BAS001, estimates,
        (finding,), (interval_figure(),),
    )  # fmt: skip


def calibration_check(status: Status = Status.PASS) -> CheckEntry:
    estimates = (
        est("mcb", 0.0041, 0.0012, method="CORP, resampled tally"),
        est("ece", 0.0212, 0.0043, method="15 bins, with its null band"),
        est("calibration_slope", 0.941, 0.034, method="logistic fit"),
    )
    findings = ()
    if status is Status.FAIL:
        findings = (
            FindingEntry(
                Status.FAIL,
                "Stated chances are too bold",
                "When it says 90 in 100, it happens about 84 times in 100.",
                "Recalibrate with isotonic regression on rows that were not used for training.",
                EVERYWHERE,
                (2,),
                critical=False,
            ),
        )
    return CheckEntry(
        "CAL001", "Calibration", status, None, 0.22, CAL001, estimates, findings,
        (reliability_figure(),),
    )  # fmt: skip


def input_check() -> CheckEntry:
    return CheckEntry(
        "INP001", "Rows and roles", Status.PASS, None, 0.05, INP001, (), (), (bar_figure(),),
        (
            Table(
                "Columns and their parts",
                ("Column", "Part", "Type", "Missing"),
                (("default", "target", "String", 0), ("p_default", "score", "Float64", 0.0021)),
            ),
        ),
    )  # fmt: skip


def silent_checks() -> tuple[CheckEntry, ...]:
    return (
        CheckEntry(
            "CAL004", "Interval coverage", Status.SKIPPED,
            "No interval columns were named", 0.0, CAL004,
        ),
        CheckEntry("PWR001", "Resolving power", Status.PASS, None, 0.01, PWR001),
    )  # fmt: skip


def gate_line(
    limit: str, bound: float, status: Status, estimate: Estimate, meaning: str, **more: Any
) -> GateLine:
    return GateLine(limit, bound, status, estimate, meaning, **more)


def subject(name: str = "credit-risk", **changes: Any) -> SubjectFacts:
    facts = SubjectFacts(
        name,
        "binary",
        ModelFacts("onnx", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "probability", "model.onnx"),
        DataFacts(N, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4", 15, "data/test.parquet"),
        DataFacts(32561, "2c26b46b68ffc68ff99b453c1d304134134", 15, "data/train.parquet"),
        ("no", "yes"),
        "yes",
        0.5,
        "score at or above 0.5",
        "probability",
        {"target": "default", "score": "p_default", "id": "loan_id"},
        ("The task is binary: the target holds two labels.",),
    )
    return replace(facts, **changes)


SCAN = ScanFacts(
    N, 15, 2, 0.42, 231_000_000, "local", 4, N - 38,
    {"no label": 31, "score is missing": 7}, 1.21, ("Equal needs of 5 checks were computed once.",),
)  # fmt: skip
SETTINGS = {
    "subject": {"name": "credit-risk", "task": "binary"},
    "data": {"current": "data/test.parquet", "reference": "data/train.parquet"},
    "run": {"seed": 0, "confidence": 0.95, "unsure": "unsure"},
    "policy": {"roc_auc": {"min": 0.75}},
}
SUMMARY = {
    "joint_power": "If the model is as good as it looks, data of this size lets it pass all its "
    "limits about 97 times in 100.",
    "reuse": "This data has judged this model line 3 times before.",
    "minimum_detectable": [
        "A drop of 0.006 in ROC AUC is the smallest that this data can show.",
        "A drop of 0.021 in recall is the smallest that this data can show.",
    ],
}


def record(verdict: Verdict, checks: Any, gate: Any = (), **changes: Any) -> Record:
    fields: dict[str, Any] = {
        "schema": SCHEMA,
        "plimsoll": "0.1.0",
        "created": "2026-11-23T03:00:00Z",
        "verdict": verdict,
        "subject": subject(),
        "settings": SETTINGS,
        "checks": tuple(checks),
        "gate": tuple(gate),
        "scan": SCAN,
        "summary": SUMMARY,
    }
    return Record(**{**fields, **changes})


def passing() -> Record:
    checks = (
        input_check(), performance_check(), baseline_check(), calibration_check(), *silent_checks()
    )  # fmt: skip
    auc, precision, recall = checks[1].estimates[:3]
    gate = (
        gate_line("roc_auc.min", 0.75, Status.PASS, auc, "It tells cases apart well enough."),
        gate_line("precision.min", 0.7, Status.PASS, precision, "Enough of its flags are right."),
        gate_line("recall.min", 0.6, Status.PASS, recall, "It finds enough of the true cases."),
        gate_line("log_loss.max", 0.4, Status.PASS, checks[1].estimates[4],
                  "Its stated chances cost little."),
        gate_line("calibration.mcb.max", 0.01, Status.PASS, checks[3].estimates[0],
                  "Stated chances are close to the truth."),
    )  # fmt: skip
    return record(Verdict.PASS, checks, gate)


def failing() -> Record:
    checks = (
        input_check(), performance_check(0.564), baseline_check(), calibration_check(Status.FAIL),
        *silent_checks(),
    )  # fmt: skip
    gate = (
        gate_line("roc_auc.min", 0.75, Status.PASS, checks[1].estimates[0],
                  "It tells cases apart well enough."),
        gate_line("recall.min", 0.6, Status.FAIL, checks[1].estimates[2],
                  "recall must be at least 0.6; measured 0.564, likely 0.549 to 0.579. "
            "The whole range breaks the limit."),
        gate_line("precision.min", 0.72, Status.UNSURE, checks[1].estimates[1],
                  "It may or may not be right often enough.", rows_needed=61_000, power=0.31),
        gate_line("baseline.roc_auc.non_inferior_to", 0.01, Status.PASS, checks[2].estimates[2],
                  "It is no worse than the champion."),
    )  # fmt: skip
    return record(Verdict.FAIL, checks, gate)


def unsure() -> Record:
    checks = (input_check(), performance_check(0.61), *silent_checks())
    gate = (
        gate_line("recall.min", 0.6, Status.UNSURE, checks[1].estimates[2],
                  "The range reaches below the limit.", rows_needed=41_200, power=0.42),
    )  # fmt: skip
    return record(Verdict.UNSURE, checks, gate)


def unmeasured() -> Record:
    line = GateLine(
        "robustness.missing.load_line_min", 0.1, Status.UNSURE, None,
        "missing could not be held against its limit: no check of this version measures it.",
        "no check of this version measures it",
    )  # fmt: skip
    settings = {**SETTINGS, "run": {"unsure": "fail"}}
    return record(Verdict.UNSURE, (performance_check(),), (line,), settings=settings)


def broken() -> Record:
    bad = CheckEntry(
        "CAL001", "Calibration", Status.ERROR, "The fit did not settle after 100 steps", 0.2, CAL001
    )
    return record(Verdict.ERROR, (input_check(), performance_check(), bad), ())


def constant() -> Record:
    finding = FindingEntry(
        Status.FAIL,
        "The model is no better than giving everyone the same answer",
        "Whatever it learned does not help with these rows.",
        "Look for labels that were joined wrongly, or for columns that are missing.",
        estimates=(0,),
        critical=True,
    )
    check = CheckEntry(
        "BAS001", "Against a constant", Status.FAIL, None, 0.1, BAS001,
        (est("difference", 0.001, 0.004, where=Where(metric="log_loss", model="constant")),),
        (finding,),
    )  # fmt: skip
    return record(Verdict.FAIL, (check,), (), summary={})


def no_policy() -> Record:
    summary = {
        **SUMMARY,
        "suggested_limits": [
            {"limit": "roc_auc.min", "value": 0.92, "why": "A later model should not fall below."},
            {"limit": "recall.min", "value": 0.64, "why": "The lower end of what was measured."},
        ],
    }
    return replace(passing(), gate=(), summary=summary)


def empty() -> Record:
    scan = ScanFacts(0, 0, 0, 0.0, 0)
    return record(Verdict.PASS, (), (), scan=scan, summary={}, settings={})


def multiclass() -> Record:
    classes = ("setosa", "versicolor", "virginica")
    values = (0.98, 0.91, 0.89)
    estimates = tuple(
        est("recall", value, 0.015, n=50, method="Wilson", where=Where(label=label))
        for label, value in zip(classes, values, strict=True)
    )
    estimates += (est("accuracy", 0.93, 0.04, n=150, method="Wilson"),)
    check = CheckEntry("PRF001", "Performance", Status.PASS, None, 0.1, PRF001, estimates)
    line = gate_line(
        "recall.min [virginica]", 0.9, Status.UNSURE, estimates[2], "It may miss too many."
    )
    return record(
        Verdict.UNSURE, (check,), (line,),
        subject=subject("iris", task="multiclass", classes=classes, positive=None, threshold=None),
    )  # fmt: skip


def regression() -> Record:
    estimates = (
        est("mean_absolute_error", 41_230.0, 910.0, unit="USD", method="Poisson bootstrap"),
        est("r2", 0.7821, 0.0112, method="Poisson bootstrap"),
    )
    check = CheckEntry("PRF001", "Performance", Status.PASS, None, 0.1, PRF001, estimates)
    line = gate_line(
        "mean_absolute_error.max", 45_000, Status.PASS, estimates[0], "It is close enough."
    )
    return record(
        Verdict.PASS, (check,), (line,),
        subject=subject("house-prices", task="regression", classes=(), positive=None,
                        threshold=None, score_kind="none", reference=None),
    )  # fmt: skip


def hostile() -> Record:
    """Names that try to break out of every format."""
    nasty = f"{EVIL} | a`b` *c* & 'd' \x1b[31m\x00 \u202e @octocat #12 ]]> %0A::error::x ${{{{7*7}}}} 漢字"
    estimate = est("recall", 0.5, 0.1, where=Where(slice=((nasty, nasty),)), method=nasty)
    finding = FindingEntry(Status.FAIL, nasty, nasty, nasty, estimate.where, (0,), critical=True)
    card = replace(PRF001, title=nasty, question=nasty, sources=(f"javascript:{nasty}", nasty))
    figure = replace(roc_figure(), title=nasty, caption=nasty, series={
        nasty: roc_figure().series["model"], "b": roc_figure().series["chance"],
    }, about={"x_title": nasty})  # fmt: skip
    labels = replace(
        interval_figure(),
        series={"d": {"label": [nasty], "value": [0.1], "low": [0.0], "high": [0.2]}},
    )
    table = Table(nasty, (nasty, "b"), ((nasty, 1.5), (None, True)), nasty)
    check = CheckEntry(
        "PRF001", nasty, Status.FAIL, None, 0.1, card, (estimate,), (finding,), (figure, labels),
        (table,),
    )  # fmt: skip
    line = gate_line(f"{nasty}.min", 0.9, Status.FAIL, estimate, nasty, reason=nasty)
    return record(
        Verdict.FAIL, (check,), (line,),
        subject=subject(nasty, columns={"target": nasty}, said=(nasty,)),
        settings={"subject": {"name": nasty}}, scan=replace(SCAN, left_out={nasty: 3}, notes=(nasty,)),
        summary={"headline": nasty, "reuse": nasty, "minimum_detectable": [nasty],
                 "suggested_limits": [{"limit": nasty, "value": 1, "why": nasty}]},
    )  # fmt: skip


def long_names() -> Record:
    base = failing()
    where = Where(slice=((LONG, LONG),))
    checks = tuple(
        replace(c, title=LONG, estimates=tuple(e.at(where) for e in c.estimates))
        for c in base.checks
    )
    line = replace(base.gate[1], limit=f"{LONG}.min", meaning=LONG, estimate=checks[1].estimates[2])
    return replace(base, subject=subject(LONG), checks=checks, gate=(line,))


def crowded() -> Record:
    """Sixty estimates, ten figures, fourteen limits."""
    estimates = tuple(
        est("recall", 0.4 + 0.009 * i, 0.03, method="Wilson", n=200 + i,
            where=Where(slice=(("region", f"region {i}"),)))
        for i in range(60)
    )  # fmt: skip
    check = CheckEntry(
        "PRF001", "Performance", Status.FAIL, None, 0.4, PRF001, estimates, (),
        (roc_figure(), precision_recall_figure(), reliability_figure(), interval_figure(30)),
    )  # fmt: skip
    other = [replace(calibration_check(), code=f"CAL00{i}") for i in range(1, 7)]
    gate = tuple(
        gate_line(
            "slices.recall.min", 0.6,
            Status.FAIL if e.high < 0.6 else Status.PASS if e.low > 0.6 else Status.UNSURE,
            e, "How much of this group it finds.",
        )
        for e in estimates[10:38:2]
    )  # fmt: skip
    return record(Verdict.FAIL, (check, *other), gate)


def busy() -> Record:
    """As much on the front page as fits there, and more behind it."""
    base = failing()
    silent = silent_checks()[0]
    checks = (*base.checks, *(replace(silent, code=f"CAL01{i}") for i in range(9)))
    detectable = [f"A drop of 0.0{i} in recall is the smallest to be seen." for i in range(1, 9)]
    return replace(
        base,
        checks=checks,
        gate=base.gate + tuple(replace(line, bound=line.bound * 0.9) for line in passing().gate),
        summary={**SUMMARY, "minimum_detectable": detectable},
    )


SLC001 = Card(
    "SLC001",
    "Slices",
    "Is it worse for some groups?",
    "slices",
    "labels and predictions",
    measures=(RECALL, Measure("difference", "Difference", low=None, high=None)),
)


def sliced() -> Record:
    """Forty groups under one limit, every figure of groups, a table wider than a phone."""
    pairs = [(("region", f"region {i}"), ("age", AGES[i % 4])) for i in range(40)]
    apart = tuple(
        est("difference", 0.09 - 0.006 * i, 0.04, n=150 + 20 * i, method="Newcombe",
            where=Where(slice=pair, metric="recall", variant="whole"))
        for i, pair in enumerate(pairs)
    )  # fmt: skip
    finding = FindingEntry(
        Status.FAIL,
        "It finds fewer of the true cases here than elsewhere",
        "These 312 people fare worse than the rest, by 4.1 points.",
        "Collect more rows of this group, or send its cases to a person.",
        apart[0].where,
        (0,),
    )
    table = Table(
        "Every group",
        (LONG_COLUMN, "n", "Recall", "Against the rest", "Shrunken", "Precision", "ROC AUC"),
        tuple(
            (f"{LONG_COLUMN}_{i}", 312 * i, 0.71, "−0.041 (−0.068 to −0.014)", 0.72, 0.81, 0.9)
            for i in range(6)
        ),
        "The worst first.",
    )
    check = CheckEntry(
        "SLC001", "Slices", Status.FAIL, None, 0.4, SLC001, apart, (finding,),
        tuple(figure_worlds.FIGURES.values()), (table,),
    )  # fmt: skip
    gate = tuple(
        gate_line(
            "slices.recall.max_drop", 0.1,
            Status.FAIL if e.low > 0.1 else Status.PASS if e.high < 0.1 else Status.UNSURE,
            e, "How much worse this group fares.",
        )
        for e in (replace(e, value=e.value + 0.06, low=e.low + 0.06, high=e.high + 0.06) for e in apart)
    )  # fmt: skip
    base = failing()
    return record(
        Verdict.FAIL, (performance_check(), check), (*base.gate[:1], *gate),
        subject=subject(columns={"target": "y", "slice_by": ["region", "age"]}),
    )  # fmt: skip


WORLDS = {
    "pass": passing,
    "fail": failing,
    "unsure": unsure,
    "unmeasured": unmeasured,
    "error": broken,
    "constant": constant,
    "no_policy": no_policy,
    "empty": empty,
    "multiclass": multiclass,
    "regression": regression,
    "hostile": hostile,
    "long_names": long_names,
    "crowded": crowded,
    "busy": busy,
    "sliced": sliced,
}

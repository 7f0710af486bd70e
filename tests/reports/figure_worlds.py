"""Figures of slices, drift and fairness built by hand: what the drawings of groups are tried on."""

from __future__ import annotations

from typing import Any

import numpy as np

from plimsoll.core.finding import Figure

LONG_COLUMN = "customer_profile.employment_status_code_at_application"


def _steps(centre: float, width: float, moved: float, bins: int = 30) -> dict[str, list[Any]]:
    edges = np.linspace(centre - 3 * width, centre + 3 * width, bins + 1)
    middles = (edges[:-1] + edges[1:]) / 2

    def shares(at: float) -> list[float]:
        heights = np.exp(-0.5 * ((middles - at) / width) ** 2)
        return (heights / heights.sum()).tolist()

    return {
        "x": edges[:-1].tolist(),
        "x2": edges[1:].tolist(),
        "reference": shares(centre),
        "current": shares(centre + moved),
    }


JOBS = [
    "full-time", "part-time", "self-employed", "student", "retired",
    "unemployed, looking for work", "on leave", "other", "not stated", "unknown",
]  # fmt: skip


def distributions(panels: int = 12) -> Figure:
    series: dict[str, dict[str, list[Any]]] = {
        "age": _steps(42, 12, 6),
        LONG_COLUMN: {
            "label": JOBS,
            "reference": [0.4, 0.2, 0.1, 0.08, 0.07, 0.05, 0.04, 0.03, 0.02, 0.01],
            "current": [0.3, 0.22, 0.1, 0.1, 0.08, 0.08, 0.05, 0.03, 0.03, 0.01],
        },
        "income": _steps(52_000, 16_000, 2_000),
        "applied_at": {
            "x": [f"2025-{month:02d}-01" for month in range(1, 12)],
            "x2": [f"2025-{month:02d}-01" for month in range(2, 13)],
            "reference": [0.125] * 8 + [0.0] * 3,
            "current": [0.0] * 7 + [0.1, 0.3, 0.3, 0.3],
        },
        "sex": {"label": ["female", "male"], "reference": [0.48, 0.52], "current": [0.5, 0.5]},
        "tenure": {
            "x": [0.0, 1.0, 2.0, 4.0, 8.0],
            "x2": [1.0, 2.0, 4.0, 8.0, 20.0],
            "reference": [0.2] * 5,
            "current": [0.3, 0.25, 0.2, 0.15, 0.1],
        },
    }
    series |= {f"sensor.block_{i}.mean": _steps(0, 1, 0.1 * i) for i in range(6)}
    notes = {
        "age": "costs 3 points of recall (1.9 to 4.2)",
        LONG_COLUMN: "changed, harmless: less than 0.2 points of recall",
        "income": "may cost 1 point of recall (−0.2 to 1.9)",
        "applied_at": "no month before August",
    }
    kept = dict(list(series.items())[:panels])
    about = {"notes": notes, "names": ["reference (32,561 rows)", "current (16,281 rows)"]}
    title = "Columns that changed, the most harmful first"
    return Figure("distributions", title, "The share of rows by value, then and now.", kept, about)


AGES = ["[18, 30)", "[30, 45)", "[45, 60)", "[60, inf)"]
REGIONS = ["north", "south", "east", "west", "overseas territories", "not stated"]


def heat(**about: Any) -> Figure:
    rng = np.random.default_rng(3)
    cells: dict[str, list[Any]] = {name: [] for name in ("row", "column", "value", "n", "beyond")}
    for row in AGES:
        for column in REGIONS:
            if (row, column) == (AGES[0], "not stated"):
                continue
            n = int(rng.integers(8, 1500))
            value = float(np.clip(rng.normal(0.72, 0.08), 0, 1)) if n >= 20 else None
            side = "" if value is None else "below" if value < 0.62 else ""
            for name, item in zip(cells, (row, column, value, n, side), strict=True):
                cells[name].append(item)
    asked = {"middle": 0.72, "bound": 0.7, "x_title": "region", "y_title": "age", **about}
    return Figure(
        "heat", "Recall where age and region cross", "Each cell is one group.", {"c": cells}, asked
    )


def multiples() -> Figure:
    groups = {"region": REGIONS[:4], "age": AGES, LONG_COLUMN: JOBS[:6], "channel": ["web", "desk"]}
    rng = np.random.default_rng(5)
    series: dict[str, dict[str, list[Any]]] = {}
    for column, labels in groups.items():
        value = rng.normal(0.72, 0.06, len(labels))
        half = rng.uniform(0.01, 0.08, len(labels))
        low, high = value - half, value + half
        series[column] = {
            "label": labels,
            "value": value.tolist(),
            "low": low.tolist(),
            "high": high.tolist(),
            "beyond": ["below" if h < 0.72 else "above" if v > 0.72 else ""
                       for v, h in zip(low, high, strict=True)],
        }  # fmt: skip
    about = {"rule": 0.72, "bound": 0.6, "notes": {"age": "worse for the old"}}
    return Figure("multiples", "Recall by group", "All on one scale.", series, about)


def strip(windows: int = 24, panels: int = 4, kind: str = "date") -> Figure:
    rng = np.random.default_rng(11)
    starts: list[Any] = [f"{2024 + i // 12}-{1 + i % 12:02d}-01" for i in range(windows)]
    if kind != "date":
        starts = (
            list(range(windows)) if kind == "number" else [f"batch {i}" for i in range(windows)]
        )
    series: dict[str, dict[str, list[Any]]] = {}
    for panel in range(panels):
        value: list[Any] = (0.03 * panel + abs(rng.normal(0, 0.04, windows))).tolist()
        low: list[Any] = [max(0.0, v - 0.03) for v in value]
        high: list[Any] = [v + 0.03 for v in value]
        alarm = [v > 0.1 for v in low]
        if windows > 8:
            value[7] = low[7] = high[7] = None
        name = ["age", "income", LONG_COLUMN, "region"][panel % 4] + (
            "" if panel < 4 else f"_{panel}"
        )
        series[name] = {"x": starts, "value": value, "low": low, "high": high, "alarm": alarm}
    about = {"floor": 0.1, "floor_title": "practical floor", "notes": {"age": "quiet"}}
    return Figure("strip", "Distance from the reference, month by month",
                  "In standard deviations of the reference.", series, about)  # fmt: skip


def tree() -> Figure:
    nodes: dict[str, list[Any]] = {
        "label": ["everyone", "age: [60, inf)", "employment: part-time", "region: north",
                  "region: south", "age: [30, 45)", "income: < 12000",
                  "channel: a branch that was closed in the spring of that year"],
        "n": [16281, 2900, 312, 101, 88, 6210, 640, 1],
        "value": [0.74, 0.66, 0.51, 0.44, 0.58, 0.76, 0.61, None],
        "low": [0.736, 0.651, 0.482, 0.39, 0.527, 0.754, 0.59, None],
        "high": [0.744, 0.669, 0.538, 0.49, 0.633, 0.766, 0.63, None],
        "parent": [-1, 0, 1, 2, 2, 0, 5, 6],
        "beyond": ["", "below", "below", "below", "", "", "below", ""],
    }  # fmt: skip
    return Figure("tree", "Where recall is worst",
                  "From left to right, each group is part of the one above it.", {"recall": nodes},
                  {"rule": 0.74})  # fmt: skip


FIGURES: dict[str, Figure] = {
    "distributions": distributions(),
    "one distribution": distributions(1),
    "heat": heat(),
    "heat from low to high": heat(middle=None, bound=None),
    "multiples": multiples(),
    "strip": strip(),
    "strip of many": strip(200, 1, "number"),
    "strip of names": strip(10, 2, "name"),
    "tree": tree(),
}


SDS = "standard deviations"
SHARE = "share of rows"
LANES = ("label", "kind", "unit", "top", "state", "value", "low", "high", "exposure",
          "safe_at_exposure", "loss")  # fmt: skip
ABOUT: dict[str, Any] = {
    "metric": "roc_auc",
    "metric_title": "ROC AUC",
    "limit": 0.75,
    "limit_from": "policy",
    "limit_words": "The policy asks for a ROC AUC of at least 0.75.",
    "clean": 0.873,
    "clean_low": 0.866,
    "clean_high": 0.880,
    "chance": 0.5,
    "higher_is_better": True,
    "rows": 16281,
    "subject": "credit-risk",
    "more": 0,
}


def load_lines(*lanes: tuple[Any, ...], **about: Any) -> Figure:
    series = {name: [lane[i] for lane in lanes] for i, name in enumerate(LANES)}
    return Figure(
        "load_lines",
        "How much stress it carries",
        "Each lane is one stress, from none to the most that was tried.",
        {"lanes": series},
        {**ABOUT, **about},
    )


def many_lanes() -> Figure:
    """Every state, shares and magnitudes, one over its line today, the producer's order at random."""
    return load_lines(
        ("noise in every number", "noise", SDS, 2.0, "crosses", 0.62, 0.55, 0.71, 0.1, True, 0.21),
        ("missing income", "missing", SHARE, 1.0, "crosses", 0.22, 0.19, 0.26, 0.03, True, 0.14),
        ("income in thousands", "unit", SHARE, 1.0, "crosses", 0.04, 0.034, 0.047, 0.06, False, 0.3),
        ("missing age", "missing", SHARE, 1.0, "holds", 1.0, 0.93, 1.0, 0.01, True, 0.04),
        ("new values of occupation", "new_values", SHARE, 1.0, "crosses", 0.48, 0.41, 0.57, 0.12, True, 0.1),
        ("dates in another form", "format", SHARE, 1.0, "refuses", None, None, None, 0.0, None, None),
        ("typing errors in names", "typos", SHARE, 1.0, "unsure", 0.31, 0.12, 0.74, 0.2, None, 0.06),
        ("ages that drift upwards", "shift", SDS, 3.0, "crosses", 1.8, 1.5, 2.2, 0.4, True, 0.18),
        ("rows sent twice", "duplicates", SHARE, 0.5, "holds", 0.5, 0.5, 0.5, None, None, 0.0),
    )  # fmt: skip


def crowd_of_lanes(n: int = 22) -> Figure:
    rng = np.random.default_rng(7)
    value = rng.uniform(0.02, 0.9, n)
    return load_lines(
        *(
            (f"missing column {i}", f"family {i % 9}", SHARE, 1.0, "crosses", float(v),
             float(v * 0.9), float(min(1, v * 1.1)), None, None, float(rng.uniform(0, 0.3)))
            for i, v in enumerate(value)
        ),
        more=4,
    )  # fmt: skip


LOAD_LINES: dict[str, Figure] = {
    "many lanes": many_lanes(),
    "one lane": load_lines(
        ("missing income", "missing", SHARE, 1.0, "crosses", 0.22, 0.19, 0.26, 0.03, True, 0.14)
    ),
    "none crosses": load_lines(
        ("missing income", "missing", SHARE, 1.0, "holds", 1.0, 0.9, 1.0, 0.03, True, 0.01),
        ("noise", "noise", SDS, 3.0, "holds", 3.0, 3.0, 3.0, 0.0, True, 0.02),
    ),
    "only refusals": load_lines(
        ("missing income", "missing", SHARE, 1.0, "refuses", None, None, None, None, None, None),
        chance=None,
    ),
    "below": load_lines(
        ("missing income", "missing", SHARE, 1.0, "below", 0.0, 0.0, 0.0, 0.03, False, 0.2),
        ("noise", "noise", SDS, 3.0, "below", None, None, None, None, None, 0.1),
        metric="log_loss", metric_title="Log loss", limit=0.3, limit_from="default", clean=0.41,
        clean_low=0.4, clean_high=0.42, chance=0.55, higher_is_better=False,
    ),
    "long names": load_lines(
        (f"missing {LONG_COLUMN} of the household's main earner", "missing_values_at_random", SHARE,
         1.0, "crosses", 0.081, 0.062, 0.11, 0.002, True, 0.1),
        ("unit of " + "x" * 60, "unit", "a unit that nobody has ever heard of", 1200.0, "crosses",
         410.0, 380.0, 460.0, 431.0, None, 0.1),
        subject="a-very-long-model-name-that-nobody-would-type-" * 3,
    ),
    "no exposure": crowd_of_lanes(),
    "unicode": load_lines(
        ("所得の欠損 <b>&", "欠損", SHARE, 0.3, "crosses", 0.1, 0.08, 0.13, 0.31, False, 0.1),
        ("bruit “gaussien” \x1b[31m", "bruit", "écarts-types", 0.5, "crosses", 0.01, 0.005, 0.02,
         0.0, True, 0.1),
        subject="Größe\u202e",
    ),
}  # fmt: skip

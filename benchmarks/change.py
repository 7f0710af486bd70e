"""Speed and memory of drift, slices and the search for weak slices, against a floor and against peers.

The data are drawn from a seed into a temporary folder. Every figure comes from a process of its own. A peer
that is not installed is named in one line and left out; ``--peers PYTHON`` names the interpreter of another
environment to look for it in. ``--large`` adds 10 million rows of drift (8.5 GB of disk). ``make bench``
calls this through ``run.py``; run alone, it renews its own part of ``benchmarks/RESULTS.md``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measuring import PRELUDE, Measured, has, measure

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
BEGIN, END = "<!-- change: begin -->", "<!-- change: end -->"
PART = 1_000_000
ROWS = 1_000_000
LARGE = 10_000_000
LARGE_DISK = 10 * 2**30
COLUMNS, VALUES = 20, 10
SETS_OF_TWO = COLUMNS * (COLUMNS - 1) // 2
DRAWS = 200
PATIENCE = 180.0
"""Seconds that a peer may take before it is given fewer rows."""

LOADED = (
    PRELUDE
    + """
import importlib, pkgutil
import plimsoll, plimsoll.api, plimsoll.engine.run, plimsoll.checks
for module in pkgutil.walk_packages(plimsoll.checks.__path__, "plimsoll.checks."):
    importlib.import_module(module.name)
def report(start, record):
    took = time.perf_counter() - start
    check = record.checks[0]
    done(took, scan=record.scan.seconds, judged=check.seconds, estimates=len(record.estimates),
         passes=record.scan.passes,
         errors=[c.reason for c in record.checks if c.status == "ERROR"])
"""
)

DRIFT = (
    LOADED
    + """
start = time.perf_counter()
report(start, plimsoll.evaluate(sys.argv[1], reference=sys.argv[2], only=["DRF001"]))
"""
)

DRIFT_FLOOR = (
    PRELUDE
    + """
import polars as pl
start = time.perf_counter()
for path in sys.argv[1:3]:
    pl.scan_parquet(path).select(
        pl.col(pl.Float64).sum(), pl.col(pl.String).str.len_bytes().sum()
    ).collect(engine="streaming")
done(time.perf_counter() - start)
"""
)

DRIFT_EVIDENTLY = (
    PRELUDE
    + """
import pyarrow.parquet as pq
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset
def read(path):
    return next(pq.ParquetFile(path).iter_batches(int(sys.argv[3]))).to_pandas()
start = time.perf_counter()
current, reference = read(sys.argv[1]), read(sys.argv[2])
names = list(current)
kinds = DataDefinition(numerical_columns=[n for n in names if n.startswith("x")],
                       categorical_columns=[n for n in names if n.startswith("c")])
Report([DataDriftPreset()]).run(Dataset.from_pandas(current, data_definition=kinds),
                                Dataset.from_pandas(reference, data_definition=kinds)).dict()
done(time.perf_counter() - start)
"""
)

SLICES = (
    LOADED
    + """
names = [f"c{i}" for i in range(int(sys.argv[2]))]
start = time.perf_counter()
report(start, plimsoll.evaluate(sys.argv[1], target="label", score="score", slice_by=names, cross=2,
                                only=["SLC001"]))
"""
)

SEARCH = (
    LOADED
    + """
start = time.perf_counter()
report(start, plimsoll.evaluate(sys.argv[1], target="label", score="score", only=["SLC002"], depth=3))
"""
)

SLICES_PANDAS = (
    PRELUDE
    + """
import numpy as np, pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
frame = pd.read_parquet(sys.argv[1])
def measures(y, s):
    d = s >= 0.5
    hit, alarm = np.sum(d & (y == 1)), np.sum(d & (y == 0))
    lost, clear = np.sum(y == 1) - hit, np.sum(y == 0) - alarm
    precision, recall = hit / max(hit + alarm, 1), hit / max(hit + lost, 1)
    specificity = clear / max(clear + alarm, 1)
    whole = np.sqrt(float(hit + alarm) * (hit + lost) * (clear + alarm) * (clear + lost))
    return [(hit + clear) / y.size, (recall + specificity) / 2, precision, recall, specificity,
            2 * hit / max(2 * hit + alarm + lost, 1),
            (float(hit) * clear - float(alarm) * lost) / max(whole, 1),
            (hit + alarm) / y.size, y.mean(), 1 - specificity, 1 - recall, roc_auc_score(y, s),
            average_precision_score(y, s), log_loss(y, s), brier_score_loss(y, s)]
rng = np.random.default_rng(0)
def cost(by, slices):
    took = []
    for _, rows in frame.groupby(by):
        start = time.perf_counter()
        y, s = rows["label"].to_numpy(), rows["score"].to_numpy()
        drawn = [measures(y[at], s[at]) for at in (rng.integers(0, y.size, y.size) for _ in range(200))]
        np.quantile(drawn, [0.025, 0.975], axis=0)
        took.append(time.perf_counter() - start)
        if len(took) == slices:
            return sum(took) / slices
one, two = cost(["c0"], 2), cost(["c0", "c1"], 10)
done(one * 2 + two * 10, one=one, two=two)
"""
)

SLICES_FAIRLEARN = (
    PRELUDE
    + """
import numpy as np, pandas as pd, warnings
from fairlearn.metrics import (MetricFrame, false_negative_rate, false_positive_rate, selection_rate,
                               true_negative_rate, true_positive_rate)
from sklearn.metrics import accuracy_score, roc_auc_score
warnings.simplefilter("ignore")
frame = pd.read_parquet(sys.argv[1])
measures = {f.__name__: f for f in (accuracy_score, selection_rate, true_positive_rate, true_negative_rate,
                                    false_positive_rate, false_negative_rate)}
decided = (frame["score"] >= 0.5).astype(int)
def took(by, **draws):
    start = time.perf_counter()
    for metrics, given in ((measures, decided), ({"roc_auc": roc_auc_score}, frame["score"])):
        MetricFrame(metrics=metrics, y_true=frame["label"], y_pred=given, sensitive_features=frame[by],
                    **draws).by_group
    return time.perf_counter() - start
draws = dict(n_boot=2, ci_quantiles=[0.025, 0.975], random_state=0)
one = max(took(["c0"], **draws) - took(["c0"]), 0) / 2
two = max(took(["c0", "c1"], **draws) - took(["c0", "c1"]), 0) / 2
done(one + two, one=one, two=two)
"""
)


def make_side(path: Path, rows: int, side: str, seed: int) -> None:
    """Write 50 numeric and 10 text columns; on the current side a few are a little different."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng, writer = np.random.default_rng(seed), None
    current = side == "current"
    for at in range(0, rows, PART):
        n, columns = min(PART, rows - at), {}
        for i in range(50):
            x = rng.standard_normal(n) if i % 3 else np.exp(rng.standard_normal(n))
            if current and i < 10:
                x = x + 0.05 if i < 5 else x * 1.1
            columns[f"x{i}"] = pa.array(x)
        for i in range(10):
            levels = [3, 10, 50, 200, 1000][i % 5]
            codes = rng.integers(0, levels, n)
            if current and i < 3:
                codes[rng.random(n) < 0.02] = 0
            columns[f"c{i}"] = pa.array([f"v{j}" for j in range(levels)]).take(pa.array(codes))
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=1 << 17)
    assert writer is not None
    writer.close()


def make_slices(path: Path, rows: int) -> None:
    """Write 20 text columns of 10 values, a calibrated score and a label."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    words = pa.array([f"v{j}" for j in range(VALUES)])
    columns = {f"c{i}": words.take(pa.array(rng.integers(0, VALUES, rows))) for i in range(COLUMNS)}
    score = rng.beta(1.2, 3.0, rows)
    label = (rng.random(rows) < score).astype(np.int8)
    pq.write_table(pa.table({**columns, "score": score, "label": label}), path)


def change_lines(large: bool = False, peers: str = sys.executable) -> list[str]:
    """Measure everything; return the lines of the page between its two marks."""
    with tempfile.TemporaryDirectory(prefix="change-") as made:
        folder = Path(made)
        lines = [*drift_lines(folder, peers), *slice_lines(folder, peers), *search_lines(folder)]
        lines += large_lines(folder) if large else []
    return ["", BEGIN, *lines, END]


def drift_lines(folder: Path, peers: str) -> list[str]:
    """Measure drift in 60 columns of a million rows on each side."""
    sides = _sides(folder, ROWS)
    floor, ours = measure(DRIFT_FLOOR, *sides), measure(DRIFT, *sides)
    allowed = 2 * floor.seconds + 1
    out = [
        f"## Drift, 50 numeric and 10 text columns, {ROWS:,} rows on each side in Parquet",
        "",
        *_head("floor"),
        _row("floor: Polars sums the columns of both files", floor, floor.seconds),
        _row("Plimsoll: `DRF001`, every column with interval and floor", ours, floor.seconds),
    ]
    peer = _evidently(sides, peers, ours)
    return [
        *out,
        *([peer[0]] if len(peer) > 1 else []),
        "",
        f"Wanted: at most twice the floor and 1 s, {allowed:.2f} s by the medians: "
        f"{_met(ours.seconds <= allowed)}; {2 * floor.best + 1:.2f} s by the best: "
        f"{_met(ours.best <= 2 * floor.best + 1)}. Judging took {ours.said['judged']:.2f} s of it. "
        f"Errors: {ours.said['errors'] or 'none'}. {peer[-1]}",
    ]


def _evidently(sides: tuple[str, str], peers: str, ours: Measured) -> list[str]:
    """Return a row of the table and a sentence, or the sentence alone where Evidently is not there."""
    python = _where(peers, "evidently", "pyarrow")
    if python is None:
        return ["Evidently is not installed here and was left out."]
    rows = ROWS // 10
    found = measure(DRIFT_EVIDENTLY, *sides, str(rows), repeats=1, python=python)
    if found.seconds * 10 <= PATIENCE:
        rows = ROWS
        found = measure(DRIFT_EVIDENTLY, *sides, str(rows), repeats=1, python=python)
    ratio = found.seconds / ours.seconds
    sentence = f"Evidently on {rows:,} rows takes {ratio:.1f} times as long as Plimsoll on {ROWS:,}"
    if rows < ROWS:
        sentence += f" (times {ROWS // rows} by rows, extrapolated: {ratio * ROWS / rows:.0f})"
    what = f"Evidently: `DataDriftPreset`, {rows:,} rows on each side, once"
    return [_row(what, found, float("nan")), f"{sentence}; wanted: at least 100."]


def large_lines(folder: Path) -> list[str]:
    """Measure drift in ten million rows on each side, where the disk has room."""
    title = ["", f"## Drift, the same columns, {LARGE:,} rows on each side", ""]
    if shutil.disk_usage(folder).free < LARGE_DISK:
        return [*title, f"Left out: {LARGE_DISK / 2**30:.0f} GiB of disk are needed."]
    sides = _sides(folder, LARGE)
    floor, ours = measure(DRIFT_FLOOR, *sides, repeats=1), measure(DRIFT, *sides)
    return [
        *title,
        *_head("floor"),
        _row("floor: Polars sums the columns of both files", floor, floor.seconds),
        _row("Plimsoll: `DRF001`", ours, floor.seconds),
        "",
        f"Wanted: less than 1.5 GiB: {_met(ours.peak_gib < 1.5)}; at most twice the floor and 1 s, "
        f"{2 * floor.seconds + 1:.2f} s: {_met(ours.seconds <= 2 * floor.seconds + 1)}.",
    ]


def slice_lines(folder: Path, peers: str) -> list[str]:
    """Measure all slices and pairwise slices of twenty columns."""
    path = folder / "slices.parquet"
    _apart(make_slices, path, ROWS)
    ours = measure(SLICES, str(path), str(COLUMNS))
    many = COLUMNS * VALUES + SETS_OF_TWO * VALUES**2
    out = [
        "",
        f"## Slices, {many:,} slices and crossings of {COLUMNS} columns, {ROWS:,} rows",
        "",
        *_head("Plimsoll"),
        _row("Plimsoll: `SLC001`, every measure with interval", ours, ours.seconds),
    ]
    left = []
    for name, code, count, note in _slice_peers(many):
        python = _where(peers, name, "pandas", "sklearn", "pyarrow")
        if python is None:
            left.append(f"{name} is not installed here and was left out.")
            continue
        found = measure(code, str(path), repeats=1, python=python)
        whole = count(found)
        ratio = whole / ours.seconds
        out.append(
            f"| {note} | {whole:,.0f} s, extrapolated | | {ratio:,.0f} | {found.peak_gib:.2f} GiB | "
            f"{found.load:.1f} |"
        )
    return [
        *out,
        "",
        f"Wanted: less than 5 s: {_met(ours.seconds < 5)} by the median, {_met(ours.best < 5)} by the best; "
        f"at least 50 times as fast as the peers. Reading and counting took {ours.said['scan']:.2f} s in "
        f"{ours.said['passes']} passes, judging {ours.said['judged']:.2f} s. "
        f"Errors: {ours.said['errors'] or 'none'}. {' '.join(left)}".rstrip(),
    ]


def _slice_peers(many: int) -> list[tuple[str, str, Callable[[Measured], float], str]]:
    """Return module, code, the whole cost from what was measured, and how that was come by."""
    one, two = COLUMNS * VALUES, SETS_OF_TWO * VALUES**2
    return [
        (
            "pandas",
            SLICES_PANDAS,
            lambda found: found.said["one"] * one + found.said["two"] * two,
            f"pandas groupby, 15 measures with scikit-learn, {DRAWS} resamples: 2 single slices and 10 "
            f"crossings measured, the cost of each times {one} and {two:,}",
        ),
        (
            "fairlearn",
            SLICES_FAIRLEARN,
            lambda found: DRAWS * (found.said["one"] * COLUMNS + found.said["two"] * SETS_OF_TWO),
            f"Fairlearn `MetricFrame`, 7 measures: 2 resamples of one column and of one pair measured, the "
            f"cost of each times {DRAWS} resamples, {COLUMNS} columns and {SETS_OF_TWO} pairs",
        ),
    ]


def search_lines(folder: Path) -> list[str]:
    """Measure the search for weak slices to a depth of three."""
    path = str(folder / "slices.parquet")
    floor = measure(DRIFT_FLOOR, path, path)
    ours = measure(SEARCH, path)
    return [
        "",
        f"## Search for weak slices to depth 3, {COLUMNS} columns, {ROWS:,} rows",
        "",
        *_head("floor"),
        _row("floor: Polars sums the columns, twice", floor, floor.seconds),
        _row("Plimsoll: `SLC002`", ours, floor.seconds),
        "",
        f"Wanted: less than 15 s: {_met(ours.seconds < 15)} by the median, {_met(ours.best < 15)} by the "
        f"best. {ours.said['passes']} passes. Errors: {ours.said['errors'] or 'none'}.",
    ]


def _sides(folder: Path, rows: int) -> tuple[str, str]:
    """Make both sides; return the paths of the current and of the reference rows."""
    paths = []
    for seed, side in ((2, "current"), (1, "reference")):
        path = folder / f"{side}-{rows}.parquet"
        _apart(make_side, path, rows, side, seed)
        paths.append(str(path))
    return paths[0], paths[1]


def _apart(work: Callable[..., None], *args: object) -> None:
    """Do work in a process of its own, so that its memory is not counted as that of what is measured."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=args)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("the data of the measurement could not be made; see above.")


def _where(peers: str, *modules: str) -> str | None:
    return next((python for python in (sys.executable, peers) if has(python, *modules)), None)


def _head(base: str) -> list[str]:
    return [
        f"| what | median | best | ratio to {base} | peak memory | load before |",
        "|---|---|---|---|---|---|",
    ]


def _row(what: str, found: Measured, base: float) -> str:
    ratio = "" if base != base else f"{found.seconds / base:.2f}"
    return (
        f"| {what} | {found.seconds:.2f} s | {found.best:.2f} s | {ratio} | {found.peak_gib:.2f} GiB | "
        f"{found.load:.1f} |"
    )


def _met(yes: bool) -> str:
    return "met" if yes else "missed"


def main() -> None:
    """Measure, print, and renew this part of the page of results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="add 10 million rows of drift")
    parser.add_argument("--peers", default=sys.executable, help="interpreter that has the peers")
    given = parser.parse_args()
    lines = change_lines(given.large, given.peers)
    print("\n".join(lines))
    page = RESULTS.read_text(encoding="utf-8")
    before, _, rest = page.partition(f"\n{BEGIN}\n")
    if not rest:
        before, _, after = page.partition("\nHow often the intervals hold")
        rest = f"{END}\n\nHow often the intervals hold{after}"
    after = rest.partition(f"{END}\n")[2]
    RESULTS.write_text("\n".join([before.rstrip("\n"), *lines, after]), encoding="utf-8")


if __name__ == "__main__":
    main()

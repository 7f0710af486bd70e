"""Speed and memory, as ratios to a floor and to scikit-learn measured in the same run.

Every figure comes from a process of its own, so that no import or cache of one helps the other; work is
timed inside it after imports. Run with ``make bench``; ``--large`` adds 100 million rows. Writes
``benchmarks/RESULTS.md``.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from change import change_lines
from measuring import PRELUDE, REPEATS, Measured, measure

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
ADULT = HERE.parent.parent / "shared" / "data"

OURS = (
    PRELUDE
    + """
import plimsoll, plimsoll.api
from plimsoll.engine.run import run
only = sys.argv[2].split(",") if sys.argv[2] else None
start = time.perf_counter()
record = plimsoll.evaluate(sys.argv[1], target="label", score="score", **({"only": only} if only else {}))
done(time.perf_counter() - start, scan=record.scan.seconds, estimates=len(record.estimates),
     auc=record.find("roc_auc").value, errors=[c.reason for c in record.checks if c.status == "ERROR"])
"""
)

SKLEARN = (
    PRELUDE
    + """
import polars as pl
from sklearn.metrics import roc_auc_score
frame = pl.read_parquet(sys.argv[1])
score, label = frame["score"].to_numpy(), frame["label"].to_numpy()
start = time.perf_counter()
value = roc_auc_score(label, score)
done(time.perf_counter() - start, auc=value)
"""
)

BOOTSTRAP = (
    PRELUDE
    + """
import numpy as np, polars as pl
from sklearn.metrics import roc_auc_score
frame = pl.read_parquet(sys.argv[1])
score, label = frame["score"].to_numpy(), frame["label"].to_numpy()
rng, times = np.random.default_rng(0), []
for _ in range(3):
    start = time.perf_counter()
    rows = rng.integers(0, label.size, label.size)
    roc_auc_score(label[rows], score[rows])
    times.append(time.perf_counter() - start)
done(sorted(times)[1])
"""
)

FLOOR = (
    PRELUDE
    + """
import polars as pl
start = time.perf_counter()
pl.scan_parquet(sys.argv[1]).select(pl.all().sum()).collect(engine="streaming")
done(time.perf_counter() - start)
"""
)

ADULT_RUN = (
    PRELUDE
    + """
import pickle, warnings
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
import plimsoll, plimsoll.api
train = pd.read_csv(sys.argv[1] + "/adult_train.csv")
inputs = train.drop(columns="income")
words = [c for c in inputs if not pd.api.types.is_numeric_dtype(inputs[c])]
encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1)
model = make_pipeline(make_column_transformer((encode, words), remainder="passthrough"),
                      HistGradientBoostingClassifier(random_state=0)).fit(inputs, train["income"])
start = time.perf_counter()
record = plimsoll.evaluate(sys.argv[1] + "/adult_test.csv", model=model,
                           reference=sys.argv[1] + "/adult_train.csv", target="income")
took = time.perf_counter() - start
start = time.perf_counter()
html = record.render("html")
done(took, fits=record.scan.fit_seconds, page=time.perf_counter() - start, page_kb=len(html) / 1024,
     errors=[c.reason for c in record.checks if c.status == "ERROR"])
"""
)


def make_rows(rows: int) -> Path:
    """Write a table of score and label once: a calibrated model with 29 % positives."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = DATA / f"scores-{rows}.parquet"
    if path.exists():
        return path
    DATA.mkdir(exist_ok=True)
    rng, part = np.random.default_rng(0), 1_000_000
    started = path.with_suffix(".part")
    schema = pa.schema([("score", pa.float64()), ("label", pa.int8())])
    with pq.ParquetWriter(started, schema) as writer:
        for at in range(0, rows, part):
            score = rng.beta(1.2, 3.0, min(part, rows - at))
            label = (rng.random(score.size) < score).astype(np.int8)
            writer.write_table(pa.table({"score": score, "label": label}, schema=schema))
    started.rename(path)
    return path


def whole(command: list[str], repeats: int = 7) -> float:
    """Return the median wall seconds of a whole process."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def binary_lines(large: bool) -> list[str]:
    """Measure PRF and CAL on score and label, against scikit-learn and the scan floor."""
    ten = str(make_rows(10_000_000))
    checks = "PRF001,PRF002,PRF003,PRF005,CAL001,CAL002,CAL003,CAL004"
    floor, one_auc = measure(FLOOR, ten), measure(SKLEARN, ten)
    ours = measure(OURS, ten, checks)
    everything = measure(OURS, ten, "")
    draw = measure(BOOTSTRAP, ten, repeats=1)
    bootstrap = 200 * draw.seconds
    out = [
        "## Score and label, 10 million rows in Parquet",
        "",
        "| what | work | ratio to one `roc_auc_score` | peak memory |",
        "|---|---|---|---|",
        _row("floor: Polars sums both columns", floor, one_auc),
        _row("scikit-learn: one `roc_auc_score`, rows already in memory", one_auc, one_auc),
        _row("Plimsoll: all of PRF and CAL, with intervals, from the file", ours, one_auc),
        _row("Plimsoll: all default checks, from the file", everything, one_auc),
        f"| scikit-learn: 200 bootstrap replicates of that area (3 timed, times 200 / 1) | "
        f"{bootstrap:.0f} s | {bootstrap / one_auc.seconds:.0f} | {draw.peak_gib:.2f} GiB |",
        "",
        f"The bootstrap takes {bootstrap / ours.seconds:.0f} times as long as all of PRF and CAL. The areas "
        f"differ by {abs(ours.said['auc'] - one_auc.said['auc']):.1e}. "
        f"{ours.said['estimates']} estimates, errors: {ours.said['errors'] or 'none'}.",
        "",
        "## Cost by rows",
        "",
        "| rows | work | seconds per million rows | peak memory |",
        "|---|---|---|---|",
    ]
    sizes = [1_000_000, 10_000_000] + ([100_000_000] if large else [])
    for rows in sizes:
        found = (
            ours if rows == 10_000_000 else measure(OURS, str(make_rows(rows)), checks, repeats=1)
        )
        out.append(
            f"| {rows:,} | {found.seconds:.2f} s | {found.seconds / rows * 1e6:.3f} | "
            f"{found.peak_gib:.2f} GiB |"
        )
    return out


def _row(what: str, found: Measured, base: Measured) -> str:
    ratio = found.seconds / base.seconds
    return f"| {what} | {found.seconds:.2f} s | {ratio:.2f} | {found.peak_gib:.2f} GiB |"


def adult_lines() -> list[str]:
    """Measure the default checks with a fitted model, where the data are there."""
    if not (ADULT / "adult_test.csv").exists():
        return []
    found = measure(ADULT_RUN, str(ADULT))
    return [
        "",
        "## UCI Adult test rows (16,281 x 15, CSV), gradient-boosting pipeline, reference of 32,561 rows",
        "",
        "| what | seconds |",
        "|---|---|",
        f"| all default checks, everything | {found.seconds:.2f} |",
        f"| of which fitting the baselines | {found.said['fits']:.2f} |",
        f"| work without the fits | {found.seconds - found.said['fits']:.2f} |",
        f"| rendering the HTML page ({found.said['page_kb']:.0f} KiB) | {found.said['page']:.2f} |",
        "",
        f"Errors: {found.said['errors'] or 'none'}. Peak memory {found.peak_gib:.2f} GiB, the training of "
        "the model included.",
    ]


def help_lines() -> list[str]:
    """Measure how fast the command line answers."""
    base = whole([sys.executable, "-c", "import typer, rich"])
    ours = whole([str(Path(sys.executable).parent / "plimsoll"), "--help"])
    return [
        "",
        "## Start",
        "",
        "| what | wall |",
        "|---|---|",
        f'| `python -c "import typer, rich"` | {base:.3f} s |',
        f"| `plimsoll --help` | {ours:.3f} s ({ours / base:.2f} times) |",
    ]


def main() -> None:
    """Measure everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--large",
        action="store_true",
        help="add 100 million rows (0.8 GB of disk) and drift in 10 million (8.5 GB)",
    )
    parser.add_argument("--peers", default=sys.executable, help="interpreter that has the peers")
    given = parser.parse_args()
    large = given.large
    lines = [
        "# Results",
        "",
        f"Python {platform.python_version()}, {platform.machine()}. Medians of {REPEATS} processes each. "
        "Absolute seconds depend on the machine; read the ratios.",
        "",
        *binary_lines(large),
        *adult_lines(),
        *help_lines(),
        *change_lines(large, given.peers),
        "",
        "How often the intervals hold is in [COVERAGE.md](COVERAGE.md).",
        "",
    ]
    (HERE / "RESULTS.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()

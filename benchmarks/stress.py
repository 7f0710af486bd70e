"""What load lines cost, how many calls they save against a grid, and whether another run confirms them.

Four questions, each told beside its measure:

* cost: of the time of the whole trial, how much is not the model's own;
* calls: how far off is the crossing that the search finds, and that a grid of ten severities finds, from that
  of a grid of 120, and how many calls does each take;
* confirmation: at the severities found, with other random numbers and rows hit at random, does the measure
  stand at its limit;
* coverage: over worlds whose load lines are known, how often does the interval hold the truth.

Run ``python benchmarks/stress.py``; writes ``benchmarks/STRESS.md``. Uses the census data beside the checkout
where there are some, else made ones of the same shape.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import brentq

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from plimsoll import evaluate  # noqa: E402
from plimsoll.core.check import Options, StressOptions  # noqa: E402
from plimsoll.core.stress import Draws, Stress  # noqa: E402
from plimsoll.core.tally import Tallies  # noqa: E402
from plimsoll.engine.assemble import Given, assemble  # noqa: E402
from plimsoll.engine.desk import AskingDesk  # noqa: E402
from plimsoll.engine.encode import Encoder  # noqa: E402
from plimsoll.engine.plan import Pass  # noqa: E402
from plimsoll.engine.run import Job, _pass  # noqa: E402
from plimsoll.probes.stress.learnt import learn  # noqa: E402
from plimsoll.probes.stress.missing import missing  # noqa: E402
from plimsoll.probes.stress.noise import noise  # noqa: E402
from plimsoll.trials.judged import Judge, judges  # noqa: E402
from plimsoll.trials.lines import Line, State  # noqa: E402
from plimsoll.trials.load_lines import Asker  # noqa: E402
from plimsoll.trials.rows import TrialRows, learnt_of, row_needs  # noqa: E402
from plimsoll.trials.stresses import applied, stresses_for  # noqa: E402
from worlds.asked import accuracy_at, area_under_noise, asker, gaussian_rows  # noqa: E402

CENSUS = HERE.parent.parent / "shared" / "data"
TRAIN_ROWS, TEST_ROWS = 32_561, 16_281


def tables() -> tuple[pl.DataFrame, pl.DataFrame, str]:
    """Return reference and rows to judge, with the target ``income``."""
    if (CENSUS / "adult_train.csv").exists():
        frames = (pl.read_csv(CENSUS / f"adult_{part}.csv") for part in ("train", "test"))
        return (*frames, "UCI Adult")
    rng = np.random.default_rng(0)
    return (_made(TRAIN_ROWS, rng), _made(TEST_ROWS, rng), "made rows of the shape of UCI Adult")


def _made(rows: int, rng: np.random.Generator) -> pl.DataFrame:
    numbers = {f"number_{i}": rng.gamma(2.0, 20.0, rows).round() for i in range(6)}
    words = {
        f"word_{i}": np.array([f"level {k}" for k in range(4 + i)])[rng.integers(0, 4 + i, rows)]
        for i in range(8)
    }
    z = sum((v - v.mean()) / v.std() * (0.8**i) for i, v in enumerate(numbers.values()))
    z = z + sum((w == "level 0") * 0.7 for w in words.values())
    return pl.DataFrame(
        {**numbers, **words, "income": (z + rng.logistic(size=rows) > 2).astype(int)}
    )


def models(train: pl.DataFrame) -> Iterator[tuple[str, object]]:
    """Yield a gradient-boosting pipeline and a neural net on the raw columns."""
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    inputs = train.drop("income").to_pandas()
    y = train["income"].to_numpy()
    numbers = inputs.select_dtypes("number").columns.tolist()
    words = [c for c in inputs if c not in numbers]
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1
    )
    boosted = make_pipeline(
        ColumnTransformer([("n", "passthrough", numbers), ("w", codes, words)]),
        HistGradientBoostingClassifier(random_state=0),
    )
    yield "gradient boosting", boosted.fit(inputs, y)
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    spread = make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    net = make_pipeline(
        ColumnTransformer([("n", scaled, numbers), ("w", spread, words)]),
        MLPClassifier((32,), early_stopping=True, random_state=0, max_iter=40),
    )
    yield "neural net", net.fit(inputs, y)


def bench(train: pl.DataFrame, test: pl.DataFrame, model: object) -> tuple[Asker, list[Stress]]:
    """Return what asks the model about the rows, and the standard suite."""
    from plimsoll.core.settings import parse_settings

    settings = parse_settings(
        {"columns": {"target": "income", "positive": 1}, "run": {"only": ["STR001"]}}
    )
    job: Job = assemble(settings, _no_checks(), (), Given(test, train, model))
    needs = row_needs(job.subject, 20_000)
    found = {}
    for need in needs.values():
        found.update(_pass(job, Pass(need.side, (need,)), {}).tallies)
    tallies = Tallies({name: found[need] for name, need in needs.items()})
    rows = TrialRows.take(tallies, job.subject)
    desk = AskingDesk(Encoder(job.subject, {"": job.models[""]}))
    one = Asker(rows, judges(rows, StressOptions(), Options().confidence), desk, 0)
    learnt = learnt_of(tallies, rows)
    stresses, _ = stresses_for(learnt, StressOptions(), {}, full=False)
    return one, [s for s in stresses if not s.destroys]


def _no_checks() -> list:
    from plimsoll.checks import discover

    return [c for c in discover() if c.CARD.code == "STR001"]


def dense(one: Asker, stress: Stress, steps: int) -> float | None:
    """Return the crossing that a grid of severities finds by straight lines, or None."""
    judge, draws = one.judges[0], one.rows.draws(stress.name, 0)
    at = np.linspace(0.0, stress.top, steps + 1)
    margins = [judge.margin(judge.clean, 0.0).value]
    for severity in at[1:]:
        graded = one.ask(stress, float(severity), draws)
        value = judge.measure.mix(graded, graded, one.rows.weights).at(0.0)
        margins.append(judge.margin(value, float(severity)).value)
    under = np.flatnonzero(np.array(margins) < 0)
    if not under.size:
        return None
    i = int(under[0])
    a, b = margins[i - 1], margins[i]
    return float(at[i - 1] + (at[i] - at[i - 1]) * a / (a - b))


def confirmed(one: Asker, line: Line, runs: int = 5) -> tuple[float, bool]:
    """Ask again at the load line with other random numbers; return the margin in standard errors."""
    judge: Judge = one.judges[0]
    added = line.curve.crossing.value
    found = []
    for run in range(1, runs + 1):
        draws = Draws(one.rows.keys, 1000 + run, f"again {line.stress.name}")
        frame = applied(line.stress, one.rows.frame, added, draws)
        graded = one.rows.grade(one.desk.ask(frame))
        value = judge.measure.mix(graded, graded, one.rows.weights).at(0.0)
        found.append(judge.margin(value, added))
    mean = float(np.mean([m.value for m in found]))
    error = float(np.mean([m.error for m in found]))
    return mean / error, abs(mean) <= 1.96 * error


def coverage(runs: int) -> list[str]:
    """Return how often intervals of load lines hold the truth, in worlds where it is known."""
    learnt = learn(gaussian_rows(200_000, 999)[0], asker(50, 0).rows.subject)
    noisy = np.array([1.0, 0.0])
    limits = 0.5 + 0.9 * (area_under_noise(0.0, noisy) - 0.5)
    cases = [
        ("noise in one input, ROC AUC at least 0.86", next(iter(noise.make(learnt))),
         ("roc_auc", 0.86), brentq(lambda s: area_under_noise(s, noisy) - 0.86, 0, 3)),
        ("the same, nine tenths of the gain kept", next(iter(noise.make(learnt))), None,
         brentq(lambda s: area_under_noise(s, noisy) - limits, 0, 3)),
        ("one input missing, accuracy at least 0.78", next(iter(missing.make(learnt))),
         ("accuracy", 0.78), brentq(lambda p: accuracy_at(p) - 0.78, 0, 1)),
    ]  # fmt: skip
    out = ["| world | rows | runs | holds the truth | calls a line |", "|---|---|---|---|---|"]
    for title, stress, limit, truth in cases:
        for rows in (500, 2000):
            held = calls = 0
            for run in range(runs):
                line = asker(rows, run, limit).line(stress)
                assert line is not None
                held += line.low <= truth <= line.high
                calls += line.calls
            share = 100 * held / runs
            out.append(f"| {title} | {rows:,} | {runs:,} | {share:.1f} % | {calls / runs:.1f} |")
    return out


def one_model(name: str, train: pl.DataFrame, test: pl.DataFrame, model: object) -> list[str]:
    """Return the lines of the page that are about one model."""
    start = time.perf_counter()
    record = evaluate(
        test, model=model, reference=train, target="income", positive=1, only=["STR001"]
    )
    whole = time.perf_counter() - start
    caption = next(c for c in record.checks if c.code == "STR001").tables[0].caption
    one, stresses = bench(train, test, model)
    began, before = time.perf_counter(), one.desk.spent.seconds
    lines = [line for s in stresses if (line := one.line(s)) is not None]
    took, asked = time.perf_counter() - began, one.desk.spent.seconds - before
    calls = sum(line.calls for line in lines)
    out = [f"### {name}", "", f"The whole command: {whole:.1f} s. {caption}", ""]
    out.append(
        f"Lines alone: {len(lines)} in {took:.1f} s, of which the model {asked:.1f} s: "
        f"**{100 * (took / asked - 1):.0f} % on top**. {calls} calls, {calls / len(lines):.2f} a line, "
        f"where a grid of ten asks 10: **{100 * calls / (10 * len(lines)):.0f} % of a grid's calls**."
    )
    searched = [x for x in lines if x.state is State.CROSSES and not x.stress.is_share]
    out += [
        "",
        "| searched for | calls | off the dense grid | off, grid of ten | half its interval |",
    ]
    out += ["|---|---|---|---|---|"]
    for line in searched:
        truth, grid = dense(one, line.stress, 120), dense(one, line.stress, 10)
        if truth is None:
            continue
        half = (line.high - line.low) / 2 / line.stress.top
        mine = abs(line.value - truth) / line.stress.top
        theirs = "not seen" if grid is None else f"{abs(grid - truth) / line.stress.top:.4f}"
        out.append(f"| {line.stress.title} | {line.calls} | {mine:.4f} | {theirs} | {half:.4f} |")
    out += ["", "Distances are shares of the range of severities.", ""]
    crossing_lines = [x for x in lines if x.state is State.CROSSES]
    again = [confirmed(one, line) for line in crossing_lines]
    inside = sum(ok for _, ok in again)
    far = max((abs(z) for z, _ in again), default=0.0)
    out.append(
        f"Asked again at the severity found, five times with other random numbers: the measure stands at its "
        f"limit within its interval in {inside} of {len(again)} lines (the farthest by {far:.1f} standard "
        "errors)."
    )
    return [*out, ""]


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="Runs of each world.")
    runs = parser.parse_args().runs
    train, test, named = tables()
    page = [
        "# Load lines: cost, calls, confirmation, coverage",
        "",
        f"Data: {named}, {test.height:,} rows.",
        "",
    ]
    for name, model in models(train):
        page += one_model(name, train, test, model)
    page += ["### Known worlds", "", *coverage(runs), ""]
    text = "\n".join(page)
    (HERE / "STRESS.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()

"""What load lines cost, how many calls they save against a grid, and whether another run confirms them.

Four questions, each told beside its measure:

* cost: of the time of the whole trial, how much is not the model's own;
* calls: how far off is the crossing that the search finds, and that a grid of ten severities finds, from that
  of a grid of 120, and how many calls does each take;
* confirmation: at the severities found, with other random numbers and rows hit at random, does the measure
  stand at its limit;
* coverage: over worlds whose load lines are known, how often does the interval hold the truth.

Run ``python benchmarks/stress.py`` (about six minutes); writes ``benchmarks/STRESS.md``. The tables and
models are those of ``stress_worlds.py``.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from stress_worlds import Bench, benches, measured, models  # noqa: E402

from plimsoll import evaluate  # noqa: E402
from plimsoll.api import with_flags  # noqa: E402
from plimsoll.checks import discover  # noqa: E402
from plimsoll.core.check import Options  # noqa: E402
from plimsoll.core.settings import Settings  # noqa: E402
from plimsoll.core.stress import Draws, Stress  # noqa: E402
from plimsoll.core.tally import Tallies  # noqa: E402
from plimsoll.engine.assemble import Given, assemble  # noqa: E402
from plimsoll.engine.desk import AskingDesk  # noqa: E402
from plimsoll.engine.encode import Encoder  # noqa: E402
from plimsoll.engine.job import Job  # noqa: E402
from plimsoll.engine.reading import read_needs  # noqa: E402
from plimsoll.probes.stress.learnt import learn  # noqa: E402
from plimsoll.probes.stress.missing import missing  # noqa: E402
from plimsoll.probes.stress.noise import noise  # noqa: E402
from plimsoll.trials.judged import Judge, judges  # noqa: E402
from plimsoll.trials.lines import Line, State  # noqa: E402
from plimsoll.trials.load_lines import Asker  # noqa: E402
from plimsoll.trials.rows import TrialRows, learnt_of, row_needs  # noqa: E402
from plimsoll.trials.stresses import applied, stresses_for  # noqa: E402
from worlds.asked import accuracy_at, area_under_noise, asker, gaussian_rows  # noqa: E402

NORMAL = 1.96
FEWEST_ROWS = 5
"""With fewer rows hit, which rows they are decides."""


def asking(bench: Bench, model: object) -> tuple[Asker, list[Stress]]:
    """Return what asks the model about the rows, and the standard suite."""
    settings = with_flags(Settings(), {**flags(bench), "only": ["STR001"]})
    job: Job = assemble(settings, _no_checks(), (), Given(bench.test, bench.train, model))
    needs = row_needs(job.subject, 20_000)
    found = {}
    for need in needs.values():
        found.update(read_needs(job, need.side, (need,)).tallies)
    tallies = Tallies({name: found[need] for name, need in needs.items()})
    rows = TrialRows.take(tallies, job.subject)
    desk = AskingDesk(Encoder(job.subject, {"": job.models[""]}))
    options = job.options.stress
    one = Asker(rows, judges(rows, options, Options().confidence), desk, 0)
    stresses, _ = stresses_for(learnt_of(tallies, rows, options.image), options, {}, full=False)
    return one, [s for s in stresses if not s.destroys]


def flags(bench: Bench) -> dict[str, object]:
    """Return the settings of a table, by their bare names."""
    return {"target": bench.target, **bench.flags}


def _no_checks() -> list:
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


@dataclass(frozen=True)
class Again:
    """What asking again said of one load line.

    ``margin`` is how far the measure stands from its limit at the severity found, in standard errors;
    ``between`` whether it keeps the limit at the low end of the interval and breaks it at the high end, as
    far as the two ends were said to be crossings, and as far as five runs can tell.
    """

    margin: float
    between: bool


def again(one: Asker, line: Line, bench: Bench, model: object) -> Again:
    """Ask again with other random numbers and other rows hit; scikit-learn measures the model's answers."""
    found = line.curve.crossing

    def margins(added: float) -> tuple[float, float]:
        values = np.array(_measured_again(one, line, bench, model, added))
        apart = one.judges[0].sign * (values - one.judges[0].limit)
        return float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(len(apart)))

    low, low_error = margins(found.low) if found.low > 0 else (0.0, 0.0)
    high, high_error = margins(found.high) if found.surely else (0.0, 0.0)
    between = low + 2 * low_error >= 0.0 >= high - 2 * high_error
    return Again(margins(found.value)[0] / _error_at(one, line, found.value), between)


def _measured_again(
    one: Asker, line: Line, bench: Bench, model: object, added: float, runs: int = 5
) -> list[float]:
    out = []
    for run in range(1, runs + 1):
        draws = Draws(one.rows.keys, 1000 + run, f"again {line.stress.name}")
        frame = applied(line.stress, one.rows.frame, added, draws)
        out.append(measured(bench, model, frame, one.rows.target))
    return out


def _error_at(one: Asker, line: Line, added: float) -> float:
    """Return the standard error of the margin of one run."""
    judge: Judge = one.judges[0]
    draws = Draws(one.rows.keys, 2000, f"again {line.stress.name}")
    graded = one.rows.grade(one.desk.ask(applied(line.stress, one.rows.frame, added, draws)))
    value = judge.measure.mix(graded, graded, one.rows.weights).at(0.0)
    return max(judge.margin(value, added).error, 1e-12)


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


@dataclass(frozen=True)
class Found:
    """What was measured of one model on one table."""

    table: str
    model: str
    asker: Asker
    lines: tuple[Line, ...]
    whole_s: float
    asked_s: float
    lines_s: float
    lines_asked_s: float
    repeats: tuple[Again, ...]

    @property
    def calls(self) -> int:
        """Calls of the model for the load lines."""
        return sum(line.calls for line in self.lines)

    def row(self) -> str:
        """Return the line of the summary."""
        rows, inputs = self.asker.rows.rows, len(self.asker.rows.subject.roles.features)
        on_top = 100 * (self.lines_s / self.lines_asked_s - 1)
        n = len(self.repeats)
        between = sum(x.between for x in self.repeats)
        near = sum(abs(x.margin) <= NORMAL for x in self.repeats)
        return (
            f"| {self.table} | {rows:,} x {inputs} | {self.model} | {self.whole_s:.1f} | "
            f"{self.asked_s:.1f} | {len(self.lines)} | {on_top:.0f} | "
            f"{100 * self.calls / (10 * len(self.lines)):.0f} | {between} of {n} | {near} of {n} |"
        )


def measure(bench: Bench, name: str, model: object) -> Found:
    """Run the standard suite, time it, and ask again at every load line found."""
    start = time.perf_counter()
    record = evaluate(
        bench.test, model=model, reference=bench.train, only=["STR001"], **flags(bench)
    )
    whole = time.perf_counter() - start
    caption = next(c for c in record.checks if c.code == "STR001").tables[0].caption
    asked = re.search(r"which took it ([\d.]+) s", caption)
    assert asked is not None
    one, stresses = asking(bench, model)
    began, before = time.perf_counter(), one.desk.spent.seconds
    lines = tuple(line for s in stresses if (line := one.line(s)) is not None)
    took, spent = time.perf_counter() - began, one.desk.spent.seconds - before
    least = {True: FEWEST_ROWS / one.rows.rows, False: 0.0}
    crossed = [
        x
        for x in lines
        if x.state is State.CROSSES and x.curve.crossing.value > least[x.stress.is_share]
    ]
    repeats = tuple(again(one, line, bench, model) for line in crossed)
    return Found(bench.name, name, one, lines, whole, float(asked[1]), took, spent, repeats)


def grids(found: Found) -> list[str]:
    """Return how near the search comes to a grid of 120 severities, and a grid of ten does."""
    out = [
        f"### {found.table}, {found.model}: what was searched for",
        "",
        "| searched for | calls | off the dense grid | off, grid of ten | half its interval |",
        "|---|---|---|---|---|",
    ]
    for line in found.lines:
        if line.state is not State.CROSSES or line.stress.is_share:
            continue
        truth, grid = (dense(found.asker, line.stress, steps) for steps in (120, 10))
        if truth is None:
            continue
        top = line.stress.top
        mine, half = abs(line.value - truth) / top, (line.high - line.low) / 2 / top
        theirs = "not seen" if grid is None else f"{abs(grid - truth) / top:.4f}"
        out.append(f"| {line.stress.title} | {line.calls} | {mine:.4f} | {theirs} | {half:.4f} |")
    return [*out, "", "Distances are shares of the range of severities.", ""]


SUMMARY = """\
The standard suite of load lines, on two cores. *Whole* is the time of the whole command in seconds, *model*
what the model took of it; *on top* is what the lines cost beside the time of the model, in per cent; *grid*
the calls in per cent of those of a grid of ten severities. Then the lines that cross their limit were asked
again, five times with other random numbers and other rows hit, and scikit-learn measured the answers. *In
the interval*: the measure keeps its limit at the low end and breaks it at the high end, within two standard
errors of these runs. *At the limit*: at the severity itself it is within 1.96 standard errors of the limit,
which it is not where it jumps, as with pixels of 17 values. Lines at a share of less than five rows are left
out.

| table | rows and inputs | model | whole | model | lines | on top | grid | in the interval | at the limit |
|---|---|---|---|---|---|---|---|---|---|"""


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="Runs of each world.")
    runs = parser.parse_args().runs
    page, census = ["# Load lines: cost, calls, confirmation, coverage", "", SUMMARY], []
    for bench in benches():
        for name, model in models(bench):
            found = measure(bench, name, model)
            page.append(found.row())
            print(found.row(), flush=True)
            census += grids(found) if bench.target == "income" else []
    page += ["", *census, "### Known worlds", "", *coverage(runs), ""]
    text = "\n".join(page)
    (HERE / "STRESS.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()

"""How often do other tools find the planted slice, and how often do they tell of one where there is none?

Each tool lives in an environment of its own and gets the same tables, and the same rule says what is found::

    python benchmarks/slice_peers.py --sliceline A/bin/python --giskard B/bin/python --deepchecks C/bin/python

A tool whose interpreter is not named is left out. Twenty minutes on one core for 1,000 rows and more than an
hour for 5,000, at most ``--limit`` seconds for each way of asking; ``--rows 1000 --seeds 10 --more 1`` for a
quick look. What each tool said is kept under ``--work``, so that a run that was broken off goes on where it
was. It writes the part between the markers of ``benchmarks/SLICE_POWER.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np

CATEGORIES = (4, 3, 6, 9, 13)
NUMBERS = 5
RIGHT, WEAK, SURE = 0.8, 0.6, 0.9
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"
FEWEST = 10
"""Tables with and without the slice: a way of asking that got through fewer in its time is left out."""
Slices = list[tuple[float, np.ndarray]]
Kept = dict[str, dict[tuple[int, int, int], dict]]


@dataclass(frozen=True)
class Table:
    """Rows of ten columns, of a label of two values, and of decisions that are right in 80 of 100 rows."""

    columns: dict[str, np.ndarray]
    label: np.ndarray
    decided: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        return (self.label != self.decided).astype(float)

    @property
    def chances(self) -> np.ndarray:
        """Probabilities of the two classes: 0.9 for the one decided."""
        yes = np.where(self.decided == 1, SURE, 1 - SURE)
        return np.stack([1 - yes, yes], axis=1)

    @property
    def categories(self) -> list[str]:
        return [name for name in self.columns if name.startswith("c")]


def table_of(seed: int, n: int, planted: bool) -> tuple[Table, np.ndarray]:
    """Return a table, and which rows are those of `c0 = a and n1 > 0.5`, where it may be right less often."""
    rng = np.random.default_rng([seed, n, planted])
    letters = np.array(list("abcdefghijklm"))
    columns = {f"c{i}": letters[rng.integers(0, k, n)] for i, k in enumerate(CATEGORIES)}
    columns |= {f"n{i}": rng.normal(size=n) for i in range(NUMBERS)}
    inside = (columns["c0"] == "a") & (columns["n1"] > 0.5)
    right = rng.random(n) < np.where(inside & planted, WEAK, RIGHT)
    label = rng.integers(0, 2, n)
    return Table(columns, label, np.where(right, label, 1 - label)), inside


# ---------------------------------------------------------------- the tools, each in its own process


def ask_plimsoll(table: Table, bins: int | None = None) -> Slices:
    """The slices that `plimsoll check` names, by the condition it proposes for the settings.

    With ``bins`` it is the search inside it that is asked, since the check has no setting for them.
    """
    if bins is not None:
        return _searched(table, bins)
    import polars as pl

    from plimsoll.api import Given, check
    from plimsoll.checks.slices import slc002_search

    frame = pl.DataFrame({**table.columns, "y": table.label, "d": table.decided})
    record = check(
        {"columns": {"target": "y", "prediction": "d"}},
        given=Given(data=frame),
        checks=[slc002_search],
    )
    (entry,) = record.checks
    if entry.status == "ERROR":
        raise RuntimeError(entry.reason)
    said = [re.search(r'weak = "(.+)" \}', one.action) for one in entry.findings]
    places = [frame.select(pl.sql_expr(one[1]))[:, 0].to_numpy() for one in said if one]
    assert len(places) == len(said), "a slice has no condition"
    return [(float(len(places) - i), rows) for i, rows in enumerate(places)]


def _searched(table: Table, bins: int) -> Slices:
    from plimsoll.stats.slice_lattice import SliceColumn, members
    from plimsoll.stats.slice_search import SearchRules, discover_masks, find_weak_slices

    codes = codes_of(table, bins)
    columns = [
        SliceColumn(int(code.max()) + 1, ordered=name not in table.categories)
        for name, code in zip(table.columns, codes.T, strict=True)
    ]
    keys = np.random.default_rng(codes.sum()).integers(0, 2**63, len(codes)).astype(np.uint64)
    found = find_weak_slices(
        codes, columns, table.wrong, discover_masks(keys), rules=SearchRules(depth=2)
    )
    return [(1 - one.adjusted_p, members(codes, one.conditions)) for one in found.confirmed]


def codes_of(table: Table, bins: int) -> np.ndarray:
    """Whole numbers from 0 for categories and for bins of as many rows, shape (rows, columns)."""
    shares = np.arange(1, bins) / bins
    codes = [
        np.unique(x, return_inverse=True)[1]
        if name in table.categories
        else np.searchsorted(np.quantile(x, shares), x, side="right")
        for name, x in table.columns.items()
    ]
    return np.stack(codes, axis=1)


def ask_sliceline(table: Table, bins: int = 10, **settings: object) -> Slices:
    """The slices of a positive score. Numbers are cut into bins of as many rows, since it takes codes."""
    from sliceline.slicefinder import Slicefinder

    codes = codes_of(table, bins) + 1
    finder = Slicefinder(verbose=False, **settings).fit(codes, table.wrong)
    told = []
    for one, said in zip(finder.top_slices_, finder.top_slices_statistics_, strict=True):
        conditions = [codes[:, j] == code for j, code in enumerate(one) if code is not None]
        told.append((float(said["slice_score"]), np.logical_and.reduce(conditions)))
    return told


def ask_giskard(table: Table, **settings: object) -> Slices:
    """The issues of a scan for performance bias; how far a metric is off is how strong they are."""
    import giskard
    import pandas as pd

    frame = pd.DataFrame({**table.columns, "y": table.label})
    stated = dict(zip(table.columns["n0"], table.chances, strict=True))
    model = giskard.Model(
        lambda rows: np.array([stated[key] for key in rows["n0"]]),
        model_type="classification",
        classification_labels=[0, 1],
        feature_names=list(table.columns),
    )
    data = giskard.Dataset(frame, target="y", cat_columns=table.categories, validation=False)
    found = giskard.scan(
        model,
        data,
        params={"performance_bias": settings},
        only="performance_bias",
        verbose=False,
        raise_exceptions=True,
    )
    return [(float(one.importance), _giskard_rows(one, frame)) for one in found.issues]


def _giskard_rows(issue: object, frame: object) -> np.ndarray:
    return np.asarray(issue.slicing_fn.query.mask(frame), bool)


def ask_deepchecks(table: Table, by_answer: bool = False, **settings: object) -> Slices:
    """The weak segments it lists; strong is how much is missing from the average score, as a share of it."""
    import pandas as pd
    from deepchecks.tabular import Dataset
    from deepchecks.tabular.checks import WeakSegmentsPerformance

    frame = pd.DataFrame({**table.columns, "y": table.label})
    if by_answer:
        settings["score_per_sample"] = pd.Series(1 - table.wrong)
    value = (
        WeakSegmentsPerformance(**settings)
        .run(
            Dataset(frame, label="y", cat_features=table.categories),
            y_pred=table.decided,
            y_proba=table.chances,
            model_classes=[0, 1],
            with_display=False,
        )
        .value
    )
    segments = value["weak_segments_list"]
    scores = segments.iloc[:, 0]
    told = []
    for score, rows in zip(scores, segments["Samples in Segment"], strict=True):
        inside = np.zeros(len(frame), bool)
        inside[np.asarray(rows)] = True
        told.append((1 - float(score) / float(value["avg_score"]), inside))
    return told


ASK: dict[str, Callable[..., Slices]] = {
    "plimsoll": ask_plimsoll,
    "sliceline": ask_sliceline,
    "giskard": ask_giskard,
    "deepchecks": ask_deepchecks,
}
BESIDE = ("numpy", "pandas", "scikit-learn", "scipy", "setuptools")


def work(tool: str, settings: dict[str, object], tables: Sequence[list[int]], out: Path) -> None:
    """Ask one tool about tables, in this process; append a line for each."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for seed, n, planted in tables:
        said: dict[str, object] = {"table": [seed, n, planted], "error": None, "slices": []}
        try:
            told = ASK[tool](table_of(seed, n, bool(planted))[0], **settings)
            said["slices"] = [(strong, np.packbits(rows).tobytes().hex()) for strong, rows in told]
        except Exception as error:
            said["error"] = f"{type(error).__name__}: {error}"[:200]
        with out.open("a") as file:
            file.write(json.dumps(said) + "\n")


# ---------------------------------------------------------------- which settings, and what is counted


@dataclass(frozen=True)
class Way:
    """A tool and how it is asked.

    ``least`` and ``most``: what of its answer is taken as told. ``quick`` enough for more small tables.
    """

    tool: str
    said: str
    settings: dict[str, object] = field(default_factory=dict)
    least: float = -np.inf
    most: int | None = None
    quick: bool = False

    @property
    def key(self) -> str:
        return f"{self.tool} {json.dumps(self.settings, sort_keys=True)}"


FAIR = {"alpha": 0.95, "k": 10, "max_l": 3, "min_sup": 20}
WAYS = (
    Way("plimsoll", "as it is", quick=True),
    Way("plimsoll", "three bins (no setting of it)", {"bins": 3}, quick=True),
    Way("plimsoll", "four bins (no setting of it)", {"bins": 4}, quick=True),
    Way("sliceline", "as it is (`alpha` 0.6, one slice), ten bins"),
    Way("sliceline", "`alpha` 0.95, ten slices, three bins", FAIR | {"bins": 3}, quick=True),
    Way("sliceline", "`alpha` 0.95, ten slices, four bins", FAIR | {"bins": 4}, quick=True),
    Way("giskard", "as it is"),
    Way(
        "giskard",
        "accuracy alone, `alpha` 0.05",
        {"metrics": ["accuracy"], "alpha": 0.05},
    ),
    Way("deepchecks", "as it is, all it lists"),
    Way("deepchecks", "as it is, the three it shows", most=3),
    Way("deepchecks", "as it is, those below its condition's bound", least=0.2),
    Way("deepchecks", "scores are right or wrong, all it lists", {"by_answer": True}),
)


def asked() -> list[Way]:
    """The ways without those that only take the same answer differently."""
    return list({way.key: way for way in reversed(WAYS)}.values())[::-1]


@dataclass
class Count:
    """Over tables: in how many the slice was found, or one that holds it, and how strong what was told is."""

    tables: int = 0
    told: int = 0
    found: int = 0
    wider: int = 0
    errors: int = 0
    strong: list[float] = field(default_factory=list)


def count(way: Way, answers: Sequence[dict[str, object]], above: float = -np.inf) -> Count:
    """Hold each answer against the planted rows: Jaccard index of 0.5 or more is found."""
    counted = Count()
    for said in answers:
        seed, n, planted = said["table"]
        _, inside = table_of(seed, n, bool(planted))
        told = [one for one in said["slices"][: way.most] if one[0] > max(way.least, above)]
        rows = [np.unpackbits(np.frombuffer(bytes.fromhex(s), np.uint8))[:n] > 0 for _, s in told]
        counted.tables += 1
        counted.told += bool(told)
        counted.errors += said["error"] is not None
        counted.strong.append(max((one[0] for one in told), default=-np.inf))
        found = any((r & inside).sum() >= 0.5 * (r | inside).sum() for r in rows)
        holds = any((r & inside).sum() >= 0.95 * inside.sum() and r.mean() <= 0.5 for r in rows)
        counted.found += found
        counted.wider += found or holds
    return counted


def share(successes: int, n: int) -> str:
    """A share in per cent with Wilson's interval."""
    from plimsoll.stats.proportion import wilson

    low, high = wilson(successes, n)
    return f"{100 * successes / n:.0f} ({100 * low:.0f} to {100 * high:.0f})"


def equal_alarms(way: Way, quiet: Sequence[dict], answers: Sequence[dict]) -> int:
    """In how many tables it is found, if only slices are told that 95 % of the quiet tables do not reach."""
    strong = sorted(count(way, quiet).strong, reverse=True)
    return count(way, answers, strong[int(0.05 * len(strong))]).found


def answers_of(kept: Kept, way: Way, rows: int) -> tuple[list[dict], list[dict]]:
    """What was said of tables of so many rows: with the planted slice, and without."""
    answers = [said for (_, n, _), said in sorted(kept.get(way.key, {}).items()) if n == rows]
    there, quiet = ([said for said in answers if said["table"][2] == one] for one in (1, 0))
    return (there, quiet) if min(len(there), len(quiet)) >= FEWEST else ([], [])


def lines(kept: Kept, rows: int) -> Iterator[str]:
    """The table of one number of rows."""
    titles = ("tool", "how", "tables", "found", "or a wider one", "noise", "found at 5 % of noise")
    yield "| " + " | ".join(titles) + " |"
    yield "|---" * len(titles) + "|"
    for way in WAYS:
        there, quiet = answers_of(kept, way, rows)
        if not there or not quiet:
            continue
        found, alarms = count(way, there), count(way, quiet)
        level = share(equal_alarms(way, quiet, there), len(there))
        yield (
            f"| {way.tool} | {way.said} | {found.tables} | {share(found.found, found.tables)} | "
            f"{share(found.wider, found.tables)} | {share(alarms.told, alarms.tables)} | "
            f"{'as it is' if way.tool == 'plimsoll' else level} |"
        )


def plainly(kept: Kept, rows: int) -> Iterator[str]:
    """Who finds it more often than Plimsoll, beyond chance, and what that costs."""
    ours, by_bins = None, {}
    for way in WAYS:
        there, quiet = answers_of(kept, way, rows)
        if not there or not quiet:
            continue
        found, alarms = count(way, there), count(way, quiet)
        if way.tool == "plimsoll":
            by_bins[way.settings.get("bins")] = f"{100 * found.found / found.tables:.0f}"
        if ours is None:
            ours = found
        elif beyond_chance(found.found, found.tables, ours):
            level = equal_alarms(way, quiet, there)
            less = level * ours.tables < ours.found * found.tables
            even = "less often" if less else "not clearly more often"
            still = "still more often" if beyond_chance(level, found.tables, ours) else even
            same = by_bins.get(way.settings.get("bins", 0))
            beside = f" With the same bins Plimsoll finds it in {same}." if same else ""
            yield (
                f"- {way.tool}, {way.said}: finds it more often than Plimsoll as it is. It tells of a "
                f"slice in {100 * alarms.told / alarms.tables:.0f} of 100 tables of noise; held to 5 it "
                f"finds it in {100 * level / found.tables:.0f} of 100, {still}.{beside}"
            )


def beyond_chance(found: int, tables: int, ours: Count) -> bool:
    """Whether a share is larger than ours by more than chance: one-sided Fisher's exact test at 2.5 %."""
    from scipy.stats import fisher_exact

    both = [[found, tables - found], [ours.found, ours.tables - ours.found]]
    return float(fisher_exact(both, alternative="greater").pvalue) <= 0.025


def run_tool(python: str, way: Way, tables: Sequence[list[int]], out: Path, limit: float) -> None:
    """Ask a tool in a process of its own, for so many seconds at most."""
    args = [python, "-W", "ignore", str(Path(__file__).resolve()), "--ask", way.tool]
    args += ["--settings", json.dumps(way.settings), "--tables", json.dumps(tables)]
    quiet = {"GSK_DISABLE_ANALYTICS": "True", "OMP_NUM_THREADS": "1"}
    try:
        subprocess.run(
            [*args, "--answers", str(out)],
            check=True,
            capture_output=True,
            env=os.environ | quiet,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        print(f"{way.key}: stopped after {limit:.0f} s", flush=True)
    except subprocess.CalledProcessError as error:
        print(f"{way.key}: {error.stderr.decode()[-500:]}", flush=True)


def versions_of(python: str, tool: str) -> str:
    code = f"import {Path(__file__).stem} as s; print(s.versions({tool!r}))"
    where = os.environ | {"PYTHONPATH": f"{Path(__file__).parent}:{os.getenv('PYTHONPATH', '')}"}
    run = subprocess.run([python, "-c", code], capture_output=True, text=True, env=where)
    return run.stdout.strip() or f"{tool}: {run.stderr[-300:]}"


def versions(tool: str) -> str:
    """The version of a tool and of what lies beside it."""

    def of(name: str) -> str:
        try:
            return f"{name} {version(name)}"
        except ImportError:
            return ""

    beside = "" if tool == "plimsoll" else " (" + ", ".join(filter(None, map(of, BESIDE))) + ")"
    return f"{of(tool) or tool}{beside}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for tool in list(ASK)[1:]:
        parser.add_argument(f"--{tool}", help="the interpreter of an environment that has it")
    parser.add_argument("--rows", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[40, 40], help="for each of --rows")
    parser.add_argument("--more", type=int, default=5, help="times the small tables, if quick")
    parser.add_argument("--limit", type=float, default=600, help="seconds for a tool and --rows")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "slice_peers")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("SLICE_POWER.md"))
    for hidden in ("--ask", "--settings", "--tables", "--answers"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    if options.ask:
        work(
            options.ask,
            json.loads(options.settings),
            json.loads(options.tables),
            Path(options.answers),
        )
        return
    options.work.mkdir(parents=True, exist_ok=True)
    pythons = {tool: getattr(options, tool, None) for tool in ASK} | {"plimsoll": sys.executable}
    kept: Kept = {}
    seeds = options.seeds + options.seeds[-1:] * len(options.rows)
    for rows, many in zip(options.rows, seeds, strict=False):
        for way in asked():
            if not pythons[way.tool]:
                continue
            out = options.work / (re.sub(r"\W+", "_", way.key) + ".jsonl")
            times = options.more if way.quick and rows <= 1000 else 1
            tables = [[seed, rows, planted] for seed in range(many * times) for planted in (1, 0)]
            done = answers_in(out)
            rest = [one for one in tables if tuple(one) not in done]
            if rest:
                run_tool(pythons[way.tool], way, rest, out, options.limit)
            wanted = {tuple(one) for one in tables}
            kept.setdefault(way.key, {}).update(
                {key: said for key, said in answers_in(out).items() if key in wanted}
            )
            print(f"{rows} rows, {way.key}: {len(kept[way.key])} tables", flush=True)
    text = section(kept, options.rows, [versions_of(p, tool) for tool, p in pythons.items() if p])
    print(text)
    write(options.out, text)


def answers_in(path: Path) -> dict[tuple[int, int, int], dict]:
    if not path.exists():
        return {}
    answers = [json.loads(line) for line in path.read_text().splitlines()]
    return {tuple(said["table"]): said for said in answers}


def errors(kept: Kept, rows: int) -> Iterator[str]:
    """Where a tool stopped with an error, which counts as telling of nothing."""
    for way in asked():
        there, quiet = answers_of(kept, way, rows)
        every = there + quiet
        stopped = [said["error"].partition(":")[0] for said in every if said["error"]]
        for name in sorted(set(stopped)):
            yield f"{way.tool}, {way.said}: `{name}` in {stopped.count(name)} of {len(every)} tables"


HEAD = """## What other tools find

The slice with accuracy 0.60 again, and as many tables with nothing in them. All tools get the same tables and
one model: labels are 0 or 1 by a coin, decisions are given, and probabilities of 0.9 for what was decided.

- found: a slice that was told of has a Jaccard index of 0.5 with the planted one. Nothing else counts, so
  Plimsoll is held to a harder rule than above.
- or a wider one: it was found, or a slice was told of that holds 95 % of its rows and at most half of all.
- noise: a slice was told of where there is none.
- found at 5 % of noise: only slices are told of that are stronger, by the tool's own measure, than the
  strongest one in 95 of 100 tables of noise. A user does not know that bound; with it the ways to search can
  be compared at equal false alarms. It is as uncertain as the number of tables makes it, which the interval
  does not show.

All are per cent of the tables, with Wilson's 95 % interval. Written by `slice_peers.py`. When Plimsoll's
search changed, its rows were asked again, on the same tables; what the others had said was kept.

Giskard cuts by one column at a time. `c0 = a` alone has an index of 0.31 with the planted slice, so by this
rule Giskard cannot find it, and a wider one is what it can do. SliceLine takes codes, and its conditions
are of a single bin: the highest of three or four comes near `n1 > 0.5`, none of ten does, so these bins
were chosen to suit it, and `alpha` out of four values on other tables. They suit Plimsoll's search as well,
and are beside it for that reason. Deepchecks crosses two columns; how sure the model says it is decides
what it lists, and of scores that are right or wrong it may list nothing at all, and fails then. It does not
import beside scikit-learn 1.9.1, which no longer knows its scorer `max_error`, so older packages lie beside
it. Giskard with `alpha` fails where nothing is significant. Time was bounded: a way that got through fewer
than ten tables of a kind is left out.
"""


def section(kept: Kept, rows: Sequence[int], beside: Sequence[str]) -> str:
    text = [HEAD]
    for n in rows:
        text += [f"### {n:,} rows", "", *lines(kept, n), ""]
        more = list(plainly(kept, n)) or [
            "None finds it more often than Plimsoll as it is, beyond chance."
        ]
        text += [*more, ""]
        stopped = "; ".join(errors(kept, n))
        if stopped:
            text += [f"Tools that stopped with an error told of nothing: {stopped}.", ""]
    python = ".".join(map(str, sys.version_info[:2]))
    return "\n".join([*text, f"Versions, on Python {python}: " + "; ".join(beside) + "."])


def write(path: Path, text: str) -> None:
    """Put the text between the markers, or the markers and the text at the end."""
    page = path.read_text() if path.exists() else ""
    marked = f"{BEGIN}\n{text}\n{END}"
    if BEGIN in page:
        before, _, rest = page.partition(BEGIN)
        page = before + marked + rest.partition(END)[2]
    else:
        page = f"{page.rstrip()}\n\n{marked}\n"
    path.write_text(page)


if __name__ == "__main__":
    main()

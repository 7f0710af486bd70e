"""Intervals keep their word: the worlds of ``benchmarks/coverage.py``, fewer replicates."""

import sys
from importlib import util
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "coverage.py"
REPLICATES = 300


@pytest.fixture(scope="module")
def coverage():
    spec = util.spec_from_file_location("coverage_benchmark", SCRIPT)
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module  # Dataclasses look their module up.
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize(
    "kind, world, n",
    [
        ("BINARY", "50 % positives", 50),
        ("BINARY", "10 % positives", 500),
        ("BINARY", "10 % positives, weights", 500),
        ("BINARY", "10 % positives, 40 clusters", 480),
        ("CLASSES", "5 classes, 50 to 3 %", 500),
        ("NUMBERS", "long tails", 50),
        ("NUMBERS", "normal errors, 40 clusters", 480),
    ],
)
def test_intervals_hold_the_truth_as_often_as_they_say(coverage, kind, world, n):
    (found,) = (w for w in getattr(coverage, kind) if w.name == world)
    rows = [row for row in coverage.ROWS if any(w is found for w in row.worlds)]
    coverage.simulate(found, n, REPLICATES, rows, [0, n])
    for row in rows:
        tried, undefined, low, high = row.tally.pop((world, n))
        known = tried - undefined
        assert undefined <= 0.02 * tried, row.name
        missed = (low + high) / known
        # 7 % is what the intervals promise at most; four errors of the simulation are chance.
        chance = 4 * np.sqrt(0.05 * 0.95 / known)
        assert missed <= 0.07 + chance, (row.name, missed)
        # A gate at the true value passes or fails wrongly no more often than its level.
        assert max(low, high) / known <= 0.05 + chance, (row.name, low, high)


def test_the_table_prints_every_row(coverage):
    (world,) = (w for w in coverage.CLASSES if w.name == "3 equal classes")
    (row,) = (r for r in coverage.ROWS if r.name == "accuracy" and r.worlds is coverage.CLASSES)
    coverage.simulate(world, 50, 20, [row], [1, 50])
    text = coverage.table([row])
    assert text.count("\n") == 1 + len(row.worlds)
    assert "±" in text

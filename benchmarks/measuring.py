"""Measure a piece of code in processes of its own: seconds, largest memory, and how busy the machine was."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

REPEATS = 3

PRELUDE = """
import json, resource, sys, time
def done(seconds, **said):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"seconds": seconds, "peak_gib": peak, **said}))
"""


@dataclass(frozen=True)
class Measured:
    """Median and best seconds of work, largest resident memory in GiB (median), the load average of the
    last minute before the work began, and what the process of the median printed.
    """

    seconds: float
    best: float
    peak_gib: float
    load: float
    said: dict[str, Any]


def measure(
    code: str, *args: str, repeats: int = REPEATS, python: str = sys.executable
) -> Measured:
    """Run a piece of code in processes of its own; return the median and the best."""
    found, load = [], os.getloadavg()[0]
    for _ in range(repeats):
        run = subprocess.run(
            [python, "-c", code, *args], capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise SystemExit(f"a measurement failed:\n{run.stderr}")
        found.append(json.loads(run.stdout.splitlines()[-1]))
    found.sort(key=lambda one: one["seconds"])
    middle = found[len(found) // 2]
    peak = statistics.median(one["peak_gib"] for one in found)
    return Measured(middle["seconds"], found[0]["seconds"], peak, load, middle)


def has(python: str, *modules: str) -> bool:
    """Whether an interpreter can import all the modules."""
    code = f"import {', '.join(modules)}"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0

"""A bar on standard error while rows are read; only on a terminal, and only on work that lasts."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_S = 1.0
"""Shorter work shows no bar: a flash of one is noise."""

Tick = Callable[[int], None]


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Tick | None]:
    """Yield a function to call with the number of rows done, or None where nobody looks.

    The number of rows of a stream is not known before its end, so the bar says rows done and rows a
    second, and no share.
    """
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("reading", total=None, said="")
    start = time.perf_counter()

    def tick(rows: int) -> None:
        speed = rows / max(time.perf_counter() - start, 1e-9)
        bar.update(task, description="judging", said=f"{rows:,} rows, {speed:,.0f} a second")

    shown = threading.Timer(PATIENCE_S, bar.start)
    shown.daemon = True
    shown.start()
    try:
        yield tick
    finally:
        shown.cancel()
        shown.join()
        bar.stop()

"""A bar on standard error while rows are read; only on a terminal, and only on work that lasts."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

PATIENCE_S = 1.0
"""Shorter work shows no bar: a flash of one is noise."""


class Bar(Protocol):
    """What a run tells of how far it is."""

    def __call__(self, rows: int) -> None:
        """Show the number of rows read so far."""

    def tell(self, what: str, done: int, of: int, left_s: float | None) -> None:
        """Show what the model is asked, how much of how much is done, and the seconds left."""


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Bar | None]:
    """Yield what to tell of the rows read and of what is asked, or None where nobody looks.

    The number of rows of a stream is not known before its end, so the bar says rows done and rows a
    second, and no share; of what is asked it says the share and the time left.
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

    class Shown:
        def __call__(self, rows: int) -> None:
            speed = rows / max(time.perf_counter() - start, 1e-9)
            said = f"{rows:,} rows, {speed:,.0f} a second"
            bar.update(task, description="judging", said=said)

        def tell(self, what: str, done: int, of: int, left_s: float | None) -> None:
            left = "" if left_s is None else f", {duration(left_s)} left"
            said = f"{done} of {of}{left}"
            bar.update(task, description=what[:48], completed=done, total=of, said=said)

    shown = threading.Timer(PATIENCE_S, bar.start)
    shown.daemon = True
    shown.start()
    try:
        yield Shown()
    finally:
        shown.cancel()
        shown.join()
        bar.stop()


def duration(seconds: float) -> str:
    """Write a time as people say it.

    >>> duration(42.3), duration(130), duration(4000)
    ('42 s', '2 min 10 s', '1 h 6 min')
    """
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"

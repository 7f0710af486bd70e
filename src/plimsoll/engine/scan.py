"""One reading of one table: batches in, tallies out, on several threads, in bounded memory."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce

import polars as pl

from plimsoll.core.batch import Batch
from plimsoll.core.errors import Interrupted, PlimsollError
from plimsoll.core.probe import Apply, Probe
from plimsoll.core.source import Source
from plimsoll.core.tally import Need, Rows, Tally
from plimsoll.engine.encode import Encoder

BATCH_ROWS = 1 << 18
Progress = Callable[[int], None]
"""Called with the number of rows done, from the main thread."""


@dataclass(frozen=True)
class Scanned:
    """The finished tallies of one pass, what it took, and by need what broke while it was tallied."""

    tallies: Mapping[Need, Tally]
    broken: Mapping[Need, Exception]
    rows: int
    batches: int
    seconds: float


def scan(
    source: Source,
    columns: Sequence[str],
    needs: Sequence[Need],
    encoder: Encoder,
    applies: Mapping[Probe, Apply],
    *,
    jobs: int = 1,
    batch_rows: int = BATCH_ROWS,
    progress: Progress | None = None,
) -> Scanned:
    """Read ``source`` once and return the tallies of ``needs``.

    The result does not depend on ``jobs`` or ``batch_rows`` (decisions/0001). At most ``jobs + 1``
    batches are in memory at a time, beside the tallies.

    Raises
    ------
    Interrupted
        If the user stops the run; nothing has been written by then.
    """
    start = time.perf_counter()
    worker = _Worker(needs, encoder, applies)
    shelves: queue.SimpleQueue[list[Tally]] = queue.SimpleQueue()
    for _ in range(jobs):
        shelves.put([need.tally for need in needs])
    rows = batches = 0
    try:
        for done in _through(source.batches(columns, batch_rows), worker, shelves, jobs):
            rows += done
            batches += 1
            if progress is not None:
                progress(rows)
    except KeyboardInterrupt:
        raise Interrupted(
            f"Stopped from the keyboard after {rows} rows; nothing was judged and nothing was written."
        ) from None
    kept = [shelves.get() for _ in range(jobs)]
    tallies: dict[Need, Tally] = {}
    for need, parts in zip(needs, zip(*kept, strict=True), strict=True):
        if need not in worker.broken:
            with worker.sparing(need):
                tallies[need] = reduce(lambda one, two: one.merge(two), parts, need.tally).settle()
    return Scanned(tallies, worker.broken, rows, batches, time.perf_counter() - start)


@dataclass(frozen=True)
class _Worker:
    """Turns one frame into tallies and adds them to a shelf of running totals.

    A tally or a probe that raises breaks the needs that ask for it and no others.
    """

    needs: Sequence[Need]
    encoder: Encoder
    applies: Mapping[Probe, Apply]
    broken: dict[Need, Exception] = field(default_factory=dict)

    def __call__(self, frame: pl.DataFrame, shelves: queue.SimpleQueue[list[Tally]]) -> int:
        views: dict[tuple[Rows, Probe | None], Batch] = {
            (rows, None): batch for rows, batch in self.encoder.encode(frame).items()
        }
        totals = shelves.get()
        try:
            for i, need in enumerate(self.needs):
                if need in self.broken:
                    continue
                view = (need.rows, need.probe)
                with self.sparing(need):
                    if need.probe is not None and view not in views:
                        views[view] = self.applies[need.probe](views[need.rows, None])
                    totals[i] = totals[i].merge(need.tally.of(views[view]))
        finally:
            shelves.put(totals)
        return frame.height

    @contextmanager
    def sparing(self, need: Need) -> Iterator[None]:
        """Note what breaks while a need is tallied, and spare the others."""
        try:
            yield
        except PlimsollError:
            raise
        except Exception as error:  # one need that breaks never stops the others
            self.broken[need] = error


def _through(
    frames: Iterator[pl.DataFrame],
    worker: _Worker,
    shelves: queue.SimpleQueue[list[Tally]],
    jobs: int,
) -> Iterator[int]:
    if jobs == 1:
        for frame in frames:
            if frame.height:
                yield worker(frame, shelves)
        return
    running: set[Future[int]] = set()
    with ThreadPoolExecutor(jobs, thread_name_prefix="plimsoll") as pool:
        try:
            for frame in frames:
                if not frame.height:
                    continue
                running.add(pool.submit(worker, frame, shelves))
                if len(running) > jobs:
                    finished, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in finished:
                        yield future.result()
            for future in running:
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise

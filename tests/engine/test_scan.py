"""One reading: bounded in memory, stopped by the user, and honest about what broke."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import polars as pl
import pytest

from plimsoll.core.errors import DataError, Interrupted
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.core.tally import Need
from plimsoll.engine.encode import Encoder
from plimsoll.engine.scan import Scanned, scan
from worlds.planted import stated
from worlds.plugins import Rows, Watch
from worlds.tables import FrameSource

SUBJECT = Subject("made", Task.BINARY, Roles(target="y"), ("0", "1"))
WORLD = stated(1000, 1)
NEED = Need(Rows("plain"))


class Slow(FrameSource):
    """A source that hands out a batch only when it is asked, and counts those alive."""

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        for frame in super().batches(columns, rows):
            given.append(time.perf_counter())
            yield frame


given: list[float] = []


def scanned(source: FrameSource, jobs: int, need: Need = NEED, **more: object) -> Scanned:
    return scan(source, ["y"], [need], Encoder(SUBJECT), {}, jobs=jobs, batch_rows=10, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_row_is_counted_once(jobs: int) -> None:
    done = scanned(FrameSource(WORLD), jobs)
    assert done.tallies[NEED].rows == 1000  # type: ignore[attr-defined]
    assert (done.rows, done.batches) == (1000, 100)


def test_progress_rises_to_the_number_of_rows() -> None:
    seen: list[int] = []
    scanned(FrameSource(WORLD), 2, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1000


@pytest.mark.parametrize("jobs", [1, 3])
def test_few_batches_are_in_flight(jobs: int) -> None:
    given.clear()
    watch, ahead = Watch(), []

    class Counted(Rows):
        def of(self, batch: object) -> Rows:
            with watch:
                ahead.append(len(given))
                time.sleep(0.001)
                finished.append(1)
            return Rows.of(self, batch)  # type: ignore[arg-type]

    finished: list[int] = []
    done = scanned(Slow(WORLD), jobs, Need(Counted()))
    assert done.rows == 1000
    assert watch.most <= jobs
    in_flight = [a - i // 1 for i, a in enumerate(ahead)]
    assert max(in_flight) <= 2 * jobs + 2, "batches are read as they are needed, not all at once"


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_stop_from_the_keyboard_says_how_far_it_got(jobs: int) -> None:
    def stop(rows: int) -> None:
        if rows >= 50:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=r"after \d+ rows; nothing was judged"):
        scanned(FrameSource(WORLD), jobs, progress=stop)
    time.sleep(0.05)
    assert not [t for t in threading.enumerate() if t.name.startswith("plimsoll")]


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_stop_while_reading_is_one_too(jobs: int) -> None:
    class Stopped(FrameSource):
        def batches(self, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
            for i, frame in enumerate(super().batches(columns, rows)):
                if i == 5:
                    raise KeyboardInterrupt
                yield frame

    with pytest.raises(Interrupted):
        scanned(Stopped(WORLD), jobs)


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_a_worker_finds_wrong_with_the_data_surfaces(jobs: int) -> None:
    frame = WORLD.with_columns(y=pl.when(pl.int_range(1000) == 777).then(5).otherwise("y"))
    with pytest.raises(DataError, match="1 labels that are not among the classes"):
        scanned(FrameSource(frame), jobs)


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_a_source_raises_surfaces(jobs: int) -> None:
    class Torn(FrameSource):
        def batches(self, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
            yield self.frame.select(columns).head(10)
            raise DataError("the file is torn")

    with pytest.raises(DataError, match="torn"):
        scanned(Torn(WORLD), jobs)


def test_a_tally_that_breaks_in_one_batch_breaks_its_need_alone() -> None:
    class Fragile(Rows):
        def of(self, batch: object) -> Rows:
            if (batch.codes("@target") == 1).sum() > 7:  # type: ignore[attr-defined]
                raise RuntimeError("too many")
            return Rows.of(self, batch)  # type: ignore[arg-type]

    fragile = Need(Fragile("fragile"))
    done = scan(
        FrameSource(WORLD), ["y"], [fragile, NEED], Encoder(SUBJECT), {}, jobs=2, batch_rows=10
    )
    assert fragile not in done.tallies
    assert "too many" in str(done.broken[fragile])
    assert done.tallies[NEED].rows == 1000  # type: ignore[attr-defined]


def test_an_empty_batch_is_passed_over() -> None:
    class Gaps(FrameSource):
        def batches(self, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
            for frame in super().batches(columns, rows):
                yield frame.head(0)
                yield frame

    assert scanned(Gaps(WORLD), 2).batches == 100


def test_no_batch_at_all_gives_empty_tallies() -> None:
    done = scanned(FrameSource(WORLD.head(0)), 2)
    assert done.tallies[NEED].rows == 0  # type: ignore[attr-defined]

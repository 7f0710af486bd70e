"""Streaming: bounded memory, prompt interrupts, errors that are errors, nothing left behind."""

from __future__ import annotations

import gc
import gzip
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import polars as pl
import pytest

from plimsoll.core.errors import DataError
from plimsoll.sources import open_source, streaming
from plimsoll.sources.streaming import stream

MEMORY = """
import sys, threading, time
from plimsoll.sources import open_source
def held():
    with open("/proc/self/status") as status:
        return next(int(l.split()[1]) for l in status if l.startswith("RssAnon")) / 1024
peak = 0.0
def watch():
    global peak
    while True:
        peak = max(peak, held())
        time.sleep(0.002)
open_source({"x": [1]})
before = held()
threading.Thread(target=watch, daemon=True).start()
source = open_source(sys.argv[1])
rows = sum(batch.height for batch in source.batches(["x", "y"], 50_000))
source.fingerprint()
print(rows, max(peak, held()) - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("form", ["parquet", "csv.gz"])
def test_memory_does_not_grow_with_the_rows(form, tmp_path) -> None:
    if not streaming.STREAMS:
        pytest.skip("this Polars cannot be relied on to stream")
    path = tmp_path / f"t.{form}"
    if form == "parquet":
        rows = 16_000_000  # 256 MB as columns, small on the disk
        lazy = pl.LazyFrame({"x": pl.int_range(rows, eager=True) // 1000}).with_columns(
            y=pl.col("x") * 0.5
        )
        lazy.sink_parquet(path, row_group_size=250_000)
    else:
        rows = 2_000_000  # 150 MB as text
        line = b"12345.678901234567,hello there,0.25,another longer piece of text to carry\n"
        with gzip.open(path, "wb", 1) as packed:
            packed.write(b"x,t,y,u\n")
            for _ in range(20):
                packed.write(line * (rows // 20))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "POLARS_MAX_THREADS": "2"},
    )
    counted, grown = done.stdout.split()
    assert int(counted) == rows
    assert float(grown) < 220, "MB"


def test_the_keyboard_stops_a_query_at_once(tmp_path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"x,y\n" + b"0.123456789,abcdefghij\n" * 500_000)
    source = open_source(path)

    def press() -> None:
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        while time.monotonic() - began < 30:
            for _ in source.batches(["x", "y"], 1000):
                pass
    assert time.monotonic() - began < 10
    assert sum(b.height for b in source.batches(["x"], 100_000)) == 500_000


def test_an_iterator_that_is_dropped_stops_its_query() -> None:
    counted = 0

    def count(frame: pl.DataFrame) -> pl.DataFrame:
        nonlocal counted
        counted += frame.height
        return frame

    rows = 5_000_000
    lazy = pl.LazyFrame({"x": pl.int_range(rows, eager=True)}).map_batches(count, streamable=True)
    batches = open_source(lazy).batches(["x"], 1000)
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    time.sleep(0.2)
    seen = counted
    time.sleep(0.2)
    assert counted == seen


@pytest.mark.parametrize("straight", [True, False])
def test_rows_and_errors_come_through_either_way(straight, monkeypatch) -> None:
    if straight and not streaming.STREAMS:
        pytest.skip("this Polars cannot be relied on to stream")
    monkeypatch.setattr(streaming, "STREAMS", straight)
    lazy = pl.LazyFrame({"x": range(1000)})
    batches = list(stream(lazy, 300))
    assert [b.height for b in batches] == [300, 300, 300, 100]
    assert pl.concat(batches)["x"].to_list() == list(range(1000))
    assert list(stream(lazy.filter(pl.col("x") < 0), 300)) == []
    broken = pl.LazyFrame({"x": ["1"] * 5000 + ["x"]}).cast(pl.Int64)
    with pytest.raises(pl.exceptions.PolarsError):
        list(stream(broken, 300))


def test_copies_are_removed_with_the_table_and_on_errors(write, monkeypatch, tmp_path) -> None:
    spools = tmp_path / "spools"
    spools.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spools))
    path = write("t.csv", "a,b\n1,2\n\n3,\n".encode("utf-16"))
    source = open_source(path)
    assert len(list(spools.glob("plimsoll-*"))) == 1
    assert source.rows == 2
    batches = source.batches(["a"], 1)
    next(batches)
    del source
    gc.collect()
    assert list(spools.glob("plimsoll-*"))  # the iterator still reads it
    del batches
    gc.collect()
    assert list(spools.glob("plimsoll-*")) == []
    with pytest.raises(DataError):
        open_source(write("u.csv", "a,b\n1,2\n3\n".encode("utf-16")))
    gc.collect()
    assert list(spools.glob("plimsoll-*")) == []


def test_copies_are_removed_when_the_program_ends(write, tmp_path) -> None:
    path = write("t.csv", "a\n1\n".encode("utf-16"))
    spools = tmp_path / "spools"
    spools.mkdir()
    code = f"from plimsoll.sources import open_source; s = open_source({str(path)!r}); raise SystemExit(3)"
    environment = {**os.environ, "TMPDIR": str(spools)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    assert done.returncode == 3
    assert list(spools.glob("plimsoll-*")) == []

"""Delta tables: one version, whatever is written meanwhile."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from plimsoll.sources import open_source

deltalake = pytest.importorskip("deltalake")


@pytest.fixture
def table(tmp_path: Path) -> str:
    frame = pl.DataFrame({"a": range(100), "part": ["x y", "z/é"] * 50})
    frame.write_delta(tmp_path / "t", delta_write_options={"partition_by": ["part"]})
    return str(tmp_path / "t")


def test_the_version_is_said_and_stays_while_the_table_is_open(table, read) -> None:
    source = open_source(table)
    print_ = source.fingerprint()
    deltalake.DeltaTable(table).delete("a < 10")
    assert read(source, by="a")["a"].to_list() == list(range(100))
    assert source.fingerprint() == print_
    later = open_source(table)
    assert read(later, by="a")["a"].to_list() == list(range(10, 100))
    assert later.fingerprint() != print_
    assert "version 0" in source.said[0]
    assert "version 1" in later.said[0]


def test_a_file_url_is_the_folder(table, read) -> None:
    assert read(Path(table).as_uri(), by="a").equals(read(table, by="a"))


def test_an_empty_or_broken_table_is_refused(table, refused, write, tmp_path) -> None:
    deltalake.DeltaTable(table).delete()
    assert "at least one row" in refused(table)
    (tmp_path / "nolog" / "_delta_log").mkdir(parents=True)
    assert "has no transaction log" in refused(tmp_path / "nolog")
    log = write("bad/_delta_log/00000000000000000000.json", "{bad\n")
    assert "readable Delta table" in refused(log.parents[1])


def test_a_lost_data_file_is_refused(table, refused) -> None:
    for file in Path(table).rglob("*.parquet"):
        file.unlink()
    assert "cannot be read" in refused(table)

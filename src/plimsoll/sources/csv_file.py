"""CSV files: every column read as text, and its type decided by all of its cells."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from plimsoll.core.errors import DataError
from plimsoll.sources.csv_dialect import Dialect, dialect_of
from plimsoll.sources.csv_lines import (
    all_full,
    first_fault,
    first_stray_quote,
    without_blank_lines,
)
from plimsoll.sources.dtypes import Range
from plimsoll.sources.lines import (
    first_undecodable,
    line_frames,
    lines,
    read_head,
    transcode,
    unpack,
)
from plimsoll.sources.parts import Part
from plimsoll.sources.paths import DataFile
from plimsoll.sources.place import Place, translating
from plimsoll.sources.spool import Spool
from plimsoll.sources.streaming import UNPACKS, stream
from plimsoll.sources.text_faults import damaged, not_utf8
from plimsoll.sources.texts import TextFacts, learn, reading, remarks

_CELLS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class _Lying:
    """A CSV file as it lies on the disk, or its copy in UTF-8."""

    place: Place
    file: DataFile
    dialect: Dialect

    def scan(self) -> pl.LazyFrame:
        """Return the query of all columns as text, under the names they go by."""
        names = list(self.dialect.names)
        return pl.scan_csv(
            self.file.path,
            separator=self.dialect.separator,
            with_column_names=lambda _: names,
            infer_schema=False,
            glob=False,
        )

    def explain(self, error: BaseException) -> DataError:
        """Say which line could not be read and why; holds no cell of it."""
        separator, width = self.dialect.separator, len(self.dialect.names)
        try:
            line = first_undecodable(self.file)
            if line is not None:
                return not_utf8(self.place, line)
            fault = first_fault(lines(self.file), separator, width)
            stray = None if fault else first_stray_quote(lines(self.file), separator)
        except (Exception, pl.exceptions.PanicException) as broken:
            return damaged(self.place, self.file, broken)
        if fault:
            return _bad_line(self.place, *fault)
        if stray:
            return _bad_line(self.place, stray, "holds a lone quote within a field")
        return DataError(
            f"{self.place} could be read as CSV before but not now; it changed meanwhile: "
            "run again when nothing writes to it."
        )


def open_csv(place: Place, file: DataFile, spool: Callable[[], Spool]) -> Part:
    """Return one CSV file as part of a table: its columns, their types, how to read them.

    Reads the file once from end to end to settle the types; see ``sources.texts`` for the rules.
    ``spool`` gives the folder for a copy, made where the text is not UTF-8 or has blank lines (and
    for gzip with a Polars that cannot unpack while it streams).

    Raises
    ------
    DataError
        If the bytes cannot be unpacked or decoded, a line has more or fewer fields than the header,
        a quote is never closed or a name stands twice; names the line.
    """
    lying = _lying(place, file, spool)
    with translating(lying.explain):
        facts, rows, ends_empty = _learned(lying)
    if ends_empty and len(facts) > 1:
        lying, rows = _without_blank_lines(lying, rows, spool)
    said = lying.dialect.said + tuple(
        remark for name, found in facts.items() for remark in remarks(name, found)
    )
    schema = pl.Schema({name: _fits(found) for name, found in facts.items()})

    def read(want: pl.Schema) -> pl.LazyFrame:
        return lying.scan().select(_reading(n, facts[n], t) for n, t in want.items())

    return Part(
        files=(file,),
        schema=schema,
        read=read,
        rows=rows,
        explain=lying.explain,
        span=lambda name: _span(facts[name]),
        said=said,
        texts=frozenset(name for name, found in facts.items() if found.quoted or found.words),
    )


def _lying(place: Place, file: DataFile, spool: Callable[[], Spool]) -> _Lying:
    usual = "\t" if ".tsv" in file.path.name.lower() else ","
    with translating(lambda error: damaged(place, file, error)):
        dialect = dialect_of(place, read_head(file), usual)
        if dialect.encoding not in ("utf-8", "utf-8-sig"):
            copy = transcode(file, dialect.encoding, spool())
            file = replace(file, path=copy, packing="")
        elif file.packing == "gzip" and not UNPACKS:
            file = replace(file, path=unpack(file, spool()), packing="")
    return _Lying(place, file, dialect)


def _learned(lying: _Lying) -> tuple[dict[str, TextFacts], int, bool]:
    """Return the facts of every column, the number of rows, and whether the last has empty cells."""
    names = lying.dialect.names
    comma = lying.dialect.separator != ","
    facts = {name: TextFacts() for name in names}
    rows, holes = 0, 0
    at_once = max(1024, min(1 << 16, _CELLS_AT_ONCE * 4 // len(names)))
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        for batch in stream(lying.scan(), at_once):
            rows += batch.height
            holes += batch.get_column(names[-1]).null_count()
            learned = pool.map(partial(learn, comma=comma), facts.values(), batch.iter_columns())
            facts = dict(zip(names, learned, strict=True))
    return facts, rows, holes > 0


def _without_blank_lines(
    lying: _Lying, rows: int, spool: Callable[[], Spool]
) -> tuple[_Lying, int]:
    """Refuse lines with too few fields; read a copy of the file where it has blank lines."""
    separator, width = lying.dialect.separator, len(lying.dialect.names)
    with translating(lambda error: damaged(lying.place, lying.file, error)):
        if all_full(line_frames(lying.file), separator, width):
            return lying, rows
        fault = first_fault(lines(lying.file), separator, width)
        if fault:
            raise _bad_line(lying.place, *fault)
        if not _has_blank_line(lying.file):
            return lying, rows
        kept = spool()
        copy = kept.path("rows.csv")
        without_blank_lines(lines(lying.file), separator, copy)
    clean = replace(lying, file=replace(lying.file, path=copy, packing=""))
    with translating(clean.explain):
        return clean, clean.scan().select(pl.len()).collect().item()


def _has_blank_line(file: DataFile) -> bool:
    return any(not line.rstrip(b"\r\n") for line in lines(file))


def _fits(found: TextFacts) -> pl.DataType:
    """A column without any value fits every type that another file gives it."""
    return found.dtype if found.cells else pl.Null()


def _reading(name: str, found: TextFacts, want: pl.DataType) -> pl.Expr:
    if want == pl.String or found.cells:
        have = found.dtype
        return reading(name, found) if have == want else reading(name, found).cast(want)
    nothing = pl.lit(None, dtype=want)  # under a condition, so that it is as long as the table
    return pl.when(pl.col(name).is_null()).then(nothing).otherwise(nothing).alias(name)


def _span(found: TextFacts) -> Range | None:
    if found.low is None or found.high is None:
        return (0, 2**64 - 1) if found.big else None
    return found.low, 2**64 - 1 if found.big else found.high


def _bad_line(place: Place, line: int, fault: str) -> DataError:
    return DataError(
        f"{place} must be CSV with as many fields in every row as in the header, but the row at "
        f"line {line} {fault}; mend that line (text that holds a separator or a quote must be quoted)."
    )

"""JSON lines: one object a line; the type of a column is decided by all lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import polars as pl
from polars.datatypes import DataTypeClass

from plimsoll.core.errors import DataError
from plimsoll.sources.dtypes import Range, said
from plimsoll.sources.json_faults import cannot_read, mixed
from plimsoll.sources.lines import blocks, encoding_of, read_head, transcode, unpack
from plimsoll.sources.parts import Part
from plimsoll.sources.paths import DataFile
from plimsoll.sources.place import Place, translating
from plimsoll.sources.spool import Spool
from plimsoll.sources.streaming import UNPACKS
from plimsoll.sources.texts import TextFacts, learn, reading

_BLOCK = 1 << 23


@dataclass(frozen=True)
class _Learned:
    """What all lines of a file have in common: columns, types, texts that are dates, rows."""

    schema: pl.Schema
    facts: dict[str, TextFacts]
    spans: dict[str, Range]
    rows: int


def open_json_lines(place: Place, file: DataFile, spool: Callable[[], Spool]) -> Part:
    """Return one file of JSON lines as part of a table.

    Reads the file once from end to end to settle the types. A key that a line does not have is
    missing there. Whole and decimal numbers in one column make it Float64; anything
    beside text makes it text; texts that are all ISO dates or times are dates or times, as in CSV.

    Raises
    ------
    DataError
        If a line is not one JSON object (names the line; ``NaN`` is not JSON), a column mixes
        true/false, numbers, lists and objects, or the bytes cannot be unpacked or decoded.
    """
    explain = partial(cannot_read, place, file)
    with translating(explain):
        head = read_head(file)
        if head.lstrip().startswith(b"["):
            raise DataError(
                f"{place} must hold one JSON object a line but is a JSON array; write it as JSON "
                "lines, for instance jq -c '.[]'."
            )
        encoding = encoding_of(head)
        if encoding != "utf-8":
            file = replace(file, path=transcode(file, encoding, spool()), packing="")
        elif file.packing and not UNPACKS:
            file = replace(file, path=unpack(file, spool()), packing="")
        found = _learned(place, file)
    types = {n: found.facts[n].dtype if n in found.facts else t for n, t in found.schema.items()}
    raw = pl.Schema({n: pl.String() if n in found.facts else t for n, t in found.schema.items()})

    def read(want: pl.Schema) -> pl.LazyFrame:
        frame = pl.scan_ndjson(_escaped(file), schema=raw)
        return frame.select(_reading(name, found, types[name], t) for name, t in want.items())

    return Part(
        files=(file,),
        schema=pl.Schema(types),
        read=read,
        rows=found.rows,
        explain=partial(cannot_read, place, file),
        span=lambda name: found.spans.get(name),
    )


def _escaped(file: DataFile) -> str:
    """Return the path with the signs of a glob escaped: scan_ndjson cannot be told to leave them."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(file.path))


def _reading(name: str, found: _Learned, have: pl.DataType, want: pl.DataType) -> pl.Expr:
    column = reading(name, found.facts[name]) if name in found.facts else pl.col(name)
    return column if have == want else column.cast(want)


def _learned(place: Place, file: DataFile) -> _Learned:
    types: dict[str, pl.DataType] = {}
    facts: dict[str, TextFacts] = {}
    spans: dict[str, Range] = {}
    rows = 0
    for block in blocks(file, _BLOCK):
        if not block.strip():
            continue
        batch = _as_before(block, types)
        if batch is None:
            batch = pl.read_ndjson(block, infer_schema_length=None)
        rows += batch.height
        for column in batch.iter_columns():
            name, new = column.name, _integer(column)
            old = types.get(name, pl.Null())
            types[name] = _merged(place, name, old, new)
            if new == pl.String:
                known = facts.get(name, _STRINGS)
                facts[name] = learn(_TEXT if old not in (pl.String, pl.Null) else known, column)
            elif types[name] == pl.String and new != pl.Null:
                facts[name] = _TEXT
            elif new.is_integer():
                spans[name] = _hull(spans.get(name), column)
    return _Learned(pl.Schema(types), facts, spans, rows)


_SLOW = (b'" :', b'":[', b'": [', b'":{', b'": {')


def _as_before(block: bytes, types: dict[str, pl.DataType]) -> pl.DataFrame | None:
    """Return the rows of a block that holds what the blocks before it held, else None.

    To find the types of a block anew takes five times as long as to read it. Given the types, Polars
    refuses values of another one but passes over a key it does not know, so the keys are counted
    first: within a text a quote has a backslash, so ``"key":`` is a key wherever it stands.
    """
    if not types or any(sign in block for sign in _SLOW):
        return None
    known = sum(block.count(json.dumps(n, ensure_ascii=False).encode() + b":") for n in types)
    if known != block.count(b'":'):
        return None
    try:
        return pl.read_ndjson(block, schema=types)
    except pl.exceptions.PolarsError:
        return None  # another type, or a broken line: whoever finds the types anew will say


_STRINGS = TextFacts(numbers=False, flags=False)
"""What a JSON text may still turn out to be: a date or a time, but never a number."""
_TEXT = replace(_STRINGS, cells=1, days=False, moments=())


def _integer(column: pl.Series) -> pl.DataType:
    """Return the column's type; what Polars holds in 128 bits is UInt64 or, beyond that, text."""
    if column.dtype != pl.Int128:
        return column.dtype
    fits = column.cast(pl.UInt64, strict=False).null_count() == column.null_count()
    return pl.UInt64() if fits else pl.String()


def _hull(known: Range | None, column: pl.Series) -> Range:
    low, high = int(column.min()), int(column.max())  # type: ignore[arg-type]
    return (low, high) if known is None else (min(low, known[0]), max(high, known[1]))


def _merged(place: Place, name: str, one: pl.DataType, other: pl.DataType) -> pl.DataType:
    """Return the type that holds the values of two pieces of one file."""
    if one == other or other == pl.Null:
        return one
    if one == pl.Null:
        return other
    if one.is_numeric() and other.is_numeric():
        return pl.Float64() if one.is_float() or other.is_float() else pl.UInt64()
    if isinstance(one, pl.List) and isinstance(other, pl.List):
        inner = _merged(place, name, _dtype(one.inner), _dtype(other.inner))
        return pl.List(inner)
    if isinstance(one, pl.Struct) and isinstance(other, pl.Struct):
        fields = {f.name: _dtype(f.dtype) for f in one.fields}
        for f in other.fields:
            fields[f.name] = _merged(place, name, fields.get(f.name, pl.Null()), _dtype(f.dtype))
        return pl.Struct(fields)
    if pl.String in (one, other):
        return pl.String()
    raise mixed(place, name, said(one), said(other))


def _dtype(dtype: pl.DataType | DataTypeClass) -> pl.DataType:
    return dtype if isinstance(dtype, pl.DataType) else dtype()

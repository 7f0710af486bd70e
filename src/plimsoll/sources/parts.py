"""Several files, one table: they must agree on columns and types before a row is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from plimsoll.core.errors import DataError
from plimsoll.core.fingerprint import sha256_file
from plimsoll.sources.digest import digest_files
from plimsoll.sources.dtypes import Described, Range, agree
from plimsoll.sources.paths import DataFile, Found
from plimsoll.sources.place import Explain, Place
from plimsoll.sources.spool import Spool
from plimsoll.sources.streaming import stream
from plimsoll.sources.table import Table
from plimsoll.sources.texts import TextFacts, learn, reading

_ROWS = 1 << 16


@dataclass(frozen=True)
class Part:
    """Files of a table that have the same columns and lie under the same partition.

    ``read`` returns the query of all rows in the types of a schema that all parts agreed on.
    ``span`` returns the range of a column of whole numbers. ``texts`` are columns that hold nothing
    but empty texts, so that they are text where no other file says what they are.
    """

    files: tuple[DataFile, ...]
    schema: pl.Schema
    read: Callable[[pl.Schema], pl.LazyFrame]
    rows: int
    explain: Explain
    span: Callable[[str], Range | None]
    said: tuple[str, ...] = ()
    texts: frozenset[str] = frozenset()


def unite(place: Place, found: Found, parts: Sequence[Part], kept: tuple[Spool, ...] = ()) -> Table:
    """Return the table of all parts.

    Columns that the folders state (``year=2020``) are added where the files do not hold them, with
    types found as for CSV. Raises DataError where parts do not agree.
    """
    described = [Described(p.files[0].shown, p.schema, p.span) for p in parts]
    schema = agree(place, described)
    texts = frozenset().union(*(part.texts for part in parts))
    schema = pl.Schema(
        {n: pl.String() if t == pl.Null and n in texts else t for n, t in schema.items()}
    )
    fixed = _partition_columns(place, parts, schema)
    frames = [part.read(schema).with_columns(fixed.expressions(part.files[0])) for part in parts]

    def explain(error: BaseException) -> DataError:
        if len(parts) == 1:
            return parts[0].explain(error)
        return _culprit(parts, schema, error)

    return Table(
        place=place,
        schema=pl.Schema({**schema, **fixed.schema}),
        frame=pl.concat(frames, how="vertical") if len(frames) > 1 else frames[0],
        explain=explain,
        digest=lambda: fingerprint(found),
        rows=sum(part.rows for part in parts),
        said=tuple(dict.fromkeys(s for part in parts for s in part.said)),
        kept=kept,
    )


def fingerprint(found: Found) -> str:
    """Return the SHA-256 of one file, or over names and hashes of several; see ``digest``."""
    if found.single:
        return sha256_file(found.files[0].path)
    return digest_files((file.name, file.path) for file in found.files)


def _culprit(parts: Sequence[Part], schema: pl.Schema, error: BaseException) -> DataError:
    """Read the parts one by one to find the one that cannot be read, and let it say why."""
    for part in parts:
        try:
            for _ in stream(part.read(schema), _ROWS):
                pass
        except (Exception, pl.exceptions.PanicException) as own:
            return part.explain(own)
    return parts[0].explain(error)


@dataclass(frozen=True)
class _Partitions:
    """The columns that folders state: how each text is read, and the type it then has."""

    schema: dict[str, pl.DataType]
    facts: dict[str, TextFacts]

    def expressions(self, file: DataFile) -> list[pl.Expr]:
        return [
            pl.lit(self._value(name, text), dtype=self.schema[name]).alias(name)
            for name, text in file.partitions
            if name in self.schema
        ]

    def _value(self, name: str, text: str | None) -> object:
        cell = pl.DataFrame({name: pl.Series([text], dtype=pl.String)})
        return cell.select(reading(name, self.facts[name])).item()


def _partition_columns(place: Place, parts: Sequence[Part], schema: pl.Schema) -> _Partitions:
    keys = tuple(name for name, _ in parts[0].files[0].partitions)
    for part in parts:
        if tuple(name for name, _ in part.files[0].partitions) != keys:
            raise DataError(
                f"{place}: all files must lie in folders that state the same columns, but "
                f"'{parts[0].files[0].shown}' and '{part.files[0].shown}' do not; move one of them."
            )
    facts = {}
    for at, name in enumerate(keys):
        if name not in schema:
            texts = pl.Series([p.files[0].partitions[at][1] for p in parts], dtype=pl.String)
            facts[name] = learn(TextFacts(), texts)
    return _Partitions({name: found.dtype for name, found in facts.items()}, facts)

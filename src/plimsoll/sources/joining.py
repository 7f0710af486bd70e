"""Two tables become one by the id of their rows: data with its labels, or with its predictions."""

from __future__ import annotations

from functools import partial

import polars as pl

from plimsoll.core.errors import DataError, did_you_mean
from plimsoll.core.source import Source
from plimsoll.sources.digest import digest_pairs
from plimsoll.sources.dtypes import said
from plimsoll.sources.place import Place, translating
from plimsoll.sources.spool import Spool
from plimsoll.sources.table import Table, Unmatched

_ROWS = 1 << 16


def join_by_id(left: Source, right: Source, id_column: str, *, what: str) -> Table:
    """Return the rows of ``left``, each with the columns that ``right`` has for its id.

    Every row of ``left`` comes once. One whose id ``right`` does not have (or that has no id) gets
    missing cells; ``unmatched`` of the answer counts them, and the rows of ``right`` that found no
    partner and are left out. ``what`` is what ``right`` adds (``labels``, ``predictions``) and words
    the messages. Ids are compared as they are: ``7`` and ``"7"`` are refused, not converted.

    The ids of both sides and the columns asked of ``right`` are held in memory while rows are read.

    Raises
    ------
    DataError
        If the id is missing on a side (with the nearest name), has different types, stands in more
        than one row of a side, or if another column stands in both tables.
    """
    one, other = _table(left, "data"), _table(right, what)
    _must_fit(one, other, id_column)
    added = {name: dtype for name, dtype in other.schema.items() if name != id_column}
    schema = pl.Schema({**one.schema, **added})
    explain = partial(_either, one, other)
    with translating(explain):
        rows, unmatched = _matched(one, other, id_column)
    frame = _joined(one, other, id_column, list(added))
    return Table(
        place=Place(one.place.role, f"{one.origin} + {other.origin}"),
        schema=schema,
        frame=frame.select(schema.names()),
        explain=explain,
        digest=partial(_digest, left, right, id_column),
        rows=rows,
        said=one.said + other.said + _remarks(one, other, unmatched, what),
        unmatched=unmatched,
        kept=one.kept + other.kept,
    )


def _table(source: Source, role: str) -> Table:
    """Return a source as a table that Polars can join; the rows of a foreign one go to disk."""
    if isinstance(source, Table):
        return source
    spool = Spool()
    place = Place(role, source.origin)
    paths = [spool.keep(batch) for batch in source.batches(source.schema.names(), _ROWS)]
    frames = [pl.scan_ipc(path, glob=False) for path in paths]
    return Table(
        place=place,
        schema=source.schema,
        frame=pl.concat(frames) if frames else pl.LazyFrame(schema=source.schema),
        explain=partial(_changed, place),
        digest=source.fingerprint,
        kept=(spool,),
    )


def _must_fit(one: Table, other: Table, id_column: str) -> None:
    for table in (one, other):
        if id_column not in table.schema:
            raise DataError(
                f"{table.place} must have the id column '{id_column}' to be joined by, but has none "
                f"of that name; rename its column.{did_you_mean(id_column, table.schema)}"
            )
    types = one.schema[id_column], other.schema[id_column]
    if pl.Null in types:
        where = _lower(one.place if types[0] == pl.Null else other.place)
        raise DataError(
            f"The id column '{id_column}' must hold ids in both tables, but is empty in {where}; "
            "fill it."
        )
    if not _comparable(*types):
        raise DataError(
            f"The id column '{id_column}' must have one type in both tables, but holds "
            f"{said(types[0])} in {_lower(one.place)} and {said(types[1])} in {_lower(other.place)}; "
            "write one of them again with the type of the other."
        )
    both = [name for name in other.schema if name in one.schema and name != id_column]
    if both:
        raise DataError(
            f"Only the id may stand in both tables, but column '{both[0]}' is in "
            f"{_lower(one.place)} and in {_lower(other.place)}; rename or drop it in one of them."
        )


def _comparable(one: pl.DataType, other: pl.DataType) -> bool:
    return one == other or (one.is_integer() and other.is_integer())


def _lower(place: Place) -> str:
    text = str(place)
    return text[0].lower() + text[1:]


def _joined(one: Table, other: Table, id_column: str, added: list[str]) -> pl.LazyFrame:
    """Return the query of the join, by a copy of the id under a name that no column has."""
    name = id_column
    while name in one.schema or name in other.schema:
        name += "'"
    key = _key(one, other, id_column).alias(name)
    # a row without an id must not find another one without
    partners = other.frame.select(key, *added).filter(pl.col(name).is_not_null())
    return one.frame.with_columns(key).join(partners, on=name, how="left")


def _key(one: Table, other: Table, id_column: str) -> pl.Expr:
    same = one.schema[id_column] == other.schema[id_column]
    return pl.col(id_column) if same else pl.col(id_column).cast(pl.Int128)


def _matched(one: Table, other: Table, id_column: str) -> tuple[int, Unmatched]:
    """Return the rows of the left table, and how many of each side have no partner."""
    key = _key(one, other, id_column)
    rows = [_unique_ids(table, id_column) for table in (one, other)]
    held = [t.frame.select(key).filter(pl.col(id_column).is_not_null()) for t in (one, other)]
    partners = held[0].join(held[1], on=id_column, how="semi").select(pl.len())
    matched = partners.collect(engine="streaming").item()
    return rows[0], Unmatched(rows[0] - matched, rows[1] - matched)


def _unique_ids(table: Table, id_column: str) -> int:
    """Return the number of rows of a table; raise DataError if an id stands twice."""
    ids = pl.col(id_column)
    counts = table.frame.select(
        rows=pl.len(), missing=ids.null_count(), distinct=ids.drop_nulls().n_unique()
    )
    rows, missing, distinct = counts.collect(engine="streaming").row(0)
    again = rows - missing - distinct
    if again:
        raise DataError(
            f"{table.place}: every row must have its own id to be joined by '{id_column}', but "
            f"an id that stands before is repeated in {_rows(again)}; keep one row for each id."
        )
    return int(rows)


def _either(one: Table, other: Table, error: BaseException) -> DataError:
    """Read both tables on their own to find the one that cannot be read, and let it say why."""
    for table in (one, other):
        try:
            for _ in table.batches(table.schema.names(), _ROWS):
                pass
        except DataError as own:
            return own
    return _changed(one.place, error)


def _changed(place: Place, error: BaseException) -> DataError:
    return DataError(
        f"{place} cannot be joined ({type(error).__name__}); it changed meanwhile: run again when "
        "nothing writes to it."
    )


def _digest(left: Source, right: Source, id_column: str) -> str | None:
    one, other = left.fingerprint(), right.fingerprint()
    if one is None or other is None:
        return None
    return digest_pairs([(f"left by {id_column}", one), ("right", other)])


def _remarks(one: Table, other: Table, unmatched: Unmatched, what: str) -> tuple[str, ...]:
    out = []
    if unmatched.left:
        out.append(f"{one.place}: {what} are missing for {_rows(unmatched.left)}, read without.")
    if unmatched.right:
        out.append(f"{other.place}: {_rows(unmatched.right)} fit no row of data and are left out.")
    return tuple(out)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"

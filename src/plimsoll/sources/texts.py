"""The type of a column of text, decided by all of its cells and not by the first few.

A CSV file does not say what its columns hold. A column is numbers, true/false, dates or times only
if every cell in it is; one word among a million numbers makes it text. The order of the rows plays
no part, so a shuffled file has the same types. The rules:

- an empty cell is missing; a quoted empty cell (``""``) is an empty text in a column of text and
  missing in any other;
- whole numbers are Int64, or UInt64 where they need it; beyond that they are ids and stay text;
- a number with a point or an exponent makes the column Float64; ``NaN`` and ``inf`` are numbers;
- a number may have a decimal comma where commas do not part the columns, no cell has a point, and
  at least one cell could not be meant as thousands;
- ``true`` and ``false`` in any case are Boolean; ``2016-07-01`` is a Date;
  ``2016-07-01 10:00:00`` with ``T`` or a blank, fractions (microseconds) or an offset is a Datetime;
- the words of ``MISSING`` (``NA``, ``null`` ...) are missing in any column but text: in a column of
  text they may be a country or a name. Blanks round a number are no part of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

MISSING = (
    "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NULL", "Null", "null", "None", "none", "NaT", "\\N",
)  # fmt: skip
"""Words that stand for a missing cell in a column that is otherwise not text."""

_NOTHING = ("", *MISSING)
_PADDING = " \t"
_MOMENTS = tuple(
    f"%Y-%m-%d{between}%H:%M{rest}"
    for between in ("T", " ")
    for rest in ("", ":%S%.f", ":%S%.f%#z")
)
_WHOLE = r"^[+-]?[0-9]+$"
_COMMA = r"^[+-]?[0-9]+(,[0-9]+)?$"
_NOT_THOUSANDS = r",([0-9]{1,2}|[0-9]{4,})$"


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What all cells of a column of text that were seen so far have in common.

    ``low`` and ``high`` are the smallest and largest whole number that fits Int64; ``words`` counts
    cells that hold a word for missing; ``quoted`` cells that hold an empty text or blanks only.
    """

    cells: int = 0
    words: int = 0
    quoted: int = 0
    numbers: bool = True
    flags: bool = True
    days: bool = True
    moments: tuple[str, ...] = _MOMENTS
    fraction: bool = False
    comma: bool = False
    surely_comma: bool = False
    big: bool = False
    huge: bool = False
    padded: bool = False
    zeros: bool = False
    low: int | None = None
    high: int | None = None

    @property
    def is_text(self) -> bool:
        """Whether nothing but text is left, so that more cells cannot change the type."""
        return not (self.numbers or self.flags or self.days or self.moments)

    @property
    def dtype(self) -> pl.DataType:
        """The type of the column; Null where no cell holds anything."""
        if not self.cells:
            return pl.String() if self.words or self.quoted else pl.Null()
        if self.numbers:
            return self._number()
        if self.flags:
            return pl.Boolean()
        if self.days:
            return pl.Date()
        if self.moments:
            zone = "UTC" if self.moments[0].endswith("z") else None
            return pl.Datetime("us", zone)
        return pl.String()

    def _number(self) -> pl.DataType:
        if self.comma:
            clear = self.surely_comma and not self.fraction
            return pl.Float64() if clear else pl.String()
        if self.fraction:
            return pl.Float64()
        if self.huge or (self.big and (self.low or 0) < 0):
            return pl.String()
        return pl.UInt64() if self.big else pl.Int64()


def learn(facts: TextFacts, column: pl.Series, *, comma: bool = False) -> TextFacts:
    """Return the facts with the cells of one more batch counted in; ``comma`` allows decimal ones."""
    cells = column.drop_nulls()
    if facts.is_text or cells.is_empty():
        return replace(facts, cells=facts.cells + cells.len())
    usual = _as_before(facts, cells)
    if usual is not None:
        return replace(usual, cells=facts.cells + cells.len())
    held, facts = _held(facts, cells)
    facts = replace(facts, cells=facts.cells + held.len())
    if held.is_empty():
        return facts
    if facts.numbers:
        facts = _numbers(facts, held, comma)
    if facts.flags:
        facts = replace(facts, flags=not _flags(held).null_count())
    if facts.days:
        facts = replace(facts, days=not _days(held).null_count())
    if facts.moments:
        fits = tuple(f for f in facts.moments if not _moments(held, f).null_count())
        facts = replace(facts, moments=fits)
    return facts


def _as_before(facts: TextFacts, cells: pl.Series) -> TextFacts | None:
    """Return the facts where every cell is plainly of the one kind that is left, else None.

    Nothing then needs stripping and nothing is missing; it is the usual case and a quick one.
    """
    if facts.numbers and facts.fraction and not facts.comma:
        return None if cells.cast(pl.Float64, strict=False).null_count() else facts
    if facts.numbers and not facts.comma:
        whole = cells.cast(pl.Int64, strict=False)
        if whole.null_count():
            return None
        facts = replace(facts, flags=False, days=False, moments=())
        return _zeros(_span(facts, whole), cells)
    if facts.days and not facts.flags:
        return None if _days(cells).null_count() else replace(facts, moments=())
    if len(facts.moments) == 1 and not facts.flags:
        return None if _moments(cells, facts.moments[0]).null_count() else facts
    return None


def _held(facts: TextFacts, cells: pl.Series) -> tuple[pl.Series, TextFacts]:
    """Return the cells without padding and without those that stand for missing."""
    bare = cells.str.strip_chars(_PADDING)
    void = bare.is_in(_NOTHING)
    blank = int((bare == "").sum())
    facts = replace(
        facts,
        padded=facts.padded or bool((bare != cells).any()),
        words=facts.words + int(void.sum()) - blank,
        quoted=facts.quoted + blank,
    )
    return bare.filter(~void), facts


def _numbers(facts: TextFacts, held: pl.Series, comma: bool) -> TextFacts:
    whole = held.cast(pl.Int64, strict=False)
    facts = _zeros(_span(facts, whole), held)
    odd = held.filter(whole.is_null())
    long = odd.str.contains(_WHOLE)
    facts = replace(
        facts,
        big=facts.big or bool(long.any()),
        huge=facts.huge or bool(odd.filter(long).cast(pl.UInt64, strict=False).null_count()),
    )
    rest = odd.filter(~long)
    if rest.is_empty():
        return facts
    if not rest.cast(pl.Float64, strict=False).null_count():
        return replace(facts, fraction=True)
    if comma:
        return _commas(facts, rest)
    return replace(facts, numbers=False)


def _zeros(facts: TextFacts, held: pl.Series) -> TextFacts:
    if facts.zeros or facts.fraction:
        return facts
    zeros = held.filter(held.str.starts_with("0") & (held.str.len_bytes() > 1))
    return replace(facts, zeros=bool(zeros.str.contains(_WHOLE).any()))


def _commas(facts: TextFacts, rest: pl.Series) -> TextFacts:
    with_comma = rest.str.contains(_COMMA)
    points = rest.filter(~with_comma)
    if points.cast(pl.Float64, strict=False).null_count():
        return replace(facts, numbers=False)
    sure = bool(rest.str.contains(_NOT_THOUSANDS).any())
    return replace(
        facts,
        comma=True,
        surely_comma=facts.surely_comma or sure,
        fraction=facts.fraction or not points.is_empty(),
    )


def _span(facts: TextFacts, whole: pl.Series) -> TextFacts:
    if whole.null_count() == whole.len():
        return facts
    low, high = int(whole.min()), int(whole.max())  # type: ignore[arg-type]
    return replace(
        facts,
        low=low if facts.low is None else min(low, facts.low),
        high=high if facts.high is None else max(high, facts.high),
    )


def _flags(cells: pl.Series) -> pl.Series:
    return cells.str.to_lowercase().replace_strict(
        {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
    )


def _days(cells: pl.Series) -> pl.Series:
    # a year of two digits would be read as one of the first century
    full = cells.filter(cells.str.len_bytes() == 10)
    if full.len() < cells.len():
        return pl.Series([None], dtype=pl.Date)
    return full.str.to_date("%Y-%m-%d", strict=False)


def _moments(cells: pl.Series, form: str) -> pl.Series:
    if bool((cells.str.len_bytes() < 16).any()):
        return pl.Series([None], dtype=pl.Datetime("us"))
    return cells.str.to_datetime(form, time_unit="us", strict=False)


def reading(name: str, facts: TextFacts) -> pl.Expr:
    """Return the expression that turns a column of text into its type.

    A cell that does not fit raises: it was not there when the facts were learned.
    """
    column = pl.col(name)
    dtype = facts.dtype
    if dtype == pl.String:
        return column
    if dtype == pl.Null:
        return column.cast(pl.Null)
    if facts.padded:
        column = column.str.strip_chars(_PADDING)
    if facts.words or facts.quoted:
        column = pl.when(column.is_in(_NOTHING)).then(None).otherwise(column)
    if facts.comma:
        column = column.str.replace(",", ".", literal=True)
    if dtype == pl.Boolean:
        column = column.str.to_lowercase().replace_strict(
            {"true": True, "false": False}, return_dtype=pl.Boolean
        )
    elif dtype == pl.Date:
        column = column.str.to_date("%Y-%m-%d", strict=True)
    elif isinstance(dtype, pl.Datetime):
        column = column.str.to_datetime(facts.moments[0], time_unit="us", strict=True)
    else:
        column = column.cast(dtype, strict=True)
    return column.alias(name)


def remarks(name: str, facts: TextFacts) -> tuple[str, ...]:
    """Return what a user should know of how a column was read, as sentences without a cell in them."""
    if facts.dtype == pl.String:
        return ()
    out = []
    if facts.words:
        out.append(
            f"Column '{name}': a word for missing (such as NA or null) is read as missing, in "
            f"{facts.words} of its cells."
        )
    if facts.comma:
        out.append(f"Column '{name}': the comma in its numbers is read as a decimal comma.")
    if facts.zeros and facts.dtype.is_integer():
        out.append(
            f"Column '{name}': numbers with leading zeros are read as numbers; "
            "if they are codes, store the table as Parquet with a text column."
        )
    return tuple(out)

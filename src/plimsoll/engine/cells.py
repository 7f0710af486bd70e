"""Cells of a column to numbers, codes and probabilities, or a sentence that says why not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.batch import TARGET
from plimsoll.core.errors import DataError
from plimsoll.core.labels import match_label

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def binary_codes(series: pl.Series, classes: tuple[str, ...]) -> pl.Series | None:
    """Return the codes of labels that are 0 and 1 as they stand, or None where they are not."""
    dtype = series.dtype
    if dtype == pl.Boolean and classes == ("false", "true"):
        return series.cast(pl.Int8)
    if classes != ("0", "1") or not (dtype.is_integer() or dtype.is_float()):
        return None
    cells = series.fill_nan(None) if dtype.is_float() else series
    if bool(((cells == 0) | (cells == 1)).all()):
        return cells.cast(pl.Int8)
    return None


def text_codes(text: pl.Series, classes: tuple[str, ...]) -> pl.Series:
    """Return the class code of each label text; null where missing or unknown."""
    codes = list(range(len(classes)))
    return text.replace_strict(list(classes), codes, default=None, return_dtype=pl.Int32).alias(
        TARGET
    )


def label_codes(text: pl.Series, classes: tuple[str, ...]) -> pl.Series:
    """Return the class code of each label text, however it is spelled (``1`` for ``true``)."""
    codes = text_codes(text, classes)
    strange = text.filter(codes.is_null()).drop_nulls().unique().to_list()
    named = {t: match_label(t, classes) for t in strange[: 2 * len(classes)]}
    known = {t: classes.index(c) for t, c in named.items() if c is not None}
    if not known:
        return codes
    more = text.replace_strict(
        list(known), list(known.values()), default=None, return_dtype=pl.Int32
    )
    return codes.fill_null(more)


def probabilities(logits: list[Floats]) -> list[Floats]:
    """Return what logits stand for: of one column the logistic function, of several softmax."""
    if len(logits) == 1:
        return [1.0 / (1.0 + np.exp(-np.clip(logits[0], -700, 700)))]
    raised = np.exp(np.stack(logits) - np.max(logits, axis=0))
    return list(raised / raised.sum(axis=0))


def numbers(series: pl.Series, what: str, *, nan: bool = False) -> Floats:
    """Return a column as float64, NaN where missing; a text column that is no number is an error.

    NaN and infinity in the column itself are refused unless ``nan``, for the caller to word.
    """
    dtype = series.dtype
    if not (dtype.is_numeric() or dtype == pl.Boolean or dtype == pl.Null):
        raise DataError(
            f"{what} must hold numbers; it holds {_type_word(dtype)}. "
            "Correct the role or convert the column."
        )
    cast = series.cast(pl.Float64)
    values = cast.to_numpy() if not cast.null_count() else cast.fill_null(np.nan).to_numpy()
    if not nan and np.isinf(values).any():
        raise DataError(
            f"{what} must hold finite numbers; {int(np.isinf(values).sum())} rows hold infinity. "
            "Mend the export or leave those cells empty."
        )
    return values


def check_unit(values: Floats, silent: Mask, source: str) -> None:
    """Raise DataError unless every score of a row that is not silent lies in [0, 1]."""
    outside = ((values < 0.0) | (values > 1.0)) & ~silent
    if outside.any():
        worst = values[outside][np.argmax(np.abs(values[outside] - 0.5))]
        raise DataError(
            f"{source[0].upper()}{source[1:]} must hold probabilities in [0, 1]; "
            f"{int(outside.sum())} rows do not, "
            f'one of them holds {worst:.4g}. If these are logits, set score_kind = "logit"; '
            'if they only order the rows, score_kind = "ranking".'
        )


def check_sum(scores: list[Floats], silent: Mask, sources: list[str]) -> None:
    """Raise DataError unless the probabilities of all classes sum to 1 in every row."""
    total = np.sum(scores, axis=0)
    off = (np.abs(total - 1.0) > 1e-3) & ~silent
    if off.any():
        raise DataError(
            f"The probabilities of all classes ({', '.join(dict.fromkeys(sources))}) "
            f"must sum to 1 in every row; in {int(off.sum())} rows they do not (one sums to "
            f"{total[off][0]:.4g}). "
            'Give one column a class, or set score_kind = "ranking".'
        )


def _type_word(dtype: pl.DataType) -> str:
    if dtype == pl.String:
        return "text"
    return "dates or times" if dtype.is_temporal() else str(dtype)

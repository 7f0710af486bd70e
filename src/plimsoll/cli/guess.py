"""Which column plays which part, told from names and a look at the rows; for ``plimsoll init``.

A guess says why it was made and whether it is sure: what is sure is not asked. Nothing here reads a
file or asks anybody, so every rule can be tested by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

TARGETS = (
    "target", "label", "labels", "y", "y_true", "true_label", "actual", "ground_truth", "truth",
    "class", "outcome", "response",
)  # fmt: skip
SUBJECTS = (
    "default", "churn", "churned", "fraud", "is_fraud", "survived", "income", "converted",
    "clicked", "purchased", "diagnosis", "approved", "readmitted", "spam", "species", "price",
    "quality", "attrition", "died", "mortality", "sold",
)  # fmt: skip
AMOUNTS = ("value", "price", "amount", "cost", "sales", "demand")
PREDICTIONS = (
    "prediction", "predictions", "predicted", "pred", "y_pred", "yhat", "y_hat", "predicted_label",
    "predicted_class", "prediction_label", "label_pred", "forecast",
)  # fmt: skip
FEW = 20
SCORE_WORDS = frozenset(("p", "prob", "proba", "probability", "score", "scores"))
GROUP_WORDS = frozenset(("group", "cluster", "household"))
WEIGHTS = ("sample_weight", "sample_weights", "case_weight", "survey_weight", "row_weight")
MAYBE_WEIGHTS = ("weight", "weights", "w")
TIMES = ("time", "timestamp", "date", "datetime", "created_at", "applied_at", "event_time")
SENSITIVE = frozenset(
    ("sex", "gender", "race", "ethnicity", "religion", "disability", "nationality", "age_band")
)
POSITIVE_WORDS = (
    ("no", "yes"), ("n", "y"), ("f", "t"), ("negative", "positive"), ("neg", "pos"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guess:
    """One part with the column, or columns, that seem to play it; ``why`` completes "because"."""

    role: str
    value: Any
    why: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """One column of the rows looked at.

    ``unit`` means that every number lies in [0, 1]; ``few`` are its values as label texts, where
    there are at most FEW of them.
    """

    name: str
    kind: str
    distinct: int
    missing: int
    rows: int
    unit: bool = False
    few: frozenset[str] = frozenset()

    @property
    def plain(self) -> str:
        """The name in lower case with one underscore between its words."""
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.name)
        return re.sub(r"[^0-9a-z]+", "_", spaced.lower()).strip("_")

    @property
    def words(self) -> list[str]:
        """The words of the name."""
        return self.plain.split("_")

    @property
    def unique(self) -> bool:
        """Whether it told every row looked at from every other."""
        return self.missing == 0 and self.distinct == self.rows


def see(frame: pl.DataFrame) -> list[Seen]:
    """Return what can be seen of each column of some rows."""
    out = []
    for series in frame.get_columns():
        dtype = series.dtype
        nested = dtype.is_nested()
        unit = False
        if dtype.is_float():
            numbers = series.drop_nulls().drop_nans()
            unit = bool(numbers.len()) and bool(numbers.is_between(0, 1).all())
        missing = series.null_count()
        values = series.drop_nulls().unique() if not nested else series.clear()
        few = _texts(values) if values.len() <= FEW else frozenset[str]()
        kind = _kind(dtype)
        out.append(Seen(series.name, kind, values.len(), missing, series.len(), unit, few))
    return out


def _texts(values: pl.Series) -> frozenset[str]:
    import polars as pl

    from plimsoll.core.labels import label_expr

    text = values.to_frame("value").select(label_expr(pl.col("value"), values.dtype))
    return frozenset(text.to_series().to_list())


def _kind(dtype: pl.DataType) -> str:
    if dtype.is_float():
        return "float"
    if dtype.is_integer():
        return "whole"
    if dtype.is_temporal():
        return "time"
    return "nested" if dtype.is_nested() else "text"


def guess_target(seen: Sequence[Seen]) -> Guess | None:
    """Return the column that holds the true answer, as names tell it, else the last one."""
    plain = {column.plain: column.name for column in reversed(seen)}
    for name in TARGETS:
        if name in plain:
            return Guess("target", plain[name], "its name says so")
    for score in (column for column in seen if _is_score(column)):
        rest = "_".join(word for word in score.words if word not in SCORE_WORDS)
        if rest in plain and plain[rest] != score.name:
            return Guess("target", plain[rest], f"'{score.name}' seems to be its score")
    able = [column for column in seen if _could_be_target(column, seen)]
    sounding = [column for column in able if column.plain in SUBJECTS]
    sounding = sounding or [column for column in able if column.words[-1] in AMOUNTS]
    if len(sounding) == 1:
        return Guess("target", sounding[0].name, "its name sounds like an outcome", sure=False)
    last = [c for c in seen if not (_is_answer(c) or c.unique or c.kind in ("time", "nested"))]
    if last and last[-1] in able:
        return Guess("target", last[-1].name, "it is the last column", sure=False)
    return None


def _could_be_target(column: Seen, seen: Sequence[Seen]) -> bool:
    """Whether a column could hold the truth: where answers are there, they must be of its kind."""
    if column.kind in ("time", "nested") or _is_answer(column):
        return False
    said = next((other for other in seen if other.plain in PREDICTIONS), None)
    if said is not None and said.few:
        return bool(column.few) and (column.few <= said.few or said.few <= column.few)
    if said is not None:
        return column.kind in ("whole", "float")
    scored = any(_is_score(other) and other.unit for other in seen)
    return not scored or 2 <= column.distinct <= FEW


def guess_answers(seen: Sequence[Seen], target: str, classes: Sequence[str]) -> list[Guess]:
    """Return score and prediction columns; ``classes`` are empty for a number to be predicted."""
    others = [column for column in seen if column.name != target]
    out = []
    said = [column for column in others if column.plain in PREDICTIONS]
    if said:
        why = "its name says so"
        out.append(Guess("prediction", said[0].name, why, sure=len(said) == 1))
    if not classes:
        return out
    scores = [column for column in others if _is_score(column) and column not in said]
    if len(classes) > 2:
        return out + _class_scores(scores, classes)
    inside = [column for column in scores if column.unit]
    if inside:
        why = "its name says so and it lies in [0, 1]"
        out.append(Guess("score", inside[0].name, why, sure=len(inside) == 1))
    elif scores:
        why = "its name says so, but it leaves [0, 1], so it only orders the rows"
        out.append(Guess("score", scores[0].name, why, sure=False))
        out.append(Guess("score_kind", "ranking", why, sure=False))
    return out


def _class_scores(scores: Sequence[Seen], classes: Sequence[str]) -> list[Guess]:
    found: dict[str, str] = {}
    for label in classes:
        ending = re.sub(r"[^0-9a-z]+", "_", label.lower()).strip("_")
        fits = [s.name for s in scores if s.unit and s.plain.endswith(f"_{ending}")]
        if len(fits) != 1:
            return []
        found[label] = fits[0]
    return [Guess("score", found, "the names end in the labels")]


def _is_score(column: Seen) -> bool:
    return column.kind == "float" and bool(SCORE_WORDS.intersection(column.words))


def _is_answer(column: Seen) -> bool:
    return column.plain in PREDICTIONS or _is_score(column)


def guess_others(seen: Sequence[Seen], taken: Iterable[str]) -> list[Guess]:
    """Return id, group, weight and time, where something tells them; ``taken`` have a part."""
    busy = set(taken)
    free = [column for column in seen if column.name not in busy]
    found = [_id(free), _weight(free), _time(free)]
    named = {guess.value for guess in found if guess is not None}
    found.append(_group([column for column in free if column.name not in named]))
    return [guess for guess in found if guess is not None]


def _id(free: Sequence[Seen]) -> Guess | None:
    fits = [c for c in free if c.unique and c.kind in ("whole", "text") and _names_rows(c)]
    if not fits:
        return None
    return Guess("id", fits[0].name, "it is different in every row", sure=len(fits) == 1)


def _names_rows(column: Seen) -> bool:
    return column.words[-1] in ("id", "uuid", "guid", "key") or column.plain in ("row", "index")


def _weight(free: Sequence[Seen]) -> Guess | None:
    fits = [c for c in free if c.plain in WEIGHTS and c.kind in ("whole", "float")]
    return Guess("weight", fits[0].name, "its name says so") if fits else None


def _time(free: Sequence[Seen]) -> Guess | None:
    fits = [column for column in free if column.kind == "time"]
    if len(fits) == 1:
        return Guess("time", fits[0].name, "it holds times")
    named = [column for column in fits if column.plain in TIMES] or fits
    return Guess("time", named[0].name, "it holds times", sure=False) if named else None


def _group(free: Sequence[Seen]) -> Guess | None:
    fits = [
        c
        for c in free
        if c.kind in ("whole", "text")
        and 1 < c.distinct < c.rows - c.missing
        and (c.words[-1] == "id" or GROUP_WORDS.intersection(c.words))
    ]
    if not fits:
        return None
    return Guess("group", fits[0].name, "its values come in several rows", sure=len(fits) == 1)


def guess_positive(classes: Sequence[str], counts: dict[str, int], score: object) -> Guess:
    """Return the positive one of two labels; sure only where custom or a name settles it."""
    from plimsoll.core.labels import NATURAL_PAIRS

    first, second = classes
    folded = {label.casefold(): label for label in classes}
    for pair in (*NATURAL_PAIRS, *POSITIVE_WORDS):
        if set(pair) == set(folded):
            return Guess("positive", folded[pair[1]], "that is how such labels are read")
    if isinstance(score, str):
        words = Seen(score, "float", 0, 0, 0).words
        named = [label for label in classes if Seen(label, "text", 0, 0, 0).plain in words]
        if len(named) == 1:
            return Guess("positive", named[0], f"'{score}' bears its name")
    rarer = min((first, second), key=lambda label: counts.get(label, 0))
    return Guess("positive", rarer, "it is the rarer label", sure=False)


def maybe_weight(seen: Sequence[Seen]) -> str | None:
    """Return a column that may be a weight of rows, or the weight of a body: worth a remark."""
    return next((c.name for c in seen if c.plain in MAYBE_WEIGHTS), None)


def sensitive(seen: Sequence[Seen]) -> list[str]:
    """Return columns that often are protected."""
    return [column.name for column in seen if column.plain in SENSITIVE]


def guess_task(kind: str, labels: Sequence[str], many: bool) -> str:
    """Return the task that ``plimsoll check`` will see in a target of this kind with these labels."""
    if kind == "time":
        return "regression"
    numeric = kind in ("float", "whole")
    if numeric and many:
        return "regression"
    if len(labels) == 2:
        return "binary"
    few = len(labels) <= 20 and all("." not in label for label in labels)
    return "multiclass" if few or not numeric else "regression"

"""From rows as read to rows that can be judged: labels to codes, answers to scores, gaps left out.

Everything a tally needs stands afterwards in the ``@`` columns (see ``core.batch``). A row without a
label is left out and counted; a row without an answer is an error unless the settings say otherwise,
for a model that is silent on hard rows would look better than it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core import batch as names
from plimsoll.core.batch import Batch, prediction_column, score_column
from plimsoll.core.errors import DataError, ModelError
from plimsoll.core.keys import hash_column, hash_rows
from plimsoll.core.labels import label_expr
from plimsoll.core.model import Model, Output, Prediction
from plimsoll.core.subject import ScoreKind, Subject, Task
from plimsoll.core.tally import Rows
from plimsoll.core.trial import Answers
from plimsoll.engine.arrange import arrange
from plimsoll.engine.cells import (
    binary_codes,
    check_sum,
    check_unit,
    label_codes,
    numbers,
    probabilities,
)
from plimsoll.tallies.losses import row_loss

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Encoder:
    """How the rows of one table become judged rows.

    ``models`` holds what is asked for an answer: the model judged under "", rivals under their name.
    ``wanted`` are the ``@`` columns that some tally reads; no others are made. ``key_columns`` are the
    raw columns that make up a row's key where there is no id. ``unlabelled`` says that rows without a label
    are asked for an answer, too, for some tally reads it.
    """

    subject: Subject
    models: Mapping[str, Model] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()
    key_columns: tuple[str, ...] = ()
    logit: bool = False
    missing_scores: str = "error"
    what: str = "data"
    unlabelled: bool = False

    def encode(self, frame: pl.DataFrame) -> dict[Rows, Batch]:
        """Return the rows by what a need may read: all (with the reason column), judged, answered."""
        columns: dict[str, pl.Series] = {}
        roles = self.subject.roles
        reason = np.zeros(frame.height, np.int8)
        if roles.target is not None:
            target, labelled = self._target(frame)
            columns[names.TARGET] = target
            reason[~labelled] = 1
        elif not self.subject.labelled:
            reason[:] = 1
        self._keys(frame, columns)
        if roles.weight is not None:
            columns[names.WEIGHT] = pl.Series(names.WEIGHT, self._weights(frame))
        view = frame.with_columns(s.alias(name) for name, s in columns.items())
        asked = self._asked_rows(view, reason)
        answered, silent = self._answers(view if asked.all() else view.filter(pl.Series(asked)))
        if silent.any():
            mute = np.flatnonzero(asked)[silent]
            reason[mute[reason[mute] == 0]] = 2
            answered = answered.filter(pl.Series(~silent))
            asked = asked.copy()
            asked[mute] = False
        whole = view.with_columns(pl.Series(names.REASON, reason))
        judged = reason[asked] == 0
        found = {Rows.ALL: whole, Rows.ANSWERED: answered}
        found[Rows.JUDGED] = answered if judged.all() else answered.filter(pl.Series(judged))
        return {rows: Batch(part, self.subject) for rows, part in found.items()}

    def answers(self, frame: pl.DataFrame) -> Answers:
        """Ask the model judged about rows of its features, coded and decided as in a scan."""
        columns = self._asked(self.models[""], frame, "")
        return Answers.of(pl.DataFrame(columns), self.subject)

    def with_model(self, model: Model) -> Encoder:
        """Return the encoder that asks another model in place of the one judged."""
        return replace(self, models={"": model})

    def _asked_rows(self, view: pl.DataFrame, reason: npt.NDArray[np.int8]) -> Mask:
        """Return which rows must have an answer: those with a label and, where wanted, others that have."""
        labelled: Mask = reason == 0
        if not self.unlabelled or labelled.all():
            return labelled
        if "" in self.models:
            return np.ones(view.height, dtype=bool)
        roles = self.subject.roles
        columns = [column for _, column in roles.scores] if self.subject.has_scores else []
        columns += [roles.prediction] if roles.prediction is not None else []
        there = np.ones(view.height, dtype=bool)
        for column in columns:
            there &= view.get_column(column).is_not_null().to_numpy()
        return labelled | there

    def _target(self, frame: pl.DataFrame) -> tuple[pl.Series, Mask]:
        name = self.subject.roles.target
        assert name is not None
        series = frame.get_column(name)
        if self.subject.task is Task.REGRESSION:
            values = numbers(series, f"Target column '{name}'")
            return pl.Series(values), ~np.isnan(values)
        quick = binary_codes(series, self.subject.classes)
        if quick is not None:
            return quick.fill_null(0), quick.is_not_null().to_numpy()
        codes = self._codes(frame, name)
        labelled = codes.is_not_null().to_numpy()
        return codes.fill_null(0), labelled

    def _codes(self, frame: pl.DataFrame, column: str) -> pl.Series:
        """Return class codes; null where the cell is missing. Raises at a label that is unknown."""
        dtype = frame.schema[column]
        cells = pl.col(column)
        if dtype.is_float():
            cells = cells.fill_nan(None)
        text = frame.select(label_expr(cells, dtype).alias("t")).get_column("t")
        codes = label_codes(text, self.subject.classes)
        unknown = codes.is_null() & text.is_not_null()
        if unknown.any():
            raise DataError(
                f"Column '{column}' of the {self.what} holds {int(unknown.sum())} labels that are not "
                f"among the classes {', '.join(self.subject.classes)}; "
                "make the labels agree or correct the role."
            )
        return codes

    def _keys(self, frame: pl.DataFrame, columns: dict[str, pl.Series]) -> None:
        if not self.wanted & {names.KEY, names.BUCKET}:
            return
        roles = self.subject.roles
        key = (
            hash_column(frame.get_column(roles.id))
            if roles.id is not None
            else hash_rows(frame, [c for c in self.key_columns if c in frame.columns])
        )
        columns[names.KEY] = pl.Series(key, dtype=pl.UInt64)
        group = hash_column(frame.get_column(roles.group)) if roles.group is not None else key
        bucket = (group >> np.uint64(58)).astype(np.int8)
        columns[names.BUCKET] = pl.Series(bucket)

    def _weights(self, frame: pl.DataFrame) -> Floats:
        name = self.subject.roles.weight
        assert name is not None
        values = numbers(frame.get_column(name), f"Weight column '{name}'")
        bad = ~(np.isfinite(values) & (values >= 0))
        if bad.any():
            raise DataError(
                f"Weight column '{name}' must hold finite numbers of 0 or more in every row; "
                f"{int(bad.sum())} rows hold something else. Mend or drop those rows."
            )
        return values

    def _answers(self, judged: pl.DataFrame) -> tuple[pl.DataFrame, Mask]:
        """Add scores and predictions of the model and its rivals; say which rows have none."""
        silent = np.zeros(judged.height, dtype=bool)
        columns: list[pl.Series] = []
        if "" in self.models:
            columns += self._asked(self.models[""], judged, "")
        elif self.subject.has_scores or self.subject.has_prediction:
            columns += self._logged(judged, silent)
        for name, model in self.models.items():
            if name:
                columns += self._asked(model, judged, name)
        frame = judged.with_columns(columns) if columns else judged
        return frame.with_columns(self._derived(frame)), silent

    def _logged(self, judged: pl.DataFrame, silent: Mask) -> list[pl.Series]:
        subject, roles = self.subject, self.subject.roles
        out: list[pl.Series] = []
        if subject.has_scores:
            scores = []
            for _, column in roles.scores:
                values = numbers(judged.get_column(column), f"Score column '{column}'", nan=True)
                silent |= self._missing(judged.get_column(column), column)
                scores.append(values)
            sources = [f"column '{column}'" for _, column in roles.scores]
            out += self._score_columns(scores, silent, sources, "", logit=self.logit)
        if roles.prediction is not None:
            column = roles.prediction
            series = judged.get_column(column)
            if series.dtype.is_float() and subject.is_classification:
                series = series.fill_nan(None)  # a NaN names no class
            silent |= self._missing(series, column)
            if subject.task is Task.REGRESSION:
                values = numbers(series, f"Prediction column '{column}'", nan=True)
                self._finite(values, silent, f"Prediction column '{column}'")
                out.append(pl.Series(names.PREDICTION, np.where(silent, 0.0, values)))
            else:
                codes = self._codes(judged, column).fill_null(0)
                out.append(codes.alias(names.PREDICTION))
        elif subject.has_scores and subject.has_prediction:
            out.append(pl.Series(names.PREDICTION, self._decide(out)))
        return out

    def _missing(self, series: pl.Series, column: str) -> Mask:
        missing = series.is_null().to_numpy()
        if missing.any() and self.missing_scores == "error":
            raise DataError(
                f"Column '{column}' must hold an answer of the model in every row that has a label; "
                f"{int(missing.sum())} rows are empty. Fill or drop them, or set "
                'missing_scores = "leave_out" under [data] to judge the others and have it said.'
            )
        return missing

    def _finite(self, values: Floats, silent: Mask, what: str) -> None:
        bad = ~np.isfinite(values) & ~silent
        if bad.any():
            raise DataError(
                f"{what} must hold finite numbers; {int(bad.sum())} rows hold NaN or infinity. "
                "Mend the model or the export, or leave those cells empty."
            )

    def _score_columns(
        self,
        scores: list[Floats],
        silent: Mask,
        sources: list[str],
        model: str,
        *,
        stated: bool = True,
        logit: bool = False,
    ) -> list[pl.Series]:
        """Check scores and name them.

        ``stated`` is false for a rival whose scores only order rows; ``logit`` is true for scores that
        are to be turned into probabilities.
        """
        kind = self.subject.score_kind if stated or not model else ScoreKind.RANKING
        for values, source in zip(scores, sources, strict=True):
            self._finite(values, silent, source[0].upper() + source[1:])
            if kind is ScoreKind.PROBABILITY and not logit:
                check_unit(values, silent, source)
        if silent.any():
            scores = [np.where(silent, 0.0, values) for values in scores]
        if logit:
            scores = probabilities(scores)
        if self.subject.task is Task.BINARY:
            return [pl.Series(score_column(model=model), scores[-1])]
        if kind is ScoreKind.PROBABILITY and not logit:
            check_sum(scores, silent, sources)
        out = [pl.Series(score_column(c, model), values) for c, values in enumerate(scores)]
        if len(scores) == 2:  # losses of two classes read the score of the second
            out.append(pl.Series(score_column(model=model), scores[1]))
        return out

    def _decide(self, columns: list[pl.Series]) -> npt.NDArray[np.int64]:
        if self.subject.task is Task.BINARY:
            threshold = self.subject.threshold
            assert threshold is not None
            return (columns[0].to_numpy() >= threshold).astype(np.int64)
        stacked = np.stack([c.to_numpy() for c in columns[: len(self.subject.classes)]], axis=1)
        best: npt.NDArray[np.int64] = stacked.argmax(axis=1)
        return best

    def _asked(self, model: Model, judged: pl.DataFrame, name: str) -> list[pl.Series]:
        if judged.height == 0:
            return self._no_answers(name)
        features = list(model.card.features or self.subject.roles.features)
        frame = judged.select([c for c in features if c in judged.columns])
        own = model.card.decides_itself or model.card.output is not Output.PROBABILITY
        answer = model.predict(frame, labels=own and self.subject.is_classification)
        who = f"the {name} model" if name else "the model"
        if self.subject.task is Task.REGRESSION:
            if answer.values is None:
                raise ModelError(
                    f"A regression needs numbers from {who}, which answers with classes; "
                    "set the task or give another model."
                )
            return [pl.Series(prediction_column(name), answer.values)]
        return self._classified(model, answer, name, who)

    def _classified(self, model: Model, answer: Prediction, name: str, who: str) -> list[pl.Series]:
        out: list[pl.Series] = []
        stated = model.card.output is Output.PROBABILITY
        if answer.scores is not None and self.subject.has_scores:
            logit = self.logit and (not stated or model.card.kind == "predictions")
            unit = not logit and (stated or (not name and self.subject.has_probabilities))
            arranged = arrange(answer.scores, model.card.classes, self.subject, who, unit=unit)
            silent = np.zeros(arranged[0].size, dtype=bool)
            sources = [f"the scores of {who}"] * len(arranged)
            out += self._score_columns(arranged, silent, sources, name, stated=stated, logit=logit)
        threshold = self._threshold_of(model, name) if out else None
        if threshold is not None:
            decided = (out[0].to_numpy() >= threshold).astype(np.int64)
            out.append(pl.Series(prediction_column(name), decided))
        elif answer.labels is not None:
            texts = pl.Series(answer.labels.astype(str), dtype=pl.String)
            codes = label_codes(texts, self.subject.classes)
            if codes.null_count():
                raise ModelError(
                    f"Answers of {who} must be among the classes {', '.join(self.subject.classes)} of "
                    f"the target; {codes.null_count()} rows hold another. Check target and model."
                )
            out.append(codes.alias(prediction_column(name)))
        elif out and self.subject.task is Task.MULTICLASS:
            out.append(pl.Series(prediction_column(name), self._decide(out)))
        return out

    def _threshold_of(self, model: Model, name: str) -> float | None:
        """Return what turns this model's binary scores into decisions; None where it decides itself.

        A rival is decided at the subject's threshold, or at 0.5 where the subject decides itself.
        """
        if self.subject.task is not Task.BINARY:
            return None
        if not name:
            return self.subject.threshold
        if model.card.decides_itself or model.card.output is not Output.PROBABILITY:
            return None
        return 0.5 if self.subject.threshold is None else self.subject.threshold

    def _no_answers(self, name: str) -> list[pl.Series]:
        if self.subject.task is Task.REGRESSION:
            return [pl.Series(prediction_column(name), [], dtype=pl.Float64)]
        out = [pl.Series(prediction_column(name), [], dtype=pl.Int64)]
        codes: list[int | None] = [None]
        if self.subject.task is Task.MULTICLASS:
            codes += range(len(self.subject.classes))
        return out + [pl.Series(score_column(c, name), [], dtype=pl.Float64) for c in codes]

    def _derived(self, frame: pl.DataFrame) -> list[pl.Expr]:
        out: list[pl.Expr] = []
        if self.wanted & {names.ERROR, names.ABSOLUTE_ERROR}:
            error = pl.col(names.PREDICTION) - pl.col(names.TARGET)
            out += [error.alias(names.ERROR), error.abs().alias(names.ABSOLUTE_ERROR)]
        if names.LOSS in self.wanted:
            out.append(self._loss(frame).alias(names.LOSS))
        if self.wanted & {names.TOP, names.CORRECT}:
            scores = [score_column(c) for c in range(len(self.subject.classes))]
            out.append(pl.max_horizontal(scores).alias(names.TOP))
            best = pl.concat_list(scores).list.arg_max()
            out.append((best == pl.col(names.TARGET)).cast(pl.Int8).alias(names.CORRECT))
        return out

    def _loss(self, frame: pl.DataFrame) -> pl.Expr:
        """Return what one row costs, see ``core.batch.LOSS``."""
        subject = self.subject
        target, prediction = pl.col(names.TARGET), pl.col(names.PREDICTION)
        if subject.task is Task.REGRESSION:
            return (prediction - target).abs()
        if names.PREDICTION in frame.columns:
            return (prediction != target).cast(pl.Float64)
        return pl.lit(
            pl.Series(row_loss("log_loss", Batch(frame, subject), len(subject.classes), ""))
        )

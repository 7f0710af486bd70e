"""Simple models fitted on the reference and asked beside the model that is judged.

``constant`` answers with the class frequencies (or the mean); ``best_feature`` with the smoothed
average of the target in bins of the one input that predicts it best in cross-fitting; ``linear`` is a
ridge-penalised logistic (or linear) regression; ``gradient_boosting`` a small histogram-based one.
None of them is tuned: they say what little effort buys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.batch import KEY, TARGET, Batch, prediction_column, score_column
from plimsoll.core.probe import Apply, Probe
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Side, Tally
from plimsoll.core.trial import Answers
from plimsoll.probes.features import Column, learn
from plimsoll.tallies.sample import Sample

Floats = npt.NDArray[np.float64]
Answer = Callable[[pl.DataFrame], Floats]
"""Features to scores, shape (rows, classes), or numbers, shape (rows, 1)."""

KINDS = ("constant", "best_feature", "linear", "gradient_boosting")
FOLDS = 5


def inputs_of(subject: Subject) -> tuple[str, ...]:
    """Return the columns the baselines may use: inputs that both tables have, no keys, no times."""
    apart = {subject.roles.id, subject.roles.time, subject.roles.group}
    both = set(subject.reference_columns) - apart
    return tuple(column for column in subject.roles.features if column in both)


@dataclass(frozen=True)
class Baselines(Probe):
    """Adds the answers of simple models under their kinds: ``@score/linear``, ``@prediction/linear``.

    They are fitted once on at most ``rows`` rows of the reference, chosen by the hash of their key.
    """

    task: Task
    classes: int
    features: tuple[str, ...]
    kinds: tuple[str, ...] = KINDS
    rows: int = 50_000
    seed: int = 0

    def needs(self) -> Mapping[str, Need]:
        """Labelled rows of the reference."""
        train = Sample((TARGET, *self.features), size=self.rows)
        return {"train": Need(train, side=Side.REFERENCE)}

    def reads(self) -> tuple[str, ...]:
        """The input columns."""
        return self.features

    def prepare(self, tallies: Mapping[str, Tally]) -> Apply:
        """Fit the models."""
        sample = tallies["train"]
        assert isinstance(sample, Sample)
        assert sample.frame is not None
        fitted = {kind: self.fit(kind, sample.frame) for kind in self.kinds}

        def apply(batch: Batch) -> Batch:
            columns: list[pl.Series] = []
            for kind, answer in fitted.items():
                columns += self._columns(kind, answer(batch.frame))
            return Batch(batch.frame.with_columns(columns), batch.subject)

        return apply

    def fit(self, kind: str, frame: pl.DataFrame) -> Answer:
        """Fit one kind on rows with the target codes and the features."""
        y = frame.get_column(TARGET).cast(pl.Float64).to_numpy()
        if kind == "constant":
            return _constant(self._average(y))
        columns = learn(frame, self.features)
        if not columns:
            return _constant(self._average(y))
        if kind == "best_feature":
            return self._best_feature(frame, columns, y)
        return (
            self._linear(frame, columns, y)
            if kind == "linear"
            else self._boosted(frame, columns, y)
        )

    def answers(self, answer: Floats) -> Answers:
        """Return what one of the models answered as trials read it, decided for the likeliest class."""
        if self.task is Task.REGRESSION:
            return Answers(None, answer[:, 0])
        if self.task is Task.BINARY:
            return Answers(answer[:, 1], (answer[:, 1] >= 0.5).astype(np.float64))
        return Answers(answer, answer.argmax(axis=1).astype(np.float64))

    def best_feature(self, frame: pl.DataFrame) -> str | None:
        """Return the name of the input that predicts best alone, or None where there is none."""
        columns = learn(frame, self.features)
        y = frame.get_column(TARGET).cast(pl.Float64).to_numpy()
        return self._choose(frame, columns, y).name if columns else None

    def _columns(self, kind: str, answer: Floats) -> list[pl.Series]:
        if self.task is Task.REGRESSION:
            return [pl.Series(prediction_column(kind), answer[:, 0])]
        if self.task is Task.BINARY:
            score = answer[:, 1]
            return [
                pl.Series(score_column(model=kind), score),
                pl.Series(prediction_column(kind), (score >= 0.5).astype(np.int64)),
            ]
        out = [pl.Series(score_column(c, kind), answer[:, c]) for c in range(self.classes)]
        if self.classes == 2:  # losses of two classes read the score of the second
            out.append(pl.Series(score_column(model=kind), answer[:, 1]))
        return [*out, pl.Series(prediction_column(kind), answer.argmax(axis=1))]

    def _average(self, y: Floats) -> Floats:
        if self.task is Task.REGRESSION:
            return np.array([y.mean() if y.size else 0.0])
        counts = np.bincount(y.astype(np.int64), minlength=self.classes) + 0.5
        average: Floats = counts / counts.sum()
        return average

    def _spread_targets(self, y: Floats) -> Floats:
        """Return one-hot classes, or the number itself, shape (rows, classes or 1)."""
        if self.task is Task.REGRESSION:
            return y[:, None]
        one_hot: Floats = (y[:, None] == np.arange(self.classes)[None, :]).astype(np.float64)
        return one_hot

    def _choose(self, frame: pl.DataFrame, columns: list[Column], y: Floats) -> Column:
        fold = (frame.get_column(KEY).to_numpy() % np.uint64(FOLDS)).astype(np.int64)
        targets, average = self._spread_targets(y), self._average(y)
        losses = []
        for column in columns:
            bins = column.bins(frame)
            guess = np.empty_like(targets)
            for f in range(FOLDS):
                table = _bin_means(column, bins[fold != f], targets[fold != f], average)
                guess[fold == f] = table[bins[fold == f]]
            losses.append(float(np.square(guess - targets).sum()))
        return columns[int(np.argmin(losses))]

    def _best_feature(self, frame: pl.DataFrame, columns: list[Column], y: Floats) -> Answer:
        column = self._choose(frame, columns, y)
        table = _bin_means(column, column.bins(frame), self._spread_targets(y), self._average(y))
        return lambda rows: table[column.bins(rows)]

    def _linear(self, frame: pl.DataFrame, columns: list[Column], y: Floats) -> Answer:
        from sklearn.linear_model import LogisticRegression, Ridge

        def design(rows: pl.DataFrame) -> Floats:
            return np.concatenate([column.design(rows) for column in columns], axis=1)

        if self.task is Task.REGRESSION:
            ridge = Ridge(alpha=1.0).fit(design(frame), y)
            return lambda rows: np.asarray(ridge.predict(design(rows)), np.float64)[:, None]
        codes = y.astype(np.int64)
        if np.unique(codes).size < 2:
            return _constant(self._average(y))
        model = LogisticRegression(C=1.0, max_iter=300, tol=1e-3).fit(design(frame), codes)
        known, average = model.classes_, self._average(y)
        return lambda rows: _all_classes(model.predict_proba(design(rows)), known, average)

    def _boosted(self, frame: pl.DataFrame, columns: list[Column], y: Floats) -> Answer:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
        from threadpoolctl import ThreadpoolController

        # Small fits: threads would wait for each other, for minutes where the cores are busy.
        alone = ThreadpoolController().wrap(limits=1, user_api="openmp")

        def stack(rows: pl.DataFrame) -> Floats:
            return np.stack([column.numbers(rows) for column in columns], axis=1)

        categorical = [not column.numeric for column in columns]
        options = {
            "max_iter": 60,
            "max_leaf_nodes": 15,
            "learning_rate": 0.15,
            "early_stopping": False,
            "categorical_features": categorical if any(categorical) else None,
            "random_state": self.seed,
        }
        if self.task is Task.REGRESSION:
            regressor = HistGradientBoostingRegressor(**options)
            alone(regressor.fit)(stack(frame), y)
            predict = alone(regressor.predict)
            return lambda rows: np.asarray(predict(stack(rows)), np.float64)[:, None]
        codes = y.astype(np.int64)
        if np.unique(codes).size < 2:
            return _constant(self._average(y))
        model = HistGradientBoostingClassifier(**options)
        alone(model.fit)(stack(frame), codes)
        known, average, predict = model.classes_, self._average(y), alone(model.predict_proba)
        return lambda rows: _all_classes(predict(stack(rows)), known, average)


def _all_classes(scores: Floats, known: npt.NDArray[np.int64], average: Floats) -> Floats:
    """Give classes that the reference lacks the share that a constant gives them, not 0."""
    out = np.tile(average, (scores.shape[0], 1))
    out[:, known] = scores * average[known].sum()
    return out


def _constant(average: Floats) -> Answer:
    return lambda rows: np.broadcast_to(average, (rows.height, average.size))


def _bin_means(
    column: Column,
    bins: npt.NDArray[np.int64],
    targets: Floats,
    average: Floats,
    prior: float = 10.0,
) -> Floats:
    """Return the mean target of each bin, pulled to the average as if by ``prior`` more rows."""
    counts = np.bincount(bins, minlength=column.bin_count)
    sums = np.stack(
        [np.bincount(bins, targets[:, c], column.bin_count) for c in range(targets.shape[1])],
        axis=1,
    )
    means: Floats = (sums + prior * average) / (counts[:, None] + prior)
    return means

"""What is being judged: the task, the classes, and which column plays which part."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from plimsoll.core.slicing import SliceSet


class Task(StrEnum):
    """The kinds of prediction that can be judged."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
    NONE = "none"
    """Nothing is predicted: a table is only compared with the reference."""


class ScoreKind(StrEnum):
    """What the scores are: probabilities, an order without a scale, or absent."""

    PROBABILITY = "probability"
    RANKING = "ranking"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Roles:
    """Which raw column plays which part; an absent part is None or empty.

    ``scores`` holds ``(class label, column)`` pairs; in a binary task one pair, of the positive
    class. ``interval`` holds the columns of a lower and an upper bound of a regression prediction
    with its promised coverage, ``quantiles`` ``(probability, column)`` pairs in rising order.
    """

    target: str | None = None
    prediction: str | None = None
    scores: tuple[tuple[str, str], ...] = ()
    id: str | None = None
    time: str | None = None
    group: str | None = None
    weight: str | None = None
    sensitive: tuple[str, ...] = ()
    slice_by: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    interval: tuple[str, str, float] | None = None
    quantiles: tuple[tuple[float, str], ...] = ()
    features: tuple[str, ...] = ()

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return ``(role, column)`` for every column that a role other than feature names."""
        single = ("target", "prediction", "id", "time", "group", "weight")
        out = [(role, getattr(self, role)) for role in single if getattr(self, role)]
        out += [("score", column) for _, column in self.scores]
        out += [("sensitive", column) for column in self.sensitive]
        out += [("slice_by", column) for column in self.slice_by]
        if self.interval:
            out += [("interval", column) for column in self.interval[:2]]
        out += [("quantiles", column) for _, column in self.quantiles]
        return tuple(out)


@dataclass(frozen=True, slots=True)
class Rival:
    """Another model asked on the same rows: what it answers with, under which name it stands."""

    name: str
    has_scores: bool = False
    has_probabilities: bool = False
    has_prediction: bool = True


@dataclass(frozen=True, slots=True)
class Subject:
    """One model on one table, as settled before the scan.

    ``classes`` are label texts; class code ``i`` is ``classes[i]``. In a binary task code 1 is the
    positive class. ``threshold`` turns a binary score into a decision (score >= threshold) where
    the data has no prediction column. ``rivals`` are other models asked on the same rows
    (``champion``). ``reference_labelled`` and ``reference_answered`` say whether the reference has the
    target, and whether the model's answers can be had for it; ``has_profile`` that it is a profile
    without rows. ``decided_by`` says where the decisions come from, in words. ``slice_sets`` are the
    ways of cutting the rows that slices were asked for by, ``sensitive_sets`` those by protected
    columns and their crossings. ``labelled`` is false where the target is not known for any row of the
    table that is judged, as in production.
    """

    name: str
    task: Task
    roles: Roles
    classes: tuple[str, ...] = ()
    score_kind: ScoreKind = ScoreKind.NONE
    has_prediction: bool = False
    threshold: float | None = None
    decided_by: str = ""
    has_model: bool = False
    has_reference: bool = False
    has_profile: bool = False
    reference_columns: tuple[str, ...] = ()
    reference_labelled: bool = False
    reference_answered: bool = False
    rivals: tuple[Rival, ...] = ()
    slice_sets: tuple[SliceSet, ...] = ()
    sensitive_sets: tuple[SliceSet, ...] = ()
    labelled: bool = True
    said: tuple[str, ...] = field(default=(), compare=False)

    @property
    def has_scores(self) -> bool:
        """Whether the model gives a score at all."""
        return self.score_kind is not ScoreKind.NONE

    @property
    def has_probabilities(self) -> bool:
        """Whether the scores are probabilities."""
        return self.score_kind is ScoreKind.PROBABILITY

    @property
    def positive(self) -> str:
        """The label of the positive class of a binary task."""
        return self.classes[1]

    @property
    def is_classification(self) -> bool:
        """Whether the task is binary or multiclass."""
        return self.task in (Task.BINARY, Task.MULTICLASS)

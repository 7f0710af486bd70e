"""A desk for trials without an engine, and a world in which every load line is known.

Two inputs, normal with unit variance and means of plus or minus ``MU`` by class; the model is the true
posterior, so its area under the ROC curve is known for any noise (Gaussian scores of equal variance).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.special import expit
from scipy.stats import norm

from plimsoll.core.check import StressOptions
from plimsoll.core.keys import mix
from plimsoll.core.limit import Limit
from plimsoll.core.subject import Roles, ScoreKind, Subject, Task
from plimsoll.core.trial import Answers, Spent
from plimsoll.trials.judged import judges
from plimsoll.trials.load_lines import Asker
from plimsoll.trials.rows import TrialRows

MU = np.array([0.8, 0.5])
SPREAD = np.sqrt(1.0 + MU**2)
"""Standard deviation of each input over both classes."""


@dataclass
class FunctionDesk:
    """Asks a function; counts what was asked. Stops after ``most`` calls."""

    subject: Subject
    answer: Callable[[pl.DataFrame], Answers]
    most: int = 10**9
    own: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    spent: Spent = Spent()
    refit: None = None
    why_no_refit: str = "nothing repeats the fit"

    def ask(self, frame: pl.DataFrame) -> Answers:
        self.spent = Spent(self.spent.calls + 1, self.spent.rows + frame.height, 0.0)
        return self.answer(frame)

    def goes_on(self) -> bool:
        return self.spent.calls < self.most

    def why_stopped(self) -> str:
        return "" if self.goes_on() else "the calls were used up"

    def tell(self, what: str, done: int, of: int) -> None:
        assert 0 <= done <= of


def gaussian_rows(rows: int, seed: int) -> tuple[pl.DataFrame, np.ndarray]:
    """Return the inputs and the classes of the known world."""
    rng = np.random.default_rng(seed)
    y = (rng.random(rows) < 0.5).astype(float)
    x = rng.normal(size=(rows, 2)) + (2 * y - 1)[:, None] * MU
    return pl.DataFrame({"a": x[:, 0], "b": x[:, 1]}), y


def posterior(frame: pl.DataFrame) -> Answers:
    """Answer with the true posterior; a missing input counts as 0, its middle."""
    x = frame.select(pl.col("a", "b").cast(pl.Float64).fill_null(0.0)).to_numpy()
    score = expit(2.0 * (x @ MU))
    return Answers(score, (score >= 0.5) * 1.0)


def area_under_noise(severity: float, noisy: np.ndarray) -> float:
    """Return the true area when inputs get noise of so many of their standard deviations."""
    gap = 2.0 * float(MU @ MU)
    variance = float((MU**2 * (1.0 + noisy * (severity * SPREAD) ** 2)).sum())
    return float(norm.cdf(gap / np.sqrt(2.0 * variance)))


def accuracy_at(share: float) -> float:
    """Return the true accuracy when ``a`` is missing in a share of the rows."""
    clean = norm.cdf(np.sqrt(MU @ MU))
    without = norm.cdf(MU[1])
    return float((1.0 - share) * clean + share * without)


SUBJECT = Subject(
    "known", Task.BINARY, Roles(target="y", features=("a", "b")), ("0", "1"),
    ScoreKind.PROBABILITY, has_prediction=True, threshold=0.5, has_model=True,
)  # fmt: skip


def asker(
    rows: int,
    seed: int,
    limit: tuple[str, float] | None = None,
    answer: Callable[[pl.DataFrame], Answers] = posterior,
    subject: Subject = SUBJECT,
) -> Asker:
    """Return what asks about rows of the known world, judged by a limit or the default."""
    frame, y = gaussian_rows(rows, seed)
    clean = answer(frame)
    held = TrialRows(
        frame, subject, mix(np.arange(rows, dtype=np.uint64) + np.uint64(seed * 10**6)), y,
        np.ones(rows), clean, rows,
    )  # fmt: skip
    limits = () if limit is None else (Limit(limit[0], "min", limit[1]),)
    found = judges(held, StressOptions(limits=limits), 0.95)
    return Asker(held, found, FunctionDesk(subject, answer), seed)

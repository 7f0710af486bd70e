"""All that one run needs, before anything is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plimsoll.core.check import Check, Options
from plimsoll.core.limit import Limit
from plimsoll.core.model import Model
from plimsoll.core.profile import Profile
from plimsoll.core.source import Source
from plimsoll.core.subject import Subject
from plimsoll.engine.scan import BATCH_ROWS, Progress
from plimsoll.engine.trials import Asking


@dataclass(frozen=True)
class Job:
    """All that a run needs. ``models`` holds the model judged under "" and rivals by name."""

    subject: Subject
    checks: Sequence[Check]
    current: Source
    reference: Source | Profile | None = None
    models: Mapping[str, Model] = field(default_factory=dict)
    options: Options = Options()
    limits: tuple[Limit, ...] = ()
    logit: bool = False
    missing_scores: str = "error"
    duplicate_ids: str = "error"
    jobs: int = 1
    batch_rows: int = BATCH_ROWS
    progress: Progress | None = None
    asking: Asking = Asking()

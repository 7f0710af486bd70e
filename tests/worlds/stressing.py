"""Makes what a stress needs out of a few columns, and applies it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.keys import mix
from plimsoll.core.stress import Draws, Stress
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.probes.stress.family import Family
from plimsoll.probes.stress.learnt import Learnt, learn

Columns = Mapping[str, pl.Series | npt.NDArray[np.generic] | Sequence[object]]


def table(columns: Columns) -> pl.DataFrame:
    return pl.DataFrame([pl.Series(name, values) for name, values in columns.items()])


def learnt_of(columns: Columns | pl.DataFrame) -> Learnt:
    """Learn the columns of a reference, all of them inputs."""
    frame = columns if isinstance(columns, pl.DataFrame) else table(columns)
    roles = Roles(target="outcome", features=tuple(frame.columns))
    return learn(frame, Subject("made", Task.BINARY, roles, ("0", "1")))


def made(family: Family, learnt: Learnt) -> dict[str, Stress]:
    """Return the stresses of a family by name."""
    return {stress.name: stress for stress in family.make(learnt)}


def applied(
    stress: Stress, frame: pl.DataFrame, severity: float = 1.0, seed: int = 0
) -> pl.DataFrame:
    """Apply a stress to rows that are all different."""
    keys = mix(np.arange(frame.height, dtype=np.uint64))
    return stress.fault(frame, severity, Draws(keys, seed, stress.name))


def numbers(frame: pl.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return frame.get_column(name).cast(pl.Float64).to_numpy()

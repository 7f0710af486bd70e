"""The ``plimsoll`` fixture: judge a model inside a test suite.

::

    def test_model(plimsoll):
        plimsoll.check(data="test.parquet", target="y", score="p").assert_passes()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from plimsoll.api import Record


class Harness:
    """What the ``plimsoll`` fixture offers; every record it makes is kept in ``records``."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def check(self, data: Any = None, **settings: Any) -> Record:
        """Judge one model; takes what :func:`plimsoll.evaluate` takes."""
        from plimsoll.api import evaluate

        return self._keep(evaluate(data, **settings))

    def compare(self, champion: Any, challenger: Any, data: Any = None, **settings: Any) -> Record:
        """Judge a challenger against a champion; takes what :func:`plimsoll.compare` takes."""
        from plimsoll.api import compare

        return self._keep(compare(champion, challenger, data, **settings))

    def _keep(self, record: Record) -> Record:
        self.records.append(record)
        return record


@pytest.fixture
def plimsoll() -> Harness:
    """Judge models with ``plimsoll.check(...)`` and ``plimsoll.compare(...)``."""
    return Harness()

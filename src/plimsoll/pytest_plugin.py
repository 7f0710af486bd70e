"""The ``plimsoll`` fixture: judge a model inside a test suite.

::

    def test_model(plimsoll):
        plimsoll.check("test.parquet", target="y", score="p").assert_passes()

``--plimsoll-html DIR`` writes the HTML report of every record, ``--plimsoll-seed N`` seeds every
resampling of the run, and the end of the run shows one line for each record. Nothing of Plimsoll but
this file is imported until a test asks for the fixture's work, so suites without it start as fast as
before.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from plimsoll.api import Record

PROPERTY = "plimsoll"
"""Name of the test property that carries a record's line to the summary, and into JUnit XML."""
LONGEST_NAME = 120


class Harness:
    """What the ``plimsoll`` fixture offers; every record it makes is kept in ``records``.

    ``html`` is the folder for reports or None, ``seed`` the seed where a test names none, ``nodeid``
    the test that asks; each record's line for the summary goes to ``said``.
    """

    def __init__(
        self,
        *,
        html: Path | None = None,
        seed: int | None = None,
        nodeid: str = "test",
        said: list[tuple[str, object]] | None = None,
    ) -> None:
        self.records: list[Record] = []
        self._html = html
        self._seed = seed
        self._nodeid = nodeid
        self._said = [] if said is None else said

    def check(self, data: Any = None, **settings: Any) -> Record:
        """Judge one model; takes what :func:`plimsoll.evaluate` takes, or the path of a settings file.

        Raises
        ------
        PlimsollError
            At wrong settings, or data or a model that cannot be used.
        """
        from plimsoll.api import evaluate

        if isinstance(data, str | Path) and str(data).endswith(".toml"):
            data, settings = None, {"settings": data, **settings}
        return self._keep(evaluate(data, **self._seeded(settings)))

    def compare(self, champion: Any, challenger: Any, data: Any = None, **settings: Any) -> Record:
        """Judge a challenger against a champion; takes what :func:`plimsoll.compare` takes.

        Raises
        ------
        PlimsollError
            At wrong settings, or data or a model that cannot be used.
        """
        from plimsoll.api import compare

        return self._keep(compare(champion, challenger, data, **self._seeded(settings)))

    def _seeded(self, settings: dict[str, Any]) -> dict[str, Any]:
        return settings if self._seed is None else {"seed": self._seed, **settings}

    def _keep(self, record: Record) -> Record:
        self.records.append(record)
        line = f"{record.verdict.value:<6} {record.subject.name}: {_gate(record)}  {self._nodeid}"
        if self._html is not None:
            self._html.mkdir(parents=True, exist_ok=True)
            place = self._html / f"{_file_name(self._nodeid, len(self.records))}.html"
            record.write(place)
            line = f"{line}  {place}"
        self._said.append((PROPERTY, line))
        return record


class Summary:
    """Gathers the lines of all tests, from other processes too, and shows them at the end."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the lines of one finished test; under pytest-xdist they come from its worker."""
        if report.when == "teardown":
            said = [str(value) for name, value in report.user_properties if name == PROPERTY]
            self._lines += said

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show one line for each record."""
        if self._lines:
            terminalreporter.section("plimsoll")
            for line in self._lines:
                terminalreporter.write_line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("plimsoll", "judging models")
    group.addoption(
        "--plimsoll-html",
        metavar="DIR",
        default=None,
        help="Write the HTML report of every record into this folder.",
    )
    group.addoption(
        "--plimsoll-seed",
        metavar="N",
        type=int,
        default=None,
        help="Seed of every resampling, where a test names no seed of its own.",
    )
    parser.addini("plimsoll_html", "Folder for the HTML report of every record.", default="")
    parser.addini("plimsoll_seed", "Seed where a test names none.", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Put the summary in place.

    Raises
    ------
    pytest.UsageError
        If the seed in the ini file is no whole number.
    """
    _seed(config)
    config.pluginmanager.register(Summary(), "plimsoll-summary")


@pytest.fixture
def plimsoll(request: pytest.FixtureRequest) -> Harness:
    """Judge models with ``plimsoll.check(...)`` and ``plimsoll.compare(...)``."""
    config = request.config
    return Harness(
        html=_html_folder(config),
        seed=_seed(config),
        nodeid=request.node.nodeid,
        said=request.node.user_properties,
    )


def _html_folder(config: pytest.Config) -> Path | None:
    asked = config.getoption("--plimsoll-html")
    if asked:
        return Path(config.invocation_params.dir, asked)
    written = config.getini("plimsoll_html")
    return Path(config.rootpath, written) if written else None


def _seed(config: pytest.Config) -> int | None:
    asked = config.getoption("--plimsoll-seed")
    if asked is not None:
        return int(asked)
    written = str(config.getini("plimsoll_seed")).strip()
    if not written:
        return None
    if not written.isdigit():
        raise pytest.UsageError(
            f"The ini setting plimsoll_seed must be a whole number of 0 or more; it holds '{written}'."
        )
    return int(written)


def _gate(record: Record) -> str:
    """Say in a few words how the limits of a record stand."""
    if not record.gate:
        return "no limits set"
    held = [line.status.value for line in record.gate]
    parts = [
        f"{held.count(status)} {word}"
        for status, word in (("PASS", "kept"), ("FAIL", "broken"), ("UNSURE", "unsure"))
        if held.count(status)
    ]
    needed = [line.rows_needed for line in record.gate if line.rows_needed]
    rows = f" (about {max(needed):,} rows would settle it)" if needed else ""
    return f"limits: {', '.join(parts)}{rows}"


def _file_name(nodeid: str, count: int) -> str:
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", nodeid.replace("::", "-")).strip("-")
    if "[" in nodeid or len(name) > LONGEST_NAME:
        # Two parameters may be spelled alike once only safe letters are left.
        name = f"{name[:LONGEST_NAME]}-{hashlib.sha256(nodeid.encode()).hexdigest()[:8]}"
    return name if count == 1 else f"{name}-{count}"

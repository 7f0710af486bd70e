"""Reads a page of the documentation and does what it tells the reader to do.

``console`` blocks are run, and the output they show must be among what is printed; ``bash`` blocks are
only parsed; ``python`` blocks run in order in one namespace; a block with a title is a file; ``toml``
must be settings and ``yaml`` must be YAML.
"""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^(?P<fence>```+)(?P<head>[^\n]*)\n(?P<body>.*?)^(?P=fence)$", re.M | re.S)
_SNIPPET = re.compile(r'^--8<-- "(?P<place>[^":]+)(?::(?P<part>[\w-]+))?"$', re.M)
ASKS_CODE = "echo $?"
JUDGED = (0, 1, 3)
"""Exit codes of a run that came to a verdict; another one must be shown by the page."""
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its title where it is a file, its text and its line."""

    language: str
    title: str | None
    text: str
    line: int


@dataclass(frozen=True)
class Step:
    """One command of a session, and the lines of output that the page shows for it."""

    command: str
    shown: tuple[str, ...]


def page_text(place: Path) -> str:
    """Return a page with the parts of other files that it includes."""

    def included(match: re.Match[str]) -> str:
        text = (ROOT / match["place"]).read_text(encoding="utf-8")
        if match["part"] is None:
            return text
        start, end = f"[start:{match['part']}]", f"[end:{match['part']}]"
        part = text.split(start, 1)[1].split(end, 1)[0]
        return part.split("\n", 1)[1].rsplit("\n", 1)[0]

    return _SNIPPET.sub(included, place.read_text(encoding="utf-8"))


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    found = []
    for match in _BLOCK.finditer(text):
        head = match["head"].strip()
        title = _TITLE.search(head)
        line = text.count("\n", 0, match.start()) + 1
        language = head.split(" ")[0]
        found.append(Block(language, title[1] if title else None, match["body"], line))
    return found


def steps(block: Block) -> list[Step]:
    """Return the commands of a session with what is shown for each."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            found.append((line[2:].strip(), []))
        elif line.strip():
            assert found, f"a console block must start with a command, line {block.line}"
            found[-1][1].append(line)
    return [Step(command, tuple(shown)) for command, shown in found]


def shell_commands(block: Block) -> Iterator[str]:
    """Return the commands of plimsoll in a bash or console block."""
    if block.language == "console":
        lines = [step.command for step in steps(block)]
    else:
        lines = block.text.replace("\\\n", " ").splitlines()
    for line in lines:
        words = line.strip()
        if words.startswith("plimsoll "):
            yield words


def parse(command: str) -> None:
    """Parse a command line as Typer would, without running it."""
    from typer.main import get_command

    from plimsoll.cli.app import build

    _, *args = shlex.split(command, comments=True)
    group: Any = get_command(build())
    if args and args[0].startswith("-"):
        return
    inner = group.commands[args[0]]
    inner.make_context(args[0], args[1:])


@dataclass
class Session:
    """A reader who works in one folder."""

    folder: Path
    code: int = 0
    output: str = ""
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "page"})

    def follow(self, text: str) -> None:
        """Do what the page says."""
        before = set(sys.modules)
        sys.path.insert(0, str(self.folder))
        try:
            with contextlib.chdir(self.folder):
                for block in blocks(text):
                    self._do(block)
        finally:
            sys.path.remove(str(self.folder))
            for name in set(sys.modules) - before:
                place = getattr(sys.modules[name], "__file__", None)
                if place and Path(place).is_relative_to(self.folder):
                    del sys.modules[name]

    def _do(self, block: Block) -> None:
        if block.title is not None:
            Path(block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            code = compile(block.text, f"line {block.line}", "exec")
            with contextlib.redirect_stdout(io.StringIO()):
                exec(code, self.names)
        elif block.language == "console":
            session = steps(block)
            for step, after in zip(session, [*session[1:], None], strict=True):
                self._run(step)
                if after is None or after.command != ASKS_CODE:
                    assert self.code in JUDGED, self.output

    def _run(self, step: Step) -> None:
        if step.command == ASKS_CODE:
            assert step.shown == (str(self.code),), f"the code is {self.code}\n{self.output}"
            self.code = 0
            return
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            self.code = self._execute(shlex.split(step.command))
        self.output = f"$ {step.command}\n{printed.getvalue()}"
        for line in step.shown:
            if line.strip() != "...":
                assert _flat(line) in _flat(printed.getvalue()), (
                    f"not printed: {line}\n{self.output}"
                )

    def _execute(self, words: list[str]) -> int:
        from plimsoll.cli.app import run

        if words[0] == "plimsoll":
            return run(words[1:])
        assert words[0] == "python", f"a console block may hold plimsoll and python, not {words[0]}"
        runpy.run_path(words[1], run_name="__main__")
        return 0


def _flat(text: str) -> str:
    return " ".join(text.split())

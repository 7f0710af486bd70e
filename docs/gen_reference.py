"""Reference pages made from the code itself: command line, settings, record, errors.

MkDocs runs this as a hook (``hooks`` in mkdocs.yml). What a page says is what the code has: the flags
that Typer parses, the fields of the pydantic settings, the JSON Schema that ships with the package and
the error classes.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from plimsoll.core import errors
from plimsoll.core.settings import Settings

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

GENERAL = "Options"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages; nothing is written into the docs folder."""
    from mkdocs.structure.files import File

    made: Mapping[str, Callable[[], str]] = {
        "reference/command-line.md": command_line_page,
        "reference/settings.md": settings_page,
        "reference/record.md": record_page,
        "reference/errors.md": errors_page,
    }
    for uri, make in made.items():
        files.append(File.generated(config, uri, content=make()))
    return files


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Leave out the roles of reST (``:func:``) that docstrings write before a name in code."""
    return re.sub(r":(?:func|class|meth|mod|data):(?=<code>)", "", html)


# --- the command line -----------------------------------------------------------------------------


def command_line_page() -> str:
    """Return the page of all commands with their arguments and options."""
    lines = [
        "# Command line",
        "",
        "What `plimsoll --help` and `plimsoll COMMAND --help` say, as one page. Every setting of "
        "[plimsoll.toml](settings.md) has a flag, and the flag wins. Progress and messages go to "
        "standard error; standard output holds only what was asked for. The last word of a run is its "
        "[exit code](exit-codes.md).",
        "",
    ]
    for name, command in commands().items():
        lines += _command(name, command)
    return "\n".join(lines)


def commands() -> dict[str, Any]:
    """Return every command by name, as Typer made it."""
    from typer.main import get_command

    from plimsoll.cli.app import build

    group: Any = get_command(build())
    return dict(group.commands)


def options(command: Any) -> list[Any]:
    """Return the options of a command that its help shows."""
    return [p for p in command.params if p.param_type_name == "option" and not p.hidden]


def _command(name: str, command: Any) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument" and not p.hidden]
    usage = " ".join(_argument(p) for p in arguments)
    yield from (f"## plimsoll {name}", "", inspect.cleandoc(command.help or ""), "")
    yield from ("```text", f"plimsoll {name} {usage} [OPTIONS]".replace("  ", " "), "```", "")
    if arguments:
        yield from ("| argument | meaning |", "|---|---|")
        yield from (f"| `{_argument(p)}` | {_cell(p.help or '')} |" for p in arguments)
        yield ""
    panels: dict[str, list[Any]] = {}
    for option in options(command):
        panels.setdefault(getattr(option, "rich_help_panel", None) or GENERAL, []).append(option)
    for panel, members in panels.items():
        if len(panels) > 1:
            yield from (f"### {panel} of `{name}`", "")
        yield from ("| option | meaning |", "|---|---|")
        yield from (f"| {_option(p)} | {_cell(p.help or '')} |" for p in members)
        yield ""


def _argument(param: Any) -> str:
    word = param.metavar or param.name.upper()
    return word if param.required or word.startswith("[") else f"[{word}]"


def _option(param: Any) -> str:
    names = ", ".join(f"`{opt}`" for opt in [*param.opts, *param.secondary_opts])
    if param.is_flag:
        return names
    word = param.metavar or param.type.name.upper()
    return f"{names} `{word}`"  # a bar inside code needs no escape


# --- the settings ---------------------------------------------------------------------------------


def settings_page() -> str:
    """Return the page of ``plimsoll.toml``: every table, every key."""
    lines = [
        "# Settings",
        "",
        "`plimsoll.toml` holds what a run needs, so that a pipeline calls `plimsoll check` and nothing "
        "more. Paths in the file are relative to it. Every key has a flag that wins over it. An unknown key "
        "is an error that offers the nearest known one. The limits under `[policy]` are described in "
        "[Policy](policy.md).",
        "",
    ]
    flags = _flags()
    for section, part in Settings.model_fields.items():
        model = part.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            lines += _section(section, model, flags)
    lines += [
        "## [contexts]",
        "",
        "Named contexts of use: a table `[contexts.NAME]` for each. Its keys are the names of "
        '[stresses](stresses.md), such as `"missing:income"`, its values their severities there, 0 or '
        "more. They have no flags; see [Contexts of use](../how-to/load-lines.md#contexts-of-use).",
        "",
    ]
    lines += ["## [policy]", "", "The owner's limits; see [Policy](policy.md).", ""]
    return "\n".join(lines)


def setting_keys() -> list[str]:
    """Return every key as ``section.key``, under the names of the file."""
    found = []
    for section, part in Settings.model_fields.items():
        model = part.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            found += [f"{section}.{f.alias or name}" for name, f in model.model_fields.items()]
    return found


def _section(section: str, model: type[BaseModel], flags: Mapping[str, str]) -> Iterator[str]:
    doc = inspect.cleandoc(model.__doc__ or "")
    said = doc.split(":", 1)[1].strip() if ":" in doc.split("\n", 1)[0] else doc
    yield from (f"## [{section}]", "", said[:1].upper() + said[1:], "")
    yield from ("| key | kind | default | flag | meaning |", "|---|---|---|---|---|")
    for name, info in model.model_fields.items():
        key = info.alias or name
        flag = f"`{flags[key]}`" if key in flags else "none"
        cells = (
            f'<a id="{section}-{key}"></a>`{key}`',
            _cell(kind_words(info.annotation)),
            _default(info),
            flag,
            _cell(info.description or ""),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _flags() -> dict[str, str]:
    from plimsoll.cli.flags import FLAGS

    return {flag.setting: flag.option for flag in FLAGS}


def kind_words(annotation: Any) -> str:
    """Say a type in words: ``text``, ``whole number``, ``one of "a", "b"``, ``list of text``."""
    if annotation is None or annotation is type(None):
        return ""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return "one of " + ", ".join(f'`"{part}"`' for part in parts)
    if origin is list:
        return f"list of {kind_words(parts[0])}"
    if origin is dict:
        return f"table of {kind_words(parts[0])} to {kind_words(parts[1])}"
    if parts:
        words = [kind_words(part) for part in parts]
        return " or ".join(dict.fromkeys(word for word in words if word))
    plain = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return plain.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined or value in ([], {}):
        return "none"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


# --- the record -----------------------------------------------------------------------------------


def record_page() -> str:
    """Return the page of the record's fields, from its JSON Schema."""
    schema = record_schema()
    lines = [
        "# Record",
        "",
        "A record is everything about one run: what was judged, the settings, the findings, the "
        "verdict. `--json FILE` writes it, `plimsoll report FILE` renders it again, and "
        "`plimsoll.load_record(FILE)` reads it in Python. `plimsoll schema` prints the JSON Schema "
        "that this page is made from. All numbers are finite; what could not be measured has a "
        "status and no number.",
        "",
        "## Fields",
        "",
        *_fields(schema),
    ]
    for name, part in sorted(schema.get("$defs", {}).items()):
        if "properties" in part:
            lines += [f"## {name}", "", _one_line(part.get("description", "")), "", *_fields(part)]
        elif "enum" in part:
            words = ", ".join(f"`{word}`" for word in part["enum"])
            lines += [f"## {name}", "", f"One of {words}.", ""]
    return "\n".join(lines)


def record_schema() -> dict[str, Any]:
    """Return the JSON Schema of the record as the package ships it."""
    from plimsoll.records.schema import record_schema as shipped

    return shipped()


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    required = set(schema.get("required", ()))
    yield from ("| field | kind | always there | meaning |", "|---|---|---|---|")
    for name, part in schema.get("properties", {}).items():
        there = "yes" if name in required else "no"
        yield (
            f"| `{name}` | {_cell(schema_words(part))} | {there} | "
            f"{_cell(_one_line(part.get('description', '')))} |"
        )
    yield ""


def schema_words(part: Mapping[str, Any]) -> str:
    """Say the type of a schema in words, with links to the parts that it names."""
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "const" in part:
        return f'`"{part["const"]}"`'
    if "enum" in part:
        return "one of " + ", ".join(f"`{word}`" for word in part["enum"])
    for joint in ("anyOf", "oneOf", "allOf"):
        if joint in part:
            return " or ".join(dict.fromkeys(schema_words(one) for one in part[joint]))
    kind = part.get("type")
    if kind == "array":
        items = part.get("items")
        return f"list of {schema_words(items)}" if items else "list"
    if kind == "object":
        inner = part.get("additionalProperties")
        return (
            f"object of {schema_words(inner)}" if isinstance(inner, Mapping) and inner else "object"
        )
    if isinstance(kind, list):
        return " or ".join(_JSON_WORDS.get(one, one) for one in kind)
    return _JSON_WORDS.get(str(kind), "any value")


_JSON_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
    "array": "list",
}


# --- the errors -----------------------------------------------------------------------------------


def errors_page() -> str:
    """Return the page of every error class with its exit code."""
    doc = inspect.cleandoc(errors.__doc__ or "")
    tree = inspect.cleandoc("\n" + doc.split("::", 1)[1].split("\n\n", 2)[1])
    lines = [
        "# Errors",
        "",
        "Every error that Plimsoll raises on purpose is a `PlimsollError`. A message says what was "
        "expected, what came and what to do, and holds no data value of a person. On the command line "
        "the message stands alone on standard error and the [exit code](exit-codes.md) follows from "
        "the class; set `PLIMSOLL_TRACEBACK=1` to see where it came from. In Python, import the "
        "classes from `plimsoll.core.errors`.",
        "",
        "```text",
        tree,
        "```",
        "",
    ]
    for kind in error_classes():
        lines += [f"## {kind.__name__}", "", _one_line(inspect.getdoc(kind) or ""), ""]
        parent = kind.__mro__[1].__name__
        kin = "" if kind is errors.PlimsollError else f" A kind of [{parent}](#{parent.lower()})."
        lines += [f"Exit code {kind.exit_code}.{kin}", ""]
    return "\n".join(lines)


def error_classes() -> list[type[errors.PlimsollError]]:
    """Return the error classes, parents before children, in the order of the file."""
    return [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.PlimsollError)
    ]


def _one_line(text: str) -> str:
    """Return a docstring as one paragraph of Markdown; reST's double backticks become single."""
    flat = " ".join(text.split())
    flat = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", flat)
    return flat.replace("``", "`")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

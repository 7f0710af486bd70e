"""One record, any form: the list of forms and the one function that renders them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from plimsoll.core.errors import UsageError, did_you_mean
from plimsoll.core.record import Record

# Form -> (module, function); a form's own imports wait until it is asked for.
_WRITERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "terminal": ("terminal", "terminal_text"),
        "html": ("html", "render_html"),
        "notebook": ("notebook", "render_notebook"),
        "markdown": ("markdown", "render_markdown"),
        "junit": ("junit", "render_junit"),
        "sarif": ("sarif", "render_sarif"),
        "json": ("json_report", "render_json"),
        "github": ("github", "render_github"),
        "svg": ("hull_svg", "render_svg"),
    }
)
_ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        ".html": "html",
        ".htm": "html",
        ".md": "markdown",
        ".markdown": "markdown",
        ".xml": "junit",
        ".sarif": "sarif",
        ".json": "json",
        ".txt": "terminal",
        ".svg": "svg",
    }
)
FORMS: tuple[str, ...] = tuple(_WRITERS)


def render(record: Record, form: str) -> str:
    """Return a record as text in one form: see ``FORMS``.

    Raises
    ------
    UsageError
        If there is no such form; the nearest one is named.
    """
    if form not in _WRITERS:
        known = ", ".join(FORMS)
        raise UsageError(
            f"A report has one of the forms {known}, but '{form}' was asked for."
            f"{did_you_mean(form, FORMS)}"
        )
    module, name = _WRITERS[form]
    write: Callable[[Record], str] = getattr(import_module(f"plimsoll.reports.{module}"), name)
    return write(record)


def form_of(path: str | Path) -> str:
    """Return the form that a file's ending asks for; ``x.sarif.json`` is SARIF.

    Raises
    ------
    UsageError
        If no form has this ending.
    """
    place = Path(path)
    endings = [ending.lower() for ending in place.suffixes]
    if endings[-2:] == [".sarif", ".json"]:
        return "sarif"
    form = _ENDINGS.get(endings[-1]) if endings else None
    if form is None:
        raise UsageError(
            f"The ending of a report says its form ({', '.join(_ENDINGS)}), but '{place.name}' "
            "has none of them; use one, or name the form."
        )
    return form

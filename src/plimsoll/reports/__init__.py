"""A record for one reader: terminal, HTML, JSON, JUnit, SARIF, Markdown, SVG."""

from plimsoll.reports.forms import FORMS, form_of, render

__all__ = ["FORMS", "form_of", "render"]

"""URLs: what their scheme asks for, and how they are shown without the credentials in them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")
_USER = re.compile(r"(://)(?!/).*@")
_SECRET = re.compile(r"pass|pwd|secret|token|key|sig|credential|auth", re.IGNORECASE)
_PARAMETER = re.compile(r"([?&;])([^=&;#]+)=([^&;#]*)")

STORES = ("s3", "s3a", "gs", "gcs", "az", "azure", "abfs", "abfss", "adl", "hdfs")
"""Schemes of object stores, where a Delta table may lie."""


def scheme_of(ref: str) -> str | None:
    """Return the scheme of a URL in lower case, or None where ``ref`` is a path.

    >>> scheme_of("sqlite:///scores.db"), scheme_of("data/test.csv")
    ('sqlite', None)
    """
    match = _SCHEME.match(ref)
    return match.group(1).lower() if match else None


def masked(ref: str) -> str:
    """Return a URL with user, password and every parameter that names a secret replaced by ``***``.

    >>> masked("postgresql://ann:s3cret@db/prod?sslmode=require&sslpassword=x")
    'postgresql://***@db/prod?sslmode=require&sslpassword=***'
    """
    shown = _USER.sub(r"\1***@", ref)
    return _PARAMETER.sub(lambda m: f"{m[1]}{m[2]}=***" if _SECRET.search(m[2]) else m[0], shown)


def secrets_of(ref: str) -> tuple[str, ...]:
    """Return the texts of a URL that no message may hold, in the forms a driver may print them."""
    found = []
    user = _USER.search(ref)
    if user:
        name_and_password = user.group(0)[3:-1]
        found += [name_and_password, *name_and_password.split(":", 1)[1:]]
    found += [v for k, v in parse_qsl(urlsplit(ref).query) if _SECRET.search(k)]
    forms = {form for text in found for form in (text, unquote(text)) if form}
    return tuple(sorted(forms, key=len, reverse=True))

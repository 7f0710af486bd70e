"""Pickle and joblib files: loading one can run any code, so it takes the user's word."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from plimsoll.core.errors import ModelError, UntrustedModelError


def load_pickle(path: Path, *, trust: bool) -> tuple[Any, tuple[str, ...]]:
    """Return the object of a pickle or joblib file, and notes about versions that differ.

    Raises
    ------
    UntrustedModelError
        If ``trust`` is not given; then no byte is unpickled.
    ModelError
        If the file is damaged or needs a module or class that is not there.
    """
    if not trust:
        raise UntrustedModelError(
            f"Model file '{path}' is a pickle, and loading a pickle can run any code that is in it. "
            "If you know who made it, say --trust-model (in Python: trust_model=True); "
            "ONNX and skops files need no such word."
        )
    import joblib

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            thing = joblib.load(path)
    except ModuleNotFoundError as error:
        raise ModelError(
            f"Model file '{path}' was expected to load; it needs the Python module '{error.name}', "
            "which is not installed. Install it, or start where it can be imported."
        ) from error
    except AttributeError as error:
        raise ModelError(
            f"Model file '{path}' was expected to load; a class or function in it is not where it "
            f"was when it was saved ({error}). Use the versions it was saved with, or define own "
            "classes in a module that can be imported."
        ) from error
    except (Exception, SystemExit) as error:
        raise ModelError(
            f"Model file '{path}' was expected to be a whole pickle; reading it raised "
            f"{type(error).__name__}. The file may be damaged or cut short; save the model again."
        ) from error
    return thing, _notes(caught)


def _notes(caught: list[warnings.WarningMessage]) -> tuple[str, ...]:
    """Return one sentence for versions of scikit-learn that differ; pass other warnings on."""
    saved: dict[str, str] = {}
    for warning in caught:
        message = warning.message
        original = getattr(message, "original_sklearn_version", None)
        if original is not None:
            saved[str(original)] = str(getattr(message, "current_sklearn_version", "another"))
        else:
            warnings.warn_explicit(message, warning.category, warning.filename, warning.lineno)
    return tuple(
        f"The model was saved with scikit-learn {original} and loaded with {current}; "
        "its answers can differ from those it gave then."
        for original, current in saved.items()
    )

"""``module:attribute``: a model, a predict function or a factory in Python code.

The rule: what has ``predict``, ``predict_proba`` or ``decision_function`` is a model. A callable
with a parameter that must be filled is a predict function and receives the rows. A callable that
can be called with nothing (and takes no ``*args``) is a factory: it is called once, and what it
returns is the model or the predict function.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from plimsoll.core.errors import ModelError, did_you_mean
from plimsoll.models.estimator import answers_like_estimator
from plimsoll.models.function import takes_nothing

_REFERENCE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def is_python_reference(ref: str) -> bool:
    """Whether a text has the form ``package.module:attribute``.

    >>> is_python_reference("shop.models:credit"), is_python_reference("models/credit.onnx")
    (True, False)
    """
    return _REFERENCE.fullmatch(ref) is not None


def find_object(ref: str) -> Any:
    """Import what ``module:attribute`` names, calling it where it is a factory.

    The current directory is searched first, as ``python -m`` does, and stays on the search path so
    that the module can import its neighbours later.

    Raises
    ------
    ModelError
        If the module or the attribute is not there (the nearest name is offered), or the module or
        the factory raises.
    """
    module_name, _, path = ref.partition(":")
    thing: Any = _module(module_name, ref)
    for depth, name in enumerate(path.split(".")):
        if not hasattr(thing, name):
            inside = ":".join([module_name, ".".join(path.split(".")[:depth])]).rstrip(":")
            known = [known for known in dir(thing) if not known.startswith("_")]
            raise ModelError(
                f"'{ref}' must name a model in Python; '{inside}' has no attribute '{name}'."
                f"{did_you_mean(name, known)}"
            )
        thing = getattr(thing, name)
    factory = callable(thing) and (isinstance(thing, type) or not answers_like_estimator(thing))
    return _made(thing, ref) if factory and takes_nothing(thing) else thing


def _module(name: str, ref: str) -> ModuleType:
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise ModelError(
                f"'{ref}' was expected to be importable; its module needs '{error.name}', which is "
                "not installed. Install it into this environment."
            ) from error
        nearby = [path.stem for path in Path(here).glob("*.py")]
        raise ModelError(
            f"'{ref}' was expected to name a Python module, and there is no module '{error.name}' "
            f"here or among the installed ones.{did_you_mean(name, nearby)}"
        ) from None
    except (Exception, SystemExit) as error:  # a module that exits is no verdict
        raise ModelError(
            f"'{ref}' was expected to be importable; importing '{name}' raised "
            f"{type(error).__name__}: {error}."
        ) from error


def _made(factory: Any, ref: str) -> Any:
    try:
        made = factory()
    except (Exception, SystemExit) as error:  # a module that exits is no verdict
        raise ModelError(
            f"'{ref}' takes no argument, so it was called to make the model, and raised "
            f"{type(error).__name__}: {error}. A predict function must take the rows."
        ) from error
    if made is None:
        raise ModelError(
            f"'{ref}' takes no argument, so it was called to make the model, and returned nothing; "
            "return the model, or take the rows as an argument."
        )
    return made

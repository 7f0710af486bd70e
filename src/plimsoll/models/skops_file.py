"""skops files: scikit-learn models saved so that loading them runs no code of the file.

skops names every type that a file would build and knows which of them are safe; only those are
loaded without trust. Source: https://skops.readthedocs.io/en/stable/persistence.html
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from plimsoll.core.errors import ModelError, PlimsollError, UntrustedModelError

_SHOWN = 5
_OPTIMIZERS = "sklearn.neural_network._stochastic_optimizers"
HARMLESS = frozenset({"numpy.dtype", f"{_OPTIMIZERS}.AdamOptimizer", f"{_OPTIMIZERS}.SGDOptimizer"})
"""Types that skops has not judged yet and that run nothing of the file.

A dtype is read from an empty array without pickle (``SimpleImputer`` keeps one); an optimizer holds numbers
that only a further fit would use (``MLPClassifier`` keeps one).
"""


def load_skops(path: Path, *, trust: bool) -> Any:
    """Return the object of a skops file.

    Raises
    ------
    UntrustedModelError
        If the file holds types that skops does not trust and ``trust`` is not given.
    ModelError
        If the file is damaged.
    """
    import skops.io as skops

    try:
        named = [str(name) for name in skops.get_untrusted_types(file=path)]
        unknown = [name for name in named if name not in HARMLESS]
        if unknown and not trust:
            raise UntrustedModelError(
                f"Model file '{path}' holds types that skops does not trust without your word: "
                f"{_listed(unknown)}. If you know who made it, say --trust-model (in Python: "
                "trust_model=True), or save the model as ONNX."
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return skops.load(path, trusted=named)
    except PlimsollError:
        raise
    except Exception as error:
        raise ModelError(
            f"Model file '{path}' was expected to be a whole skops file; reading it raised "
            f"{type(error).__name__}. It may be damaged or made with other versions of skops or "
            "scikit-learn; save the model again."
        ) from error


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more

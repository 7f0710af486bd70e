"""Tell what kind of model file this is from its first bytes; the name only settles what they leave open.

Nothing is unpickled, imported or executed here. A pickle is known by its first two bytes
(https://docs.python.org/3/library/pickletools.html, opcode PROTO), so a pickle that calls itself
``.onnx`` or ``.txt`` is still a pickle.
"""

from __future__ import annotations

import json
import zipfile
from enum import StrEnum
from pathlib import Path

from plimsoll.core.errors import ModelError, UntrustedModelError, did_you_mean


class FileKind(StrEnum):
    """The kinds of model file that can be judged."""

    SKOPS = "skops"
    PICKLE = "pickle"
    ONNX = "onnx"
    LIGHTGBM = "lightgbm"
    LIGHTGBM_JSON = "lightgbm json"
    XGBOOST = "xgboost"
    CATBOOST = "catboost"
    CATBOOST_JSON = "catboost json"


HEAD_BYTES = 65_536

_PICKLE_SUFFIXES = (".pkl", ".pickle", ".joblib", ".p")
_KNOWN_SUFFIXES = (*_PICKLE_SUFFIXES, ".skops", ".onnx", ".txt", ".json", ".ubj", ".cbm")
_OTHERS = {
    ".pt": "PyTorch",
    ".pth": "PyTorch",
    ".keras": "Keras",
    ".h5": "Keras",
    ".pb": "TensorFlow",
    ".tflite": "TensorFlow Lite",
    ".safetensors": "weights without a model",
    ".pmml": "PMML",
    ".mlmodel": "Core ML",
    ".bst": "XGBoost's old binary format",
    ".model": "XGBoost's old binary format",
    ".rds": "R",
}
_JSON_KEYS = (
    ('"learner"', FileKind.XGBOOST),
    ('"tree_info"', FileKind.LIGHTGBM_JSON),
    ('"num_tree_per_iteration"', FileKind.LIGHTGBM_JSON),
    ('"oblivious_trees"', FileKind.CATBOOST_JSON),
    ('"features_info"', FileKind.CATBOOST_JSON),
)
_ONNX_SECOND_FIELDS = b"\x12\x1a\x22\x28\x32\x3a\x42"


def sniff(path: Path, *, trust: bool) -> FileKind:
    """Return the kind of a model file.

    Raises
    ------
    UntrustedModelError
        If the file is a pickle under the name of another kind and ``trust`` is not given.
    ModelError
        If it is not there (the nearest name is offered), a folder, empty, or of no kind known here.
    """
    head = _head(path)
    suffix = path.suffix.lower()
    is_pickle = head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
    if any(part.lower() in _PICKLE_SUFFIXES for part in path.suffixes[-2:]):  # model.pkl.gz
        return FileKind.PICKLE
    if is_pickle and suffix in _KNOWN_SUFFIXES:
        error = ModelError if trust else UntrustedModelError
        raise error(
            f"Model file '{path}' is named as a {suffix} file and is a pickle, which can run any "
            "code when it is loaded. Do not load it unless you know who made it; if you do, "
            "rename it to .pkl and say --trust-model."
        )
    if is_pickle:
        return FileKind.PICKLE
    kind = _by_content(path, head) or (FileKind.ONNX if suffix == ".onnx" else None)
    if kind is None:
        raise ModelError(_unknown(path, head))
    return kind


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise ModelError(f"'{path}' must be a model file and is a folder; {_inside(path)}")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise ModelError(_not_there(path)) from None
    except OSError as error:
        raise ModelError(
            f"Model file '{path}' was expected to be readable and is not: {error.strerror}. "
            "Mend its name or its permissions."
        ) from None
    if not head:
        raise ModelError(f"Model file '{path}' is empty (0 bytes); save the model again.")
    return head


def _by_content(path: Path, head: bytes) -> FileKind | None:
    if head[:4] == b"CBM1":
        return FileKind.CATBOOST
    if head[:2] == b"PK":
        return FileKind.SKOPS if "schema.json" in _names_in_zip(path) else None
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"tree") and b"version=" in text[:64]:
        return FileKind.LIGHTGBM
    if text.startswith(b"{L") or (text[:1] == b"{" and text[1:2] in b"UiIl" and b"learner" in text):
        return FileKind.XGBOOST
    if text.startswith(b"{"):
        return _json_kind(path, text)
    if head[:1] == b"\x08" and head[1] < 0x40 and head[2:3] in _ONNX_SECOND_FIELDS:
        return FileKind.ONNX
    return None


def _json_kind(path: Path, head: bytes) -> FileKind | None:
    start = head.decode("utf-8", errors="replace")
    for key, kind in _JSON_KEYS:
        if key in start:
            return kind
    try:
        with path.open(encoding="utf-8") as file:
            whole = json.load(file)
    except (ValueError, RecursionError):
        return None
    return next((kind for key, kind in _JSON_KEYS if key.strip('"') in whole), None)


def _names_in_zip(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return []


def _unknown(path: Path, head: bytes) -> str:
    suffix = path.suffix.lower()
    formats = (
        "ONNX, LightGBM text or JSON, XGBoost JSON or UBJ, CatBoost .cbm, skops, "
        "and pickle or joblib with --trust-model"
    )
    if head[:2] == b"PK" and any(name.endswith("data.pkl") for name in _names_in_zip(path)):
        return f"Model file '{path}' is a PyTorch file, which holds a pickle; export it to ONNX."
    if suffix in _OTHERS:
        return (
            f"Model file '{path}' is of a kind that is not read ({_OTHERS[suffix]}); export it to "
            f"one of: {formats}."
        )
    if suffix in _KNOWN_SUFFIXES:
        return (
            f"Model file '{path}' was expected to hold a {suffix} model and does not; it may be "
            f"damaged or something else. These are read: {formats}."
        )
    return f"Model file '{path}' is of no kind that is read. These are: {formats}."


def _not_there(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"Model file '{path}' was expected, and there is no folder '{folder}'."
    near = did_you_mean(path.name, (entry.name for entry in folder.iterdir()))
    dotted = "" if path.suffix or "/" in str(path) else " Python code is named as module:attribute."
    return f"Model file '{path}' was expected and is not there.{near}{dotted}"


def _inside(folder: Path) -> str:
    files = sorted(
        entry.name for entry in folder.iterdir() if entry.suffix.lower() in _KNOWN_SUFFIXES
    )
    if not files:
        return "name the file itself."
    return f"name the file itself, such as '{folder / files[0]}'."

"""Every tally to bytes and back, in one format, exactly, and never through pickle.

Layout, all numbers little-endian::

    4 bytes   magic ``PLMT``
    2 bytes   version of the format
    8 bytes   length of the body before compression
    32 bytes  SHA-256 of all that stands before it and of the compressed body
    the body, compressed with zlib:
        4 bytes   length of the structure
        structure as JSON: plain values as they are, a tuple as a list, everything else tagged
        arrays as npy, tables as Arrow IPC, in the order in which the structure names them

Sources: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (npy),
https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format (Arrow IPC).
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import itertools
import json
import math
import struct
import typing
import zlib
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.errors import RecordError, did_you_mean
from plimsoll.core.tally import Tally

MAGIC = b"PLMT"
VERSION = 1
_HEADER = struct.Struct("<4sHQ")
_DIGEST_BYTES = 32
_LENGTH = struct.Struct("<I")
_COMPRESSION = 4
_TAG = "$"
_MISFITS = (
    ValueError,
    TypeError,
    LookupError,
    RecursionError,
    struct.error,
    pl.exceptions.PolarsError,
)


def encode(tally: Tally) -> bytes:
    """Return a tally as bytes that :func:`decode` turns back into an equal one.

    Raises
    ------
    TypeError
        If a field holds what the format has no form for: a mistake in the tally, not in the data.
    """
    blobs: list[bytes] = []
    structure = _plain(tally, blobs)
    text = json.dumps(
        {"tally": structure, "sizes": [len(blob) for blob in blobs]},
        separators=(",", ":"),
        allow_nan=False,
    ).encode("ascii")
    body = b"".join([_LENGTH.pack(len(text)), text, *blobs])
    packed = zlib.compress(body, _COMPRESSION)
    return seal(_HEADER.pack(MAGIC, VERSION, len(body)), packed)


def seal(header: bytes, packed: bytes) -> bytes:
    """Return header, checksum of header and body, and body."""
    return header + hashlib.sha256(header + packed).digest() + packed


def decode(data: bytes, kinds: Mapping[str, type[Tally]]) -> Tally:
    """Return the tally that :func:`encode` wrote.

    ``kinds`` names the tallies that may come; classes that the fields of those are declared with
    (enums, nested dataclasses) are found through them.

    Raises
    ------
    RecordError
        If the bytes are damaged, of another format, of a newer version, or hold an unknown tally.
    """
    body = _unpacked(data)
    try:
        (length,) = _LENGTH.unpack_from(body)
        content = json.loads(body[_LENGTH.size : _LENGTH.size + length])
        blobs = _split(body[_LENGTH.size + length :], content["sizes"])
        found = _Reader(blobs, kinds).read(content["tally"], {})
    except RecordError:
        raise
    except _MISFITS as error:
        raise RecordError(
            f"A stored tally was expected and its content does not fit ({type(error).__name__}); "
            "it may have been written by another version. Count it again from the data."
        ) from error
    if not isinstance(found, Tally):
        raise RecordError(
            f"A stored tally was expected and a {type(found).__name__} came; "
            "the file holds something else."
        )
    return found


def _unpacked(data: bytes) -> bytes:
    if len(data) < _HEADER.size or data[: len(MAGIC)] != MAGIC:
        raise RecordError(
            "A stored tally was expected and the bytes are something else; "
            "check which file was given."
        )
    _, version, length = _HEADER.unpack_from(data)
    if version > VERSION:
        raise RecordError(
            f"A stored tally of format {VERSION} was expected and this one is of format {version}; "
            "update Plimsoll to read it."
        )
    packed = data[_HEADER.size + _DIGEST_BYTES :]
    if seal(data[: _HEADER.size], packed) != data:
        raise RecordError(
            "A stored tally was expected to be whole and its checksum does not fit; "
            "the file is damaged or cut short. Count it again from the data."
        )
    try:
        body = zlib.decompressobj().decompress(packed, length + 1)
    except zlib.error:
        body = b""
    if len(body) != length:
        raise RecordError("A stored tally is damaged: it does not unpack to its stated length.")
    return body


def _split(rest: bytes, sizes: list[int]) -> list[bytes]:
    if sum(sizes) != len(rest):
        raise ValueError("the parts do not add up to the whole")
    ends = np.cumsum([0, *sizes]).tolist()
    return [rest[start:end] for start, end in itertools.pairwise(ends)]


def _plain(value: Any, blobs: list[bytes]) -> Any:
    """Return a value as JSON; what JSON cannot hold is tagged or goes to ``blobs``."""
    if isinstance(value, Enum):
        return {_TAG: "enum", "of": type(value).__name__, "name": value.name}
    if isinstance(value, np.generic):
        return {_TAG: "scalar", "at": _stored(_npy(np.asarray(value)), blobs)}
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {_TAG: "float", "is": str(value)}
    if isinstance(value, tuple):
        return [_plain(item, blobs) for item in value]
    if isinstance(value, list):
        return {_TAG: "list", "of": [_plain(item, blobs) for item in value]}
    if isinstance(value, dict):
        return {_TAG: "dict", "of": [_pair(key, item, blobs) for key, item in value.items()]}
    if isinstance(value, np.ndarray):
        return _array(value, blobs)
    if isinstance(value, pl.DataFrame):
        return {_TAG: "frame", "at": _stored(_ipc(value), blobs)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _plain(getattr(value, f.name), blobs) for f in dataclasses.fields(value)}
        return {_TAG: "object", "of": type(value).__name__, "fields": fields}
    raise TypeError(f"a tally cannot be stored with a {type(value).__name__} in it")


def _pair(key: Any, item: Any, blobs: list[bytes]) -> list[Any]:
    if type(key) is not str:
        raise TypeError(f"a stored mapping needs keys of text, not {type(key).__name__}")
    return [key, _plain(item, blobs)]


def _array(value: npt.NDArray[Any], blobs: list[bytes]) -> dict[str, Any]:
    if value.dtype.hasobject and value.dtype != object:
        raise TypeError(f"an array of {value.dtype} cannot be stored")
    if value.dtype == object:
        items = [_plain(item, blobs) for item in value.ravel().tolist()]
        return {_TAG: "objects", "shape": list(value.shape), "of": items}
    return {_TAG: "array", "at": _stored(_npy(value), blobs)}


def _npy(value: npt.NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    little = value.astype(value.dtype.newbyteorder("<"), copy=False)
    np.lib.format.write_array(buffer, little, allow_pickle=False)
    return buffer.getvalue()


def _ipc(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer)
    return buffer.getvalue()


def _stored(blob: bytes, blobs: list[bytes]) -> int:
    blobs.append(blob)
    return len(blobs) - 1


class _Reader:
    """Builds values again; ``near`` holds the classes that the fields at hand are declared with."""

    def __init__(self, blobs: list[bytes], kinds: Mapping[str, type[Any]]) -> None:
        self._blobs = blobs
        self._kinds = dict(kinds)

    def read(self, value: Any, near: Mapping[str, type[Any]]) -> Any:
        """Return the value that a piece of the structure stands for."""
        if isinstance(value, list):
            return tuple(self.read(item, near) for item in value)
        if not isinstance(value, dict):
            return value
        tag = value[_TAG]
        if tag == "object":
            return self._object(value, near)
        if tag == "enum":
            return self._class(value["of"], near)[value["name"]]
        if tag == "float":
            return float(value["is"])
        if tag == "list":
            return [self.read(item, near) for item in value["of"]]
        if tag == "dict":
            return {key: self.read(item, near) for key, item in value["of"]}
        if tag == "objects":
            out = np.empty(len(value["of"]), dtype=object)
            out[:] = [self.read(item, near) for item in value["of"]]
            return out.reshape(value["shape"])
        if tag == "frame":
            return pl.read_ipc(io.BytesIO(self._blobs[value["at"]]))
        if tag in ("array", "scalar"):
            blob = io.BytesIO(self._blobs[value["at"]])
            array = np.lib.format.read_array(blob, allow_pickle=False)
            return array if tag == "array" else array[()]
        raise ValueError(f"unknown tag {tag}")

    def _object(self, value: dict[str, Any], near: Mapping[str, type[Any]]) -> Any:
        kind = self._class(value["of"], near)
        declared = {field.name: field for field in dataclasses.fields(kind)}
        unknown = [name for name in value["fields"] if name not in declared]
        if unknown:
            raise RecordError(
                f"A stored {kind.__name__} holds '{unknown[0]}', which this version does not know; "
                "update Plimsoll to read it."
            )
        inside = _declared_classes(kind)
        found = {name: self.read(item, inside) for name, item in value["fields"].items()}
        made = kind(**{name: item for name, item in found.items() if declared[name].init})
        for name, item in found.items():
            if not declared[name].init:
                object.__setattr__(made, name, item)
        return made

    def _class(self, name: str, near: Mapping[str, type[Any]]) -> Any:
        kind = self._kinds.get(name) or near.get(name)
        if kind is None:
            raise RecordError(
                f"A stored tally of the kind '{name}' came, which is not known here."
                f"{did_you_mean(name, self._kinds)}"
            )
        return kind


def _declared_classes(kind: type[Any]) -> dict[str, type[Any]]:
    """Return the enums and dataclasses that the fields of a class are declared with, by name."""
    try:
        hints = typing.get_type_hints(kind)
    except NameError:  # a name that only a type checker sees
        return {}
    return {
        found.__name__: found
        for found in _walk(hints.values())
        if issubclass(found, Enum) or dataclasses.is_dataclass(found)
    }


def _walk(hints: Iterable[Any]) -> Iterable[type[Any]]:
    for hint in hints:
        inner = typing.get_args(hint)
        if inner:
            yield from _walk(inner)
        elif isinstance(hint, type):
            yield hint

"""The few facts that an ONNX file states and onnxruntime does not tell: classes, and what scores are.

Reads the protobuf wire format directly, so no ONNX package is needed. Weights are skipped.
Sources: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (field numbers),
https://protobuf.dev/programming-guides/encoding/ (wire format).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_INT32, _INT64, _STRING = 6, 7, 8
_SMALL = 100_000
_PASS_ON = {"Identity", "Cast", "Reshape", "Squeeze", "Flatten"}
_CLASSIFIERS = {"LinearClassifier", "TreeEnsembleClassifier", "SVMClassifier", "ZipMap"}


@dataclass(frozen=True)
class Node:
    """One operator: its kind, the names of what goes in and out, and its attributes as text."""

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, tuple[str, ...]]

    @property
    def classes(self) -> tuple[str, ...]:
        """The class labels that the operator carries, or empty."""
        for name in ("classlabels_strings", "classlabels_int64s", "classlabels_ints"):
            if self.attributes.get(name):
                return self.attributes[name]
        return ()


@dataclass(frozen=True)
class Graph:
    """The operators of a model by what they make, and its small constants of labels."""

    makers: dict[str, Node] = field(default_factory=dict)
    constants: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def maker(self, name: str) -> Node | None:
        """Return the operator that makes a tensor, looking through those that only pass it on."""
        node = self.makers.get(name)
        while node is not None and node.op in _PASS_ON and node.inputs:
            node = self.makers.get(node.inputs[0])
        return node

    def classes(self, scores: str, labels: str | None) -> tuple[str, ...]:
        """Return the classes in the order of the score columns, as the graph states them, or empty.

        They stand in the ZipMap of the scores, in the classifier that makes the labels, or in the
        list of constants from which the labels are taken by position.
        """
        made = self.maker(scores)
        if made is not None and made.op == "ZipMap":
            return made.classes
        named = self.maker(labels) if labels is not None else None
        if named is None:
            return made.classes if made is not None and made.op in _CLASSIFIERS else ()
        if named.op in _CLASSIFIERS:
            return named.classes
        if named.op in ("ArrayFeatureExtractor", "Gather") and named.inputs:
            return self.constants.get(named.inputs[0], ())
        return ()

    def gives_probabilities(self, scores: str) -> bool:
        """Whether the graph says that these scores are probabilities.

        A softmax, a sigmoid or a classifier with its own link says so; a linear or support vector
        classifier without one gives plain scores. Otherwise the name of the tensor decides.
        """
        made = self.maker(scores)
        if made is not None and made.op == "ZipMap" and made.inputs:
            return self.gives_probabilities(made.inputs[0])
        if made is not None and made.op in ("Softmax", "Sigmoid", "Normalizer"):
            return True
        if made is not None and made.op in ("LinearClassifier", "SVMClassifier"):
            link = made.attributes.get("post_transform", ("NONE",))
            return link != ("NONE",) or bool(made.attributes.get("prob_a"))
        return "prob" in scores.casefold()


def read_graph(data: bytes) -> Graph:
    """Return the facts of an ONNX file.

    Raises
    ------
    ValueError
        If the bytes are not a whole protobuf message.
    """
    view = memoryview(data)
    graph = Graph()
    for number, body in _fields(view):
        if number == 7 and isinstance(body, memoryview):
            _read_body(body, graph)
    return graph


def _read_body(body: memoryview, graph: Graph) -> None:
    for number, part in _fields(body):
        if not isinstance(part, memoryview):
            continue
        if number == 1:
            node = _node(part)
            graph.makers.update(dict.fromkeys(node.outputs, node))
        elif number == 5 and len(part) < _SMALL:
            name, values = _constant(part)
            if values:
                graph.constants[name] = values


def _node(body: memoryview) -> Node:
    inputs, outputs, op = [], [], ""
    attributes: dict[str, tuple[str, ...]] = {}
    for number, part in _fields(body):
        if not isinstance(part, memoryview):
            continue
        if number == 1:
            inputs.append(_text(part))
        elif number == 2:
            outputs.append(_text(part))
        elif number == 4:
            op = _text(part)
        elif number == 5:
            name, values = _attribute(part)
            attributes[name] = values
    return Node(op, tuple(inputs), tuple(outputs), attributes)


def _attribute(body: memoryview) -> tuple[str, tuple[str, ...]]:
    name, values = "", []
    for number, part in _fields(body):
        if number == 1 and isinstance(part, memoryview):
            name = _text(part)
        elif number in (4, 9) and isinstance(part, memoryview):
            values.append(_text(part))
        elif number == 8:
            values += [str(_signed(value)) for value in _numbers(part)]
        elif number == 7:
            values.append("floats")
    return name, tuple(values)


def _constant(body: memoryview) -> tuple[str, tuple[str, ...]]:
    """Return the name and the values of a constant of whole numbers or words; others are empty."""
    name, kind, raw = "", 0, b""
    values: list[str] = []
    for number, part in _fields(body):
        if number == 2 and isinstance(part, int):
            kind = part
        elif number == 8 and isinstance(part, memoryview):
            name = _text(part)
        elif number == 6 and isinstance(part, memoryview):
            values.append(_text(part))
        elif number in (5, 7):
            values += [str(_signed(value)) for value in _numbers(part)]
        elif number == 9 and isinstance(part, memoryview):
            raw = bytes(part)
    if kind not in (_INT32, _INT64, _STRING):
        return name, ()
    width = 4 if kind == _INT32 else 8
    if raw and kind != _STRING:
        values = [
            str(int.from_bytes(raw[place : place + width], "little", signed=True))
            for place in range(0, len(raw), width)
        ]
    return name, tuple(values)


def _fields(view: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    place = 0
    while place < len(view):
        key, place = _varint(view, place)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, place = _varint(view, place)
            yield number, value
            continue
        if wire == _BYTES:
            size, place = _varint(view, place)
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire} is not used by ONNX")
        if place + size > len(view):
            raise ValueError("the message ends too soon")
        yield number, view[place : place + size]
        place += size


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if place >= len(view) or shift > 63:
            raise ValueError("a number ends too late")
        byte = view[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7


def _numbers(part: int | memoryview) -> list[int]:
    if isinstance(part, int):
        return [part]
    values, place = [], 0
    while place < len(part):
        value, place = _varint(part, place)
        values.append(value)
    return values


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _text(part: memoryview) -> str:
    return bytes(part).decode("utf-8", errors="replace")

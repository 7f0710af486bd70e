"""ONNX files, asked through onnxruntime.

Inputs are one tensor with all features, or one input a column under the column's name. Outputs are
those of converters of scikit-learn, LightGBM and XGBoost (labels, and scores as a tensor or as
ZipMap's mappings) or a single tensor of numbers.
Source: https://onnxruntime.ai/docs/api/python/api_summary.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.errors import ModelError
from plimsoll.core.model import ModelCard, Output, Prediction
from plimsoll.core.subject import Task
from plimsoll.models import answers
from plimsoll.models.asked import AskedModel, Select
from plimsoll.models.columns import pick_respelled, stated_features, take_all
from plimsoll.models.onnx_graph import Graph, read_graph
from plimsoll.models.onnx_input import Feed, feed, respelled
from plimsoll.models.optional import library

_LABEL_TYPES = ("tensor(int64)", "tensor(int32)", "tensor(string)", "tensor(bool)")
_NUMBER_TYPES = ("tensor(float)", "tensor(double)", "tensor(float16)")


@dataclass(frozen=True)
class _Outputs:
    """Which outputs to ask for: ``labels`` and ``numbers`` by name, each None where there is none.

    ``mapped`` says that the numbers come as one mapping of class to score a row (ZipMap).
    """

    labels: str | None
    numbers: str | None
    mapped: bool
    width: int | None


def onnx_file(path: Path, *, task: Task | None = None, sha256: str | None = None) -> AskedModel:
    """Return the adapter of an ONNX file.

    Raises
    ------
    ModelError
        If the file is damaged, or its inputs or outputs are not those of a model of a table.
    MissingExtraError
        If onnxruntime is not installed.
    """
    runtime = library("onnxruntime", "An ONNX model", "onnx")
    who = f"Model '{path}' (ONNX)"
    try:
        options = runtime.SessionOptions()
        options.log_severity_level = 3
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        graph = read_graph(path.read_bytes())
    except Exception as error:
        raise ModelError(
            f"Model file '{path}' was expected to be a whole ONNX model; onnxruntime refused it "
            f"({type(error).__name__}). It may be damaged, or use operators that this onnxruntime "
            "does not have."
        ) from error
    wanted = _outputs(session.get_outputs(), who)
    output = _output(wanted, graph, task)
    classes = () if wanted.numbers is None else graph.classes(wanted.numbers, wanted.labels)
    given = feed(session.get_inputs(), who)
    card = ModelCard(
        kind="ONNX",
        output=output,
        classes=classes if output is not Output.VALUE else (),
        features=stated_features(given.features, respelled=True),
        sha256=sha256,
        origin=str(path),
    )
    ask = _ask(session, given, wanted, card, who)
    return AskedModel(card, who, _select(given, who), ask, locked=False)


def _select(given: Feed, who: str) -> Select:
    if given.features is not None:
        names = given.features
        return lambda frame: pick_respelled(frame, names, who, respelled)
    only = given.inputs[0].name

    def select(frame: pl.DataFrame) -> pl.DataFrame:
        if given.width == 1 and only in frame.columns:
            return frame.select(only)
        return take_all(frame, given.width, who)

    return select


def _ask(
    session: Any, given: Feed, wanted: _Outputs, card: ModelCard, who: str
) -> Callable[[pl.DataFrame], Prediction]:
    names = [name for name in (wanted.labels, wanted.numbers) if name is not None]

    def ask(frame: pl.DataFrame) -> Prediction:
        found = dict(zip(names, session.run(names, given.tensors(frame)), strict=True))
        rows = frame.height
        labels = None
        if wanted.labels is not None:
            labels = answers.labels(found[wanted.labels], rows, who)
        if wanted.numbers is None:
            return Prediction(labels=labels)
        numbers = found[wanted.numbers]
        if card.output is Output.VALUE:
            return Prediction(values=answers.values(numbers, rows, who))
        if wanted.mapped:
            numbers = _columns(numbers, card.classes, who)
        scores = answers.scores(numbers, rows, who, card.output, card.classes)
        if labels is not None and card.classes:
            _must_agree(scores, labels, card.classes, who)
        return Prediction(scores=scores, labels=labels)

    return ask


def _outputs(outputs: Sequence[Any], who: str) -> _Outputs:
    labels = [o.name for o in outputs if o.type in _LABEL_TYPES]
    mapped = [o for o in outputs if o.type.startswith("seq(map(")]
    numbers = mapped or [o for o in outputs if o.type in _NUMBER_TYPES]
    if len(numbers) > 1:
        numbers = [o for o in numbers if "prob" in o.name.casefold()] or numbers
    if len(numbers) > 1 or (not numbers and not labels):
        listed = ", ".join(f"'{o.name}' ({o.type})" for o in outputs)
        raise ModelError(
            f"{who} must have one output of scores or values, or one of labels; it has {listed}. "
            "Export it with the one output to be judged."
        )
    chosen = numbers[0] if numbers else None
    shape = list(chosen.shape) if chosen is not None else []
    width = shape[1] if len(shape) == 2 and isinstance(shape[1], int) else None
    return _Outputs(
        labels=labels[0] if labels else None,
        numbers=None if chosen is None else chosen.name,
        mapped=bool(mapped),
        width=1 if len(shape) == 1 else width,
    )


def _output(wanted: _Outputs, graph: Graph, task: Task | None) -> Output:
    """Say what the model answers with, from its outputs and its graph.

    A single number a row without labels is a value, unless the graph calls it a probability or
    a class is judged; then it orders rows.
    """
    if wanted.numbers is None:
        return Output.LABEL
    if task is Task.REGRESSION and wanted.labels is None:
        return Output.VALUE
    if graph.gives_probabilities(wanted.numbers):
        return Output.PROBABILITY
    if wanted.labels is None and wanted.width == 1 and task is None:
        return Output.VALUE
    return Output.DECISION


def _columns(
    mappings: Sequence[Mapping[Any, float]], classes: tuple[str, ...], who: str
) -> npt.NDArray[np.float64]:
    keys = list(mappings[0])
    if classes:
        by_text = {str(key): key for key in keys}
        if set(by_text) != set(classes):
            raise ModelError(
                f"{who} states the classes {', '.join(classes)} and scores "
                f"{', '.join(by_text)}; export it again."
            )
        keys = [by_text[name] for name in classes]
    return np.array([[row[key] for key in keys] for row in mappings], dtype=np.float64)


def _must_agree(
    scores: npt.NDArray[np.float64], labels: npt.NDArray[Any], classes: tuple[str, ...], who: str
) -> None:
    """Refuse scores whose columns cannot belong to the classes that the model itself answers.

    The mean score of a class must not be lower on the rows that the model calls by its name than on
    the others. Some converters write the columns of support vector machines the wrong way round.
    """
    compared = wrong = 0
    table = scores if scores.shape[1] == len(classes) else np.hstack([-scores, scores])
    for place, name in enumerate(classes):
        mine = labels == name
        if mine.any() and not mine.all():
            compared += 1
            wrong += bool(table[mine, place].mean() < table[~mine, place].mean())
    if compared and wrong == compared:
        raise ModelError(
            f"{who} must score each class highest where it answers with that class, and its scores "
            "contradict its own labels; the conversion is faulty. Judge the model it was made from."
        )

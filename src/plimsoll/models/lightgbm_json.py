"""The JSON that LightGBM's ``dump_model`` writes, turned back into the text that LightGBM reads.

LightGBM writes JSON and cannot read it. The JSON holds every split and leaf with 17 digits, so the
text made of it gives the same answers to the last bit.
Source of both forms: https://github.com/lightgbm-org/LightGBM/blob/main/src/io/tree.cpp
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plimsoll.core.errors import ModelError

_MISSING = {"None": 0, "Zero": 1, "NaN": 2}
_CATEGORICAL, _DEFAULT_LEFT, _MISSING_SHIFT = 1, 2, 2
_WORD_BITS = 32


def text_model(dumped: str, origin: str) -> str:
    """Return the text form of a model that ``json.dump(booster.dump_model(), file)`` wrote.

    Raises
    ------
    ModelError
        If the JSON is damaged, or has linear trees, whose leaves the text form writes otherwise.
    """
    try:
        model = json.loads(dumped)
        parts = [_header(model)]
        parts += [_tree_text(place, tree, origin) for place, tree in enumerate(model["tree_info"])]
    except ModelError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"Model file '{origin}' was expected to hold what LightGBM's dump_model gives, and it "
            f"is not whole ({type(error).__name__}); save the model as text with save_model."
        ) from error
    categories = json.dumps(model.get("pandas_categorical") or None)
    return "\n".join([*parts, "end of trees", "", f"pandas_categorical:{categories}", ""])


def _header(model: Mapping[str, Any]) -> str:
    names = [str(name) for name in model["feature_names"]]
    infos = model.get("feature_infos", {})
    lines = [
        "tree",
        f"version={model['version']}",
        f"num_class={int(model['num_class'])}",
        f"num_tree_per_iteration={int(model['num_tree_per_iteration'])}",
        f"label_index={int(model['label_index'])}",
        f"max_feature_idx={int(model['max_feature_idx'])}",
    ]
    if model.get("objective"):
        lines.append(f"objective={model['objective']}")
    if model.get("average_output"):
        lines.append("average_output")
    lines.append(f"feature_names={' '.join(names)}")
    lines.append(f"feature_infos={' '.join(_info(infos.get(name)) for name in names)}")
    return "\n".join([*lines, ""])


def _info(info: Mapping[str, Any] | None) -> str:
    if info is None:
        return "none"
    if info.get("values"):
        return ":".join(str(int(value)) for value in info["values"])
    return f"[{info['min_value']!r}:{info['max_value']!r}]"


@dataclass
class _Splits:
    """The splits and leaves of one tree, in the order of their numbers."""

    feature: dict[int, int] = field(default_factory=dict)
    gain: dict[int, float] = field(default_factory=dict)
    threshold: dict[int, str] = field(default_factory=dict)
    decision: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    right: dict[int, int] = field(default_factory=dict)
    leaf: dict[int, float] = field(default_factory=dict)
    bounds: list[int] = field(default_factory=lambda: [0])
    words: list[int] = field(default_factory=list)


def _tree_text(place: int, tree: Mapping[str, Any], origin: str) -> str:
    splits = _Splits()
    _walk(tree["tree_structure"], splits, origin)
    rows: dict[str, Any] = {
        "num_leaves": [len(splits.leaf)],
        "num_cat": [len(splits.bounds) - 1],
        "split_feature": _ordered(splits.feature),
        "split_gain": _ordered(splits.gain),
        "threshold": _ordered(splits.threshold),
        "decision_type": _ordered(splits.decision),
        "left_child": _ordered(splits.left),
        "right_child": _ordered(splits.right),
        "leaf_value": _ordered(splits.leaf),
    }
    if splits.words:
        rows |= {"cat_boundaries": splits.bounds, "cat_threshold": splits.words}
    rows |= {"is_linear": [0], "shrinkage": [tree["shrinkage"]]}
    lines = [f"Tree={place}"]
    lines += [f"{key}={' '.join(str(value) for value in row)}" for key, row in rows.items()]
    return "\n".join([*lines, "", ""])


def _walk(root: Mapping[str, Any], splits: _Splits, origin: str) -> None:
    """Collect every node; without recursion, for a tree may be deep."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if "split_index" not in node:
            if node.get("leaf_features"):
                raise ModelError(
                    f"Model file '{origin}' holds linear trees as JSON, which are not read; "
                    "save the model as text with save_model."
                )
            splits.leaf[int(node.get("leaf_index", 0))] = float(node["leaf_value"])
            continue
        number = int(node["split_index"])
        children = (node["left_child"], node["right_child"])
        splits.feature[number] = int(node["split_feature"])
        splits.gain[number] = float(node.get("split_gain", 0.0))
        splits.left[number], splits.right[number] = (_child(child) for child in children)
        splits.decision[number] = _decision(node)
        splits.threshold[number] = _threshold(node, splits)
        waiting.extend(children)


def _child(node: Mapping[str, Any]) -> int:
    if "split_index" in node:
        return int(node["split_index"])
    return -int(node["leaf_index"]) - 1


def _decision(node: Mapping[str, Any]) -> int:
    bits = _MISSING[node["missing_type"]] << _MISSING_SHIFT
    bits |= _DEFAULT_LEFT if node["default_left"] else 0
    return bits | (_CATEGORICAL if node["decision_type"] == "==" else 0)


def _threshold(node: Mapping[str, Any], splits: _Splits) -> str:
    if node["decision_type"] != "==":
        return repr(float(node["threshold"]))
    categories = [int(text) for text in str(node["threshold"]).split("||")]
    words = [0] * (max(categories) // _WORD_BITS + 1)
    for category in categories:
        words[category // _WORD_BITS] |= 1 << (category % _WORD_BITS)
    splits.words += words
    splits.bounds.append(len(splits.words))
    return str(len(splits.bounds) - 2)


def _ordered(values: Mapping[int, Any]) -> list[Any]:
    return [values[number] for number in range(len(values))]

"""Every setting has a flag, and what is typed becomes the setting that it names."""

from __future__ import annotations

import pytest

from plimsoll.cli.flags import FLAGS
from plimsoll.cli.typed import gather, split
from plimsoll.core.errors import SettingsError


def test_every_setting_has_exactly_one_flag():
    from plimsoll.api import flag_places

    named = [flag.setting for flag in FLAGS]
    assert sorted(named) == sorted({*flag_places(), "policy"})
    assert len({flag.option for flag in FLAGS}) == len(FLAGS)


def test_choices_are_those_of_the_settings():
    from plimsoll.core.settings import Settings

    fields = {
        name: field
        for part in Settings.model_fields.values()
        if hasattr(part.annotation, "model_fields")
        for name, field in part.annotation.model_fields.items()
    }
    for flag in FLAGS:
        if flag.choices:
            assert flag.choices == fields[flag.setting].annotation.__args__, flag.option


def test_gather_leaves_out_what_was_not_typed():
    typed = {flag.parameter: None for flag in FLAGS} | {
        "data": "d.csv",
        "score": "a=p,b=q",
        "sensitive": 'sex, "age, banded"',
        "quantile": ["0.1=low", "0.9=high"],
        "only": "PRF001",
        "seed": 0,
    }
    assert gather(typed) == {
        "current": "d.csv",
        "score": ["a=p", "b=q"],
        "sensitive": ["sex", "age, banded"],
        "quantiles": {"0.1": "low", "0.9": "high"},
        "only": ["PRF001"],
        "seed": 0,
    }


def test_one_score_is_a_name_and_not_a_list():
    assert gather({flag.parameter: None for flag in FLAGS} | {"score": "p"}) == {"score": "p"}


@pytest.mark.parametrize("text", ["", " ", "a,", ",a", "a,,b"])
def test_malformed_lists_are_refused(text):
    with pytest.raises(SettingsError, match="with one comma between them"):
        split(text, "--only")

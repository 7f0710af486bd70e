"""A profile stands for the reference: few bytes, no rows, and the same answers within its cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import plimsoll
from plimsoll.core.errors import RecordError, SettingsError
from plimsoll.core.finding import Status
from plimsoll.core.tally import Need, Rows, Side
from plimsoll.records.profiles import load_profile, save_profile
from plimsoll.tallies import kinds
from plimsoll.tallies.distribution import Distribution
from worlds.judging import judge
from worlds.mixed import MARK, mixed
from worlds.planted import stated

FLAGS = {"target": "y", "score": "p", "id": "id"}


def test_a_profile_comes_back_as_it_was_written(tmp_path: Path) -> None:
    made = plimsoll.profile(mixed("binary", 300, 1), **FLAGS)
    path = made.write(tmp_path / "ref.plimsoll")
    back = load_profile(path, kinds())
    assert (back.rows, back.columns, back.classes) == (300, made.columns, ("0", "1"))
    assert (back.labelled, back.answered) == (True, True)
    assert [one.tally for one in back.held] == [one.tally for one in made.held]
    assert back.held


def test_no_text_of_few_rows_and_no_row_is_in_the_file(tmp_path: Path) -> None:
    frame = mixed("binary", 300, 1)
    made = plimsoll.profile(frame, **FLAGS)
    for one in made.held:
        assert not one.tally.holds_rows
        if isinstance(one.tally, Distribution) and one.tally.words is not None:
            assert one.tally.words.frame is not None
            assert (
                one.tally.words.frame["count"].min() is None
                or one.tally.words.frame["count"].min() >= 20
            )
    # The body is not packed as a whole, but the tallies are; unpacked they must not hold the mark either.
    from plimsoll.records.codec import _unpacked, encode

    for one in made.held:
        assert MARK.encode() not in _unpacked(encode(one.tally))


def test_a_million_rows_take_little_room(tmp_path: Path) -> None:
    r = np.random.default_rng(1)
    frame = pl.DataFrame({f"x{i}": r.normal(size=100_000) for i in range(10)})
    path = plimsoll.profile(frame).write(tmp_path / "ref.plimsoll")
    assert path.stat().st_size < 400_000


def test_the_answers_are_those_of_the_table_itself(tmp_path: Path) -> None:
    then, now = mixed("binary", 400, 1), mixed("binary", 400, 2)
    path = plimsoll.profile(then, **FLAGS).write(tmp_path / "ref.plimsoll")
    by_table = judge(now, reference=then, policy={"recall": {"max_drop": 0.2}}, **FLAGS)
    by_profile = judge(now, reference=str(path), policy={"recall": {"max_drop": 0.2}}, **FLAGS)
    (one,), (two,) = by_table.gate, by_profile.gate
    assert one.estimate == two.estimate
    for entry in by_profile.entries.values():
        assert entry.status is not Status.ERROR, (entry.code, entry.reason)
    same = {(e.name, e.where): e for e in by_table["INP004"].estimates}
    assert {(e.name, e.where): e for e in by_profile["INP004"].estimates} == same
    assert by_profile["BAS002"].status is Status.SKIPPED
    assert "holds no rows" in (by_profile["BAS002"].reason or "")
    assert by_profile["DRF004"].status is Status.SKIPPED


def test_without_a_target_it_holds_how_columns_are_spread() -> None:
    made = plimsoll.profile(stated(200, 1).drop("y", "p"))
    assert not made.labelled
    assert {one.tally.columns[0] for one in made.held} == {"x", "true"}
    judged = judge(stated(200, 2), reference=made, target="y", score="p")
    assert judged["INP004"].status is not Status.ERROR


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda b: b"PLMT" + b[4:], "something else"),
        (lambda b: b[:4] + b"\x09\x00" + b[6:], "newer than the format 1"),
        (lambda b: b[:4] + b"\x00\x00" + b[6:], "older than the format 1"),
        (lambda b: b[:-7], "damaged or cut short"),
        (lambda b: b[:200] + bytes([b[200] ^ 1]) + b[201:], "damaged or cut short"),
        (lambda b: b"", "something else"),
    ],
)
def test_another_file_or_version_is_refused_in_one_sentence(tmp_path: Path, damage, said) -> None:  # type: ignore[no-untyped-def]
    path = plimsoll.profile(stated(100, 1).select("x")).write(tmp_path / "ref.plimsoll")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RecordError, match=said):
        judge(stated(100, 2), reference=str(path), target="y", score="p")


def test_a_profile_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    plimsoll.profile(stated(100, 1).select("x")).write(tmp_path / "ref.plimsoll")
    with pytest.raises(RecordError, match=r"Did you mean 'ref\.plimsoll'"):
        load_profile(tmp_path / "reff.plimsoll", kinds())


def test_nothing_to_take_a_profile_of_is_said() -> None:
    with pytest.raises(SettingsError, match="none is named"):
        plimsoll.profile()


def test_a_tally_of_this_version_is_needed(tmp_path: Path) -> None:
    made = plimsoll.profile(stated(100, 1).select("x"))
    path = tmp_path / "ref.plimsoll"
    save_profile(made, path)
    with pytest.raises(RecordError, match="not known here"):
        load_profile(path, {})


def test_a_need_that_it_does_not_hold_is_named() -> None:
    made = plimsoll.profile(stated(100, 1).select("x"))
    lost = Need(Distribution("z"), Side.REFERENCE, Rows.ALL)
    assert made.find(lost) is None
    assert "without the column 'z'" in made.why_not(lost)
    assert "make it again" in made.why_not(
        Need(Distribution("x", bucketed=True), Side.REFERENCE, Rows.ALL)
    )

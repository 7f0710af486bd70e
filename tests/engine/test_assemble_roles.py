"""A role that nothing reads yet is said, not passed over."""

from __future__ import annotations

import plimsoll
from worlds.tables import binary


def test_a_role_that_no_check_reads_is_said() -> None:
    frame = binary(300)
    record = plimsoll.evaluate(frame, target="y", score="p", only=["PRF001"], slice_by=["colour"])
    assert any("'slice_by'" in said and "colour" in said for said in record.subject.said)
    plain = plimsoll.evaluate(frame, target="y", score="p", only=["PRF001"])
    assert not any("slice_by" in said for said in plain.subject.said)

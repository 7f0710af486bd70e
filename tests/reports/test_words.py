from __future__ import annotations

import math
from dataclasses import replace

import pytest
import report_worlds as worlds
from hypothesis import example, given
from hypothesis import strategies as st

from plimsoll.core.estimate import Where
from plimsoll.core.finding import Status
from plimsoll.core.measure import Measure
from plimsoll.core.record import FindingEntry, GateLine
from plimsoll.reports import digits, glossary, words
from plimsoll.reports.anchors import Anchors, Ids


def test_a_share_is_said_in_whole_people() -> None:
    said = words.say(worlds.PRECISION, worlds.est("precision", 0.731, 0.021))
    assert said == "Of 100 people it flags, about 73 are right (likely 71 to 75)."


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0.12, 0.09, 0.15), ("12", "9", "15")),
        ((0.0, 0.0, 0.161), ("0", "0", "16")),
        ((1.0, 0.94, 1.0), ("100", "94", "100")),
        ((0.0, 0.0, 0.0008), ("0", "0", "0.1")),
        ((0.003, 0.001, 0.006), ("0.3", "0.1", "0.6")),
        ((0.9961, 0.9952, 0.9968), ("99.6", "99.5", "99.7")),
        ((0.5, 0.5, 0.5), ("50", "50", "50")),
    ],
)
def test_shares_are_rounded_only_as_far_as_the_range_survives(shares, expected) -> None:
    assert digits.per_hundred(*shares) == expected


@given(
    st.floats(-1e9, 1e9, allow_nan=False),
    st.floats(1e-6, 1e6, allow_nan=False),
)
@example(value=67108864.7421875, half=1e-06)
def test_a_number_is_never_further_off_than_a_tenth_of_its_interval(value, half) -> None:
    text = digits.number(value, half)
    back = float(text.replace("−", "-").replace(",", ""))
    allowed = max(0.1 * half, 5e-7, 0.5 if half >= 10 else 0) * 1.000001
    assert abs(back - value) <= allowed + math.ulp(value)


@given(st.floats(-1e300, 1e300, allow_nan=False))
def test_any_finite_number_can_be_written_and_read(value: float) -> None:
    back = float(digits.number(value).replace("−", "-").replace(",", ""))
    assert math.isclose(back, value, rel_tol=6e-3, abs_tol=1e-320)


def test_a_stored_sentence_can_only_name_its_three_numbers() -> None:
    measure = Measure("recall", "Recall", plain="{value.__class__} {0} {value} {low} {high} {x}")
    said = words.say(measure, worlds.est("recall", 0.5, 0.1))
    assert said == "{value.__class__} {0} 0.50 0.40 0.60 {x}."


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.0, "exceptionally unlikely"),
        (0.05, "very unlikely"),
        (0.2, "unlikely"),
        (0.5, "about as likely as not"),
        (0.66, "likely"),
        (0.9, "very likely"),
        (0.99, "virtually certain"),
    ],
)
def test_likelihood_words_are_those_of_the_fixed_list(probability: float, word: str) -> None:
    assert words.likelihood(probability) == word


def test_a_measure_keeps_its_name_at_the_start_of_a_sentence() -> None:
    assert words.sentence("log_loss must be at most 0.4") == "log_loss must be at most 0.4."
    assert words.sentence("it works!") == "It works!"


def test_every_status_has_its_own_shape_and_word() -> None:
    assert set(words.BADGES) == set(Status)
    for part in ("shape", "ascii", "word"):
        assert len({getattr(badge, part) for badge in words.BADGES.values()}) == len(Status)
    assert all(badge.ascii.isascii() for badge in words.BADGES.values())


@given(st.text())
def test_clean_text_holds_no_control_and_no_hidden_reordering(text: str) -> None:
    cleaned = words.clean(text)
    assert not any(
        ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in cleaned
    )
    assert not set(cleaned) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2069\u200f")
    assert words.clean(cleaned) == cleaned
    assert words.ascii_only(cleaned).isascii()


@pytest.mark.parametrize(
    ("limit", "bound", "said"),
    [
        ("roc_auc.min", 0.75, "at least 0.75"),
        ("calibration.mcb.max", 0.01, "at most 0.01"),
        ("recall.min [Iris v. setosa]", 0.9, "at least 0.9"),
        ("slices.recall.max_drop", 0.1, "drops by at most 0.1"),
        (
            "baseline.roc_auc.non_inferior_to",
            0.01,
            "no worse than the other model by more than 0.01",
        ),
        ("robustness.missing.load_line_min", 0.1, "takes stress up to 0.1 or more"),
    ],
)
def test_a_limit_is_said_in_words(limit: str, bound: float, said: str) -> None:
    assert words.limit_ask(limit, bound) == said


@pytest.mark.parametrize(
    ("better", "expected"), [("higher", (-0.01, "above")), ("lower", (0.01, "below"))]
)
def test_a_margin_lies_on_the_side_that_its_measure_makes_worse(better, expected) -> None:
    measure = Measure("loss", "loss", better=better)
    record = worlds.passing()
    card = replace(record.checks[0].card, measures=(measure,))
    record = replace(record, checks=(replace(record.checks[0], card=card),))
    estimate = worlds.est("difference", 0.0, 0.1, where=Where(metric="loss", model="champion"))
    line = GateLine("baseline.loss.non_inferior_to", 0.01, Status.UNSURE, estimate, "")
    assert words.bound_of(record, line) == expected


def test_beside_its_numbers_a_limit_does_not_repeat_them() -> None:
    line = worlds.failing().gate[1]
    assert words.line_beside(line) == "The whole range breaks the limit."
    assert "measured 0.564" in words.line_alone(line)
    short = replace(line, meaning="It misses too many.", rows_needed=40_934)
    assert words.line_beside(short) == "It misses too many. About 41,000 rows would settle it."
    assert words.line_alone(short).startswith("It misses too many. The limit is at least 0.6;")


def test_only_critical_findings_let_a_check_decide() -> None:
    check = worlds.calibration_check(Status.FAIL)
    assert words.deciding(check) is Status.PASS
    critical = replace(check.findings[0], critical=True)
    assert words.deciding(replace(check, findings=(critical,))) is Status.FAIL
    assert words.deciding(replace(check, findings=())) is Status.FAIL
    open_ = FindingEntry(Status.UNSURE, "", "", "", critical=True)
    assert words.deciding(replace(check, findings=(check.findings[0], open_))) is Status.UNSURE


def test_a_date_is_said_in_words_and_in_utc() -> None:
    assert words.day("2026-11-23T03:00:00Z") == "23 November 2026, 03:00 UTC"
    assert words.day("2026-11-23T03:00:00+02:00") == "23 November 2026, 01:00 UTC"
    assert words.day("yesterday") == "yesterday"


def test_every_measure_of_the_contract_that_needs_a_gloss_has_one() -> None:
    assert glossary.gloss("roc_auc").startswith("How often")
    assert glossary.gloss("no_such_measure") == ""
    assert all(len(text.split()) <= 12 for text in glossary.GLOSSES.values())


def test_places_are_unique_and_safe_even_for_equal_and_hostile_names() -> None:
    record = worlds.hostile()
    check = replace(record.checks[0], estimates=record.checks[0].estimates * 3)
    anchors = Anchors(replace(record, checks=(check, check)))
    places = [anchors.at(i, j) for i in (0, 1) for j in range(3)] + anchors.checks
    assert len(set(places)) == len(places)
    assert all(set(place) <= set(_SAFE) for place in places)
    assert anchors.of(check.estimates[0]) == places[0]
    assert anchors.of(worlds.est("recall", 0.1, 0.05)) is None
    assert Anchors(worlds.passing()).at(1, 0) == "PRF001-roc_auc"
    assert [Ids().new("漢"), Ids().new("")] == ["x", "x"]


_SAFE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

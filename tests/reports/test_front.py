from __future__ import annotations

import re
from dataclasses import replace

import pytest
import report_worlds as worlds

from plimsoll.core.finding import Status
from plimsoll.core.measure import Measure
from plimsoll.core.record import Record, Verdict
from plimsoll.reports import answer
from plimsoll.reports.front import Front, front

JARGON = (
    "p-value", "p value", "heteroscedastic", "bootstrap", "null hypothesis", "statistically",
    "significan", "confidence interval", "estimator", "variance", "covariate", "posterior",
    "quantile", "stochastic", "asymptotic", "multiplicity", "type i error", "sample size",
    "standard error", "standard deviation", "degrees of freedom", "hyperparameter", "threshold",
    "non-inferior", "calibrat", "percentile", "regression", "classifier", "distribution", "isotonic",
)  # fmt: skip


def own_sentences(page: Front) -> list[str]:
    """All that the front page says in words of its own or of the plain templates."""
    parts = [page.headline, page.because, page.facts + "."]
    parts += [said.text for said in page.means] + list(page.cautions)
    parts += [problem.action for problem in page.problems if not problem.code.startswith("CAL")]
    return [part for part in parts if part]


PLAIN = [name for name in worlds.WORLDS if name not in ("hostile", "long_names")]


@pytest.mark.parametrize("name", PLAIN)
def test_no_jargon_without_a_gloss(name: str) -> None:
    text = " ".join(own_sentences(front(worlds.WORLDS[name]()))).lower()
    assert [word for word in JARGON if word in text] == []


def syllables(word: str) -> int:
    groups = re.findall(r"[aeiouy]+", word.lower().removesuffix("e"))
    return max(1, len(groups))


def reading_grade(text: str) -> float:
    """Flesch-Kincaid grade (Kincaid et al. 1975): school years needed."""
    sentences = [s for s in re.split(r"(?<=[.!?:])\s", text) if re.search("[a-z]", s)]
    tokens = re.findall(r"[A-Za-z]+|\d[\d,.]*", text)
    count = sum(syllables(t) if t[0].isalpha() else 1 for t in tokens)
    return 0.39 * len(tokens) / len(sentences) + 11.8 * count / len(tokens) - 15.59


@pytest.mark.parametrize("name", PLAIN)
def test_the_front_page_reads_at_the_age_of_nine_to_twelve(name: str) -> None:
    said = own_sentences(front(worlds.WORLDS[name]()))
    assert reading_grade(" ".join(said)) <= 7.0
    for text in said:
        for sentence in re.split(r"(?<=[.!?])\s", text):
            assert len(sentence.split()) <= 26, sentence


ANSWERS = {
    "pass": (Status.PASS, "Yes: this model meets all 5 limits."),
    "fail": (Status.FAIL, "No: this model misses 1 of the 4 limits."),
    "unsure": (
        Status.UNSURE,
        "Not sure yet: there is too little data to settle the one limit that is set.",
    ),
    "unmeasured": (
        Status.UNSURE,
        "Not sure yet: the one limit that is set could not be measured.",
    ),
    "error": (Status.ERROR, "No answer yet: 1 of 3 checks broke."),
    "constant": (Status.FAIL, "No: this model has 1 serious fault to mend first."),
    "no_policy": (
        Status.PASS,
        "No serious fault was found, but no limits are set yet, so this is not an approval.",
    ),
    "empty": (
        Status.SKIPPED,
        "Nothing was checked, so this report cannot say if the model is good enough.",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_one_sentence_answers_and_the_grade_is_the_worst(name: str) -> None:
    page = front(worlds.WORLDS[name]())
    assert (page.status, page.headline) == ANSWERS[name]


def test_a_headline_in_the_record_wins() -> None:
    record = replace(worlds.passing(), summary={"headline": "good enough for now"})
    assert front(record).headline == "Good enough for now."


def test_what_an_unsure_answer_counts_as_is_said() -> None:
    assert "count an unsure answer as a fail" in front(worlds.unmeasured()).because
    assert "count" not in front(worlds.unsure()).because


def test_a_fault_and_a_missed_limit_are_both_said() -> None:
    faulty = worlds.constant().checks[0]
    record = worlds.failing()
    record = replace(record, checks=(*record.checks, faulty))
    assert answer.headline(record) == (
        "No: this model misses 1 of the 4 limits and has 1 serious fault besides."
    )
    assert front(record).problems[0].code == "BAS001"


def test_what_it_means_takes_limited_measures_first_and_ties_each_to_its_number() -> None:
    page = front(worlds.unsure())
    assert page.means[0].text.startswith("Of 100 people it should flag, it finds about 61")
    assert page.means[0].anchor == "PRF001-recall"
    assert 2 <= len(page.means) <= 4
    assert all(said.anchor for said in page.means)


def test_how_good_the_answers_are_comes_before_other_matters() -> None:
    share = Measure("left_out_rate", "share left out", plain="Of 100 rows, {value} are left out.")
    card = replace(worlds.INP001, measures=(share,))
    entry = replace(
        worlds.input_check(), card=card, estimates=(worlds.est("left_out_rate", 0.1, 0.1),)
    )
    record = worlds.no_policy()
    record = replace(record, checks=(entry, *record.checks[1:]))
    assert "left out" not in " ".join(said.text for said in front(record).means)


def test_the_worst_limit_comes_first() -> None:
    assert [row.line.status for row in front(worlds.failing()).limits] == [
        Status.FAIL,
        Status.UNSURE,
        Status.PASS,
        Status.PASS,
    ]


def test_problems_are_three_the_worst_first_each_with_a_next_step() -> None:
    problems = front(worlds.failing()).problems
    assert [(p.status, p.advice) for p in problems] == [
        (Status.FAIL, False),
        (Status.UNSURE, False),
        (Status.FAIL, True),  # it did not change the grade, so it comes last
    ]
    assert problems[0].title == "Recall misses its limit: at least 0.6."
    assert "it finds about 56 (likely 55 to 58)" in problems[0].meaning
    assert problems[1].action == "Collect about 61,000 rows with labels in all, then check again."
    for world in worlds.WORLDS.values():
        for problem in front(world()).problems:
            assert problem.action


def test_lines_of_one_limit_are_one_problem() -> None:
    problems = front(worlds.crowded()).problems
    assert [p.status for p in problems] == [Status.FAIL, Status.UNSURE]
    assert problems[0].title.endswith("; so do 4 more.")
    assert "region 10" in problems[0].title


def test_a_limit_whose_number_a_critical_finding_covers_is_not_said_twice() -> None:
    assert len(front(worlds.hostile()).problems) == 1


def test_what_could_not_be_checked_names_question_and_reason() -> None:
    page = front(worlds.passing())
    assert [(item.status, item.why) for item in page.unchecked] == [
        (Status.SKIPPED, "No interval columns were named.")
    ]
    assert page.left_out == (("no label", 31), ("score is missing", 7))
    (broken,) = front(worlds.broken()).unchecked
    assert (broken.status, broken.code) == (Status.ERROR, "CAL001")
    both = replace(worlds.broken(), checks=(*worlds.silent_checks(), *worlds.broken().checks))
    assert [item.status for item in front(both).unchecked] == [Status.ERROR, Status.SKIPPED]
    (missing,) = front(worlds.unmeasured()).unchecked
    assert missing.status is Status.UNSURE


def test_cautions_follow_from_the_facts() -> None:
    bare = front(worlds.passing()).cautions
    assert any("no group column was named" in text for text in bare)
    assert any("One group alone".lower() in text.lower() for text in bare)
    columns = {"target": "y", "group": "customer", "time": "at", "sensitive": ["sex"]}
    full = replace(worlds.passing(), subject=worlds.subject(columns=columns))
    told = " ".join(front(full).cautions)
    assert "group column" not in told
    assert "next year" not in told
    assert "16,243 rows" in told
    ranking = replace(full, subject=replace(full.subject, score_kind="ranking", reference=None))
    told = " ".join(front(ranking).cautions)
    assert "As a percentage" in told
    assert "no earlier data" in told


def test_names_are_cut_on_the_front_and_whole_behind_it() -> None:
    page = front(worlds.long_names())
    assert len(page.name) <= 80
    assert all(len(problem.title) <= 140 for problem in page.problems)


def test_suggested_limits_stand_in_where_none_are_set() -> None:
    page = front(worlds.no_policy())
    assert page.limits == ()
    assert page.suggested[0] == ("roc_auc.min", "0.92", "A later model should not fall below.")


def test_a_verdict_without_a_cause_in_the_record_still_has_an_answer() -> None:
    record: Record = replace(worlds.passing(), gate=())
    for verdict in Verdict:
        assert answer.headline(replace(record, verdict=verdict)).endswith(".")

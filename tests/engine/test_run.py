"""One check that breaks never stops the others; what stops a run says so in one sentence."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from plimsoll.checks import discover
from plimsoll.core.check import Context
from plimsoll.core.errors import CheckError, DataError, SettingsError, UsageError
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Finding, Judgement, Status
from plimsoll.core.record import Verdict
from plimsoll.core.tally import Need, Side, Tallies
from plimsoll.core.tally import Rows as Which
from worlds.judging import Judged, judge
from worlds.planted import stated
from worlds.plugins import Doubled, Rows, check

WORLD = stated(200, 1)
PLAIN = {"target": "y", "score": "p"}
OWN = {c.CARD.code: c for c in discover()}


def raising(error: Exception) -> Any:
    def broken(tallies: Tallies, context: Context) -> Judgement:
        raise error

    return broken


def run(*checks: Any, frame: pl.DataFrame = WORLD, **flags: Any) -> Judged:
    return judge(frame, checks=(*checks, OWN["PRF002"]), **PLAIN, **flags)


@pytest.mark.parametrize(
    "broken",
    [
        check("TST001", KeyError("asked")),
        check("TST001", judge=raising(ZeroDivisionError("judged"))),
        check("TST001", judge=raising(CheckError("said so itself"))),
        check("TST001", {"rows": Need(Rows(breaks="of"))}),
        check("TST001", {"rows": Need(Rows(breaks="settle"))}),
        check("TST001", {"rows": Need(Rows(), probe=Doubled(breaks="prepare"))}),
        check("TST001", {"rows": Need(Rows(), probe=Doubled(breaks="apply"))}),
        check("TST001", {"rows": Need(Rows(), probe=Doubled("no such column"))}),
        check(
            "TST001",
            {"rows": Need(Rows(), probe=Doubled(first=(("a", Need(Rows(breaks="of"))),)))},
        ),
    ],
    ids=[
        "needs",
        "judge",
        "check error",
        "tally",
        "end of a tally",
        "preparing a probe",
        "probe",
        "column",
        "what a probe waits for",
    ],
)
@pytest.mark.parametrize("jobs", [1, 3])
def test_a_check_that_breaks_is_an_error_and_the_others_go_on(broken: Any, jobs: int) -> None:
    fine = check("TST002", {"rows": Need(Rows(), probe=Doubled())})
    judged = run(broken, fine, jobs=jobs, batch_rows=30)
    assert judged["TST001"].status is Status.ERROR
    assert (judged["TST001"].reason or "").startswith("The check broke: ")
    assert judged["TST002"].status is Status.PASS
    assert judged.estimate("roc_auc").value > 0.8
    assert judged.verdict is Verdict.ERROR
    assert judged.verdict.exit_code == 4


def test_a_check_without_findings_passes_and_one_with_has_the_worst() -> None:
    said = [Finding(s, "t.", "m", "a") for s in (Status.PASS, Status.UNSURE, Status.PASS)]
    judged = run(
        check("TST001"), check("TST002", judge=lambda t, c: Judgement(findings=tuple(said)))
    )
    assert judged["TST001"].status is Status.PASS
    assert judged["TST002"].status is Status.UNSURE
    assert judged.verdict is Verdict.PASS, "findings that are not critical inform"


def test_wrong_usage_passes_through() -> None:
    for error in (DataError("no"), SettingsError("no"), UsageError("no")):
        with pytest.raises(type(error), match="no"):
            run(check("TST001", judge=raising(error)))


def test_a_check_that_judges_last_sees_what_the_others_measured() -> None:
    seen: list[tuple[str, ...]] = []

    def look(tallies: Tallies, context: Context) -> Judgement:
        seen.append(tuple(e.name for e in context.measured))
        return Judgement()

    judged = run(check("TST001", judge=look, last=True), check("TST002", judge=look))
    assert seen[-1] == ("roc_auc", "average_precision")
    assert list(judged.entries) == ["TST001", "TST002", "PRF002"], "the order is the one given"


def test_an_estimate_of_a_finding_is_listed_once() -> None:
    e = Estimate("made", 1.0, 0.0, 2.0, 0.95, 5, "none")

    def judge_it(tallies: Tallies, context: Context) -> Judgement:
        other = Finding(
            Status.FAIL, "t.", "m", "a", estimates=(e, Estimate("b", 1, 1, 1, 0.95, 5, "n"))
        )
        return Judgement((e,), (other,))

    entry = run(check("TST001", judge=judge_it))["TST001"]
    assert [x.name for x in entry.estimates] == ["made", "b"]
    assert entry.findings[0].estimates == (0, 1)


def test_a_probe_sees_the_rows_that_its_need_asks_for() -> None:
    frame = WORLD.with_columns(y=pl.when(pl.int_range(200) >= 20).then("y"))
    found: dict[str, int] = {}

    def count(tallies: Tallies, context: Context) -> Judgement:
        found.update({name: t.rows for name, t in tallies.items()})  # type: ignore[attr-defined]
        return Judgement()

    needs = {
        "judged": Need(Rows(reads=("@doubled",)), probe=Doubled()),
        "all": Need(Rows(reads=("@doubled",)), rows=Which.ALL, probe=Doubled()),
    }
    run(check("TST001", needs, count), frame=frame, batch_rows=17)
    assert found == {"judged": 180, "all": 200}


def test_a_need_of_a_reference_that_is_not_there_breaks_its_check_alone() -> None:
    judged = run(check("TST001", {"rows": Need(Rows(), Side.REFERENCE)}))
    assert judged["TST001"].status is Status.ERROR
    assert judged.has("roc_auc")


# What stops a run


def test_no_usable_row_is_refused_and_the_reasons_are_given() -> None:
    i = pl.int_range(200)
    frame = WORLD.with_columns(y=pl.when(i < 100).then("y"), p=pl.when(i >= 100).then("p"))
    with pytest.raises(DataError, match=r"none has both.*label missing in 100.*missing in 100"):
        run(frame=frame, missing_scores="leave_out")


def test_weights_of_nothing_are_refused() -> None:
    with pytest.raises(DataError, match="all weights are 0"):
        run(frame=WORLD.with_columns(w=pl.lit(0)), weight="w")


def test_weights_of_nothing_in_the_rows_that_count_are_refused() -> None:
    i = pl.int_range(200)
    frame = WORLD.with_columns(
        y=pl.when(i >= 5).then("y"), w=pl.when(i < 5).then(1.0).otherwise(0.0)
    )
    with pytest.raises(DataError, match="all weights are 0"):
        run(frame=frame, weight="w")


def test_duplicates_stop_the_run_before_anything_is_judged() -> None:
    asked: list[int] = []

    def look(tallies: Tallies, context: Context) -> Judgement:
        asked.append(1)
        return Judgement()

    with pytest.raises(DataError, match="200 rows repeat an id"):
        run(check("TST001", judge=look), frame=pl.concat([WORLD.with_row_index("id")] * 2), id="id")
    assert not asked


def test_the_scan_tells_what_it_cost() -> None:
    seen: list[int] = []
    judged = judge(WORLD, "PRF002", batch_rows=50, **PLAIN)
    scan = judged.scan
    assert (scan.rows, scan.rows_used, scan.passes, scan.batches) == (200, 200, 1, 4)
    assert scan.columns == 4
    assert scan.peak_rss_bytes > 10**6
    assert not seen

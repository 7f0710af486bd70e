"""Load lines in words, rows and lanes. Not a check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Table
from plimsoll.core.stress import Stress
from plimsoll.stats.row_measures import title
from plimsoll.trials.judged import METHOD
from plimsoll.trials.lines import Line, LoadLines, State

MOST_LANES = 16
MOST_ROWS = 200
_PART = "share of "


def amount(severity: float, stress: Stress) -> str:
    """Write a severity in its unit: ``22 % of rows``, ``0.31 standard deviations``."""
    if _in_percent(stress):
        return f"{_percent(severity)} of {stress.unit.removeprefix(_PART)}"
    return f"{severity:.2g} {stress.unit}"


def _in_percent(stress: Stress) -> bool:
    """Whether severities are written in percent: of the rows, of the range or of the value of a column."""
    return stress.unit.startswith(_PART)


def _percent(share: float) -> str:
    value = 100 * share
    return f"{value:.0f} %" if value >= 9.95 or value == 0 else f"{value:.2g} %"


def span(line: Line) -> str:
    """Write the interval of a load line: ``19 to 26 %``."""
    stress = line.stress
    if _in_percent(stress):
        return f"{_percent(line.low).removesuffix(' %')} to {_percent(line.high)}"
    return f"{line.low:.2g} to {line.high:.2g}"


def holds_to(line: Line) -> str:
    """Say what is carried: ``missing income: holds to 22 % of rows (19 to 26 %)``."""
    stress = line.stress
    if line.state is State.REFUSES:
        return f"{stress.title}: does not run with it"
    if line.state is State.BELOW:
        return f"{stress.title}: the limit is broken without it"
    if line.state is State.HOLDS:
        return f"{stress.title}: holds to the end ({amount(stress.top, stress)})"
    if line.state is State.UNSURE:
        return f"{stress.title}: holds to the end as measured, surely to {amount(line.low, stress)}"
    return f"{stress.title}: holds to {amount(line.value, stress)} ({span(line)})"


def measured_at(line: Line, severity: float, found: LoadLines, level: float) -> Estimate:
    """Return the measure at the severity asked that is nearest to this one."""
    curve = line.curve
    i = int(np.argmin(np.abs(np.array(curve.severities) - severity)))
    where = Where(
        column=line.stress.column,
        stress=line.stress.kind,
        severity=curve.severities[i],
        variant=line.stress.variant or None,
    )
    return Estimate(
        curve.metric, curve.values[i], curve.lows[i], curve.highs[i], level, found.rows, METHOD,
        where=where,
    )  # fmt: skip


def lanes(lines: Sequence[Line], found: LoadLines, subject: str) -> Figure:
    """Return the load-line diagram: the lines with the least freeboard first."""
    shown = list(lines)[:MOST_LANES]
    first = found.judged[0]
    series: dict[str, list[Any]] = {
        "label": [line.stress.title for line in shown],
        "kind": [line.stress.kind for line in shown],
        "value": [line.value for line in shown],
        "low": [line.low for line in shown],
        "high": [line.high for line in shown],
        "top": [line.stress.top for line in shown],
        "unit": [line.stress.unit for line in shown],
        "state": [line.state.value for line in shown],
        "exposure": [line.exposure for line in shown],
        "safe_at_exposure": [
            None if line.exposure is None else line.exposure <= line.low for line in shown
        ],
        "loss": [_loss(line, found) for line in shown],
    }
    return Figure(
        "load_lines",
        "Load lines",
        f"How much of each stress the model carries before it crosses its limit: {first.words}.",
        {"lines": series},
        {
            "metric": first.metric,
            "metric_title": title(first.metric),
            "limit": first.limit,
            "limit_from": "policy" if first.from_policy else "default",
            "limit_words": first.words,
            "clean": first.clean.value,
            "clean_low": first.clean.low,
            "clean_high": first.clean.high,
            "chance": first.chance,
            "higher_is_better": first.higher_is_better,
            "rows": found.rows,
            "subject": subject,
            "more": len(lines) - len(shown),
        },
    )


def _loss(line: Line, found: LoadLines) -> float | None:
    if line.state is State.REFUSES:
        return None
    values = line.curve.values
    return abs(values[-1] - values[0])


def line_table(lines: Sequence[Line], found: LoadLines) -> Table:
    """Return every line with its numbers, the weakest first."""
    rows = []
    for line in list(lines)[:MOST_ROWS]:
        stress, curve = line.stress, line.curve
        gone = line.state is State.REFUSES
        rows.append(
            (
                stress.title,
                stress.unit,
                line.state.value,
                line.value,
                line.low,
                line.high,
                line.exposure,
                curve.metric,
                None if gone else curve.values[-1],
                curve.retention,
                None if line.flips is None else line.flips.to_wrong,
                None if line.flips is None else line.flips.to_right,
                stress.realism.value
                if stress.truth is None
                else f"{stress.realism.value}, truth recomputed",
                line.calls,
            )
        )
    more = len(lines) - len(rows)
    asked, sources = found.asked, "the reference" if found.on_reference else "the rows judged"
    return Table(
        "Load lines, the weakest first",
        (
            "stress", "unit", "state", "load line", "from", "to", "today", "measure",
            "at the end", "retention", "right to wrong", "wrong to right", "realism", "calls",
        ),
        tuple(rows),
        caption=(
            f"{found.rows_said[0].upper()}{found.rows_said[1:]} were asked, fitted on {sources}. The "
            f"model was asked {asked.calls:,} times about {asked.rows:,} rows, which took it "
            f"{asked.seconds:.1f} s of "
            f"{found.seconds:.1f} s."
            + (f" {more} more lines are not listed." if more > 0 else "")
        ),
    )  # fmt: skip


def retention_table(found: LoadLines) -> Table | None:
    """Return the retention under every stress, the least first."""
    if not found.retentions:
        return None
    ordered = sorted(found.retentions, key=lambda e: e.value)[:MOST_ROWS]
    return Table(
        "What is left of the gain over chance, on average over severities",
        ("stress", "retention", "from", "to"),
        tuple((e.where.stress, e.value, e.low, e.high) for e in ordered),
        caption="The intervals hold for all stresses at once.",
    )

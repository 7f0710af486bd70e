"""Shifts of the population in words, rows and curves. Not a check."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.core.finding import Figure, Table
from plimsoll.stats.row_measures import title
from plimsoll.trials.directions import DEVIATIONS
from plimsoll.trials.lines import State
from plimsoll.trials.population import ShiftLine, Shifts

MOST_ROWS = 100
MOST_DRAWN = 4


def _share(line: ShiftLine) -> bool:
    return line.unit != DEVIATIONS


def _own(line: ShiftLine, value: float) -> str:
    """Write a mean, or a share in per cent."""
    if not _share(line):
        return f"{value:.4g}"
    per_cent = 100 * min(max(value, 0.0), 1.0)
    return f"{per_cent:.1f} %" if 0 < per_cent < 10 else f"{per_cent:.0f} %"


def _subject(line: ShiftLine) -> str:
    """Say what becomes another: ``the mean of 'age'``, ``rows with job = none``."""
    if line.where.label is not None:
        return f"rows of class '{line.where.label}'"
    if line.level is not None:
        return f"rows with {line.where.column} = {line.level}"
    if line.where.column is not None:
        return f"the mean of '{line.where.column}'"
    return line.title


def limits(found: Shifts) -> str:
    """Say the limits, as a sentence."""
    words = "; ".join(judged.words for judged in found.judged)
    return f"The {'limit' if len(found.judged) == 1 else 'limits'}: {words}."


def said(line: ShiftLine, many: bool = False) -> str:
    """Say what is carried: ``the mean of 'age' up to 47.2 (44.9 to 49.8; today 38.6), ...``.

    The measure that binds is named where there are ``many``.
    """
    text = _said(line)
    return f"{text}, for {title(line.metric)}" if many else text


def _said(line: ShiftLine) -> str:
    if line.state is State.BELOW:
        return f"{_subject(line)}: the limit is broken already"
    crossed = line.state is State.CROSSES
    if line.where.column is None and line.where.label is None:  # a component has no unit of its own
        ends = f"{line.crossing.low:.2f} to {line.crossing.high:.2f}"
        sure, today = f"{line.crossing.low:.2f}", ""
        what = f"{line.title}: holds to a shift of {line.value:.2f} standard deviations"
    else:
        low, high = sorted(line.span)
        ends, sure = f"{_own(line, low)} to {_own(line, high)}", _own(line, line.span[0])
        today = f"today {_own(line, line.today)}"
        way = "down to" if line.where.variant in ("fewer", "lower") else "up to"
        what = f"{_subject(line)} {way} {_own(line, line.at)}"
        if not _share(line):
            sign = -1.0 if line.where.variant == "lower" else 1.0
            today += f"; {sign * line.value:+.2f} standard deviations"
    if crossed and line.crossing.surely:
        doubt = ends
    elif crossed:
        doubt = f"{ends}, the far end cannot be told"
    else:
        doubt = (
            "as far as can be told" if line.state is State.HOLDS else f"not surely beyond {sure}"
        )
    return f"{what} ({'; '.join(x for x in (doubt, today) if x)})"


def prevalence_range(pair: Sequence[ShiftLine]) -> str:
    """Say between which shares of a label the limit holds, and where it cannot be told."""
    up = next(line for line in pair if line.where.variant == "more")
    down = next(line for line in pair if line.where.variant == "fewer")
    parts = []
    for line, side, way in ((down, "from", "down"), (up, "to", "up")):
        if line.state is State.CROSSES:
            ends = sorted(line.span)
            parts.append(
                f"{side} {_own(line, line.at)} (likely {_own(line, ends[0])} to {_own(line, ends[1])}, "
                f"for {title(line.metric)})"
            )
        else:
            sure = "" if line.state is State.HOLDS else ", though not surely"
            parts.append(f"{side} {_own(line, line.told)}{sure}, as far {way} as was looked at,")
    return (
        f"With rows of class '{up.where.label}' {' '.join(parts)} the model keeps its limit; today they are "
        f"{_own(up, up.today)}. Rows of each class are taken to stay as they are."
    )


def line_table(lines: Sequence[ShiftLine], found: Shifts) -> Table:
    """Return every shift with its numbers, the weakest first."""
    rows = tuple(
        (
            line.title,
            line.unit,
            line.state.value,
            line.value,
            line.crossing.low,
            line.high,
            line.today,
            line.at,
            line.told,
            None if line.moved is None else line.moved.value,
            title(line.metric),
            line.values[-1],
            round(line.effective),
            line.divergence,
        )
        for line in lines[:MOST_ROWS]
    )
    more = len(lines) - len(rows)
    return Table(
        "Shifts of the population, the smallest that breaks the limit first",
        (
            "shift", "unit", "state", "load line", "from", "to", "mean or share today",
            "at the load line", "farthest told", "moved since the reference", "measure",
            "at the farthest", "effective rows", "distance of the mix (nats)",
        ),
        rows,
        caption=(
            f"Today's {found.rows:,} rows, weighed anew. Beyond the farthest fewer than 100 effective rows "
            "would be left (or a label would be rarer than 1 in 100)."
            + (f" {more} more are not listed." if more > 0 else "")
        ),
    )  # fmt: skip


def line_figure(lines: Sequence[ShiftLine], found: Shifts) -> Figure | None:
    """Draw the measure over the shift of the numeric inputs that carry least."""
    metric = found.judged[0].metric
    shown = [x for x in lines if x.unit == DEVIATIONS and x.metric == metric][:MOST_DRAWN]
    if not shown:
        return None
    series = {
        line.title: {
            "x": list(line.severities),
            "y": list(line.values),
            "low": list(line.lows),
            "high": list(line.highs),
        }
        for line in shown
    }
    return Figure(
        "line",
        f"{title(metric)} under a shift of the population",
        f"As the mean of an input moves; the level line is the limit: {found.judged[0].words}.",
        series,
        {
            "x_title": "Shift of the mean (standard deviations)",
            "y_title": title(metric),
            "y_rules": [found.judged[0].limit],
        },
    )

"""Do the verdicts and intervals about groups keep their word? By simulation, written to ``GROUPS.md``.

Run ``python benchmarks/group_rates.py`` (about ten minutes on one core; ``--tables 200`` for a quick look).
Each row of a table is a world whose true rates are known.
"""

from __future__ import annotations

import argparse
import time
from functools import lru_cache
from pathlib import Path

import numpy as np

import plimsoll.stats.impact as room
from plimsoll.core.finding import Status
from plimsoll.stats.equal_rates import rate_gap
from plimsoll.stats.share_ratio import GroupShares, fisher_p
from plimsoll.stats.shrinkage import steadied, steadied_shares

MIXED = (15, 25, 60, 150, 400)
EQUAL = [
    ((20, 200), 0.2),
    ((100, 1000), 0.2),
    ((400, 4000), 0.2),
    ((20, 20), 0.5),
    (MIXED, 0.2),
    (MIXED, 0.5),
    ((50,) * 10, 0.3),
]
UNEQUAL = [
    ((20, 200), (0.16, 0.2)),
    ((300, 300), (0.4, 0.5)),
    ((300,) * 5, (0.4, 0.4, 0.4, 0.4, 0.5)),
    ((40, 80), (0.3, 0.6)),
    ((100, 100), (0.3, 0.6)),
    ((300, 300, 300), (0.2, 0.5, 0.5)),
    ((1000, 1000), (0.48, 0.5)),
]
GAPS = [
    ((20, 200), (0.2, 0.2)),
    ((20, 200), (0.1, 0.4)),
    ((50, 50), (0.5, 0.5)),
    ((100,) * 5, (0.3,) * 5),
    (MIXED, (0.2,) * 5),
    (MIXED, (0.4, 0.2, 0.3, 0.25, 0.3)),
    ((200, 200, 200), (0.5, 0.6, 0.7)),
    ((500,) * 5, (0.7, 0.8, 0.8, 0.8, 0.9)),
    ((30, 300), (0.95, 0.99)),
]


def rates_text(rates):
    return ", ".join(f"{x:g}" for x in rates) if len(set(rates)) > 1 else f"all {rates[0]:g}"


def rows_text(rows):
    return f"{len(rows)} groups of {rows[0]}" if len(set(rows)) == 1 else ", ".join(map(str, rows))


def verdicts(rng, rows, rates, tables):
    """Return shares of tables, and of missed ratios below and above."""
    truth = np.array(rates) / max(rates)
    counted = np.zeros(5)
    drawn = 0
    for hits in rng.binomial(rows, rates, (tables, len(rows))):
        found = room.impact(GroupShares.of_counts(hits, rows))
        if found is None:
            continue
        drawn += 1
        low = np.array([group.ratio.low for group in found.groups])
        high = np.array([group.ratio.high for group in found.groups])
        value = np.array([group.ratio.value for group in found.groups])
        counted += [
            (value < 0.8).any(),
            found.status is Status.FAIL,
            found.status is Status.PASS,
            (low > truth + 1e-9).mean(),
            (high < truth - 1e-9).mean(),
        ]
    return counted / drawn


def impact_table(rng, tables):
    lines = [
        "| people | true rates | bare rule flags | fails | passes | interval holds the true ratio |",
        "|---|---|---|---|---|---|",
    ]
    worlds = [(rows, (rate,) * len(rows)) for rows, rate in EQUAL] + UNEQUAL
    for rows, rates in worlds:
        flagged, failed, passed, below, above = verdicts(rng, rows, rates, tables)
        lines.append(
            f"| {rows_text(rows)} | {rates_text(rates)} | {flagged:.1%} | {failed:.1%} | {passed:.1%} | "
            f"{1 - below - above:.1%} |"
        )
    return lines


def gap_table(rng, tables):
    lines = [
        "| people | true rates | gap | mean gap seen | mean by chance | difference holds | ratio holds |",
        "|---|---|---|---|---|---|---|",
    ]
    for rows, rates in GAPS:
        gap, quotient = max(rates) - min(rates), min(rates) / max(rates)
        seen = []
        for hits in rng.binomial(rows, rates, (tables, len(rows))):
            found = rate_gap("rate", GroupShares.of_counts(hits, rows))
            apart, ratio = found.difference, found.ratio
            holds = ratio is None or ratio.low - 1e-9 <= quotient <= ratio.high + 1e-9
            seen.append(
                (apart.value, found.by_chance, apart.low - 1e-9 <= gap <= apart.high + 1e-9, holds)
            )
        value, chance, difference, fraction = np.mean(seen, axis=0)
        lines.append(
            f"| {rows_text(rows)} | {rates_text(rates)} | {gap:.3f} | {value:.3f} | {chance:.3f} | "
            f"{difference:.1%} | {fraction:.1%} |"
        )
    return lines


def scored(found, truth, plain, error):
    covered = (found.low <= truth) & (truth <= found.high)
    own = (((found.value - truth) / error) ** 2).mean()
    return covered.mean(), own, (((plain - truth) / error) ** 2).mean()


def shrunken_table(rng, tables):
    lines = [
        "| what | how many | true values | interval holds | squared error, of the plain numbers' |",
        "|---|---|---|---|---|",
    ]
    for many in (4, 8, 20, 60):
        for apart in (0.0, 0.3, 1.0, 7.0):
            seen = []
            for _ in range(tables):
                error = rng.choice([0.5, 1.0, 2.0], many)
                truth = rng.normal(0.0, apart, many)
                x = rng.normal(truth, error)
                seen.append(scored(steadied(x, error), truth, x, error))
            covered, own, plain = np.mean(seen, axis=0)
            lines.append(
                f"| numbers, errors 0.5 to 2 | {many} | deviation {apart:g} | {covered:.1%} | "
                f"{own / plain:.2f} |"
            )
    for many in (4, 8, 20, 60):
        for mean, strength in ((0.05, 5.0), (0.05, 1e9), (0.3, 5.0), (0.3, 50.0), (0.3, 1e9)):
            seen = []
            for _ in range(tables):
                rows = rng.choice([5, 20, 80, 400], many)
                truth = rng.beta(mean * strength, (1 - mean) * strength, many)
                hits = rng.binomial(rows, truth)
                found = steadied_shares(hits, rows)
                seen.append(scored(found, truth, hits / rows, np.sqrt(1 / rows)))
            covered, own, plain = np.mean(seen, axis=0)
            spread = np.sqrt(mean * (1 - mean) / (strength + 1))
            lines.append(
                f"| shares, 5 to 400 people | {many} | {mean:g}, deviation {spread:.2f} | {covered:.1%} | "
                f"{own / plain:.2f} |"
            )
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    room.fisher_p = lru_cache(maxsize=None)(fisher_p)  # tables come again and again
    start = time.perf_counter()
    rng = np.random.default_rng(asked.seed)
    text = [
        "# Verdicts and intervals about groups",
        "",
        f"{asked.tables:,} tables in each row, seed {asked.seed}; made by `benchmarks/group_rates.py`.",
        "",
        "## Four fifths",
        "",
        "*Bare rule*: some rate is below 0.8 of the highest. *Fails*, *passes*: some group fails, all pass.",
        "",
        *impact_table(rng, asked.tables),
        "",
        "## The gap of a rate",
        "",
        *gap_table(rng, asked.tables),
        "",
        "## Shrinkage",
        "",
        "On average over the numbers; half the tables.",
        "",
        *shrunken_table(rng, max(asked.tables // 2, 20)),
        "",
    ]
    (Path(__file__).parent / "GROUPS.md").write_text("\n".join(text))
    print("\n".join(text))
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()

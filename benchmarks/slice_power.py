"""Does the search for weak slices find what is there, and keep quiet where nothing is?

Run ``python benchmarks/slice_power.py`` (twenty minutes on one core; ``--scale 0.1`` for a quick look).
It writes ``benchmarks/SLICE_POWER.md``, but for the part that ``slice_peers.py`` writes. Everything is drawn
from seeds.
"""

from __future__ import annotations

import argparse
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from plimsoll.stats import slice_rank, slice_search
from plimsoll.stats.slice_difference import mean_tails, share_p
from plimsoll.stats.slice_lattice import SliceColumn, members
from plimsoll.stats.slice_search import (
    SearchRules,
    discover_masks,
    find_miscalibrated_slices,
    find_weak_slices,
)
from plimsoll.stats.tree_bins import quantile_edges

CATEGORIES = (4, 3, 6, 9, 13)
NUMBERS = 5
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"


@dataclass(frozen=True)
class World:
    """Ten columns and which rows are those of the planted slice, 7.7 % of them."""

    codes: np.ndarray
    columns: tuple[SliceColumn, ...]
    planted: np.ndarray
    keys: np.ndarray


def world(rng, n, bins):
    """Five columns of categories and five normal ones; planted is `c0 = a and n1 > 0.5`."""
    categories = [rng.integers(0, k, n) for k in CATEGORIES]
    numbers = rng.normal(size=(NUMBERS, n))
    codes, columns = list(categories), [SliceColumn(k) for k in CATEGORIES]
    for x in numbers:
        edges = quantile_edges(np.sort(x), np.ones(n), bins)
        codes.append(np.searchsorted(edges, x, side="right"))
        columns.append(SliceColumn(len(edges) + 1, ordered=True))
    planted = (categories[0] == 0) & (numbers[1] > 0.5)
    keys = rng.integers(0, 2**63, n).astype(np.uint64)
    return World(np.stack(codes, axis=1).astype(np.int16), tuple(columns), planted, keys)


def is_it(found, here):
    """Whether a slice is the planted one: Jaccard index of 0.5, or (nearly) one inside the other."""
    rows = members(here.codes, found.conditions)
    shared = (rows & here.planted).sum()
    close = shared >= 0.5 * (rows | here.planted).sum()
    return close or shared >= 0.95 * min(rows.sum(), here.planted.sum())


def percent(share, runs):
    return f"{100 * share:.1f} ± {100 * np.sqrt(share * (1 - share) / runs):.1f}"


# ---------------------------------------------------------------- nothing is there


def noise(kind, rng, here):
    """Search a table in which no column has anything to do with the loss; return the search."""
    n = here.planted.size
    discover, codes, columns = discover_masks(here.keys), here.codes, here.columns
    if kind == "stated probabilities":
        scores = np.clip(rng.beta(1, 9, n) * np.where(codes[:, 0] == 0, 0.2, 1.0), 0.0, 1.0)
        labels = (rng.random(n) < scores).astype(float)
        return find_miscalibrated_slices(codes, columns, labels, scores, discover)
    if kind in CLUSTERED:
        many, middle = CLUSTERED[kind]
        group = rng.integers(0, many, n)
        shared = 0.6 * rng.normal(size=many)[group]
        loss = (rng.random(n) < ndtr(middle + shared)).astype(float)
        codes = codes.copy()
        by_group = rng.integers(0, 1000, (many, len(columns)))
        for c in range(0, len(columns), 2):
            codes[:, c] = by_group[group, c] % columns[c].size
        keys = (group + 1).astype(np.uint64) * here.keys[0]
        return find_weak_slices(codes, columns, loss, discover_masks(keys), groups=group)
    weights = rng.lognormal(0.0, 0.8, n) if kind == "right or wrong, weights" else None
    loss = {
        "exponential": lambda: rng.exponential(size=n),
        "lognormal, sigma 1.5": lambda: rng.lognormal(0.0, 1.5, n),
        "log loss of rare positives": lambda: _log_loss(rng, n),
        "equal means, unequal spread": lambda: (
            5.0 + rng.normal(size=n) * np.where(codes[:, 0] == 0, 4.0, 1.0)
        ),
    }.get(kind, lambda: (rng.random(n) < 0.2).astype(float))()
    return find_weak_slices(codes, columns, loss, discover, weights=weights)


def _log_loss(rng, shape):
    chance = rng.beta(1, 9, shape)
    return -np.log(np.where(rng.random(shape) < chance, chance, 1 - chance))


CLUSTERED = {
    "right or wrong, 50 clusters": (50, -0.95),
    "mostly wrong, 250 clusters": (250, 0.95),
}
NOISE = (
    ("right or wrong", 1000, 600),
    ("right or wrong", 5000, 300),
    ("right or wrong, weights", 1000, 600),
    ("right or wrong, 50 clusters", 1000, 200),
    ("mostly wrong, 250 clusters", 1000, 200),
    ("exponential", 1000, 300),
    ("lognormal, sigma 1.5", 1000, 200),
    ("log loss of rare positives", 1000, 200),
    ("equal means, unequal spread", 1000, 600),
    ("equal means, unequal spread", 5000, 100),
    ("stated probabilities", 1000, 200),
    ("stated probabilities", 5000, 100),
)


def false_alarms(scale):
    yield "| loss | rows | tables | with an alarm, % |"
    yield "|---|---|---|---|"
    for kind, n, runs in NOISE:
        runs = max(int(runs * scale), 10)
        rng = np.random.default_rng(1)
        alarms = sum(bool(noise(kind, rng, world(rng, n, 8)).confirmed) for _ in range(runs))
        yield f"| {kind} | {n:,} | {runs} | {percent(alarms / runs, runs)} |"


# ---------------------------------------------------------------- something is there


@contextmanager
def without_fixed():
    """Search as if no slices were fixed beforehand."""
    kept = slice_search.coarse_family
    slice_search.coarse_family = lambda *args, **rules: None
    try:
        yield
    finally:
        slice_search.coarse_family = kept


def search_planted(rng, n, bins, bad=0.4, trials=None, **rules):
    here = world(rng, n, bins)
    loss = (rng.random(n) < np.where(here.planted, bad, 0.2)).astype(float)
    discover = discover_masks(here.keys)[:trials]
    found = find_weak_slices(
        here.codes, here.columns, loss, discover, rules=SearchRules(**rules)
    ).confirmed
    return [is_it(one, here) for one in found]


PLANTED = (
    (1000, 4, 0.4, 300),
    (1000, 6, 0.4, 300),
    (1000, 10, 0.4, 300),
    (2000, 10, 0.4, 150),
    (3000, 10, 0.4, 100),
    (5000, 4, 0.4, 100),
    (5000, 10, 0.4, 200),
    (5000, 10, 0.3, 100),
    (10_000, 10, 0.3, 40),
    (20_000, 10, 0.3, 40),
)


def power(scale):
    yield "| rows | bins of a number | accuracy there | tables | found, % | other slices told, a table |"
    yield "|---|---|---|---|---|---|"
    for n, bins, bad, runs in PLANTED:
        runs = max(int(runs * scale), 10)
        rng = np.random.default_rng(2)
        told = [search_planted(rng, n, bins, bad) for _ in range(runs)]
        found = np.mean([any(one) for one in told])
        others = np.mean([len(one) - sum(one) for one in told])
        line = (
            f"| {n:,} | {bins} | {1 - bad:.2f} | {runs} | {percent(found, runs)} | {others:.2f} |"
        )
        yield line


@contextmanager
def ranked(least=slice_rank.LEAST_TAU, rank=slice_rank._rank):
    """Search with another prior or another rank."""
    kept = slice_rank.LEAST_TAU, slice_rank._rank
    slice_rank.LEAST_TAU, slice_rank._rank = least, rank
    try:
        yield
    finally:
        slice_rank.LEAST_TAU, slice_rank._rank = kept


WAYS = (
    ("as it is, with slices fixed beforehand", None, {}),
    ("without them, and so are all below", {}, {}),
    ("one split, one way", {}, {"trials": 1}),
    ("one split, both ways", {}, {"trials": 2}),
    ("one prior for all depths", {"least": (0.25, 0.25, 0.25)}, {}),
    ("by z", {"rank": lambda one, tau, rules: one.effect / np.sqrt(one.error)}, {}),
    ("by the raw difference", {"rank": lambda one, tau, rules: one.effect}, {}),
    (
        "by z, one split, one way",
        {"rank": lambda o, t, r: o.effect / np.sqrt(o.error)},
        {"trials": 1},
    ),
    ("at most two conditions", {}, {"depth": 2}),
    ("five are tested", {}, {"top": 5}),
)


def ways(scale):
    yield "| way | found, % |"
    yield "|---|---|"
    runs = max(int(300 * scale), 10)
    for name, how, rules in WAYS:
        rng = np.random.default_rng(3)
        with ranked(**how or {}), nullcontext() if how is None else without_fixed():
            found = np.mean([any(search_planted(rng, 1000, 8, **rules)) for _ in range(runs)])
        yield f"| {name} | {percent(found, runs)} |"


# ---------------------------------------------------------------- p-values of differences

LOSSES = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "exponential": lambda rng, shape: rng.exponential(size=shape),
    "t(3)": lambda rng, shape: rng.standard_t(3, shape),
    "lognormal": lambda rng, shape: rng.lognormal(0.0, 1.0, shape),
    "log loss of rare positives": _log_loss,
}


def p_values(scale):
    yield "| loss | rows of the slice | worse: 2.5 % | 0.5 % | 0.05 % | better: 2.5 % | 0.5 % | 0.05 % |"
    yield "|---|---|---|---|---|---|---|---|"
    parts, whole = max(int(40 * scale), 2), 1000
    for name, draw in LOSSES.items():
        for n in (20, 50, 200):
            rng = np.random.default_rng(4)
            tails = [_tails(draw(rng, (1000, whole)), n, whole) for _ in range(parts)]
            upper, lower = (np.concatenate(side) for side in zip(*tails, strict=True))
            yield _p_line(name, n, upper, lower)
    for rate in (0.02, 0.2, 0.5):
        for n in (20, 50, 200):
            rng = np.random.default_rng(5)
            runs = 1000 * parts
            hits = rng.binomial(n, rate, runs).astype(float)
            every = hits + rng.binomial(whole - n, rate, runs)
            p = share_p(hits, np.full(runs, float(n)), every, np.full(runs, float(whole))) / 2
            up = hits / n > every / whole
            yield _p_line(f"share of {rate:.0%}", n, np.where(up, p, 1.0), np.where(up, 1.0, p))


def _p_line(name, n, upper, lower):
    cells = [np.mean(p <= a) for p in (upper, lower) for a in (0.025, 0.005, 0.0005)]
    return f"| {name} | {n} | " + " | ".join(f"{100 * c:.3g}" for c in cells) + " |"


def _tails(x, n, whole):
    def sums(v):
        return np.stack([v.sum(1), (v**2).sum(1), (v**3).sum(1)], axis=-1)

    sizes = np.full(len(x), float(n)), np.full(len(x), float(whole - n))
    return mean_tails(sizes[0], sums(x[:, :n]), sizes[1], sums(x[:, n:]))


HEAD = """# Does the search for weak slices find what is there?

Ten columns: five of 4, 3, 6, 9 and 13 categories, five normal and cut into bins of about as many rows.
Slices of up to three conditions, ten of them tested in each trial, gap 5 points, 95 %. Up to 10,000 rows
slices of one or two conditions that are fixed beforehand are tested on all rows, too, and take four fifths
of the error rate. Written by `slice_power.py`; ± is the standard error of the simulation.
"""
PARTS = (
    (
        "Nothing is there",
        "No column has anything to do with the loss. At most 5 of 100 tables may raise an alarm. Rows of "
        "a cluster are alike in five of the columns and in their errors.",
        false_alarms,
    ),
    (
        "Something is there",
        "Accuracy is 0.80, and lower where `c0 = a and n1 > 0.5`: in 7.7 % of the rows, and the edge lies on "
        "no edge of a bin but by chance. Found: a confirmed slice has a Jaccard index of 0.5 with it, or one "
        "of the two holds 95 % of the other.",
        power,
    ),
    (
        "Other ways to search",
        "The same slice with accuracy 0.60 in 1,000 rows, 8 bins.",
        ways,
    ),
    (
        "p-values of a difference from the rest",
        "Share of one-sided p-values at or below 2.5, 0.5 and 0.05 %, in per cent, where slice and rest are "
        "alike. 1,000 rows in all.",
        p_values,
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="part of the simulated tables")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("SLICE_POWER.md"))
    options = parser.parse_args()
    text = [HEAD]
    for title, said, rows in PARTS:
        start = time.perf_counter()
        text += [f"## {title}", "", said, "", *rows(options.scale), ""]
        print(f"{title}: {time.perf_counter() - start:.0f} s", flush=True)
    options.out.write_text("\n".join(text).rstrip() + "\n" + peers(options.out))


def peers(page):
    """The part of the page that tells of other tools, as it is."""
    _, begin, rest = (page.read_text() if page.exists() else "").partition(BEGIN)
    return f"\n{begin}{rest.partition(END)[0]}{END}\n" if begin else ""


if __name__ == "__main__":
    main()

"""INP005  Are the model's answers usable?

## What it measures
Whether the scores differ at all, how many different ones there are, and in how many rows the model
was certain (a probability of exactly 0 or 1) and wrong. That probabilities lie between 0 and 1, sum
to one over the classes and hold no NaN is a condition of being judged at all: where it fails the
run stops and says so.

## Why it matters
A score that is the same everywhere is a broken export or a model that learnt nothing. A probability
of 0 for something that happened cannot be repaired by any amount of other evidence; it makes the
log loss as large as the clipping allows, and it is the answer that harms people who believe it.

## How
From the histogram of score and label. The rate of certain errors carries Wilson's interval
(doi:10.1080/01621459.1927.10502953).

## When it cannot tell
For scores that only order rows there is no certainty. Scores that were rounded before they were
stored can be 0 or 1 without the model having said so.

## What to do
Look at the export first. If the model is really certain, limit its probabilities (0.001 to 0.999)
or recalibrate.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Finding, Judgement, Status, Table, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.proportion import proportion
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.shared import score_cells

CARD = Card(
    "INP005",
    title="Usable answers",
    question="Are the model's answers usable?",
    area="input",
    needs="scores of a binary task",
    measures=(
        Measure(
            "certain_and_wrong_rate",
            "share of rows where it was certain and wrong",
            "lower",
            plain="In about {value} of 100 rows it was certain and wrong (likely {low} to {high}).",
            style="per100",
        ),
    ),
    evidence=("data.validity",),
    sources=("doi:10.1080/01621459.1927.10502953",),
)


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """The histogram of score and label."""
    if not (subject.has_scores and subject.task is Task.BINARY):
        return {}
    return {"cells": Need(score_cells(subject))}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Look at the scores themselves."""
    if "cells" not in tallies:
        return not_applicable("there are no scores of a binary task")
    cells = tallies.take("cells", Histogram)
    values, negatives, positives, _, _ = cells.by_label()
    different = f"{values.size:,}" if cells.exact else f"more than {cells.exact_cells:,}"
    facts = [
        ("different scores", different),
        ("smallest score", float(values[0])),
        ("largest score", float(values[-1])),
    ]
    findings = [_constant()] if values.size == 1 else []
    estimates: list[Estimate] = []
    if context.subject.has_probabilities:
        wrong = int(positives[values <= 0.0].sum() + negatives[values >= 1.0].sum())
        rows = int(np.sum(negatives) + np.sum(positives))
        share = proportion("certain_and_wrong_rate", wrong, rows, level=context.options.confidence)
        facts.append(("rows certain and wrong", f"{wrong:,}"))
        if share is not None:
            estimates.append(share)
            if wrong:
                findings.append(_certain(wrong, rows, share))
    table = Table("Scores", ("what", "value"), tuple(facts))
    return Judgement(tuple(estimates), tuple(findings), tables=(table,))


def _constant() -> Finding:
    return Finding(
        Status.FAIL,
        "Every row has the same score.",
        "Such a score tells no row from another.",
        "Check the export and the column named as score before blaming the model.",
    )


def _certain(wrong: int, rows: int, share: Estimate) -> Finding:
    return Finding(
        Status.FAIL,
        "The model was certain and wrong.",
        f"In {wrong:,} of {rows:,} rows it gave a probability of exactly 0 or 1 and the opposite happened.",
        "See whether the scores were rounded; if not, keep its probabilities away from 0 and 1.",
        estimates=(share,),
    )

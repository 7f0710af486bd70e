"""What every key of a record means, in words; the empty key is the class itself."""

from __future__ import annotations

from typing import Any

from plimsoll.core.check import Card
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Table
from plimsoll.core.measure import Measure
from plimsoll.core.record import (
    CheckEntry,
    DataFacts,
    FindingEntry,
    GateLine,
    ModelFacts,
    Record,
    ScanFacts,
    SubjectFacts,
)

_STATUS = (
    "PASS: the whole interval is inside the limit, or nothing was found. FAIL: it is wholly "
    "outside. UNSURE: not enough evidence. NOT_APPLICABLE: the question does not fit the subject. "
    "SKIPPED: it was not asked. ERROR: it could not be answered."
)
_WHERE = "Of what this is said; empty for the whole of the data."

WORDS: dict[type[Any], dict[str, str]] = {
    Record: {
        "": "Everything about one run: what was judged, how, what was found, and the verdict.",
        "schema": "Name and version of this format.",
        "plimsoll": "Version of Plimsoll that wrote the record.",
        "created": "When the run ended, in UTC.",
        "verdict": "pass, fail, unsure (not enough evidence) or error (a check broke).",
        "subject": "What was judged.",
        "settings": "The settings of the run, defaults included.",
        "checks": "What every check said.",
        "gate": "The owner's limits, one line each.",
        "scan": "What the reading took.",
        "summary": "What the policy adds in words, one sentence under each key.",
    },
    SubjectFacts: {
        "": "The model and the data that were judged.",
        "name": "Name of the model in reports.",
        "task": "Kind of prediction.",
        "model": "The model as it was loaded.",
        "data": "The table of rows that were judged.",
        "reference": "The table that the model was trained or accepted on, or null.",
        "classes": "Class labels; the position of a label is its code.",
        "positive": "Label of the positive class of a binary task, or null.",
        "threshold": "Score at or above which a row counts as positive, or null.",
        "decided_by": "Where the decisions come from, in words.",
        "score_kind": "What the scores are: probability, ranking (an order) or none.",
        "columns": "Which column played which part.",
        "said": "What was settled without being asked, one sentence each.",
    },
    ModelFacts: {
        "": "A model as it was loaded.",
        "kind": "What it was made with; 'predictions' where only its answers are in the data.",
        "sha256": "SHA-256 of the model file, or null where there is none.",
        "output": "What it answers with: probability, decision, label or value; or null.",
        "origin": "Where it came from, as the user wrote it.",
    },
    DataFacts: {
        "": "A table as it was read.",
        "rows": "Number of rows.",
        "sha256": "SHA-256 of its bytes or content, or null where it was not taken.",
        "columns": "Number of columns.",
        "origin": "Where it came from, as the user wrote it, without credentials.",
    },
    CheckEntry: {
        "": "What one check said.",
        "code": "Code of the check; it never changes its meaning.",
        "title": "Name of the check.",
        "status": _STATUS,
        "reason": "Why the question could not be asked or answered, or null.",
        "seconds": "Time that judging took, in seconds, without the scan.",
        "card": "Facts about the check, so that a record renders without its code.",
        "estimates": "The numbers that it measured.",
        "findings": "What it found; empty where there was nothing to say.",
        "figures": "Its pictures, as data.",
        "tables": "Its tables.",
    },
    Card: {
        "": "Facts about a check.",
        "code": "Code of the check.",
        "title": "Name of the check.",
        "question": "The question that it answers.",
        "area": "The word before the dot in a policy.",
        "needs": "What it needs, in words.",
        "cost": "What it takes beyond the one scan, in words.",
        "measures": "The measures that it reports.",
        "suites": "The suites that it belongs to.",
        "evidence": "Topics for mappings to rules and standards.",
        "sources": "Where its methods come from.",
        "last": "Whether it judges from the estimates of the other checks.",
    },
    Measure: {
        "": "One measure: its name, which way is better, and how to say it.",
        "name": "Name of the measure, the same everywhere.",
        "title": "Name for people.",
        "better": "higher, lower, target (towards aim) or neither.",
        "aim": "The value to aim at where better is target, or null.",
        "low": "Smallest possible value, or null.",
        "high": "Largest possible value, or null.",
        "plain": "A sentence with {value}, {low} and {high} for people without statistics.",
        "style": "How its values are written: per100, number or unit.",
    },
    Estimate: {
        "": "A measured number with its interval.",
        "name": "Name of the measure.",
        "value": "The number measured.",
        "low": "Lower end of the two-sided interval.",
        "high": "Upper end of the two-sided interval.",
        "level": "Confidence level of the interval, such as 0.95.",
        "n": "Number of rows, positives, pairs or groups that the interval rests on.",
        "method": "How the interval was found.",
        "unit": "Unit of the number, or null for none.",
        "where": _WHERE,
    },
    Where: {
        "": _WHERE,
        "slice": "Column to value or range, for a part of the rows.",
        "column": "A column.",
        "label": "A class, by its label.",
        "metric": "The measure that a difference or a load line is of.",
        "model": "Another model than the one judged.",
        "stress": "Name of a stress.",
        "severity": "Severity of the stress.",
        "variant": "Which variant of a measure.",
        "window": "Start and end of a span of time.",
    },
    FindingEntry: {
        "": "One thing that a check found.",
        "status": _STATUS,
        "title": "What was found, in a sentence.",
        "meaning": "What it means for the owner of the model.",
        "action": "What to do next.",
        "where": _WHERE,
        "estimates": "Positions in the check's list of estimates that it rests on.",
        "critical": "Whether it decides the verdict even without a limit.",
    },
    Figure: {
        "": "A picture as data.",
        "kind": "The way of drawing: line, reliability, interval or bar.",
        "title": "Title of the picture.",
        "caption": "What it shows, in a sentence.",
        "series": "Named series; each maps names to lists of one length.",
        "about": "What drawing needs besides, such as axis titles.",
    },
    Table: {
        "": "A small table.",
        "title": "Title of the table.",
        "columns": "Column heads.",
        "rows": "Rows of words and numbers.",
        "caption": "What it shows, in a sentence.",
    },
    GateLine: {
        "": "One limit held against one estimate.",
        "limit": "Name of the limit, such as roc_auc.min.",
        "bound": "The bound that the owner set.",
        "status": _STATUS,
        "estimate": "The estimate that was held against it, or null where there was none.",
        "meaning": "What the line says, in a sentence.",
        "reason": "Why it could not be judged, or null.",
        "rows_needed": "Rows that would settle an unsure line, or null.",
        "power": "Chance that a model as good as measured keeps this limit, or null.",
    },
    ScanFacts: {
        "": "What the reading took.",
        "rows": "Rows read.",
        "columns": "Columns read.",
        "passes": "How often the data was read.",
        "seconds": "Time of the scan, in seconds.",
        "peak_rss_bytes": "Largest memory of the process, in bytes.",
        "engine": "Where the scan ran.",
        "batches": "Number of batches.",
        "rows_used": "Rows that the checks judged.",
        "left_out": "Reason to number of rows that were left out.",
        "fit_seconds": "Time spent fitting baselines, in seconds.",
        "notes": "What a reader should know about the run, one sentence each.",
    },
}

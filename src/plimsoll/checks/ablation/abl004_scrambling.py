"""ABL004  Does anything leak when the labels are scrambled?

## What it measures
Two things. The fit repeated on the reference with its labels dealt to the rows at random, judged on true
labels: how often it does as well as the fit on true labels (a p-value). And the user's whole experiment
(preparing, fitting and scoring, one function) on rows with scrambled labels: its mean score against what
can be had without inputs.

## Why it matters
On scrambled labels there is nothing to learn. An experiment that still scores well saw the labels it was
scored on: inputs selected, encoded or resampled on all rows before they were split. Every score that it
ever gave is then too good, and no test from outside shows it.

## How
Labels are permuted 20 times, fewer where time is short. `p = (1 + #{scrambled >= observed}) / (1 + B)`
(doi:10.2202/1544-6115.1585), with Clopper and Pearson's interval for what unlimited permutations would
give. The mean score of the experiment has Student's interval over permutations. What can be had without
inputs (*blind*) follows from the measure and the labels: the share of the largest class for an accuracy,
1/2 for an area under the ROC curve, the entropy for a log loss, 0 for R2. The experiment states its measure
by an attribute: `experiment.measure = "roc_auc"`, with `neg_` before a loss whose sign was turned. Without
one, a score from 0 to 1 is taken for a share of right answers (of wrong ones, where it lies clearly below
what a constant errs in), in a regression for R2, and the finding says so. It is an alarm where the whole
interval is better than blind by more than 0.01, and none where it is surely better by less than 0.05.

## When it cannot tell
Without a reference with labels the experiment runs on the rows judged and the fit is not repeated. A
measure that saying yes to all maximises (recall) has no blind score. Fewer than five permutations say
nothing. Rows are permuted one by one: where rows hang together, the p-value is too small, the alarm is not.
An experiment that splits by a hash of the label, or a leak that is not by way of the target column, is not
seen.

## What to do
At an alarm, put every step that sees labels or other rows (selection, target encoding, oversampling,
scaling) inside the folds, and score again. At a large p-value, the fit learns nothing that lasts: look at
labels and inputs first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.checks.ablation.trial import sentence
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.stats.row_measures import title
from plimsoll.trials.scrambled import SCRAMBLES, Scrambled, Scrambling, ScramblingTrial

CARD = Card(
    "ABL004",
    title="Scrambled labels",
    question="Does anything leak when the labels are scrambled?",
    area="ablation",
    needs="a fit that can be repeated and a labelled reference, or a whole experiment",
    cost="21 fits on up to 5,000 rows, and 21 runs of the experiment",
    measures=(
        Measure("scrambling_p", "p-value of the fit", "lower", None, 0.0, 1.0),
        Measure("scrambled", "score with scrambled labels", "neither", None, None, None),
        Measure("canary_p", "p-value of the experiment", "lower", None, 0.0, 1.0),
        Measure(
            "canary_score",
            "score of the experiment on scrambled labels",
            "neither",
            None,
            None,
            None,
        ),
    ),
    suites=("stress", "full"),
    evidence=("data.leakage", "performance.baseline"),
    sources=("doi:10.2202/1544-6115.1585", "doi:10.1016/j.patter.2023.100804"),
)
SCRAMBLED = "scrambled labels"


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Deal the labels out anew."""
    if _why_not(subject):
        return {}
    trial = ScramblingTrial(subject, options.stress, level=options.confidence, seed=options.seed)
    return {SCRAMBLED: trial}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say whether the fit learns, and whether the experiment leaks."""
    if SCRAMBLED not in context.outcomes:
        return not_given(_why_not(context.subject))
    found = context.outcome(SCRAMBLED, Scrambling)
    runs = [run for run in (found.fit, found.experiment) if run is not None and run.runs]
    if not runs:
        fit = found.why_no_fit or (found.fit.stopped if found.fit else "")
        own = found.why_no_experiment or (found.experiment.stopped if found.experiment else "")
        return not_given(f"{fit}; {own}")
    alpha = 1.0 - context.options.confidence
    estimates: list[Estimate] = []
    findings: list[Finding] = []
    for run in runs:
        estimates += [e for e in (run.p, run.mean) if e is not None]
        told = _leak(run) if run is found.experiment else _learns(run, alpha)
        findings += list(told)
        findings += list(_undone(run))
    return Judgement(
        tuple(estimates),
        tuple(findings),
        tuple(_figure(run, own=run is found.experiment) for run in runs),
        (_table(runs),),
        reason=_missing(found),
    )


def _why_not(subject: Subject) -> str:
    if subject.task is Task.NONE:
        return "no model is judged"
    return "" if subject.labelled else "the target is not known for these rows yet"


def _missing(found: Scrambling) -> str | None:
    missing = [why for why in (found.why_no_fit, found.why_no_experiment) if why]
    return " ".join(sentence(why) for why in missing) or None


def _learns(run: Scrambled, alpha: float) -> Iterator[Finding]:
    if run.p is None:
        return
    told = tuple(e for e in (run.p, run.mean) if e is not None)
    reached = round(run.p.value * (1 + len(run.runs))) - 1
    meaning = (
        f"With true labels the fit reaches {run.observed:.4f} in {title(run.metric)}; of "
        f"{len(run.runs)} fits on scrambled labels {reached} did as well (p = {run.p.value:.2g})."
    )
    if run.p.value <= alpha:
        yield Finding(
            Status.PASS,
            "The fit learns from its labels.",
            meaning,
            "Nothing.",
            run.p.where,
            told,
        )
    elif reached == 0:
        yield Finding(
            Status.UNSURE,
            "Too few fits show whether the fit learns from its labels.",
            meaning,
            "Give more time with --budget.",
            run.p.where,
            told,
        )
    else:
        yield Finding(
            Status.FAIL,
            "The fit does no better than one on scrambled labels.",
            meaning,
            "Look at labels and inputs: as they are, nothing lasting is learnt from them.",
            run.p.where,
            told,
        )


def _leak(run: Scrambled) -> Iterator[Finding]:
    if run.mean is None:
        return
    told = tuple(e for e in (run.mean, run.p) if e is not None)
    likely = f"{run.mean.value:.4f}, likely {run.mean.low:.4f} to {run.mean.high:.4f}"
    name = "" if run.blind is None or run.blind.assumed else f" ({title(run.metric)})"
    if run.blind is None:
        yield Finding(
            Status.UNSURE,
            "It cannot be told whether the experiment leaks, for its measure is not known.",
            f"On scrambled labels it scores {likely}; what can be had without inputs does not follow.",
            "State the measure: experiment.measure = 'accuracy', 'roc_auc', 'neg_log_loss', 'r2'.",
            run.mean.where,
            told,
        )
        return
    assumed = (
        f" Its score is taken for {run.blind.said}, for it states no measure."
        if run.blind.assumed
        else ""
    )
    meaning = (
        f"On scrambled labels, where there is nothing to learn, it scores {likely}{name}; without inputs at "
        f"{'most' if run.blind.higher_is_better else 'least'} {run.blind.score:.4f} can be had. On true "
        f"labels it scores {run.observed:.4f}.{assumed}"
    )
    heading, action = {
        Status.FAIL: (
            "The experiment leaks: it scores well on scrambled labels.",
            "Put every step that sees labels or other rows inside the folds, and score again.",
        ),
        Status.PASS: ("The experiment does not leak: scrambled labels leave nothing.", "Nothing."),
        Status.UNSURE: (
            "It cannot be told whether the experiment leaks.",
            "Give more time with --budget, or more rows.",
        ),
    }[run.status]
    critical = run.status is Status.FAIL and not run.blind.assumed
    yield Finding(run.status, heading, meaning, action, run.mean.where, told, critical=critical)


def _undone(run: Scrambled) -> Iterator[Finding]:
    if run.stopped and len(run.runs) < SCRAMBLES:
        where = None if run.mean is None else run.mean.where
        yield Finding(
            Status.UNSURE,
            f"Labels were scrambled {len(run.runs)} times and not {SCRAMBLES}.",
            sentence(run.stopped),
            "Give more time with --budget.",
            *(() if where is None else (where,)),
        )


def _figure(run: Scrambled, *, own: bool) -> Figure:
    what = "the whole experiment" if own else "the fit"
    labels, values, lows, highs = ["true labels"], [run.observed], [run.observed], [run.observed]
    if run.mean is not None:
        labels.append("scrambled, mean")
        values.append(run.mean.value)
        lows.append(run.mean.low)
        highs.append(run.mean.high)
    for i, score in enumerate(sorted(run.runs)[:: max(1, len(run.runs) // 6)]):
        labels.append(f"scrambled, run {i + 1}")
        values.append(score)
        lows.append(score)
        highs.append(score)
    about: dict[str, object] = {"x_title": title(run.metric)}
    if run.blind is not None:
        about["bound"] = run.blind.score
    return Figure(
        "interval",
        f"Scores of {what} with true and with scrambled labels",
        "The line is what can be had without inputs. Some of the single runs are shown, in order.",
        {"scores": {"label": labels, "value": values, "low": lows, "high": highs}},
        about,
    )


def _table(runs: list[Scrambled]) -> Table:
    return Table(
        "Scrambled labels",
        (
            "score",
            "true labels",
            "scrambled, mean",
            "from",
            "to",
            "without inputs",
            "p",
            "runs",
            "seconds",
        ),
        tuple(
            (
                run.metric,
                run.observed,
                None if run.mean is None else run.mean.value,
                None if run.mean is None else run.mean.low,
                None if run.mean is None else run.mean.high,
                None if run.blind is None else run.blind.score,
                None if run.p is None else run.p.value,
                len(run.runs),
                run.seconds,
            )
            for run in runs
        ),
        caption="; ".join(sentence(run.said)[:-1] for run in runs) + ".",
    )

"""Every setting as a flag, told once: ``check`` and ``compare`` take the same ones.

A flag names the setting it wins over (``--data`` is ``current`` under ``[data]``). ``takes`` adds flags
to a command's signature, where Typer finds them; ``gather`` turns what was typed into settings.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from plimsoll.core.errors import SettingsError, did_you_mean

DATA, COLUMNS, SUBJECT = "Data", "Columns", "Subject"
SLICES, FAIRNESS, STRESS = "Slices", "Fairness", "Stress"
RUN, REPORTS = "Run", "Reports"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. ``setting`` is the bare name of the setting that it wins over.

    ``kind`` is ``text``, ``whole`` (number), ``number``, ``list`` (names with commas between them),
    ``wholes`` (whole numbers), ``score`` (one name or a list), ``pairs`` (``KEY=VALUE``),
    ``edges`` (``KEY=X,X``) or ``groups`` (``KEY=NAME,NAME``), repeatable.
    """

    option: str
    setting: str
    panel: str
    help: str
    metavar: str
    kind: str = "text"
    choices: tuple[str, ...] = ()

    @property
    def parameter(self) -> str:
        """The name as Python writes it."""
        return self.option.removeprefix("--").replace("-", "_")

    def annotation(self) -> Any:
        """The type and the words that Typer shows."""
        kind = {
            "whole": int,
            "number": float,
            "pairs": list[str],
            "edges": list[str],
            "groups": list[str],
        }.get(self.kind, str)
        option = typer.Option(
            self.option,
            help=self.help,
            metavar="|".join(self.choices) or self.metavar,
            rich_help_panel=self.panel,
            show_default=False,
        )
        return Annotated[kind | None, option]


FLAGS: tuple[Flag, ...] = (
    Flag("--data", "current", DATA, "Rows to judge: file, folder, glob or URL.", "PATH"),
    Flag("--reference", "reference", DATA, "Rows the model was trained or accepted on.", "PATH"),
    Flag("--labels", "labels", DATA, "Table with the labels, joined by --id.", "PATH"),
    Flag("--predictions", "predictions", DATA, "Table with predictions, joined by --id.", "PATH"),
    Flag("--query", "query", DATA, "SQL query, where --data is a database URL.", "SQL"),
    Flag("--reference-query", "reference_query", DATA, "SQL query for the reference.", "SQL"),
    Flag(
        "--missing-scores",
        "missing_scores",
        DATA,
        "Rows without a score or prediction.",
        "",
        choices=("error", "leave_out"),
    ),
    Flag(
        "--duplicate-ids",
        "duplicate_ids",
        DATA,
        "An id that stands in more than one row.",
        "",
        choices=("error", "keep"),
    ),
    Flag(
        "--model",
        "model",
        SUBJECT,
        "Model file, module:attribute or URL; without it, the predictions in the data are judged.",
        "REF",
    ),
    Flag("--champion", "champion", SUBJECT, "Model, or column, to be non-inferior to.", "REF"),
    Flag("--challenger", "challenger", SUBJECT, "Model that wants to replace --model.", "REF"),
    Flag(
        "--fit",
        "fit",
        SUBJECT,
        "Function that fits the model anew: takes rows with the target, returns a model.",
        "MODULE:FUNCTION",
    ),
    Flag(
        "--experiment",
        "experiment",
        SUBJECT,
        "Function that does all of fitting and scoring: takes rows, returns the score.",
        "MODULE:FUNCTION",
    ),
    Flag("--name", "name", SUBJECT, "Name of the model in reports.", "TEXT"),
    Flag(
        "--task",
        "task",
        SUBJECT,
        "Kind of prediction; auto looks at the target.",
        "",
        choices=("auto", "binary", "multiclass", "regression"),
    ),
    Flag("--threshold", "threshold", SUBJECT, "Score from which on it is a yes.", "X", "number"),
    Flag(
        "--score-kind",
        "score_kind",
        SUBJECT,
        "What the scores are.",
        "",
        choices=("auto", "probability", "logit", "ranking"),
    ),
    Flag("--target", "target", COLUMNS, "Column with the true label or number.", "COL"),
    Flag("--prediction", "prediction", COLUMNS, "Column with predicted class or number.", "COL"),
    Flag(
        "--score",
        "score",
        COLUMNS,
        "Score column; for several classes in the order of the sorted labels, or LABEL=COL.",
        "COL[,COL...]",
        "score",
    ),
    Flag("--positive", "positive", COLUMNS, "Label of the positive class.", "LABEL"),
    Flag("--id", "id", COLUMNS, "Column that names a row.", "COL"),
    Flag("--time", "time", COLUMNS, "Column with the time of a row.", "COL"),
    Flag("--group", "group", COLUMNS, "Rows with equal values hang together.", "COL"),
    Flag("--weight", "weight", COLUMNS, "Column with sample weights.", "COL"),
    Flag("--sensitive", "sensitive", COLUMNS, "Protected columns.", "COL[,COL...]", "list"),
    Flag("--slice-by", "slice_by", COLUMNS, "Columns to report slices of.", "COL[,COL...]", "list"),
    Flag("--ignore", "ignore", COLUMNS, "Columns to leave alone.", "COL[,COL...]", "list"),
    Flag(
        "--interval",
        "interval",
        COLUMNS,
        "Regression: columns of a prediction interval.",
        "LOW,HIGH",
        "list",
    ),
    Flag(
        "--interval-level",
        "interval_level",
        COLUMNS,
        "Coverage that --interval promises (0.9).",
        "X",
        "number",
    ),
    Flag(
        "--quantile",
        "quantiles",
        COLUMNS,
        "Regression: column of a predicted quantile; repeatable.",
        "P=COL",
        "pairs",
    ),
    Flag(
        "--slice-cross",
        "cross",
        SLICES,
        "Cross up to so many of the --slice-by columns with each other (1).",
        "N",
        "whole",
    ),
    Flag("--slice-bins", "bins", SLICES, "Bins of a column of numbers (4).", "N", "whole"),
    Flag(
        "--slice-binning",
        "binning",
        SLICES,
        "Bins of about as many rows, or bins whose losses differ most.",
        "",
        choices=("quantile", "tree"),
    ),
    Flag(
        "--slice-edges",
        "edges",
        SLICES,
        "Edges between the bins of a column; repeatable.",
        "COL=X[,X...]",
        "edges",
    ),
    Flag(
        "--slice-named",
        "named",
        SLICES,
        "A slice by a condition on one row, such as 'old=age > 60'; repeatable.",
        "NAME=SQL",
        "pairs",
    ),
    Flag(
        "--slice-min-rows",
        "min_rows",
        SLICES,
        "Slices of fewer rows are pooled (20).",
        "N",
        "whole",
    ),
    Flag(
        "--slice-gap",
        "gap",
        SLICES,
        "How much worse a slice must be to be worth a finding (0.05).",
        "X",
        "number",
    ),
    Flag(
        "--slice-depth",
        "depth",
        SLICES,
        "Most conditions of a slice that is searched for; 0 for no search (2).",
        "N",
        "whole",
    ),
    Flag(
        "--drift-floor",
        "floor",
        RUN,
        "Share of rows that must have moved before a change is an alarm (0.05).",
        "X",
        "number",
    ),
    Flag(
        "--favourable",
        "favourable",
        FAIRNESS,
        "The decision that people want (positive).",
        "",
        choices=("positive", "negative"),
    ),
    Flag("--audit-sex", "sex", FAIRNESS, "Sensitive column with the sex.", "COL"),
    Flag("--audit-race", "race", FAIRNESS, "Sensitive column with race or ethnicity.", "COL"),
    Flag(
        "--budget",
        "budget",
        STRESS,
        "Time that stress may take, such as 90s, 5m or 1h; what is done by then counts.",
        "TIME",
    ),
    Flag(
        "--ask-rows",
        "ask_rows",
        STRESS,
        "Rows the model is asked about, at most (20000).",
        "N",
        "whole",
    ),
    Flag(
        "--kinds",
        "kinds",
        STRESS,
        "Kinds of stress, such as missing,noise:age.",
        "KIND[,...]",
        "list",
    ),
    Flag("--own", "own", STRESS, "Stresses of your own.", "MODULE:FUNCTION[,...]", "list"),
    Flag(
        "--judge-by",
        "judge_by",
        STRESS,
        "Measure to judge stress by where the policy limits none.",
        "NAME",
    ),
    Flag(
        "--keep",
        "keep",
        STRESS,
        "Share of its gain over chance that the model must keep where no limit is set (0.9).",
        "X",
        "number",
    ),
    Flag(
        "--against",
        "against",
        STRESS,
        "Model to hold the errors under stress against, such as linear or champion.",
        "NAME",
    ),
    Flag(
        "--answer-within",
        "answer_within",
        STRESS,
        "Seconds after which a call without an answer counts as hung (60).",
        "S",
        "number",
    ),
    Flag(
        "--image", "image", STRESS, "Columns that are pixels of one image, row by row.", "PATTERN"
    ),
    Flag(
        "--image-shape",
        "image_shape",
        STRESS,
        "Its height and width, and channels where it has them.",
        "H,W[,C]",
        "wholes",
    ),
    Flag(
        "--increasing",
        "increasing",
        STRESS,
        "Inputs that may only raise the answer as they grow.",
        "COL[,...]",
        "list",
    ),
    Flag(
        "--decreasing",
        "decreasing",
        STRESS,
        "Inputs that may only lower the answer as they grow.",
        "COL[,...]",
        "list",
    ),
    Flag(
        "--input-groups",
        "input_groups",
        STRESS,
        "Inputs that come and go together; repeatable.",
        "NAME=COL,COL",
        "groups",
    ),
    Flag("--policy", "policy", RUN, "File with the limits to keep.", "FILE"),
    Flag(
        "--suite",
        "suite",
        RUN,
        "Which checks run.",
        "",
        choices=("quick", "standard", "stress", "full"),
    ),
    Flag("--only", "only", RUN, "Codes of the only checks to run.", "CODE[,...]", "list"),
    Flag("--skip", "skip", RUN, "Codes of checks to leave out.", "CODE[,...]", "list"),
    Flag("--seed", "seed", RUN, "Seed of every resampling (0).", "N", "whole"),
    Flag("--confidence", "confidence", RUN, "Level of every interval (0.95).", "X", "number"),
    Flag("--jobs", "jobs", RUN, "Threads; as many as there are cores unless given.", "N", "whole"),
    Flag("--engine", "engine", RUN, "Where the scan runs.", "", choices=("local", "ray", "spark")),
    Flag(
        "--unsure",
        "unsure",
        RUN,
        "What an unsure verdict counts as.",
        "",
        choices=("unsure", "pass", "fail"),
    ),
    Flag(
        "--cost-false-positive",
        "cost_false_positive",
        RUN,
        "Cost of one false positive, in any unit.",
        "X",
        "number",
    ),
    Flag(
        "--cost-false-negative",
        "cost_false_negative",
        RUN,
        "Cost of one false negative, in the same unit.",
        "X",
        "number",
    ),
    Flag("--ledger", "ledger", RUN, "File that remembers how often this data has judged.", "FILE"),
    Flag("--json", "json", REPORTS, "Write the record as JSON; '-' is standard output.", "FILE"),
    Flag("--html", "html", REPORTS, "Write the page for people.", "FILE"),
    Flag("--markdown", "markdown", REPORTS, "Write a pull-request comment.", "FILE"),
    Flag("--junit", "junit", REPORTS, "Write JUnit XML.", "FILE"),
    Flag("--sarif", "sarif", REPORTS, "Write SARIF 2.1.0.", "FILE"),
    Flag("--svg", "svg", REPORTS, "Write the load lines as a picture for a README.", "FILE"),
)

Command = Callable[..., int]


def takes(*flags: Flag) -> Callable[[Command], Command]:
    """Add ``flags`` to the signature of a command that ends in ``**flags``."""

    def add(command: Command) -> Command:
        hints = typing.get_type_hints(command, include_extras=True)
        keyword = inspect.Parameter.KEYWORD_ONLY
        own = [
            part.replace(annotation=hints[part.name], kind=keyword)
            for part in inspect.signature(command).parameters.values()
            if part.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        added = [
            inspect.Parameter(flag.parameter, keyword, default=None, annotation=flag.annotation())
            for flag in flags
        ]
        # Help shows the parts in this order: what is typed first, then every setting, then the rest.
        parts = [part for part in own if _is_argument(part)]
        parts += [*added, *(part for part in own if not _is_argument(part))]
        made: Any = command
        made.__signature__ = inspect.Signature(parts, return_annotation=int)
        made.__annotations__ = {part.name: part.annotation for part in parts} | {"return": int}
        return command

    return add


def _is_argument(part: inspect.Parameter) -> bool:
    told = getattr(part.annotation, "__metadata__", ())
    return any(type(info).__name__ == "ArgumentInfo" for info in told)


def gather(typed: Mapping[str, Any], flags: Sequence[Flag] = FLAGS) -> dict[str, Any]:
    """Return settings by their bare names from what was typed; what was not typed is left out.

    Raises
    ------
    SettingsError
        At a word that is none of a flag's choices, with the nearest, or a list that is malformed.
    """
    return {
        flag.setting: _value(flag, typed[flag.parameter])
        for flag in flags
        if typed.get(flag.parameter) not in (None, [])
    }


def _value(flag: Flag, typed: Any) -> Any:
    if flag.choices:
        if typed not in flag.choices:
            known = f"{', '.join(flag.choices[:-1])} or {flag.choices[-1]}"
            raise SettingsError(
                f"{flag.option} must be {known}; got '{typed}'.{did_you_mean(typed, flag.choices)}"
            )
        return typed
    if flag.kind == "list":
        return split(typed, flag.option)
    if flag.kind == "wholes":
        return [round(x) for x in _numbers(flag, typed)]
    if flag.kind == "score":
        names = split(typed, flag.option)
        return names[0] if len(names) == 1 else names
    if flag.kind == "pairs":
        return dict(_pair(flag, entry) for entry in typed)
    if flag.kind == "groups":
        return {name: split(text, flag.option) for name, text in (_pair(flag, e) for e in typed)}
    if flag.kind == "edges":
        return {name: _numbers(flag, text) for name, text in (_pair(flag, e) for e in typed)}
    return typed


def split(text: str, option: str) -> list[str]:
    """Return the names of a comma list; a name that holds a comma is put in double quotes.

    >>> split('age, "city, region"', "--slice-by")
    ['age', 'city, region']
    """
    import csv

    names = [name.strip() for name in next(csv.reader([text], skipinitialspace=True), [])]
    if not names or not all(names):
        raise SettingsError(
            f"{option} must hold names with one comma between them, such as A,B; got '{text}'."
        )
    return names


def _numbers(flag: Flag, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise SettingsError(
            f"{flag.option} must hold numbers with one comma between them ({flag.metavar}); got '{text}'."
        ) from None


def _pair(flag: Flag, entry: str) -> tuple[str, str]:
    key, sign, value = entry.partition("=")
    if not (sign and key.strip() and value.strip()):
        raise SettingsError(
            f"{flag.option} must be {flag.metavar}, with one = between them; got '{entry}'."
        )
    return key.strip(), value.strip()

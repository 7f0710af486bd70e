"""The settings of one run: ``plimsoll.toml``, with flags that win over it.

Every table of the file is a class here and every key a field; the JSON Schema of the file is
``Settings.model_json_schema()``. An unknown key is an error that offers the nearest known one.
"""

from __future__ import annotations

import glob
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from plimsoll.core.errors import SettingsError, did_you_mean


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_default=False)


class SubjectSettings(_Section):
    """``[subject]``: which model, and what kind of prediction it makes."""

    name: str | None = Field(None, description="Name of the model in reports.")
    task: Literal["auto", "binary", "multiclass", "regression"] = Field(
        "auto", description="Kind of prediction; auto looks at the target and says what it saw."
    )
    model: str | None = Field(None, description="Model file, module:attribute, or URL.")
    fit: str | None = Field(
        None,
        description="module:function that fits the model anew: takes rows with the target, returns a model.",
    )
    experiment: str | None = Field(
        None,
        description="module:function that does all of fitting and scoring: takes rows, returns the score.",
    )
    champion: str | None = Field(None, description="Model to be non-inferior to.")
    challenger: str | None = Field(None, description="Model that wants to replace the one judged.")
    threshold: float | None = Field(
        None, description="Binary: score at or above it means positive."
    )
    score_kind: Literal["auto", "probability", "logit", "ranking"] = Field(
        "auto",
        description="What the scores are. logit is turned into a probability; ranking only orders.",
    )


class DataSettings(_Section):
    """``[data]``: where the rows are."""

    current: str | None = Field(None, description="Rows to judge: path, glob or URL.")
    reference: str | None = Field(None, description="Rows the model was trained or accepted on.")
    query: str | None = Field(None, description="SQL query where current is a database URL.")
    reference_query: str | None = Field(None, description="SQL query for the reference.")
    labels: str | None = Field(None, description="Table with the labels, joined by the id column.")
    predictions: str | None = Field(
        None, description="Table with the predictions, joined by the id column."
    )
    missing_scores: Literal["error", "leave_out"] = Field(
        "error", description="What to do where a row has no score or prediction."
    )
    duplicate_ids: Literal["error", "keep"] = Field(
        "error", description="What to do where an id stands in more than one row."
    )


class ColumnSettings(_Section):
    """``[columns]``: which column plays which part."""

    target: str | None = Field(None, description="Column with the true label or number.")
    prediction: str | None = Field(None, description="Column with the predicted class or number.")
    score: str | list[str] | dict[str, str] | None = Field(
        None,
        description="Score column; for several classes a list in the order of the sorted labels, "
        "'label=COL' entries, or a table of label to column.",
    )
    positive: str | int | bool | float | None = Field(
        None, description="Label of the positive class."
    )
    id: str | None = Field(None, description="Column that names a row.")
    time: str | None = Field(None, description="Column with the time of a row.")
    group: str | None = Field(
        None, description="Column whose equal values mark rows that hang together (customer, site)."
    )
    weight: str | None = Field(None, description="Column with sample weights.")
    sensitive: list[str] = Field(default_factory=list, description="Protected columns.")
    slice_by: list[str] = Field(
        default_factory=list,
        description="Slices to report: columns, crossings such as 'region*age', or names of conditions.",
    )
    ignore: list[str] = Field(default_factory=list, description="Columns to leave alone.")
    interval: list[str] | None = Field(
        None,
        description="Regression: columns of the lower and upper bound of a prediction interval.",
    )
    interval_level: float = Field(
        0.9, gt=0, lt=1, description="Coverage that the interval columns promise."
    )
    quantiles: dict[str, str] = Field(
        default_factory=dict, description="Regression: probability to column of predicted quantile."
    )


class RunSettings(_Section):
    """``[run]``: how the run goes."""

    suite: Literal["quick", "standard", "stress", "full"] = Field(
        "standard", description="Which checks run."
    )
    only: list[str] = Field(default_factory=list, description="Codes of the only checks to run.")
    skip: list[str] = Field(default_factory=list, description="Codes of checks to leave out.")
    seed: int = Field(0, ge=0, description="Seed of every resampling.")
    confidence: float = Field(0.95, gt=0.5, lt=1, description="Two-sided level of every interval.")
    jobs: int | None = Field(
        None,
        ge=1,
        description="Threads; the default is the number of cores where a model is asked, else 1.",
    )
    engine: Literal["local", "ray", "spark"] = Field("local", description="Where the scan runs.")
    unsure: Literal["unsure", "pass", "fail"] = Field(
        "unsure", description="What an unsure verdict counts as."
    )
    cost_false_positive: float | None = Field(None, ge=0, description="Cost of one false positive.")
    cost_false_negative: float | None = Field(None, ge=0, description="Cost of one false negative.")
    ledger: str | None = Field(
        None, description="File that remembers how often this data judged this model line."
    )


class SliceSettings(_Section):
    """``[slices]``: how columns are cut into slices, and how weak slices are searched for."""

    cross: int = Field(
        1, ge=1, le=3, description="Cross up to so many of the slice_by columns with each other."
    )
    bins: int = Field(4, ge=2, le=50, description="Bins of a column of numbers.")
    binning: Literal["quantile", "tree"] = Field(
        "quantile", description="Bins of about as many rows, or bins whose losses differ most."
    )
    edges: dict[str, list[float]] = Field(
        default_factory=dict, description="Edges between the bins of a column of numbers."
    )
    named: dict[str, str] = Field(
        default_factory=dict, description="Name of a slice to an SQL condition on one row."
    )
    min_rows: int = Field(
        20, ge=2, description="Slices of fewer rows are pooled and never shown by themselves."
    )
    gap: float = Field(
        0.05, gt=0, le=1, description="How much worse a slice must be to be worth a finding."
    )
    depth: int = Field(
        2,
        ge=0,
        le=3,
        description="Most conditions of a slice that is searched for; 0 for no search.",
    )


class DriftSettings(_Section):
    """``[drift]``: from what size on a change is an alarm."""

    floor: float = Field(
        0.05,
        ge=0,
        lt=1,
        description="Share of rows that must have moved before a change is an alarm.",
    )


class FairnessSettings(_Section):
    """``[fairness]``: what a decision is for the person it is about."""

    favourable: Literal["positive", "negative"] = Field(
        "positive", description="Which decision is the one that people want: yes or no."
    )
    sex: str | None = Field(None, description="Sensitive column with the sex, for an impact table.")
    race: str | None = Field(
        None, description="Sensitive column with race or ethnicity, for an impact table."
    )


class StressSettings(_Section):
    """``[stress]``: what the model is put under, and how long that may take."""

    ask_rows: int = Field(
        20_000, ge=50, description="Rows that the model is asked about again and again, at most."
    )
    budget: str | None = Field(
        None,
        description="Time that stress may take, such as 90s, 5m or 1h; what is done by then counts.",
    )
    answer_within: float = Field(
        60.0, gt=0, description="Seconds after which a call without an answer counts as hung."
    )
    kinds: list[str] = Field(
        default_factory=list,
        description="Kinds of stress to run; all of the suite where none is named.",
    )
    own: list[str] = Field(
        default_factory=list, description="Stresses and relations of your own, as module:function."
    )
    judge_by: str | None = Field(
        None, description="Measure to judge by where the policy limits none, such as roc_auc."
    )
    keep: float = Field(
        0.9,
        gt=0,
        lt=1,
        description="Share of what the model gains over chance that it must keep where no limit is set.",
    )
    against: str | None = Field(
        None,
        description="Whose errors under stress to divide by: linear, gradient_boosting, best_feature, "
        "constant or champion; linear in the full suite where none is named.",
    )
    image: str | None = Field(
        None, description="Columns that are the pixels of one image, row by row, such as 'pixel_*'."
    )
    image_shape: list[int] = Field(
        default_factory=list,
        description="Height and width of the image, and channels where it has them.",
    )
    increasing: list[str] = Field(
        default_factory=list, description="Inputs that may only raise the answer as they grow."
    )
    decreasing: list[str] = Field(
        default_factory=list, description="Inputs that may only lower the answer as they grow."
    )
    input_groups: dict[str, list[str]] = Field(
        default_factory=dict, description="Inputs that come and go together, such as of one source."
    )


class ReportSettings(_Section):
    """``[report]``: what is written where; ``-`` is standard output."""

    json_: str | None = Field(None, alias="json", description="The record as JSON.")
    html: str | None = Field(None, description="The page for people.")
    markdown: str | None = Field(None, description="A pull-request comment.")
    junit: str | None = Field(None, description="JUnit XML.")
    sarif: str | None = Field(None, description="SARIF 2.1.0.")
    svg: str | None = Field(None, description="The load lines as a picture.")

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Settings(_Section):
    """All settings of a run. ``policy`` is read by ``plimsoll.policy.limits``."""

    subject: SubjectSettings = Field(default_factory=SubjectSettings)
    data: DataSettings = Field(default_factory=DataSettings)
    columns: ColumnSettings = Field(default_factory=ColumnSettings)
    slices: SliceSettings = Field(default_factory=SliceSettings)
    drift: DriftSettings = Field(default_factory=DriftSettings)
    fairness: FairnessSettings = Field(default_factory=FairnessSettings)
    stress: StressSettings = Field(default_factory=StressSettings)
    contexts: dict[str, dict[str, float]] = Field(
        default_factory=dict,
        description="Named contexts: name of a stress, such as 'missing:income', to its severity there.",
    )
    run: RunSettings = Field(default_factory=RunSettings)
    report: ReportSettings = Field(default_factory=ReportSettings)
    policy: dict[str, Any] = Field(default_factory=dict, description="The owner's limits.")


def parse_settings(data: dict[str, Any], origin: str = "the settings") -> Settings:
    """Turn a mapping as read from TOML into settings.

    Raises
    ------
    SettingsError
        At an unknown key (with the nearest known one) or a value of the wrong kind.
    """
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise SettingsError(_explain(error, origin)) from None


def load_settings(path: Path) -> Settings:
    """Read ``plimsoll.toml``; the paths in it are relative to the folder it lies in.

    Raises
    ------
    SettingsError
        If the file is not there, is not TOML, or :func:`parse_settings` refuses it.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            f"Settings file '{path}' was expected but is not there; "
            "write one with 'plimsoll init', or give the settings as flags."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"Settings file '{path}' cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"Settings file '{path}' is not valid TOML: {error}.") from None
    return _beside(parse_settings(data, f"'{path}'"), path.parent)


_READ = {
    "subject": ("model", "champion", "challenger"),
    "data": ("current", "reference", "labels", "predictions"),
}
_WRITTEN = {"run": ("ledger",), "report": ("json_", "html", "markdown", "junit", "sarif", "svg")}


def _beside(settings: Settings, folder: Path) -> Settings:
    """Return settings whose paths hold from where the command runs.

    What is read changes only where it lies beside the file, for ``model`` may also be a column, a
    module or a URL; what is written always does, but for ``-``.
    """
    if folder == Path():
        return settings
    changed: dict[str, Any] = {}
    for names, must_exist in ((_READ, True), (_WRITTEN, False)):
        for section, fields in names.items():
            part = getattr(settings, section)
            update = {
                name: str(folder / text)
                for name in fields
                if (text := getattr(part, name)) not in (None, "-")
                and not Path(text).is_absolute()
                and (not must_exist or _is_there(folder, text))
            }
            if update:
                changed[section] = part.model_copy(update=update)
    return settings.model_copy(update=changed)


def _is_there(folder: Path, text: str) -> bool:
    if "://" in text:
        return False
    if any(sign in text for sign in "*?["):
        return any(glob.iglob(str(Path(glob.escape(str(folder))) / text)))
    return (folder / text).exists()


def _explain(error: ValidationError, origin: str) -> str:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        known = _known_keys(place[:-1])
        table = f"table [{'.'.join(place[:-1])}]" if place[:-1] else "top level"
        return (
            f"{origin} holds the unknown key '{place[-1]}' at {table}; "
            f"known there: {', '.join(known)}.{did_you_mean(place[-1], known)}"
        )
    got = repr(first.get("input"))
    return f"{origin}: {'.'.join(place)} holds {got}, which is wrong: {first['msg']}."


def _known_keys(path: list[str]) -> list[str]:
    section: type[BaseModel] = Settings
    for part in path:
        annotation = section.model_fields[part].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            section = annotation
    return [field.alias or name for name, field in section.model_fields.items()]

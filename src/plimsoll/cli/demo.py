"""``plimsoll demo``: the whole story on real data that ships with scikit-learn.

A clinic wants to replace a model that tells malignant from benign tumours by seven measurements of
a fine-needle sample with one that uses thirty. The data are the 569 cases of the Breast Cancer
Wisconsin (Diagnostic) set, Wolberg, Mangasarian, Street and Street 1995, doi:10.24432/C5DW2B.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from plimsoll.cli import voice
from plimsoll.core.errors import OutputError, UsageError

if TYPE_CHECKING:
    import polars as pl

    from plimsoll.api import Record

FIRST_LINE = "# Written by 'plimsoll demo', which writes it anew whenever it runs."
OLD_MODEL = ("mean radius", "mean texture", "mean perimeter", "mean area", "mean smoothness",
             "mean compactness", "mean symmetry")  # fmt: skip
SEED = 0
BROKEN = 4

SETTINGS = f"""{FIRST_LINE}
# Change a limit and run: plimsoll check

[subject]
name = "tumour model, 30 measurements"
model = "new_model.skops"
champion = "old_model.skops"     # the model in use, with 7 measurements

[data]
current = "test.parquet"         # 285 cases that neither model has seen
reference = "train.parquet"      # the 284 cases both were fitted on

[columns]
target = "diagnosis"
positive = "malignant"
id = "case"

[policy]
roc_auc = {{ min = 0.95 }}         # ranks a malignant case above a benign one, 95 times of 100
recall = {{ min = 0.95 }}          # finds 95 of 100 malignant cases
precision = {{ min = 0.90 }}       # is right about 90 of 100 cases it flags
replacement = {{ non_inferior_to = "champion", metric = "roc_auc", margin = 0.01 }}

[report]
html = "report.html"
json = "record.json"
"""

_VERDICTS = {
    "pass": "pass. Every limit is kept, beyond the doubt that so few cases leave.",
    "fail": "fail. A limit is broken, beyond the doubt that so few cases leave.",
    "unsure": "unsure. A limit lies within the range that so few cases leave open.",
    "error": "error. A check broke.",
}


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Folder for everything it writes.")
    ] = Path("plimsoll-demo"),
) -> int:
    """Show the whole story on real data: train, check, report.

    The exit code is 0 when the story ran through, whatever the verdict of the check in it is.
    """
    from plimsoll.cli.check import judge
    from plimsoll.core.settings import load_settings

    place = folder / "plimsoll.toml"
    _make_room(folder, place)
    voice.tell("training two models on 284 of the 569 real tumour cases that scikit-learn ships")
    _prepare(folder)
    place.write_text(SETTINGS, encoding="utf-8")
    voice.tell(f"running: plimsoll check {shlex.quote(str(place))}")
    record = judge(load_settings(place))
    voice.answer(_closing(record, folder, place))
    return BROKEN if record.verdict.value == "error" else 0


def _make_room(folder: Path, place: Path) -> None:
    """Make the folder; one that holds anything but an earlier demo is left alone."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ours = place.is_file() and place.read_text(encoding="utf-8").startswith(FIRST_LINE)
        if any(folder.iterdir()) and not ours:
            raise UsageError(
                f"An empty folder was expected for the demo and '{folder}' holds other files; "
                "give --dir DIR for another."
            )
    except OSError as error:
        raise OutputError(
            f"The demo was expected to write into '{folder}', which cannot be used: "
            f"{error.strerror}. Give --dir DIR for another."
        ) from None


def _prepare(folder: Path) -> None:
    """Write both halves of the data and both models."""
    import polars as pl
    import skops.io as skops
    from sklearn.datasets import load_breast_cancer
    from sklearn.model_selection import train_test_split

    found = load_breast_cancer()
    cases = pl.DataFrame(found.data, schema=[str(name) for name in found.feature_names])
    names = pl.Series(found.target_names.astype(str))
    cases = cases.with_columns(
        diagnosis=names.gather(found.target), case=pl.int_range(1, cases.height + 1)
    )
    train, test = train_test_split(
        range(cases.height), test_size=0.5, stratify=found.target, random_state=SEED
    )
    cases[sorted(test)].write_parquet(folder / "test.parquet")
    fitted_on = cases[sorted(train)]
    fitted_on.write_parquet(folder / "train.parquet")
    for name, features in (("new", found.feature_names.tolist()), ("old", list(OLD_MODEL))):
        skops.dump(_fit(fitted_on, features), folder / f"{name}_model.skops")


def _fit(frame: pl.DataFrame, features: list[str]) -> Any:
    """Fit a logistic regression from raw columns to a decision."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    pipeline.set_output(transform="default")
    return pipeline.fit(frame.select(features), frame.get_column("diagnosis").to_numpy())


def _closing(record: Record, folder: Path, place: Path) -> str:
    report = (folder / "report.html").resolve()
    needed = max((line.rows_needed or 0 for line in record.gate), default=0)
    more = f" About {needed:,} cases like these would settle it." if needed else ""
    command = f"plimsoll check {shlex.quote(str(place))}"
    return (
        f"\nVerdict: {_VERDICTS[record.verdict.value]}{more}\n"
        f"         '{command}' ends with exit code {record.exit_code()}.\n"
        f"Report:  {report}\n"
        f"         {report.as_uri()}\n"
        f"Next:    change a limit in {place} and run it again,\n"
        "         or judge your own model: plimsoll init YOUR_DATA"
    )

"""``plimsoll compare``: champion against challenger on the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from plimsoll.cli.check import GitHub, Quiet, Trust, judge
from plimsoll.cli.flag import RUN, Flag
from plimsoll.cli.flags import FLAGS
from plimsoll.cli.typed import gather, takes
from plimsoll.core.errors import SettingsError

if TYPE_CHECKING:
    from plimsoll.core.settings import Settings

MARGIN = Flag(
    "--margin",
    "margin",
    RUN,
    "How much worse B may be and still pass, such as roc_auc=0.01; repeatable.",
    "METRIC=X",
    "pairs",
)
LIMITS = "challenger"
"""The name that the limits of --margin have in the report."""
COMPARED = (
    *(flag for flag in FLAGS if flag.setting not in ("model", "champion", "challenger")),
    MARGIN,
)


@takes(*COMPARED)
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="Champion: a model, or a column.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Challenger: a model, or a column.")],
    settings: Annotated[
        Path | None,
        typer.Option(
            "--settings",
            metavar="FILE",
            help="Settings file; ./plimsoll.toml where there is one.",
            rich_help_panel=RUN,
            show_default=False,
        ),
    ] = None,
    trust_model: Trust = False,
    github: GitHub = False,
    quiet: Quiet = False,
    **flags: Any,
) -> int:
    """Judge challenger B against champion A on the same rows.

    Every difference is paired and has an interval. With --margin, or a limit non_inferior_to =
    "champion", the exit code says whether B is non-inferior (0), inferior (1) or not settled (3).
    """
    from plimsoll.cli.reading import DEFAULT, read_settings

    typed = gather(flags, COMPARED)
    margins = typed.pop("margin", {})
    parsed = against(read_settings(settings, typed, quiet=quiet), a, b, margins)
    read = (settings or DEFAULT, typed.get("policy"))
    record = judge(parsed, *read, trust_model=trust_model, github=github, quiet=quiet)
    return record.exit_code()


def against(
    settings: Settings, champion: str, challenger: str, margins: dict[str, str]
) -> Settings:
    """Return settings in which the challenger is judged and each margin is a limit.

    Models that the settings name themselves are put aside: the two on the command line are meant.
    """
    subject = settings.subject.model_copy(
        update={"model": None, "champion": champion, "challenger": challenger}
    )
    limits = [
        {"non_inferior_to": "champion", "metric": metric, "margin": _number(metric, text)}
        for metric, text in margins.items()
    ]
    policy = dict(settings.policy)
    if limits:
        before = policy.get(LIMITS, [])
        policy[LIMITS] = [*(before if isinstance(before, list) else [before]), *limits]
    return settings.model_copy(update={"subject": subject, "policy": policy})


def _number(metric: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(
            f"--margin {metric} must be a number, such as {metric}=0.01; got '{text}'."
        ) from None

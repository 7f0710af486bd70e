"""The Python face: what ``import plimsoll`` offers.

::

    record = plimsoll.evaluate(frame, model=pipeline, target="income", positive=1)
    record                      # shows itself in a notebook
    record.estimates            # a Polars frame
    record.write("report.html")
    record.assert_passes()
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from plimsoll.checks import discover
from plimsoll.core.check import Card, Check
from plimsoll.core.errors import OutputError, SettingsError, UsageError, did_you_mean
from plimsoll.core.profile import Profile as PlainProfile
from plimsoll.core.record import (
    SCHEMA,
    DataFacts,
    ModelFacts,
    SubjectFacts,
    Verdict,
)
from plimsoll.core.record import Record as PlainRecord
from plimsoll.core.settings import Settings, load_settings, parse_settings
from plimsoll.core.subject import Subject
from plimsoll.engine.assemble import Given, assemble
from plimsoll.engine.desk import Tell
from plimsoll.engine.job import Job
from plimsoll.engine.make_profile import make_profile
from plimsoll.engine.run import Result, run
from plimsoll.engine.scan import BATCH_ROWS, Progress
from plimsoll.policy.gate import detectable, gate, joint_power, suggest, verdict
from plimsoll.policy.limits import parse_policy
from plimsoll.policy.reuse import consult_ledger
from plimsoll.probes.relations.own import relation
from plimsoll.probes.stress.own import stress
from plimsoll.records.profiles import save_profile
from plimsoll.records.store import load_record as _load
from plimsoll.records.store import write_atomically
from plimsoll.reports import FORMS, form_of, render

Clock = Callable[[], datetime]


class Record(PlainRecord):
    """A record that shows itself in a notebook, writes every report and can be asserted."""

    @property
    def estimates(self) -> pl.DataFrame:
        """Every measured number: check, name, where, value, low, high, level, n, unit, method."""
        rows = [
            {
                "check": entry.code,
                "name": e.name,
                "where": str(e.where),
                "value": e.value,
                "low": e.low,
                "high": e.high,
                "level": e.level,
                "n": e.n,
                "unit": e.unit,
                "method": e.method,
            }
            for entry, e in self.all_estimates()
        ]
        return pl.DataFrame(rows, schema=_ESTIMATE_SCHEMA)

    @property
    def findings(self) -> pl.DataFrame:
        """Every finding: check, status, critical, where, title, meaning, action."""
        rows = [
            (entry.code, f.status.value, f.critical, str(f.where), f.title, f.meaning, f.action)
            for entry in self.checks
            for f in entry.findings
        ]
        names = ["check", "status", "critical", "where", "title", "meaning", "action"]
        return pl.DataFrame(rows, schema=names, orient="row")

    @property
    def passes(self) -> bool:
        """Whether the verdict is a pass."""
        return self.verdict is Verdict.PASS

    def exit_code(self) -> int:
        """Return the exit code of the verdict, after the settings' word on what unsure counts as."""
        counts_as = self.settings.get("run", {}).get("unsure", "unsure")
        if self.verdict is Verdict.UNSURE and counts_as in ("pass", "fail"):
            return Verdict(counts_as).exit_code
        return self.verdict.exit_code

    def assert_passes(self) -> None:
        """Raise AssertionError, with the limits that were not kept and what to do, unless it passes.

        A verdict of unsure passes only where the settings say ``unsure = "pass"``.
        """
        if self.exit_code() == 0:
            return
        lines = [f"  {g.status.value}: {g.meaning}" for g in self.gate if g.status.value != "PASS"]
        lines += [
            f"  {f.status.value}: {f.title} {f.meaning} {f.action}"
            for entry in self.checks
            for f in entry.findings
            if f.critical and f.status.value in ("FAIL", "UNSURE")
        ]
        lines += [
            f"  ERROR: {c.code}: {c.reason}" for c in self.checks if c.status.value == "ERROR"
        ]
        raise AssertionError("\n".join([f"{self.subject.name}: {self.verdict.value}", *lines]))

    def render(self, form: str) -> str:
        """Return the report in one of the forms: terminal, html, markdown, junit, sarif, svg, json."""
        return render(self, form)

    def write(self, path: str | Path, form: str | None = None) -> Path:
        """Write a report whole or not at all; the form follows from the ending unless given."""
        place = Path(path)
        write_atomically(place, render(self, form or form_of(place)))
        return place

    def _repr_html_(self) -> str:
        return render(self, "notebook")

    def __repr__(self) -> str:
        return f"<Record of {self.subject.name!r}: {self.verdict.value}, {len(self.checks)} checks>"

    @classmethod
    def of(cls, plain: PlainRecord) -> Record:
        """Return the same record with this face."""
        return cls(**{f.name: getattr(plain, f.name) for f in fields(plain)})


class Profile(PlainProfile):
    """A reference as its finished tallies, which can be written to a file."""

    def write(self, path: str | Path) -> Path:
        """Write the profile whole or not at all."""
        save_profile(self, path)
        return Path(path)

    def __repr__(self) -> str:
        return f"<Profile of {self.rows:,} rows, {len(self.columns)} columns, made {self.made}>"


_ESTIMATE_SCHEMA: dict[str, Any] = {
    "check": pl.String,
    "name": pl.String,
    "where": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "level": pl.Float64,
    "n": pl.Int64,
    "unit": pl.String,
    "method": pl.String,
}


def check(
    settings: Settings | str | Path | Mapping[str, Any],
    *,
    given: Given | None = None,
    trust_model: bool = False,
    progress: Progress | None = None,
    telling: Tell | None = None,
    clock: Clock | None = None,
    batch_rows: int = BATCH_ROWS,
    checks: Sequence[Check] | None = None,
) -> Record:
    """Judge one model on one table and return the record; what ``plimsoll check`` does.

    Raises
    ------
    PlimsollError
        At wrong settings, or data or a model that cannot be used; the message says what to do.
    """
    parsed = _settings(settings)
    offered = tuple(discover()) if checks is None else tuple(checks)
    limits = parse_policy(parsed.policy, [c.CARD for c in offered])
    job = assemble(
        parsed,
        offered,
        limits,
        given,
        trust_model=trust_model,
        progress=progress,
        telling=telling,
        batch_rows=batch_rows,
    )
    with ThreadPoolExecutor(2, thread_name_prefix="plimsoll-sha256") as beside:
        # Hashing a file needs no interpreter, and the scan leaves room. One thread would be done last.
        prints = Fingerprints.of(job, beside)
        result = run(job)
        return _record(parsed, job, result, prints, (clock or _now)())


def evaluate(
    data: Any = None,
    *,
    model: Any = None,
    reference: Any = None,
    champion: Any = None,
    stresses: Sequence[Callable[..., object]] = (),
    fit: Callable[..., Any] | str | None = None,
    experiment: Callable[..., Any] | str | None = None,
    policy: Mapping[str, Any] | str | Path | None = None,
    settings: Settings | str | Path | Mapping[str, Any] | None = None,
    trust_model: bool = False,
    progress: Progress | None = None,
    **flags: Any,
) -> Record:
    """Judge a model on a data frame or a file.

    ``data`` and ``reference`` are Polars, pandas, PyArrow or NumPy tables, or paths; ``model`` and
    ``champion`` fitted objects, functions of a frame, or paths; ``stresses`` are functions marked by
    :func:`stress` or :func:`relation`. ``fit`` takes rows with the raw target and returns a model;
    ``experiment`` takes the same and returns the score of the whole of fitting and scoring. ``flags`` are the
    settings by their bare names, as on the command line: ``target="y", score="p", positive="yes", seed=1``.

    Raises
    ------
    SettingsError
        At an unknown flag, with the nearest known one.
    """
    base = Settings() if settings is None else _settings(settings)
    if policy is not None:
        flags = {**flags, "policy": policy}
    merged = with_flags(base, flags)
    given = Given(
        data, reference, model, champion, stresses=tuple(stresses), fit=fit, experiment=experiment
    )
    return check(merged, given=given, trust_model=trust_model, progress=progress)


def compare(
    champion: Any,
    challenger: Any,
    data: Any = None,
    *,
    reference: Any = None,
    policy: Mapping[str, Any] | str | Path | None = None,
    settings: Settings | str | Path | Mapping[str, Any] | None = None,
    trust_model: bool = False,
    progress: Progress | None = None,
    **flags: Any,
) -> Record:
    """Judge a challenger against a champion on the same rows; either may be a column of the data.

    Takes what :func:`evaluate` takes. The record is of the challenger; its paired differences stand
    under the name ``difference`` with ``where.metric`` and ``where.model = "champion"``.
    """
    base = Settings() if settings is None else _settings(settings)
    if policy is not None:
        flags = {**flags, "policy": policy}
    given = Given(data, reference, champion=champion, challenger=challenger)
    return check(with_flags(base, flags), given=given, trust_model=trust_model, progress=progress)


def profile(
    data: Any = None,
    *,
    model: Any = None,
    settings: Settings | str | Path | Mapping[str, Any] | None = None,
    trust_model: bool = False,
    clock: Clock | None = None,
    **flags: Any,
) -> Profile:
    """Take of a table what checks ask of a reference: counts and sums, a few megabytes, no raw row.

    Takes what :func:`evaluate` takes. Without a target it holds how the columns are spread, which is what
    drift needs. Give it to :func:`evaluate` as ``reference``, or write it to a file of the ending
    ``.plimsoll`` and give its path.
    """
    base = Settings() if settings is None else _settings(settings)
    merged = with_flags(base, flags)
    made = (clock or _now)().strftime("%Y-%m-%dT%H:%M:%SZ")
    given = Given(data, model=model)
    found = make_profile(
        merged, tuple(discover()), given, made, version("plimsoll"), trust_model=trust_model
    )
    return Profile(**{f.name: getattr(found, f.name) for f in fields(found)})


def with_flags(settings: Settings, flags: Mapping[str, Any]) -> Settings:
    """Return settings with bare-named flags put where they belong; None leaves a setting alone.

    ``policy`` may be a mapping or the path of a TOML file with limits at its top or under [policy].
    """
    data = settings.model_dump(by_alias=True, exclude_unset=True)
    places = flag_places()
    for name, value in flags.items():
        if value is None:
            continue
        if name == "policy":
            data["policy"] = read_policy(value)
            continue
        if name not in places:
            raise SettingsError(f"There is no setting '{name}'.{did_you_mean(name, places)}")
        section = places[name]
        data.setdefault(section, {})[name] = os.fspath(value) if isinstance(value, Path) else value
    return parse_settings(data, "the flags")


def flag_places() -> dict[str, str]:
    """Return the section of every setting by its bare name."""
    return {
        field.alias or name: section
        for section, part in Settings.model_fields.items()
        if hasattr(part.annotation, "model_fields")
        for name, field in part.annotation.model_fields.items()  # type: ignore[union-attr]
    }


def read_policy(policy: Mapping[str, Any] | str | Path) -> dict[str, Any]:
    """Return the limits of a mapping or of a TOML file (its [policy] table, or its top)."""
    if isinstance(policy, Mapping):
        return dict(policy)
    import tomllib

    path = Path(policy)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"The policy file '{path}' was expected but is not there.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The policy file '{path}' cannot be read: {error}.") from None
    if "policy" in data:  # a whole settings file: its other tables must be right, too
        return dict(parse_settings(data, f"'{path}'").policy)
    return dict(data)


def load_record(path: str | Path) -> Record:
    """Read a stored record (what ``--json`` wrote)."""
    return Record.of(_load(Path(path)))


def cards() -> list[Card]:
    """Return the card of every check, in the order of reports."""
    return [found.CARD for found in discover()]


def explain(code: str) -> str:
    """Return the documentation of a check: what it asks, how, when it cannot tell, what to do."""
    found = {c.CARD.code: c for c in discover()}
    if code.upper() not in found:
        raise UsageError(
            f"There is no check '{code}'; 'plimsoll list' shows all.{did_you_mean(code.upper(), found)}"
        )
    return (found[code.upper()].__doc__ or "").strip()


def _settings(settings: Settings | str | Path | Mapping[str, Any]) -> Settings:
    if isinstance(settings, Settings):
        return settings
    if isinstance(settings, str | Path):
        return load_settings(Path(settings))
    return parse_settings(dict(settings))


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Fingerprints:
    """The fingerprints of both tables, taken beside the scan."""

    data: Future[str | None]
    reference: Future[str | None] | None

    @staticmethod
    def of(job: Job, beside: ThreadPoolExecutor) -> Fingerprints:
        """Begin to take them."""
        reference = None
        if job.reference is not None and not isinstance(job.reference, PlainProfile):
            reference = beside.submit(job.reference.fingerprint)
        return Fingerprints(beside.submit(job.current.fingerprint), reference)


def _record(
    settings: Settings, job: Job, result: Result, prints: Fingerprints, now: datetime
) -> Record:
    lines = gate(job.limits, result.entries, result.scan.rows_used)
    answer = verdict(lines, result.entries)
    facts = _subject_facts(job, result, prints)
    summary: dict[str, Any] = {}
    power = joint_power(lines)
    if power is not None:
        often = "fewer than 1" if power < 0.01 else f"about {round(100 * power)}"
        summary["joint_power"] = (
            f"A model as good as this one measured would keep {_all(len(lines))} limits in {often} of 100 "
            "test sets of this size."
        )
    if lines:
        summary["minimum_detectable"] = detectable(lines)
    if not job.limits:
        summary["suggested_limits"] = suggest(result.entries)
    if settings.run.ledger is not None:
        summary["reuse"] = consult_ledger(
            Path(settings.run.ledger),
            facts,
            job.limits,
            answer,
            level=job.options.confidence,
            version=version("plimsoll"),
            now=now,
        )
    return Record(
        schema=SCHEMA,
        plimsoll=version("plimsoll"),
        created=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        verdict=answer,
        subject=facts,
        settings=_said_settings(settings, job),
        checks=result.entries,
        gate=lines,
        scan=result.scan,
        summary=summary,
    )


def _subject_facts(job: Job, result: Result, prints: Fingerprints) -> SubjectFacts:
    subject, model = job.subject, job.models.get("")
    card = model.card if model is not None else None
    reference = None
    if isinstance(job.reference, PlainProfile):
        held = job.reference
        reference = DataFacts(held.rows, held.sha256, len(held.columns), held.origin)
    elif job.reference is not None:
        reference = DataFacts(
            result.reference_rows,
            None if prints.reference is None else prints.reference.result(),
            len(job.reference.schema),
            job.reference.origin,
        )
    return SubjectFacts(
        name=subject.name,
        task=subject.task.value,
        model=ModelFacts("predictions")
        if card is None
        else ModelFacts(card.kind, card.sha256, card.output.value, card.origin),
        data=DataFacts(
            result.scan.rows,
            prints.data.result(),
            len(job.current.schema),
            job.current.origin,
        ),
        reference=reference,
        classes=subject.classes,
        positive=subject.positive if len(subject.classes) == 2 else None,
        threshold=subject.threshold,
        decided_by=subject.decided_by,
        score_kind=subject.score_kind.value,
        columns=_columns(subject),
        said=subject.said,
    )


def _all(limits: int) -> str:
    return "both" if limits == 2 else f"all {limits}"


def _columns(subject: Subject) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for role, column in subject.roles.named():
        if role in ("score", "sensitive", "slice_by", "interval", "quantiles"):
            found.setdefault(role, []).append(column)
        else:
            found[role] = column
    return found


def _said_settings(settings: Settings, job: Job) -> dict[str, Any]:
    data = settings.model_dump(by_alias=True, exclude_none=True, exclude={"policy"})
    data["policy"] = dict(settings.policy)
    return {"seed": job.options.seed, "confidence": job.options.confidence, **data}


__all__ = [
    "FORMS",
    "Given",
    "OutputError",
    "Profile",
    "Record",
    "Settings",
    "cards",
    "check",
    "compare",
    "evaluate",
    "explain",
    "load_record",
    "profile",
    "relation",
    "stress",
]

"""Data readiness: every source profiled, judged, compared with an earlier run, and scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from customer_atlas.config import Project
from customer_atlas.data.lake import Lake
from customer_atlas.data.quality.column_rules import column_findings
from customer_atlas.data.quality.drift import drift_of
from customer_atlas.data.quality.drift_rules import drift_findings
from customer_atlas.data.quality.findings import Finding, Severity
from customer_atlas.data.quality.overlap import overlaps
from customer_atlas.data.quality.profile import Profile
from customer_atlas.data.quality.score import Scores, score, with_gains
from customer_atlas.data.quality.source_rules import (
    freshness_findings,
    overlap_findings,
    source_findings,
)
from customer_atlas.data.quality.spikes import Rhythm, rhythm_of
from customer_atlas.data.quality.survey import Survey, survey
from customer_atlas.engine import Connection, DuckDB
from customer_atlas.registry import Registry

__all__ = ["Baseline", "Readiness", "check_readiness"]

_MEND_FIRST = 5


@dataclass(frozen=True)
class Baseline:
    """What the data is compared with: the profile that a run kept, and the run's number."""

    run: int
    profile: Profile


@dataclass(frozen=True)
class Readiness:
    """How ready the data is: its profile, what was found, the gravest first, and the points.

    `compared_with` is the run whose profile the data was compared with, or None.
    """

    profile: Profile
    findings: tuple[Finding, ...]
    scores: Scores
    compared_with: int | None

    @property
    def score(self) -> int:
        """The points of the project, from 0 to 100."""
        return self.scores.project

    @property
    def holds(self) -> bool:
        """Whether nothing that was found is bad."""
        return not any(one.severity is Severity.BAD for one in self.findings)

    @property
    def mend_first(self) -> tuple[Finding, ...]:
        """At most five findings whose mending gains most."""
        asked = [one for one in self.findings if one.action and one.loss]
        return tuple(asked[:_MEND_FIRST])

    def summary(self) -> dict[str, Any]:
        """Return the score and what to mend first as JSON values, without anybody's id."""
        told = [one for one in self.mend_first if one.code != "one_customer"]
        return {
            "score": self.score,
            "mend_first": [
                {"place": one.place, "sentence": one.sentence, "action": one.action} for one in told
            ],
        }


def check_readiness(
    project: Project,
    lake: Lake,
    registry: Registry,
    engine: DuckDB,
    *,
    now: datetime,
    baseline: Callable[[Mapping[str, int]], Baseline | None] = lambda _: None,
) -> Readiness:
    """Look at every source as the registry pins it, and judge it.

    Args:
        project: what the project file declares.
        lake: where tables are.
        registry: which versions count, and what became of each file's rows.
        engine: where queries run.
        now: the present, in UTC without a zone.
        baseline: given the versions of the tables by source, returns what to compare with.

    Raises:
        EngineError: the engine could not read a table.
        LakeError: a table is missing or damaged.
    """
    pins = registry.sources()
    files = {name: registry.files(name) for name in project.sources}
    with engine.connect() as connection:
        surveys = survey(connection, project, lake, pins, files)
        profile = Profile(tuple(one.profile for one in surveys))
        earlier = baseline(profile.versions)
        findings = _findings(connection, surveys, earlier, now)
    ranked = with_gains(profile, findings)
    return Readiness(
        profile, tuple(ranked), score(profile, ranked), earlier.run if earlier else None
    )


def _findings(
    connection: Connection, surveys: list[Survey], earlier: Baseline | None, now: datetime
) -> list[Finding]:
    findings: list[Finding] = []
    rhythms: dict[str, Rhythm | None] = {}
    for one in surveys:
        source = one.profile.source
        of_days = _rhythms(one)
        rhythms[source] = of_days.get("rows")
        findings += column_findings(one.profile)
        findings += source_findings(one, of_days)
        then = earlier.profile.source(source) if earlier else None
        if earlier and then and then.version != one.profile.version:
            drift = drift_of(connection, one.profile, then)
            if drift:
                findings += drift_findings(one.profile, drift, earlier.run)
    roles = {one.profile.source: one.profile.role for one in surveys}
    findings += overlap_findings(overlaps(connection, surveys), roles)
    findings += freshness_findings(surveys, rhythms, now)
    return findings


def _rhythms(one: Survey) -> dict[str, Rhythm | None]:
    if one.days is None:
        return {}
    found: dict[str, Any] = {"rows": rhythm_of(one.days.days, one.days.rows)}
    if one.days.amounts is not None:
        found["amount"] = rhythm_of(one.days.days, one.days.amounts)
    return found

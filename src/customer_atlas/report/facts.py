"""Everything that the report tells, gathered once from what serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from customer_atlas.clustering import DENSE, Choice, Reliability, Search, StabilityReport
from customer_atlas.features import FeatureInfo
from customer_atlas.pipeline import (
    Outcome,
    Published,
    bias_of,
    drivers_of,
    outcomes_of,
    stability_of,
    view_run,
)
from customer_atlas.report.geometry import Geometry, geometry_of
from customer_atlas.report.people import People, traits_of
from customer_atlas.report.personas import Persona, personas_of
from customer_atlas.report.quality import SourceQuality, quality_of
from customer_atlas.report.standing import Standing, standing_of
from customer_atlas.report.words import spoken
from customer_atlas.segments import Drivers, FairnessReport, RuleSegment, Segment, SegmentRule

__all__ = ["Facts", "compare", "gather"]


@dataclass(frozen=True)
class Facts:
    """The facts of one report; figures and pages are made of them and of nothing else.

    `readiness` is the run's score of the data and what to mend first, as it was recorded. `made`
    is when the run ended, so that the same run makes the same report. `unused` says of
    each column that took no part, why not; `inside` are the sub-segments by the id of the segment
    that they are part of. `rules` tell who is in a segment, by its id; `rule_segments` are
    declared. `bias` is None where nothing is protected.
    """

    project: str
    segmentation: str
    run: int
    generation: int
    as_of: datetime
    made: datetime
    segments: tuple[Segment, ...]
    people: People
    standing: Standing
    geometry: Geometry
    search: Search
    stability: StabilityReport
    drivers: Drivers
    reliability: Reliability | None
    kinds: Mapping[str, int]
    infos: tuple[FeatureInfo, ...]
    sources: tuple[SourceQuality, ...]
    unused: Mapping[str, str]
    outcomes: tuple[Outcome, ...]
    protected: tuple[str, ...]
    readiness: Mapping[str, Any]
    libraries: Mapping[str, str]
    inside: Mapping[str, tuple[Segment, ...]] = field(default_factory=dict)
    rules: Mapping[str, SegmentRule] = field(default_factory=dict)
    rule_segments: tuple[RuleSegment, ...] = ()
    personas: tuple[Persona, ...] = ()
    bias: FairnessReport | None = None

    @property
    def choice(self) -> Choice:
        """What k-means alone says of the number of segments."""
        return self.search.choice

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return sum(segment.size for segment in self.segments)

    @property
    def money(self) -> bool:
        """Whether revenue is known."""
        return any(segment.revenue_share is not None for segment in self.segments)


def gather(published: Published) -> Facts:
    """Read what the report needs of the run that serves."""
    work, run, model = published.work, published.run, published.model
    segments = tuple(published.segments)
    people, places, standing = compare(published)
    shade = published.buckets() if people.everyone > DENSE else ()
    return Facts(
        project=spoken(work.file.project.project),
        segmentation=published.pointer.segmentation,
        run=run.id,
        generation=published.generation.id,
        as_of=run.as_of or published.generation.as_of,
        made=run.finished_at or run.started_at,
        segments=segments,
        people=people,
        standing=standing,
        geometry=geometry_of(people, model.matrix, segments, shade, places),
        search=model.search,
        stability=stability_of(published, None),
        drivers=drivers_of(published),
        reliability=model.reliability,
        kinds=published.kinds,
        infos=model.infos,
        sources=quality_of(work),
        unused=view_run(work, run.id).unused,
        outcomes=tuple(outcomes_of(published)),
        protected=work.file.project.protected,
        readiness=run.metrics.get("readiness", {}),
        libraries=published.generation.libraries,
        inside={
            one.id: tuple(found)
            for one in published.every_segment
            if (found := published.family(one)[1])
        },
        rules=published.segment_rules,
        rule_segments=published.rule_segments.segments,
        personas=personas_of(published, standing),
        bias=bias_of(published) if work.file.project.protected else None,
    )


def compare(published: Published) -> tuple[People, dict[int, int], Standing]:
    """Return the customers looked at, each cluster's place in the list, and how segments differ."""
    segments = published.segments
    places = {segment.cluster: place for place, segment in enumerate(segments)}
    people = People.of(published.buckets(), places, sum(one.size for one in segments))
    traits = traits_of(people, published.model.infos)
    return people, places, standing_of(people, traits, segments)

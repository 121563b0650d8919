"""The features of a segmentation at a cutoff: what decides them, and how they come to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from customer_atlas.config import Segmentation
from customer_atlas.errors import FeatureError
from customer_atlas.features import (
    Computation,
    Declared,
    Plan,
    Population,
    Snapshot,
    learn_population,
)
from customer_atlas.pipeline.declared import declared_of
from customer_atlas.pipeline.declared_rules import rules_state
from customer_atlas.pipeline.definition import definition_of, digest, inputs_of
from customer_atlas.pipeline.progress import Progress
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.registry import ServingRecord

__all__ = ["Asked", "compute_features", "is_current", "plan_features"]


@dataclass(frozen=True)
class Asked:
    """All that decides the result of a run."""

    segmentation: str
    settings: Segmentation
    snapshot: Snapshot
    declared: Declared
    cutoff: datetime
    definition: dict[str, Any]
    rules: Mapping[str, Any]

    @classmethod
    def of(cls, work: Workspace, segmentation: str, as_of: datetime | None) -> Asked:
        """Return what is asked of the lake as it is pinned now, by default at its last event."""
        project = work.file.project
        snapshot, declared = declared_of(work, work.snapshot(), segmentation)
        return cls(
            segmentation,
            project.segmentations[segmentation],
            snapshot,
            declared,
            work.cutoff(snapshot, as_of),
            definition_of(project, segmentation),
            rules_state(work, segmentation),
        )

    @property
    def inputs(self) -> str:
        """The hash of it."""
        decided = inputs_of(digest(self.definition), self.snapshot.versions, self.cutoff)
        return digest([decided, self.rules]) if self.rules["rules"] else decided


def is_current(work: Workspace, serving: ServingRecord, inputs: str) -> bool:
    """Return whether what serves is whole, and was made of these inputs."""
    last = work.registry.last_done_run(serving.segmentation)
    folder = work.run_folder(serving.run)
    whole = (folder / "members").is_dir() and (folder / "features").is_dir()
    return whole and last is not None and last.inputs == inputs and serving.run == last.id


def plan_features(
    work: Workspace, asked: Asked, known: Population | None, progress: Progress
) -> Plan:
    """Return the plan of all declared features; what is not `known` of everybody is learned."""
    project = work.file.project
    if known is None:
        progress("learn the population")
        with work.engine.connect() as connection:
            known = learn_population(
                connection,
                asked.snapshot,
                asked.cutoff,
                packs=asked.settings.packs,
                never=project.never_features,
                geography=project.geography,
                scales=project.scales,
            )
    settings, sources = asked.settings, asked.snapshot.sources
    zone, cuts = project.timezone, settings.rfm
    return Plan.of(settings.packs, sources, known, zone, asked.declared, cuts)


def compute_features(
    work: Workspace, computation: Computation, folder: Path, progress: Progress
) -> list[Path]:
    """Write the features by bucket, and return the files.

    Raises:
        FeatureError: nobody is known before the cutoff.
    """
    total = work.lake.buckets
    progress("compute features", 0, total)
    paths = computation.write(folder, lambda done: progress("compute features", done, total))
    if not any(pq.read_metadata(path).num_rows for path in paths):
        raise FeatureError(
            f"Nobody is known before {computation.cutoff:%Y-%m-%d %H:%M:%S} UTC: every row is of "
            "that moment or later. Name a later one with --as-of, or look at the dates in the "
            "sources."
        )
    return paths

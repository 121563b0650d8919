"""The features that the project file declares, checked against what is in the lake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from customer_atlas.config import FeatureDeclaration, Role
from customer_atlas.features import Declared, Snapshot, declare
from customer_atlas.pipeline.workspace import Workspace

__all__ = ["declared_of", "longer_than_history"]


def declared_of(
    work: Workspace, snapshot: Snapshot, segmentation: str
) -> tuple[Snapshot, Declared]:
    """Return what a segmentation declares, and the snapshot with what that computes.

    Raises:
        ConfigError: a declaration does not fit the sources; says where it is written.
    """
    project = work.file.project
    declarations = project.segmentations[segmentation].features
    places = {one.name: i for i, one in enumerate(declarations)}

    def place(one: FeatureDeclaration) -> str:
        return work.file.where("segmentations", segmentation, "features", places[one.name])

    if not declarations:
        return snapshot, Declared(snapshot.sources, place)
    with work.engine.connect() as connection:
        declared = declare(
            declarations, snapshot.sources, connection, place=place, never=project.never_features
        )
    return replace(snapshot, sources=declared.sources), declared


def longer_than_history(
    work: Workspace, snapshot: Snapshot, declared: Declared, cutoff: datetime
) -> Iterator[str]:
    """Yield a sentence for each declared window that begins before the first row."""
    windows = [
        (feature, aggregate.window, aggregate.grain)
        for feature in declared.features
        for aggregate in feature.aggregates
        if aggregate.window
    ]
    if not windows:
        return
    with work.engine.connect() as connection:
        first = snapshot.first_events(connection)
    for feature, window, grain in windows:
        begun = first.get(Role(grain))
        if begun and window.bounds(cutoff)[0] < begun:
            days = (cutoff - begun).days
            yield (
                f"The feature '{feature.info.name}' looks back {window.length.days} days, and the "
                f"{grain} begin {days} days before {cutoff:%Y-%m-%d}: it is the same as all time."
            )

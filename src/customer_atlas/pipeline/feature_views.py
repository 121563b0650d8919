"""Features as they can be looked at: their spread, their use, and where they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from customer_atlas.errors import UnknownNameError
from customer_atlas.features import FeatureInfo, Origin, Plan, origin_of
from customer_atlas.pipeline.computing import plan_features
from customer_atlas.pipeline.feature_tables import Features
from customer_atlas.pipeline.model import Model
from customer_atlas.pipeline.published import Published
from customer_atlas.pipeline.spread import Spread, numbers_of, spread_of

__all__ = [
    "FeatureExplanation",
    "FeatureSet",
    "FeatureView",
    "InSegment",
    "Use",
    "explain_feature",
    "view_features",
]

Use = Literal["forms", "describes", "dropped", "declared"]


@dataclass(frozen=True)
class FeatureView:
    """A feature, its spread, and what it is used for.

    It ``forms`` segments, only ``describes`` them, was ``dropped`` for the reason that `why`
    says, or is ``declared``, where nothing serves yet. `importance` is its share (0 to 1) of what
    all that were ranked tell of later behaviour, and rank 1 tells most; None where it was not
    ranked. `prior` is everybody's mean, and how many observations it is worth, where few ones of
    a customer are drawn to it.
    """

    info: FeatureInfo
    spread: Spread
    use: Use
    why: str = ""
    importance: float | None = None
    rank: int | None = None
    prior: tuple[float, float] | None = None


@dataclass(frozen=True)
class FeatureSet:
    """The features of a segmentation as of a time (UTC, naive): of a run, or computed now."""

    segmentation: str
    as_of: datetime
    run: int | None
    features: tuple[FeatureView, ...]
    note: str = ""


@dataclass(frozen=True)
class InSegment:
    """A feature among the members of a segment.

    `median` is None for categories, of which `level` is the most frequent, held by a `share`
    (0 to 1) of those for whom it is known.
    """

    id: str
    name: str
    size: int
    median: float | None = None
    level: str | None = None
    share: float | None = None


@dataclass(frozen=True)
class FeatureExplanation:
    """All that there is to say of one feature.

    `origin` is None where the project no longer declares what serves. `ranked` is how many
    features have a rank. `declared_as` holds what the project file says of the columns that are
    read, as (source, column, text), where it says anything. `example` are lines for `features`
    of a segmentation: its own where it is declared there, else ones much like it.
    """

    view: FeatureView
    segmentation: str
    as_of: datetime
    run: int | None
    generation: int | None
    origin: Origin | None
    declared_as: tuple[tuple[str, str, str], ...]
    example: tuple[dict[str, Any], ...]
    segments: tuple[InSegment, ...]
    ranked: int


def view_features(features: Features) -> FeatureSet:
    """Look at all features: those behind the segments that serve, else computed now."""
    found = _Found.of(features)
    views = tuple(found.view(info) for info in found.infos)
    note = found.model.selection.note if found.model else ""
    return FeatureSet(features.segmentation, found.as_of, found.run, views, note)


def explain_feature(features: Features, name: str) -> FeatureExplanation:
    """Look at one feature closely; raises UnknownNameError where there is none of that name."""
    found = _Found.of(features)
    info = next((one for one in found.infos if one.name == name), None)
    if info is None:
        raise UnknownNameError("feature", name, [one.name for one in found.infos])
    origin = origin_of(found.plan(), name, found.as_of)
    published, model = found.published, found.model
    return FeatureExplanation(
        found.view(info),
        features.segmentation,
        found.as_of,
        found.run,
        published.pointer.generation if published else None,
        origin,
        _declared_as(features, origin) if origin else (),
        _example(features, name, origin),
        tuple(_segments(published, found.column(name), info)) if published else (),
        len(model.selection.ranking or ()) if model else 0,
    )


@dataclass(frozen=True)
class _Found:
    """Where the features are read from: what serves, or a table that was computed now."""

    infos: Sequence[FeatureInfo]
    as_of: datetime
    column: Callable[[str], pa.ChunkedArray]
    plan: Callable[[], Plan]
    published: Published | None = None

    @classmethod
    def of(cls, features: Features) -> _Found:
        serving = features.work.registry.serving(features.segmentation)
        asked = features.asked()
        if serving is None:
            plan, table = features.computed(asked)
            return cls(plan.infos, asked.cutoff, table.column, lambda: plan)
        published = Published(features.work, serving)
        model = published.model
        return cls(
            model.infos,
            published.as_of,
            lambda name: published.column("features", name),
            lambda: plan_features(features.work, asked, model.population, features.progress),
            published,
        )

    @property
    def model(self) -> Model | None:
        return self.published.model if self.published else None

    @property
    def run(self) -> int | None:
        return self.published.pointer.run if self.published else None

    def view(self, info: FeatureInfo) -> FeatureView:
        spread = spread_of(self.column(info.name), info)
        if self.model is None:
            return FeatureView(info, spread, "describes" if info.describes else "declared")
        use, why = _use(self.model, info)
        selection, matrix = self.model.selection, self.model.matrix
        ranked = next((one for one in selection.ranking or () if one.name == info.name), None)
        drawn = next((one.prior for one in matrix.shrinkages if one.feature == info.name), None)
        return FeatureView(
            info,
            spread,
            use,
            why,
            ranked.importance if ranked else None,
            ranked.rank if ranked else None,
            (drawn.mean, drawn.strength) if drawn else None,
        )


def _use(model: Model, info: FeatureInfo) -> tuple[Use, str]:
    if info.describes:
        return "describes", ""
    for one in model.selection.dropped:
        if one.name == info.name:
            return "dropped", one.why
    if any(column.feature == info.name for column in model.matrix.fitted):
        return "forms", ""
    why = [one.reason for one in model.matrix.dropped if one.feature == info.name]
    return "dropped", "; ".join(why)


def _segments(published: Published, column: pa.ChunkedArray, info: FeatureInfo) -> list[InSegment]:
    clusters = np.asarray(published.column("members", "cluster"))
    values = numbers_of(column, info) if info.kind == "number" else None
    found = []
    for segment in published.segments:
        inside = clusters == segment.cluster
        here = InSegment(segment.id, segment.name, segment.size)
        if values is not None:
            known = values[inside & ~np.isnan(values)]
            median = float(np.median(known)) if len(known) else None
            here = InSegment(segment.id, segment.name, segment.size, median)
        else:
            spread = spread_of(pc.filter(column, pa.array(inside)), info)
            if spread.levels:
                level, count = spread.levels[0]
                share = count / spread.known
                here = InSegment(segment.id, segment.name, segment.size, None, level, share)
        found.append(here)
    return found


def _example(features: Features, name: str, origin: Origin | None) -> tuple[dict[str, Any], ...]:
    declared = features.work.file.project.segmentations[features.segmentation].features
    own = [one for one in declared if one.name == name]
    if own:
        return (own[0].model_dump(mode="json", by_alias=True, exclude_defaults=True),)
    return origin.like if origin else ()


def _declared_as(features: Features, origin: Origin) -> tuple[tuple[str, str, str], ...]:
    declared = features.work.file.project.sources
    return tuple(
        (source, column, text)
        for source, columns in origin.sources.items()
        for column in columns
        if (text := declared[source].mapping.get(column)) and text != column
    )

"""What a generation is made of: features, design matrix and clusters, kept without pickle."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from customer_atlas.clustering import (
    KINDS,
    Calibrated,
    Choice,
    Reliability,
    Search,
    SegmentTree,
    load_served,
    save_served,
    stratified_sample,
)
from customer_atlas.config import Segmentation
from customer_atlas.errors import ArtifactError
from customer_atlas.features import DesignMatrix, FeatureInfo, Population, Selection
from customer_atlas.pipeline.tiers import SCORES, tiers_of
from customer_atlas.segments import Alike

__all__ = ["NULL_LEVEL", "Model", "Searcher", "level_column"]

NULL_LEVEL = 0.01
"""The chance of structure being seen where there is none."""

Searcher = Callable[[NDArray[np.float64], NDArray[np.float64], Sequence[str]], Search]
"""Searches rows (n, d), which count as weights (n,) say; the names are those of the columns."""

_FORMAT = 3


@dataclass(frozen=True)
class Model:
    """A trained segmentation: from a table of features to clusters with probabilities.

    `clusters` makes the broad segments, and `tree` holds what is inside them.
    """

    population: Population
    infos: tuple[FeatureInfo, ...]
    matrix: DesignMatrix
    clusters: Calibrated
    search: Search
    selection: Selection
    tree: SegmentTree
    reliability: Reliability | None = None

    @classmethod
    def fit(
        cls,
        paths: Sequence[Path],
        infos: Sequence[FeatureInfo],
        population: Population,
        settings: Segmentation,
        selection: Selection,
        search: Searcher,
    ) -> Model:
        """Train on a stratified sample of the feature files, with the features selected."""
        # What trains loads scikit-learn, which what only reads and scores does without.
        from customer_atlas.clustering import KMeans, Limits, calibrate, divide

        sample, weights = stratified_sample(paths, infos, seed=settings.seed)
        forming = [info for info in infos if info.name in selection.kept]
        matrix = DesignMatrix.fit(sample, forming, weights=weights, transforms=settings.transforms)
        if matrix.excluded:
            trains = matrix.trains(sample)
            sample, weights = sample.filter(pa.array(trains)), weights[trains]
        points = _points(matrix, sample)
        found = search(points, weights, matrix.columns)
        recipe = found.recipe
        clusterer = recipe.clusterer(settings.seed) if recipe else KMeans(1)
        fitted = clusterer.fit(points, sample_weight=weights)
        alike = Alike(sample, infos, weights)
        joined = alike(fitted.labels_, np.arange(len(points)))
        found = replace(found, merged=joined.reasons)
        clusters, reliability = calibrate(fitted, points, weights, settings.seed, joined.merged)
        limits = Limits(
            settings.levels,
            settings.min_segment_share,
            settings.max_segments,
            NULL_LEVEL,
            settings.seed,
        )
        tree = divide(points, weights, clusters, limits, alike)
        return cls(population, tuple(infos), matrix, clusters, found, selection, tree, reliability)

    @property
    def choice(self) -> Choice:
        """What k-means alone says of the number of segments."""
        return self.search.choice

    @property
    def tiered(self) -> bool:
        """Whether value tiers, a rule, stand in for segments: there is no structure to find.

        Where customers are too few, or all alike, there was nothing to test: they are one segment.
        """
        scores = {info.name for info in self.infos} & set(SCORES)
        tested = self.search.null.part is not None
        return tested and self.search.recipe is None and bool(scores)

    def assign(self, features: pa.Table) -> pa.Table:
        """Return `customer_id`, `cluster`, `probability`, `distance` and `kind` of each row.

        Kinds are those of members: learned, undecided, outlier or rule. The cluster of who is
        like none is the least unlike one. Of each deeper level that has segments there are
        cluster, probability and distance, as `cluster_2` and so on; a cluster is -1 for who is in
        no segment of that level.
        """
        if self.tiered:
            return _by_rule(features)
        with threadpool_limits(1):  # sums of several threads differ in their last bits
            points = _points(self.matrix, features)
            broad = self.clusters.assign(points)
            deeper = self.tree.assign(points, replace(broad, cluster=broad.segment))
        columns = {
            "customer_id": features["customer_id"],
            "kind": pa.array(KINDS).take(pa.array(broad.kind)),
        }
        for level, found in enumerate([replace(broad, cluster=broad.segment), *deeper], start=1):
            columns |= {
                level_column("cluster", level): found.cluster,
                level_column("probability", level): found.probability,
                level_column("distance", level): found.distance,
            }
        return pa.table(columns)

    def points(self, features: pa.Table) -> NDArray[np.float64]:
        """Return the rows as points (n, d), as they are clustered."""
        return _points(self.matrix, features)

    def save(self, folder: Path) -> None:
        """Write the model into `folder` as JSON and npz."""
        folder.mkdir(parents=True, exist_ok=True)
        self.matrix.save(folder)
        save_served(self.clusters, folder)
        self.tree.save(folder)
        facts = {
            "format": _FORMAT,
            "population": self.population.to_dict(),
            "features": [asdict(info) for info in self.infos],
            "search": self.search.to_dict(),
            "selection": self.selection.to_dict(),
            "reliability": self.reliability.to_dict() if self.reliability else None,
        }
        text = json.dumps(facts, indent=1, ensure_ascii=False)
        (folder / "model.json").write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read what `save` wrote.

        Raises:
            ArtifactError: it is missing or damaged.
        """
        try:
            facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            population = Population.from_dict(facts["population"])
            infos = tuple(FeatureInfo(**info) for info in facts["features"])
            search = Search.from_dict(facts["search"])
            selection = Selection.from_dict(facts["selection"])
            proof = facts["reliability"]
            reliability = Reliability.from_dict(proof) if proof else None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArtifactError(
                f"The model in {folder} cannot be read ({error}). Train anew: atlas run --refit"
            ) from error
        matrix, clusters = DesignMatrix.load(folder), load_served(folder)
        if not isinstance(clusters, Calibrated):
            raise ArtifactError(
                f"The clusters in {folder} are not calibrated. Train anew: atlas run --refit"
            )
        tree = SegmentTree.load(folder)
        return cls(population, infos, matrix, clusters, search, selection, tree, reliability)


def level_column(name: str, level: int) -> str:
    """Return what a column of the memberships is called at a level.

    >>> level_column("cluster", 1), level_column("cluster", 2)
    ('cluster', 'cluster_2')
    """
    return name if level == 1 else f"{name}_{level}"


def _by_rule(features: pa.Table) -> pa.Table:
    count = features.num_rows
    return pa.table(
        {
            "customer_id": features["customer_id"],
            "cluster": tiers_of(features),
            "probability": np.ones(count),
            "distance": np.zeros(count),
            "kind": pa.repeat("rule", count),
        }
    )


def _points(matrix: DesignMatrix, features: pa.Table) -> NDArray[np.float64]:
    """Return the rows as points (n, d); where all customers are alike, one column of zeros."""
    points = matrix.transform(features)
    return points if points.shape[1] else np.zeros((len(points), 1))

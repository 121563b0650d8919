"""Models of centres and prototypes as nodes of a graph."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from customer_atlas.clustering.onnx.scored import Scored, nearest, squared_distances
from customer_atlas.clustering.served import UNUSUAL, Centroids, MixedCentroids, Prototypes
from customer_atlas.clustering.served.mixed_centroids import mode_tables
from customer_atlas.onnx_graph import Value

__all__ = ["centroids", "mixed_centroids", "prototypes"]


def centroids(points: Value, model: Centroids) -> Scored:
    """Return what `Centroids.assign` does for rows (n, d)."""
    return nearest(squared_distances(points, model.centers), model.variance)


def prototypes(points: Value, model: Prototypes) -> Scored:
    """Return what `Prototypes.assign` does for rows (n, d)."""
    graph = points.graph
    squared = squared_distances(points, model.points)
    ends = np.searchsorted(model.clusters, np.arange(model.n_clusters + 1))
    of_each = [
        graph.add("Slice", squared, ends[[j]], ends[[j + 1]], np.array([1])).reduced("Min")
        for j in range(model.n_clusters)
    ]
    scored = nearest(graph.beside(*of_each), model.variance)
    if not len(model.radii):
        return scored
    reach = graph.add("Gather", model.radii, squared.best("ArgMin"))
    beyond = scored.distance > reach
    return replace(scored, cluster=graph.where(beyond, UNUSUAL, scored.cluster))


def mixed_centroids(points: Value, model: MixedCentroids) -> Scored:
    """Return what `MixedCentroids.assign` does for rows (n, d) of numbers and codes."""
    graph = points.graph
    costs = []
    numbers = np.setdiff1d(np.arange(model.n_features), model.categorical)
    if len(numbers):
        means = (model.centers[:, numbers] - model.offsets) / model.scales
        placed = (points.columns(numbers.tolist()) - model.offsets) / model.scales
        costs.append(squared_distances(placed, means))
    sizes = [len(texts) for texts in model.categories]
    modes = model.centers[:, model.categorical].astype(np.int32)
    tables = mode_tables(modes, sizes, model.gamma)
    for j, size, table in zip(model.categorical, sizes, tables, strict=True):
        code = points.columns([int(j)])
        seen = graph.add("And", graph.add("GreaterOrEqual", code, 0.0), code < float(size))
        row = graph.where(seen, code, float(size)).whole().flat()
        costs.append(graph.add("Gather", table, row, axis=0))
    return nearest(costs[0] if len(costs) == 1 else graph.add("Sum", *costs), model.variance)

"""A forest of trees as nodes of a graph."""

from __future__ import annotations

import numpy as np

from customer_atlas.clustering.onnx.scored import Scored, squared_distances
from customer_atlas.clustering.served import UNUSUAL, Trees
from customer_atlas.onnx_graph import Value

__all__ = ["trees"]


def trees(points: Value, model: Trees) -> Scored:
    """Return what `Trees.assign` does for rows (n, d)."""
    graph, k = points.graph, model.n_clusters
    squared = squared_distances(points, model.centers)
    votes = graph.trees(
        points.single(), model.roots, model.children, model.feature, model.threshold, model.votes
    ).number()
    inside = votes.columns(range(k))
    total = inside.reduced("Sum")
    nearest = squared.best("ArgMin").equals(np.arange(k)).number()
    counted = inside / graph.where(total > 0.0, total, 1.0)
    shares = graph.where(total > 0.0, counted, nearest)
    best = shares.best("ArgMax")
    unusual = votes.best("ArgMax").equals(k)
    cluster = graph.where(unusual, UNUSUAL, best)
    return Scored(cluster, shares.at(best), shares, graph.add("Sqrt", squared.at(best)))

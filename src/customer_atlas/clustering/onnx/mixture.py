"""A mixture of Gaussians as nodes of a graph."""

from __future__ import annotations

import numpy as np

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.onnx.scored import Scored
from customer_atlas.clustering.served import UNUSUAL, Mixture
from customer_atlas.onnx_graph import Value

__all__ = ["mixture"]

_SAME = 1e-9  # relative: who is so near to the density of the unusual is not below it


def mixture(points: Value, model: Mixture) -> Scored:
    """Return what `Mixture.assign` does for rows (n, d)."""
    graph = points.graph
    squared = _squared(points, model)
    logs = squared * -0.5 + _heights(model)
    top = logs.reduced("Max")
    shares = graph.add("Exp", logs - top)
    total = shares.reduced("Sum")
    shares = shares / total
    if not np.array_equal(model.groups, np.arange(len(model.groups))):
        shares = shares @ np.eye(model.n_clusters)[model.groups]
    best = shares.best("ArgMax")
    own = best.equals(model.groups.astype(np.int64))
    component = graph.where(own, logs, -np.inf).best("ArgMax")
    distance = graph.add("Sqrt", squared.at(component))
    cluster = best
    if np.isfinite(model.unusual):
        density = top + graph.add("Log", total)
        below = density < model.unusual - _SAME * max(1.0, abs(model.unusual))
        cluster = graph.where(below, UNUSUAL, best)
    return Scored(cluster, shares.at(best), shares, distance)


def _squared(points: Value, model: Mixture) -> Value:
    """Return Mahalanobis' distances (n, m) to the components, squared."""
    m, d = model.means.shape
    white: Value = points @ model.factors.transpose(1, 0, 2).reshape(d, m * d)
    middles: Array = np.einsum("md,mde->me", model.means, model.factors).ravel()
    white = (white - middles).shaped(0, m, d)
    return (white * white).reduced("Sum", axis=2, keep=False)


def _heights(model: Mixture) -> Array:
    diagonals = np.diagonal(model.factors, axis1=1, axis2=2)
    at_means = np.log(diagonals).sum(axis=1) - model.n_features / 2 * np.log(2 * np.pi)
    return np.asarray(np.log(model.weights) + at_means)

"""Which form of model is written how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from customer_atlas.clustering.onnx.calibrated import calibrated
from customer_atlas.clustering.onnx.centers import centroids, mixed_centroids, prototypes
from customer_atlas.clustering.onnx.mixture import mixture
from customer_atlas.clustering.onnx.scored import Scored
from customer_atlas.clustering.onnx.trees import trees
from customer_atlas.clustering.served import (
    Calibrated,
    Centroids,
    Merged,
    MixedCentroids,
    Mixture,
    Projected,
    Prototypes,
    Served,
    Trees,
)
from customer_atlas.errors import UsageError
from customer_atlas.onnx_graph import Value

__all__ = ["served_nodes"]


def _projected(points: Value, model: Projected) -> Scored:
    return served_nodes(points @ model.axes + model.offset, model.inner)


_FORMS: dict[type[Served], Callable[[Value, Any], Scored]] = {
    Centroids: centroids,
    MixedCentroids: mixed_centroids,
    Mixture: mixture,
    Projected: _projected,
    Prototypes: prototypes,
    Trees: trees,
}


def served_nodes(points: Value, model: Served) -> Scored:
    """Add what a served model's `assign` does for rows (n, d), and return what it says.

    Raises `UsageError` for a form that cannot be written as ONNX.
    """
    if isinstance(model, Calibrated):
        return calibrated(served_nodes(points, model.inner), model)
    if isinstance(model, Merged):
        return _merged(served_nodes(points, model.model), model)
    if type(model) not in _FORMS:
        known = ", ".join(form.kind for form in _FORMS)
        raise UsageError(f"A model of the form '{model.kind}' cannot be ONNX; these can: {known}.")
    return _FORMS[type(model)](points, model)


def _merged(scored: Scored, model: Merged) -> Scored:
    """Return what `Merged.assign` does with what its model says."""
    graph = scored.cluster.graph
    shares = scored.probabilities @ np.eye(model.n_clusters)[model.segments]
    best = shares.best("ArgMax")
    cluster = graph.where(scored.cluster < np.int64(0), scored.cluster, best)
    return Scored(cluster, shares.at(best), shares, scored.distance)

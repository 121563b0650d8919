"""Which form of model is written how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from customer_atlas.clustering.onnx.calibrated import calibrated
from customer_atlas.clustering.onnx.centers import centroids, mixed_centroids, prototypes
from customer_atlas.clustering.onnx.mixture import mixture
from customer_atlas.clustering.onnx.scored import Scored
from customer_atlas.clustering.onnx.trees import trees
from customer_atlas.clustering.served import (
    Calibrated,
    Centroids,
    MixedCentroids,
    Mixture,
    Prototypes,
    Served,
    Trees,
)
from customer_atlas.errors import UsageError
from customer_atlas.onnx_graph import Value

__all__ = ["served_nodes"]

_FORMS: dict[type[Served], Callable[[Value, Any], Scored]] = {
    Centroids: centroids,
    MixedCentroids: mixed_centroids,
    Mixture: mixture,
    Prototypes: prototypes,
    Trees: trees,
}


def served_nodes(points: Value, model: Served) -> Scored:
    """Add what a served model's `assign` does for rows (n, d), and return what it says.

    Raises `UsageError` for a form that cannot be written as ONNX.
    """
    if isinstance(model, Calibrated):
        return calibrated(served_nodes(points, model.inner), model)
    if type(model) not in _FORMS:
        known = ", ".join(form.kind for form in _FORMS)
        raise UsageError(f"A model of the form '{model.kind}' cannot be ONNX; these can: {known}.")
    return _FORMS[type(model)](points, model)

"""Unknown numbers predicted from the known ones, in a graph: all rounds, one after the other."""

from __future__ import annotations

import numpy as np

from customer_atlas.features.matrix.imputation import Imputer
from customer_atlas.onnx_graph import Value

__all__ = ["imputed"]


def imputed(points: Value, unknown: Value, imputer: Imputer) -> Value:
    """Return the matrix (n, d) with its targets predicted where they are unknown (n, t).

    What the columns that stay say of all targets is one product a round; what the targets say
    of each other is one product a step.
    """
    graph, targets = points.graph, imputer.targets.tolist()
    current = [points.columns([j]) for j in targets]
    where = [unknown.columns([i]) for i in range(len(targets))]
    for lines, levels in zip(imputer.coefficients, imputer.intercepts, strict=True):
        stays = lines.T.copy()
        stays[targets] = 0.0
        fixed = points @ stays + levels
        for i in range(len(targets)):
            said = graph.beside(*current) @ lines[i, targets][:, None] + fixed.columns([i])
            said = said.clipped(imputer.low[i], imputer.high[i])
            current[i] = graph.where(where[i], said, current[i])
    order = np.arange(imputer.coefficients.shape[2])
    order[targets] = len(order) + np.arange(len(targets))
    return graph.beside(points, *current).columns(order.tolist())

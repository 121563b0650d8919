"""Calibration as nodes of a graph: the curves over the margin, and the kinds."""

from __future__ import annotations

import numpy as np

from customer_atlas.clustering.onnx.scored import Scored
from customer_atlas.clustering.served import KINDS, MOST_MARGIN, Calibrated
from customer_atlas.clustering.served.calibrated import AHEAD, UNDECIDED_BELOW
from customer_atlas.onnx_graph import Value

__all__ = ["calibrated"]


def calibrated(scored: Scored, model: Calibrated) -> Scored:
    """Return what `Calibrated.assign` makes of what the model within it says."""
    graph, k = scored.cluster.graph, model.n_clusters
    segment = scored.probabilities.best("ArgMax")
    mine = segment.equals(np.arange(k))
    others = graph.where(mine, 0.0, scored.probabilities)
    probability = _kept(_margin(scored, segment, others), segment, model)
    beyond = scored.distance > graph.add("Gather", model.fences, segment)
    outlier = graph.add("Or", beyond, scored.cluster < 0)
    undecided = (probability < UNDECIDED_BELOW).number().whole()
    kind = graph.where(outlier, KINDS.index("outlier"), undecided)
    shares = scored.probabilities
    if k > 1:
        shares = _shared(others, probability, mine)
    return Scored(
        scored.cluster, probability, shares, scored.distance, segment,
        graph.add("Gather", np.array(KINDS), kind.flat()),
    )  # fmt: skip


def _margin(scored: Scored, segment: Value, others: Value) -> Value:
    graph = segment.graph
    top = scored.probabilities.at(segment)
    next_best = graph.add("Max", others.reduced("Max"), top * float(np.exp(-MOST_MARGIN)))
    return graph.add("Max", graph.add("Log", top) - graph.add("Log", next_best), 0.0)


def _kept(margin: Value, segment: Value, model: Calibrated) -> Value:
    """Return the piecewise linear curve (n, 1) of each row's segment at its margin (n, 1)."""
    graph = margin.graph
    kept = graph.add("Gather", model.kept[:, :1], segment.flat())
    if len(model.knots) == 1:
        return kept
    parts = ((margin - model.knots[:-1]) / np.diff(model.knots)).clipped(0.0, 1.0)
    rises = graph.add("Gather", np.diff(model.kept, axis=1), segment.flat())
    return kept + (parts * rises).reduced("Sum")


def _shared(others: Value, probability: Value, mine: Value) -> Value:
    """Return the probabilities (n, k): the winner has its own, and the others share the rest."""
    graph = others.graph
    rest = others.reduced("Sum")
    even = graph.where(rest > 0.0, others, graph.where(mine, 0.0, 1.0))
    even = even / even.reduced("Sum")
    ahead = even.reduced("Max")
    kept = graph.add("Max", probability, ahead / (ahead + 1.0) + AHEAD)
    return graph.where(mine, kept, even * (kept * -1.0 + 1.0))

"""What a model says of each customer, as values of a graph."""

from __future__ import annotations

from dataclasses import dataclass

from customer_atlas.clustering.lloyd import Array
from customer_atlas.onnx_graph import Value

__all__ = ["Scored", "nearest", "squared_distances"]


@dataclass(frozen=True)
class Scored:
    """Cluster (n, 1) int64, its probability (n, 1), all probabilities (n, k), distance (n, 1).

    They mean what they do in an `Assignment`. A calibrated model tells also the segment (n, 1)
    int64, which is never -1, and the kind (n,) of the membership, as text.
    """

    cluster: Value
    probability: Value
    probabilities: Value
    distance: Value
    segment: Value | None = None
    kind: Value | None = None

    def give_out(self, clusters: int) -> None:
        """Make outputs of those that are known, under their names; `segment` is none."""
        graph = self.cluster.graph
        graph.output("cluster", self.cluster.flat(), "whole")
        graph.output("probability", self.probability.flat(), "number")
        graph.output("probabilities", self.probabilities, "number", clusters)
        graph.output("distance", self.distance.flat(), "number")
        if self.kind is not None:
            graph.output("kind", self.kind, "text")


def nearest(squared: Value, variance: float) -> Scored:
    """Return the cluster with the least cost (n, k), and the posterior of one variance."""
    graph = squared.graph
    least = squared.reduced("Min")
    likelihood = graph.add("Exp", (least - squared) / max(2 * variance, 1e-300))
    shares = likelihood / likelihood.reduced("Sum")
    best = squared.best("ArgMin")
    return Scored(best, shares.at(best), shares, graph.add("Sqrt", least))


def squared_distances(points: Value, centers: Array) -> Value:
    """Return the squared Euclidean distances (n, k) of rows to centres."""
    heights = (centers**2).sum(axis=1)
    squared = points @ (-2.0 * centers.T) + heights + (points * points).reduced("Sum")
    return points.graph.add("Max", squared, 0.0)

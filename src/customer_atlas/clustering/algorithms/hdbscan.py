"""Dense regions of unlike density, and customers who are in none: HDBSCAN."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.algorithms.clusterer import Clusterer, Found
from customer_atlas.clustering.algorithms.taught import taught
from customer_atlas.clustering.density import joined
from customer_atlas.clustering.drawing import drawn
from customer_atlas.clustering.lloyd import Array
from customer_atlas.errors import ClusteringError

__all__ = ["HDBSCAN"]

_MOST_ROWS = 10_000  # time grows with their square: a second or two
_MIN_SAMPLES = 10
_LEAST = 5  # customers that a share comes to


class HDBSCAN(Clusterer):
    """HDBSCAN (Campello, Moulavi and Sander, 2013): clusters that persist as density rises.

    A cluster has at least `min_cluster_size` customers, or, below 1, such a share of them (and
    at least 5). The density of a customer is that of the nearest `min_samples` (10, when not
    given). Of all clusters at all densities, those are taken that hold most customers longest;
    who has dropped out before is unusual: -1, or, with `everyone`, joins the nearest cluster.
    Where nothing parts, all are one cluster.

    By scikit-learn's HDBSCAN, which takes no weights and whose time grows with the square of
    rows: with unlike weights, or more than 10,000 customers, rows are drawn by weight, and a
    student, who serves, gives the others their cluster.

    Facts: `noise` (the share of the weight), `persistence` of each cluster, from 0 (it barely
    forms) to 1 (it is far denser than where it parts from the others), `min_cluster_size`,
    `rows` that decided; those of the student.

    >>> draw = np.random.default_rng(0)
    >>> X = np.concatenate([draw.normal(0, 1, (90, 2)), draw.normal(20, 3, (60, 2))])
    >>> HDBSCAN(20).fit(X).n_clusters_
    2
    """

    title = "HDBSCAN"

    def __init__(
        self, min_cluster_size: float = 0.02, *, min_samples: int | None = None,
        everyone: bool = False, random_state: int = 0,
    ) -> None:  # fmt: skip
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.everyone = everyone
        self.random_state = random_state

    def _fit(self, X: Array, weights: Array) -> Found:
        if not self.min_cluster_size > 0 or (self.min_samples or 1) < 1:
            raise ClusteringError(
                "min_cluster_size must be above 0 and min_samples at least 1; found"
                f" {self.min_cluster_size} and {self.min_samples}."
            )
        rows = drawn(weights, _MOST_ROWS, self.random_state)
        size = self._size(len(X), len(rows))
        labels, lasting = self._learned(X[rows], size)
        noise = labels < 0
        if self.everyone:
            labels = joined(X[rows], labels)
        found = taught(
            X, labels, weights, self.random_state, {}, unusual=not self.everyone, rows=rows
        )
        firsts = [int(np.argmax(found.labels[rows] == c)) for c in range(len(lasting))]
        facts = {
            "noise": float(np.average(noise))
            if self.everyone
            else float(np.average(found.labels < 0, weights=weights)),
            "persistence": lasting[labels[firsts]].tolist(),
            "min_cluster_size": size,
            "rows": len(rows),
        }
        return Found(found.served, found.labels, {**facts, **found.facts})

    def _size(self, customers: int, rows: int) -> int:
        """Return the least size of a cluster among the rows that decide."""
        asked = self.min_cluster_size
        if asked < 1:
            return max(_LEAST, round(asked * rows))
        return max(2, round(asked * rows / customers))

    def _learned(self, X: Array, size: int) -> tuple[NDArray[np.integer], Array]:
        """Return the labels (m,) of rows, and how long each cluster lasts."""
        from sklearn import cluster

        least = min(self.min_samples or _MIN_SAMPLES, size)
        if len(X) >= max(2, least):
            model = cluster.HDBSCAN(min_cluster_size=size, min_samples=least, copy=True).fit(X)
            if model.labels_.max() >= 0:
                return model.labels_, _persistence(model, size)
        return np.zeros(len(X), np.int32), np.zeros(1)


def _persistence(model: Any, size: int) -> Array:
    """Return for each cluster (k,) how long its customers stay, as density rises.

    It is the mean, over customers, of 1 - (density at which the cluster parts from the others)
    / (density at which the customer drops out of every group of `size`).
    """
    tree = model._single_linkage_tree_  # pairs of nodes, in the order of their distance
    labels = model.labels_
    joins, leaves = _joins_and_exits(tree, labels, size)
    inside = labels >= 0
    stays = 1.0 - leaves[inside] / np.maximum(joins[labels[inside]], 1e-300)
    return np.bincount(labels[inside], np.clip(stays, 0.0, 1.0)) / np.bincount(labels[inside])


def _joins_and_exits(
    tree: Any, labels: NDArray[np.integer], size: int
) -> tuple[Array, Array]:  # fmt: skip
    """Return where clusters (k,) join others, and where customers (n,) leave groups of `size`."""
    n = len(labels)
    pairs = np.column_stack([tree["left_node"], tree["right_node"]]).tolist()
    heights = tree["value"].tolist()
    joins = np.full(int(labels.max()) + 1, heights[-1])
    mixed, nobody = -2, -1
    holds = labels.tolist() + [nobody] * len(pairs)
    for row, pair in enumerate(pairs):
        sides = {holds[side] for side in pair} - {nobody}
        holds[n + row] = mixed if len(sides) > 1 else max(sides, default=nobody)
        if len(sides) > 1:
            for side in sides - {mixed}:
                joins[side] = heights[row]
    sizes, exits = tree["cluster_size"].tolist(), [0.0] * (n + len(pairs))
    for row in range(len(pairs) - 1, -1, -1):
        for side in pairs[row]:
            exits[side] = heights[row] if sizes[row] >= size else exits[n + row]
    return joins, np.array(exits[:n])

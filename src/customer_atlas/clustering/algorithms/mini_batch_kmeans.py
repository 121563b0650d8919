"""K-means that looks at a few thousand rows at a time."""

from __future__ import annotations

import math

import numpy as np

from customer_atlas.clustering.algorithms.clusterer import Found, by_weight, enough_rows
from customer_atlas.clustering.algorithms.streaming import Known, Streaming
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.running import Running, mean_cost
from customer_atlas.clustering.served import Centroids, nearest_centers

__all__ = ["MiniBatchKMeans"]

_START_ROWS = 10_000


class MiniBatchKMeans(Streaming):
    """Mini-batch k-means (Sculley, 2010): one pass of running means, from k-means on a sample.

    It starts from the best of `n_init` k-means fits to up to 10,000 rows spread over the table.
    Then it takes the rows `batch_size` at a time, each batch spread over the table as well, and
    moves every centre to the mean of all rows that were nearest to it when they came. The cost
    is linear in rows, `passes` times. `partial_fit` goes on with one more batch, and the
    clusters keep their numbers.
    Facts: `inertia` (weighted sum of squared distances over the sum of weights).

    >>> X = np.array([[0.0], [0.2], [0.1], [9.0], [9.2]])
    >>> MiniBatchKMeans(2).fit(X).partial_fit(X + 0.1).predict(X).tolist()
    [0, 0, 0, 1, 1]
    """

    title = "mini-batch k-means"
    served_: Centroids

    def __init__(
        self, n_clusters: int = 8, *, batch_size: int = 4096, passes: int = 1, n_init: int = 10,
        random_state: int = 0,
    ) -> None:  # fmt: skip
        self.n_clusters = n_clusters
        self.batch_size = batch_size
        self.passes = passes
        self.n_init = n_init
        self.random_state = random_state

    def _fit(self, X: Array, weights: Array) -> Found:
        running = self._begun(X, weights)
        count = math.ceil(len(X) / self.batch_size)
        for batch in (batch for _ in range(self.passes) for batch in range(count)):
            rows = np.ascontiguousarray(X[batch::count])
            running = running.moved(rows, weights[batch::count])
        labels = nearest_centers(X, running.centers)
        running = running.taken(by_weight(labels, weights, self.n_clusters, running.centers))
        self._running = running
        labels = nearest_centers(X, running.centers)
        return Found(
            running.served, labels, {"inertia": mean_cost(X, weights, running.centers, labels)}
        )

    def _more(self, X: Array, weights: Array) -> Known:
        running: Running | None = getattr(self, "_running", None)
        running = self._begun(X, weights) if running is None else running.moved(X, weights)
        self._running = running
        return Known(running.served, running.masses)

    def _begun(self, X: Array, weights: Array) -> Running:
        enough_rows(X, self.n_clusters)
        step = math.ceil(len(X) / _START_ROWS)
        return Running.begun(
            X[::step], weights[::step], self.n_clusters, seed=self.random_state, n_init=self.n_init
        )

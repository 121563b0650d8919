"""Dense regions, and customers who are in none: DBSCAN."""

from __future__ import annotations

import numpy as np

from customer_atlas.clustering.algorithms.clusterer import Clusterer, Found
from customer_atlas.clustering.algorithms.taught import taught
from customer_atlas.clustering.drawing import drawn, effective_rows
from customer_atlas.clustering.lloyd import Array
from customer_atlas.errors import ClusteringError

__all__ = ["DBSCAN"]

_LEAST = 10
_MOST_ROWS = 8_000  # the lists of neighbours take 8 m² bytes at worst


class DBSCAN(Clusterer):
    """DBSCAN (Ester and others, 1996): customers within `eps` of enough others go together.

    A customer with at least `min_samples` customers within `eps`, herself among them, is in the
    heart of a cluster; hearts within `eps` of each other are one cluster, and who is near a heart
    is at its border. The others are unusual: -1. `min_samples` is twice the number of columns
    (Sander and others, 1998), at least 10, but at most a twentieth of the customers, when not
    given. `eps` is then read off the distances
    to the `min_samples`-th customer: the upper fence of what is usual among them. Where their
    curve bends most, as is often advised, it tore moons and rings into dozens of pieces.

    Weights count relative to each other, and all together as many as the rows they leave in
    effect. More than 8,000 customers are drawn by weight, and a student, who serves, gives the
    others their cluster: so the lists of neighbours stay below 512 MB.

    Facts: `eps`, `min_samples`, `noise` (the share of the weight), `rows` that decided; those of
    the student.

    >>> X = np.concatenate([np.arange(9.0), np.arange(30.0, 39.0), [99.0]])[:, None]
    >>> DBSCAN(1.5, min_samples=2).fit(X).labels_[[0, 9, 18]].tolist()
    [0, 1, -1]
    """

    title = "DBSCAN"

    def __init__(
        self, eps: float | None = None, *, min_samples: int | None = None, random_state: int = 0
    ) -> None:
        self.eps = eps
        self.min_samples = min_samples
        self.random_state = random_state

    def _fit(self, X: Array, weights: Array) -> Found:
        from sklearn import cluster

        if (self.eps is not None and not self.eps > 0) or (self.min_samples or 1) < 1:
            raise ClusteringError(
                f"eps must be above 0 and min_samples at least 1; found {self.eps} and"
                f" {self.min_samples}."
            )
        rows, masses = np.arange(len(X)), weights
        if len(X) > _MOST_ROWS:
            rows = drawn(weights, _MOST_ROWS, self.random_state)
            masses = np.ones(len(rows))
        some = X[rows]
        usual = max(2, min(max(_LEAST, 2 * X.shape[1]), len(rows) // 20))
        least = self.min_samples or usual
        eps = self.eps or _usual_reach(some, masses, least)
        masses = masses * (effective_rows(masses) / masses.sum())
        labels = cluster.DBSCAN(eps=eps, min_samples=least).fit(some, sample_weight=masses).labels_
        if labels.max() < 0:
            raise ClusteringError(
                f"Nowhere are {least} customers within {eps:.4g} of one of them, so all {len(X):,}"
                " are unusual. Choose a larger eps or a smaller min_samples."
            )
        facts = {"eps": float(eps), "min_samples": least, "rows": len(rows)}
        found = taught(X, labels, weights, self.random_state, facts, unusual=True, rows=rows)
        noise = float(np.average(found.labels < 0, weights=weights))
        return Found(found.served, found.labels, {**found.facts, "noise": noise})


def _usual_reach(X: Array, weights: Array, neighbours: int) -> float:
    """Return the distance within which usual customers find so many, themselves among them.

    It is Tukey's upper fence of the logarithms of the distances to the last of them: the third
    quartile, and one and a half times the way to it from the first.
    """
    from sklearn.neighbors import NearestNeighbors

    count = min(neighbours, len(X))
    distance = np.array(NearestNeighbors(n_neighbors=count).fit(X).kneighbors(X)[0][:, -1])
    apart = distance > 0
    if not apart.any():
        return 1.0  # every customer has enough equals
    order = np.argsort(distance[apart], kind="stable")
    logs, masses = np.log(distance[apart][order]), weights[apart][order]
    places = np.searchsorted(np.cumsum(masses) / masses.sum(), [0.25, 0.75])
    low, high = logs[np.minimum(places, len(logs) - 1)]
    return float(np.exp(high + 1.5 * (high - low)))

"""Customers parted by empty gaps, whatever the shape of the parts."""

from __future__ import annotations

from customer_atlas.clustering.algorithms.clusterer import Clusterer, Found
from customer_atlas.clustering.algorithms.taught import taught
from customer_atlas.clustering.density import gaps_of
from customer_atlas.clustering.drawing import drawn
from customer_atlas.clustering.lloyd import Array
from customer_atlas.errors import ClusteringError

__all__ = ["SingleLinkage"]

_MOST_ROWS = 5_000


class SingleLinkage(Clusterer):
    """Single linkage, cut wherever a gap is wide for the steps within what it parts.

    Customers are joined to their nearest, one step after the other (Sibson, 1973). A step that
    joins two parts of at least `min_share` of the customers each, and whose length is more than
    `e ** wide` times that of nearly all steps within either, is a gap and cuts. Rings, spirals
    and ribbons are seen whole, and the number of clusters follows; a haze between groups hides
    their gaps. For few columns. At most 5,000 rows, drawn by weight, decide, and a student, who
    serves, gives the others their cluster.

    Facts: `widest`, the logarithm of the widest gap over the steps beside it; `rows` that
    decided; those of the student.

    >>> import numpy as np
    >>> turn = np.linspace(0, 6.28, 90)
    >>> ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    >>> SingleLinkage().fit(np.concatenate([ring, 3 * ring])).n_clusters_
    2
    """

    title = "single linkage"

    def __init__(
        self, min_share: float = 0.01, *, wide: float = 0.5, random_state: int = 0
    ) -> None:
        self.min_share = min_share
        self.wide = wide
        self.random_state = random_state

    def _fit(self, X: Array, weights: Array) -> Found:
        if not 0 < self.min_share < 1 or self.wide < 0:
            raise ClusteringError(
                "min_share must be between 0 and 1 and wide not below 0; found"
                f" {self.min_share} and {self.wide}."
            )
        rows = drawn(weights, _MOST_ROWS, self.random_state)
        if len(rows) < 2:
            raise ClusteringError("Single linkage needs at least 2 customers; found 1.")
        found = gaps_of(X[rows], self.min_share, self.wide)
        facts = {"widest": found.widest, "rows": len(rows)}
        return taught(X, found.labels, weights, self.random_state, facts, unusual=False, rows=rows)

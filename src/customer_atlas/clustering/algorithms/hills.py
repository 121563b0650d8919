"""The hills of the density: everyone belongs to the one that they are on."""

from __future__ import annotations

import math

from customer_atlas.clustering.algorithms.clusterer import Clusterer, Found
from customer_atlas.clustering.algorithms.taught import taught
from customer_atlas.clustering.density import DIMENSION_FROM, Neighbours, modes
from customer_atlas.clustering.drawing import drawn
from customer_atlas.clustering.lloyd import Array
from customer_atlas.errors import ClusteringError

__all__ = ["Hills"]

_MOST_ROWS = 5_000


class Hills(Clusterer):
    """Mode seeking with persistence (ToMATo: Chazal, Guibas, Oudot and Skraba, 2013).

    The density is that of the nearest `neighbours`; everyone climbs to where it is highest. A
    hill is a cluster when its top is at least `height` standard errors of the density above the
    saddle to a higher hill: 2.5 sees what may be chance here or there, 4 hardly ever does on a
    plane; a thin ribbon, such as a ring, has but one way across each dip, and needs 8. Clusters
    may have any shape, and their number follows. For few columns (two to four, or ten with many
    thousand rows): the neighbours must be near. At most 5,000 rows, drawn by weight, decide, and
    a student, who serves, gives the others their cluster.

    Facts: `dimension`, the intrinsic one; `rows` that decided; those of the student.

    >>> import numpy as np
    >>> draw = np.random.default_rng(0)
    >>> X = np.concatenate([draw.normal(0, 1, (90, 2)), draw.normal(9, 1, (60, 2))])
    >>> Hills().fit(X).n_clusters_
    2
    """

    title = "hills of the density"

    def __init__(self, neighbours: int = 25, *, height: float = 4.0, random_state: int = 0) -> None:
        self.neighbours = neighbours
        self.height = height
        self.random_state = random_state

    def _fit(self, X: Array, weights: Array) -> Found:
        if self.neighbours < 1 or self.height < 0:
            raise ClusteringError(
                "neighbours must be at least 1 and height not below 0; found"
                f" {self.neighbours} and {self.height}."
            )
        rows = drawn(weights, _MOST_ROWS, self.random_state)
        if len(rows) < 2:
            raise ClusteringError("Hills need at least 2 customers; found 1.")
        # The dimension is that of all Hills of these rows, however near they look.
        near = Neighbours.of(X[rows], max(self.neighbours, DIMENSION_FROM))
        labels = modes(near, self.neighbours, self.height / math.sqrt(self.neighbours))
        facts = {"dimension": near.dimension, "rows": len(rows)}
        return taught(X, labels, weights, self.random_state, facts, unusual=False, rows=rows)

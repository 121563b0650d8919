"""A model several of whose clusters are one segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served.served import (
    Assignment,
    Served,
    margins,
    packed,
    unpacked,
)

__all__ = ["Merged"]


@dataclass(frozen=True)
class Merged(Served):
    """A `model` of m clusters, the j-th of which is part of segment `segments[j]` (m,).

    The probability of a segment is the sum of those of its clusters, and a customer belongs to
    the most probable one. Who is like no cluster is like no segment; the distance is that to the
    middle of the customer's own cluster.

    >>> from customer_atlas.clustering.served import Centroids
    >>> three = Centroids(np.array([[0.0], [9.0], [12.0]]), 1.0)
    >>> Merged(three, np.array([0, 1, 1])).predict(np.array([[1.0], [8.0], [13.0]])).tolist()
    [0, 1, 1]
    """

    kind: ClassVar[str] = "merged"
    model: Served
    segments: NDArray[np.int64]

    @property
    def n_features(self) -> int:
        """How many columns a matrix must have."""
        return self.model.n_features

    @property
    def n_clusters(self) -> int:
        """How many segments are left."""
        return int(self.segments.max()) + 1

    def assign(self, X: Array) -> Assignment:
        """Return the segment, its probability and the distance to its own cluster's middle."""
        found, shares = self.model.assign(X), self.predict_proba(X)
        best = shares.argmax(axis=1)
        cluster = np.where(found.cluster < 0, found.cluster, best).astype(np.int32)
        top = shares[np.arange(len(best)), best]
        return Assignment(cluster, top, found.distance, margins(shares, best))

    def predict_proba(self, X: Array) -> Array:
        """Return the membership probabilities (n, k); each row adds up to 1."""
        shares = self.model.predict_proba(X)
        out = np.zeros((len(shares), self.n_clusters))
        for j, segment in enumerate(self.segments.tolist()):
            out[:, segment] += shares[:, j]
        return out

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that the model is, and the model that it merges."""
        return packed(self.model) | {"segments": self.segments}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make the model of what `to_arrays` returned."""
        return cls(unpacked(arrays), arrays["segments"])

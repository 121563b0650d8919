"""A model that sees the matrix through a linear map: scaled, turned or cut to fewer columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.checks import checked_matrix
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served.served import (
    Assignment,
    Served,
    by_chunks,
    packed,
    unpacked,
)

__all__ = ["Projected"]


@dataclass(frozen=True)
class Projected(Served):
    """What `inner` says of rows (n, d) times `axes` (d, e) plus `offset` (e,).

    Distances are those in the columns that `inner` sees.

    >>> from customer_atlas.clustering.served import Centroids
    >>> inner = Centroids(np.array([[0.0], [1.0]]), 1.0)
    >>> model = Projected(np.array([[0.1], [0.0]]), np.array([-1.0]), inner)
    >>> model.predict(np.array([[10.0, 5.0], [20.0, 7.0]])).tolist()
    [0, 1]
    """

    kind: ClassVar[str] = "projected"
    axes: Array
    offset: Array
    inner: Served

    @property
    def n_features(self) -> int:
        """How many columns a matrix must have."""
        return int(self.axes.shape[0])

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return self.inner.n_clusters

    def predict(self, X: Array) -> NDArray[np.int32]:
        """Return the cluster of each row (n,)."""
        return self.inner.predict(self.seen(X))

    def assign(self, X: Array) -> Assignment:
        """Return cluster, its probability and the distance to its middle for rows (n, d)."""
        return self.inner.assign(self.seen(X))

    def predict_proba(self, X: Array) -> Array:
        """Return the membership probabilities (n, k); each row adds up to 1."""
        return self.inner.predict_proba(self.seen(X))

    def seen(self, X: Array) -> Array:
        """Return the rows (n, d) as `inner` sees them (n, e)."""
        X = checked_matrix(X, self.n_features)
        with np.errstate(invalid="ignore"):  # refused by the inner model, with a message
            return by_chunks(
                X, self.axes.shape[1], lambda rows: np.asarray(rows @ self.axes + self.offset)
            )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that the model is, and the model that sees through it."""
        return packed(self.inner) | {"axes": self.axes, "offset": self.offset}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make the model of what `to_arrays` returned."""
        return cls(arrays["axes"], arrays["offset"], unpacked(arrays))

"""How many customers there are at each place of a map: all of them, bucket by bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["Grid"]

_CELLS = 64


@dataclass(frozen=True)
class Grid:
    """Cells over a map of two dimensions, from `low` (2,) to `high` (2,)."""

    low: Array
    high: Array
    cells: int = _CELLS

    @classmethod
    def around(cls, points: Array) -> Grid:
        """Return cells over all of these points (n, 2), with a hair's breadth around."""
        low, high = points.min(axis=0), points.max(axis=0)
        hair = np.maximum(high - low, 1e-9) * 1e-3
        return cls(low - hair, high + hair)

    @property
    def middles(self) -> tuple[Array, Array]:
        """The middles of the cells, to the right and upwards."""
        width = (self.high - self.low) / self.cells
        along = (np.arange(self.cells) + 0.5)[:, None] * width + self.low
        return along[:, 0], along[:, 1]

    def count(self, points: Array, labels: NDArray[np.integer], k: int) -> NDArray[np.int64]:
        """Return how many points (n, 2) of each cluster lie in each cell (k, up, right).

        Who lies beyond is counted in the outermost cell. Counts of buckets add up.

        >>> grid = Grid(np.zeros(2), np.ones(2), 2)
        >>> grid.count(np.array([[0.1, 0.1], [7.0, 0.9]]), np.array([0, 0]), 1).tolist()
        [[[1, 0], [0, 1]]]
        """
        along = (points - self.low) / (self.high - self.low) * self.cells
        at = np.clip(along, 0, self.cells - 1).astype(np.int64)
        cell = (labels * self.cells + at[:, 1]) * self.cells + at[:, 0]
        counts = np.bincount(cell, minlength=k * self.cells**2)
        return counts.reshape(k, self.cells, self.cells)

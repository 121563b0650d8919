"""The customers nearest to the middle of each group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["Nearest"]

_KEPT = 5


@dataclass(frozen=True)
class Nearest:
    """The five customers of each cluster with the smallest distance; ids break ties.

    >>> import numpy as np, pyarrow as pa
    >>> few = Nearest.of(pa.array(["a", "b"]), np.array([0, 0]), np.array([2.0, 1.0]))
    >>> few.ids(0)
    ('b', 'a')
    """

    table: pa.Table

    @classmethod
    def of(
        cls, ids: pa.Array, clusters: NDArray[np.int64], distances: NDArray[np.float64]
    ) -> Nearest:
        """Return the nearest of each cluster, from arrays of the same length."""
        rows: list[NDArray[np.int64]] = []
        for cluster in np.unique(clusters):
            members = np.flatnonzero(clusters == cluster)
            if len(members) > _KEPT:
                bound = np.partition(distances[members], _KEPT - 1)[_KEPT - 1]
                members = members[distances[members] <= bound]
            rows.append(members)
        at = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
        found = pa.table(
            {
                "cluster": pa.array(clusters[at], pa.int64()),
                "distance": pa.array(distances[at], pa.float64()),
                "customer_id": ids.take(pa.array(at)),
            }
        )
        return cls(_first(found))

    def merge(self, other: Nearest) -> Nearest:
        """Return the nearest of both together."""
        return Nearest(_first(pa.concat_tables([self.table, other.table])))

    def ids(self, cluster: int) -> tuple[str, ...]:
        """Return the ids of the cluster's nearest customers, the nearest first."""
        mine = self.table.filter(pc.equal(self.table["cluster"], cluster))
        return tuple(mine["customer_id"].to_pylist())


def _first(table: pa.Table) -> pa.Table:
    keys = [("cluster", "ascending"), ("distance", "ascending"), ("customer_id", "ascending")]
    ordered = table.take(pc.sort_indices(table, sort_keys=keys))
    clusters = ordered["cluster"].to_numpy()
    starts = np.searchsorted(clusters, clusters, side="left")
    return ordered.filter(pa.array(np.arange(len(clusters)) - starts < _KEPT))

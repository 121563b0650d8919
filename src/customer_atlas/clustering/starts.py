"""Starting centres for k-means: Ward's merging of many small clusters, for every k at once."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from customer_atlas.clustering.lloyd import Array, lloyd

__all__ = ["merged", "ward_starts"]

_FINENESS = 3  # small clusters for each cluster of the largest k
_LEAST = 60


def ward_starts(X: Array, weights: Array, ks: Collection[int], *, seed: int) -> dict[int, Array]:
    """Return starting centres (k, d) for each k, from one pass over the data.

    The rows are grouped into a few times more small clusters than the largest k, and these are
    merged two by two, each time the pair whose merging adds least to the inertia (Ward, 1963,
    with weights). This finds tens of groups where random starts leave some undivided.

    >>> import numpy as np
    >>> X = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> ward_starts(X, np.ones(4), [2], seed=0)[2].round(2).ravel().tolist()
    [0.05, 5.05]
    """
    small = min(max(_LEAST, _FINENESS * max(ks)), max(max(ks), len(X) // 5))
    fit = lloyd(X, weights, small, seed=seed, n_init=1, max_iter=8)
    masses = np.asarray(np.bincount(fit.labels, weights, len(fit.centers)), np.float64)
    return merged(fit.centers[masses > 0], masses[masses > 0], ks)


def merged(centers: Array, masses: Array, ks: Collection[int]) -> dict[int, Array]:
    """Merge weighted points (m, d) by Ward's criterion; the centres (k, d) at each k, sorted.

    >>> import numpy as np
    >>> merged(np.array([[0.0], [1.0], [9.0]]), np.array([3.0, 1.0, 1.0]), [2])[2].tolist()
    [[0.25], [9.0]]
    """
    centers, masses, found = centers.copy(), masses.copy(), {}
    cost, left = _ward_cost(centers, masses), np.ones(len(centers), bool)
    for count in range(len(centers), 1, -1):
        if count in ks:
            found[count] = centers[left][np.lexsort(centers[left].T[::-1])]
        i, j = sorted(divmod(int(np.argmin(cost)), len(centers)))
        centers[i] = np.average(centers[[i, j]], axis=0, weights=masses[[i, j]])
        masses[i] += masses[j]
        left[j] = False
        row = np.where(left, _row_cost(centers, masses, i), np.inf)
        cost[i], cost[:, i] = row, row
        cost[j], cost[:, j] = np.inf, np.inf
    return found


def _ward_cost(centers: Array, masses: Array) -> Array:
    return np.stack([_row_cost(centers, masses, i) for i in range(len(centers))])


def _row_cost(centers: Array, masses: Array, i: int) -> Array:
    gap = ((centers - centers[i]) ** 2).sum(axis=1)
    cost = masses * masses[i] / (masses + masses[i]) * gap
    cost[i] = np.inf
    return np.asarray(cost)

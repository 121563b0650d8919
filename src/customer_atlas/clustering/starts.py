"""Starting centres for k-means: Ward's merging of many small clusters, for every k at once."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from customer_atlas.clustering.lloyd import Array, lloyd

__all__ = ["merged", "ward_starts"]

_FINENESS = 3  # small clusters for each cluster of the largest k
_LEAST = 60


def ward_starts(
    X: Array, weights: Array, ks: Collection[int], *, seed: int, smallest: float | None = None
) -> dict[int, Array]:
    """Return starting centres (k, d) for each k, from one pass over the data.

    The rows are grouped into a few times more small clusters than the largest k, and these are
    merged two by two, each time the pair whose merging adds least to the inertia (Ward, 1963,
    with weights). This finds tens of groups where random starts leave some undivided. With
    `smallest`, the share of a group that is to have a centre of its own, the small clusters are
    of the rows as they are, which a draw from all regions has made for it, and merge as `merged`
    does it then.

    >>> import numpy as np
    >>> X = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> ward_starts(X, np.ones(4), [2], seed=0)[2].round(2).ravel().tolist()
    [0.05, 5.05]
    """
    small = min(max(_LEAST, _FINENESS * max(ks)), max(max(ks), len(X) // 5))
    even = weights if smallest is None else np.ones(len(X))
    fit = lloyd(X, even, small, seed=seed, n_init=1, max_iter=8)
    masses = np.asarray(np.bincount(fit.labels, weights, len(fit.centers)), np.float64)
    return merged(fit.centers[masses > 0], masses[masses > 0], ks, smallest=smallest)


def merged(
    centers: Array, masses: Array, ks: Collection[int], *, smallest: float | None = None
) -> dict[int, Array]:
    """Merge weighted points (m, d) by Ward's criterion; the centres (k, d) at each k, sorted.

    Ward weighs what a merge costs by the masses, so that a large cloud is cut in two before a
    remote group of a thousandth is set apart. With `smallest`, a share, a mass counts as its
    square root, and one below that share as so much less: remote groups of the share and more
    last, and outliers are merged first.

    >>> import numpy as np
    >>> merged(np.array([[0.0], [1.0], [9.0]]), np.array([3.0, 1.0, 1.0]), [2])[2].tolist()
    [[0.25], [9.0]]
    """
    centers, masses, found = centers.copy(), masses.copy(), {}
    floor = smallest * masses.sum() if smallest is not None else None
    counts = _counted(masses, floor)
    cost, left = _ward_cost(centers, counts), np.ones(len(centers), bool)
    for count in range(len(centers), 1, -1):
        if count in ks:
            found[count] = centers[left][np.lexsort(centers[left].T[::-1])]
        i, j = sorted(divmod(int(np.argmin(cost)), len(centers)))
        centers[i] = np.average(centers[[i, j]], axis=0, weights=masses[[i, j]])
        masses[i] += masses[j]
        counts[i] = _counted(masses[i : i + 1], floor)[0]
        left[j] = False
        row = np.where(left, _row_cost(centers, counts, i), np.inf)
        cost[i], cost[:, i] = row, row
        cost[j], cost[:, j] = np.inf, np.inf
    return found


def _counted(masses: Array, floor: float | None) -> Array:
    if floor is None:
        return masses.copy()
    return np.asarray(np.sqrt(masses) * np.minimum(1.0, masses / floor))


def _ward_cost(centers: Array, masses: Array) -> Array:
    return np.stack([_row_cost(centers, masses, i) for i in range(len(centers))])


def _row_cost(centers: Array, masses: Array, i: int) -> Array:
    gap = ((centers - centers[i]) ** 2).sum(axis=1)
    cost = masses * masses[i] / (masses + masses[i]) * gap
    cost[i] = np.inf
    return np.asarray(cost)

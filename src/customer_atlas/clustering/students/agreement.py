"""How often a student says what its teacher says, for each cluster."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["agreement"]


def agreement(
    taught: NDArray[np.int32], said: NDArray[np.int32], weights: Array
) -> dict[str, float]:  # fmt: skip
    """Return the share of the weight on which two labellings (n,) agree: of `all`, and of each.

    The names are `all`, the number of the cluster in `taught`, and `unusual` for -1.

    >>> agreement(np.array([0, 0, 1, -1]), np.array([0, 1, 1, -1]), np.ones(4))
    {'all': 0.75, 'unusual': 1.0, '0': 0.5, '1': 1.0}
    """
    right = taught == said
    found = {"all": float(np.average(right, weights=weights))}
    for label in np.unique(taught).tolist():
        rows = taught == label
        name = "unusual" if label < 0 else str(label)
        found[name] = float(np.average(right[rows], weights=weights[rows]))
    return found

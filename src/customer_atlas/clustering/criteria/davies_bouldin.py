"""The Davies-Bouldin index: how much each segment is like the one it is most like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from customer_atlas.clustering.criteria.curve import Curve, best
from customer_atlas.clustering.criteria.partition import Partition

__all__ = ["davies_bouldin", "davies_bouldin_curve"]


def davies_bouldin(partition: Partition) -> float:
    """Return the index (Davies and Bouldin, 1979); centres and spreads are weighted.

    For each segment the worst of (spread + spread) / distance of the centres, averaged; 0 is
    best. Two segments with one centre are taken to be no further apart than rounding.

    >>> X = np.array([[0.0], [2.0], [8.0], [10.0]])
    >>> davies_bouldin(Partition.of(X, np.array([0, 0, 1, 1]), np.ones(4)))
    0.25
    """
    if len(partition.masses) < 2 or not partition.spread.any():
        return 0.0
    away = partition.centers[:, None] - partition.centers[None, :]
    distances = np.sqrt((away**2).sum(axis=2))
    scale = float(distances.max()) or 1.0
    distances = np.maximum(distances, 1e-9 * scale)
    np.fill_diagonal(distances, np.inf)
    likeness = (partition.spread[:, None] + partition.spread[None, :]) / distances
    return float(likeness.max(axis=1).mean())


def davies_bouldin_curve(
    ks: Sequence[int], values: Sequence[float], errors: Sequence[float] | None = None
) -> Curve:
    """Return the curve of values by k, with their standard errors; the lowest is picked."""
    choice = best(ks, values, "lower")
    return Curve(
        name="davies_bouldin", title="Davies-Bouldin index", ks=tuple(ks),
        values=tuple(values), errors=tuple(errors) if errors else None,
        better="lower", choice=choice,
        sentence=(
            "Asks how much each segment blurs into the one most like it, where less is better:"
            f" they blur least with {choice} segments ({min(values):.2f})."
        ),
    )  # fmt: skip

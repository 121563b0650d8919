"""The Calinski-Harabasz index: scatter between the segments over scatter within."""

from __future__ import annotations

from collections.abc import Sequence

from customer_atlas.clustering.criteria.curve import Curve, best
from customer_atlas.clustering.criteria.partition import Partition

__all__ = ["calinski_harabasz", "calinski_harabasz_curve"]


def calinski_harabasz(partition: Partition) -> float:
    """Return the ratio of variances (Calinski and Harabasz, 1974); a weight counts as customers.

    0 where there is nothing to compare: one segment, or as many as customers; 1 where all
    customers of a segment are alike, as scikit-learn has it.

    >>> import numpy as np
    >>> X = np.array([[0.0], [2.0], [8.0], [10.0]])
    >>> calinski_harabasz(Partition.of(X, np.array([0, 0, 1, 1]), np.ones(4)))
    32.0
    """
    k, n = len(partition.masses), float(partition.masses.sum())
    if k < 2 or n <= k:
        return 0.0
    if partition.within == 0.0:
        return 1.0
    return (partition.between / (k - 1)) / (partition.within / (n - k))


def calinski_harabasz_curve(
    ks: Sequence[int], values: Sequence[float], errors: Sequence[float] | None = None
) -> Curve:
    """Return the curve of values by k, with their standard errors; the highest is picked."""
    choice = best(ks, values, "higher")
    return Curve(
        name="calinski_harabasz", title="Calinski-Harabasz index", ks=tuple(ks),
        values=tuple(values), errors=tuple(errors) if errors else None,
        better="higher", choice=choice,
        sentence=(
            "Compares how far segments lie from one another with how far customers lie from"
            f" their own segment's centre: the ratio is highest with {choice} segments."
        ),
    )  # fmt: skip

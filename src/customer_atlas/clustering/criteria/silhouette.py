"""The silhouette on a sample of customers, with its sampling error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria.curve import Curve, best
from customer_atlas.clustering.lloyd import Array

__all__ = ["distance_matrix", "silhouette", "silhouette_curve", "silhouette_values"]


def distance_matrix(X: Array) -> Array:
    """Return the Euclidean distances (n, n) among the rows of `X`; memory grows with n squared.

    >>> import numpy as np
    >>> distance_matrix(np.array([[0.0], [3.0]])).tolist()
    [[0.0, 3.0], [3.0, 0.0]]
    """
    squares = np.einsum("ij,ij->i", X, X)
    squared = X @ X.T  # and then in place: fresh memory for each step takes longer than the sums
    squared *= -2.0
    squared += squares[:, None]
    squared += squares[None, :]
    np.fill_diagonal(squared, 0.0)
    np.maximum(squared, 0.0, out=squared)
    return np.asarray(np.sqrt(squared, out=squared))


def silhouette(
    distances: Array, labels: NDArray[np.integer], weights: Array
) -> tuple[float, float]:
    """Return the weighted mean silhouette (Rousseeuw, 1987) and its standard error.

    `distances` are those among the sampled customers; a customer alone in its segment has 0.
    One matrix product a labelling, so that many labellings share the distances. With fewer than
    two segments in the sample both are 0.

    >>> import numpy as np
    >>> X = np.array([[0.0], [0.0], [9.0], [9.0]])
    >>> silhouette(distance_matrix(X), np.array([0, 0, 1, 1]), np.ones(4))
    (1.0, 0.0)
    """
    used, own = np.unique(labels, return_inverse=True)
    if len(used) < 2:
        return 0.0, 0.0
    values = silhouette_values(distances, own, weights)
    mean = float(np.average(values, weights=weights))
    spread = float(np.sum((weights * (values - mean)) ** 2))
    return mean, float(np.sqrt(spread) / weights.sum())


def silhouette_values(distances: Array, own: NDArray[np.integer], weights: Array) -> Array:
    """Return each customer's silhouette (n,), -1 to 1, of segments `own` (n,) from 0.

    A customer counts for as many as its weight says; one alone in its segment has 0.
    """
    member = np.zeros((len(own), int(own.max()) + 1))
    rows = np.arange(len(own))
    member[rows, own] = weights
    totals, mass = distances @ member, member.sum(axis=0)
    others = mass[own] - weights
    alone = np.bincount(own)[own] < 2
    within = totals[rows, own] / np.where(alone, 1.0, others)
    between = np.where(mass > 0, totals / np.where(mass > 0, mass, 1.0), np.inf)
    between[rows, own] = np.inf
    nearest = between.min(axis=1)
    largest = np.maximum(within, nearest)
    return np.where(
        alone | (largest <= 0), 0.0, (nearest - within) / np.where(largest > 0, largest, 1)
    )


def silhouette_curve(ks: Sequence[int], values: Sequence[float], errors: Sequence[float]) -> Curve:
    """Return the curve of values by k; the highest is picked."""
    choice = best(ks, values, "higher")
    return Curve(
        name="silhouette", title="Silhouette", ks=tuple(ks), values=tuple(values),
        errors=tuple(errors), better="higher", choice=choice,
        sentence=(
            "Asks how much nearer customers are to their own segment than to the next (1 is far"
            f" nearer, 0 is no nearer): highest with {choice} segments ({max(values):.2f})."
        ),
    )  # fmt: skip

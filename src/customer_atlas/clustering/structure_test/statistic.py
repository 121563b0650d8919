"""How close together customers lie once divided: log inertia for each k, beside the references."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["excess", "log_inertia"]

_SETTLED = (2, 3, 4, 5, 6, 8)
_ROUNDS = 3
_LEAST = 1e-300  # where all rows are the same
_FLOOR = 1e-4  # of the inertia of one group: below it groups are points, and points are all alike


def log_inertia(X: Array, most: int) -> Array:
    """Return the log of the within-group inertia of the rows of `X` for k = 1 to `most` (most,).

    The groups are those of one tree (Ward, 1963), whose merges add up to the inertia at each k;
    those of 2 to 6 and 8 then settle for a few rounds of k-means, since a tree that may not take
    back a merge sees overlapping groups less well.
    A ten-thousandth of the inertia of one group is added, so that points are no miracle.

    >>> log_inertia(np.array([[0.0], [2.0], [9.0]]), 2).round(2).tolist()
    [3.8, 0.7]
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(X, "ward")
    added = tree[:, 2] ** 2 / 2
    inertia = np.cumsum(added)[::-1]
    inertia = np.r_[inertia, np.zeros(most)][:most]
    for k in (k for k in _SETTLED if k <= min(most, len(X))):
        settled = _settled(X, fcluster(tree, k, "maxclust") - 1, k)
        inertia[k - 1] = min(inertia[k - 1], settled)
    return np.asarray(np.log(np.maximum(inertia + _FLOOR * inertia[0], _LEAST)))


def _settled(X: Array, labels: NDArray[np.integer], k: int) -> float:
    """The inertia after a few rounds of k-means."""
    member, near = np.zeros((len(X), k)), np.zeros(len(X))
    for _ in range(_ROUNDS):
        member[:] = 0.0
        member[np.arange(len(X)), labels] = 1.0
        centers = (member.T @ X) / np.maximum(member.sum(axis=0), 1.0)[:, None]
        distances = (centers**2).sum(axis=1) - 2.0 * (X @ centers.T)
        labels = distances.argmin(axis=1)
        near = distances.min(axis=1)
    return max(0.0, float((X**2).sum() + near.sum()))


def excess(curves: Array) -> Array:
    """Return how far each curve (b, k) falls below the others, in standard deviations (b, k).

    A curve is taken relative to its own first value, and the mean and deviation are over
    all curves, the first one, of the data, among them: so all are treated alike, and the rank of
    one's largest excess is a proper Monte Carlo test.

    >>> excess(np.array([[0.0, -2.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]))[0].round(2).tolist()
    [0.0, 1.73]
    """
    falls = curves - curves[:, :1]
    deviations = falls.std(axis=0)
    return np.asarray(
        (falls.mean(axis=0) - falls) / np.where(deviations > 1e-9, deviations, np.inf)
    )

"""How close together customers lie once divided: log inertia for each k, beside the references."""

from __future__ import annotations

import numpy as np

from customer_atlas.clustering.lloyd import Array

__all__ = ["excess", "log_inertia"]

_FLOOR = 1e-4  # of the inertia of one group: below it groups are points, and points are all alike


def log_inertia(X: Array, most: int) -> Array:
    """Return the log of the within-group inertia of the rows of `X` for k = 1 to `most` (most,).

    The groups are those of one tree (Ward, 1963), whose merges add up to the inertia at each k.
    A ten-thousandth of the inertia of one group is added, so that points are no miracle.

    >>> log_inertia(np.array([[0.0], [2.0], [9.0]]), 2).round(2).tolist()
    [3.8, 0.7]
    """
    from scipy.cluster.hierarchy import linkage

    added = linkage(X, "ward")[:, 2] ** 2 / 2
    inertia = np.cumsum(added)[::-1]
    inertia = np.r_[inertia, np.zeros(most)][:most]
    return np.asarray(np.log(inertia + _FLOOR * inertia[0]))


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

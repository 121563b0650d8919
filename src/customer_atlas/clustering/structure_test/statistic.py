"""How close together customers lie once divided: log inertia for each k, beside the references."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["cuts", "excess", "log_inertia"]

Labels = NDArray[np.int64]

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
    from scipy.cluster.hierarchy import linkage

    tree = linkage(X, "ward")
    added = tree[:, 2] ** 2 / 2
    inertia = np.cumsum(added)[::-1]
    inertia = np.r_[inertia, np.zeros(most)][:most]
    sizes = [k for k in _SETTLED if k <= min(most, len(X))]
    if sizes:
        at = np.array(sizes) - 1
        inertia[at] = np.minimum(inertia[at], _settled(X, cuts(tree, sizes), sizes))
    return np.asarray(np.log(np.maximum(inertia + _FLOOR * inertia[0], _LEAST)))


def cuts(tree: Array, sizes: Sequence[int]) -> list[Labels]:
    """Which group each row is in (n,), for each number of groups, by the last merges of a tree.

    The merges come undone from the last on. With each of the first few a group is divided, and
    the new one has the next number.
    """
    n, most = len(tree) + 1, max(sizes)
    group, divided = [0] * (2 * n - 1), [0] * most
    pairs = tree[:, :2].astype(np.int64).tolist()
    for number, (one, other) in enumerate(reversed(pairs), 1):
        of = group[2 * n - 1 - number]
        group[one] = group[other] = of
        if number < most:
            group[other], divided[number] = number, of
    finest, merged = np.array(group[:n]), np.arange(most)
    cuts = {most: finest}
    for number in range(most - 1, 0, -1):
        merged[merged == number] = divided[number]
        cuts[number] = merged[finest]
    return [cuts[k] for k in sizes]


def _settled(X: Array, cuts: Sequence[Labels], sizes: Sequence[int]) -> Array:
    """The inertia of each division after a few rounds of k-means: side by side, in one product."""
    ends = np.cumsum(sizes)
    parts = [slice(end - k, end) for k, end in zip(sizes, ends.tolist(), strict=True)]
    rows, member = np.arange(len(X)), np.empty((int(ends[-1]), len(X)))
    distances = member
    for _ in range(_ROUNDS):
        member[:] = 0.0
        for part, labels in zip(parts, cuts, strict=True):
            member[labels + part.start, rows] = 1.0
        centers = (member @ X) / np.maximum(member.sum(axis=1), 1.0)[:, None]
        distances = (centers**2).sum(axis=1)[:, None] - 2.0 * (centers @ X.T)
        cuts = [distances[part].argmin(axis=0) for part in parts]
    near = [float(distances[part].min(axis=0).sum()) for part in parts]
    return np.maximum(0.0, float((X**2).sum()) + np.array(near))


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

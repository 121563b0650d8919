"""Columns of few values, softened: a gap between two values of one column is no border."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["softened"]

_FEW = 5  # values: truth values, levels of categories, ratings
_NOISE = 0.6


def softened(X: Array, seed: int) -> Array:
    """Return rows (n, d) whose columns of at most five values have noise upon them.

    Between the values of such a column there is nothing, whatever the customers are like: every
    category would make as many groups as it has levels, with empty borders, and a mixture would
    fit a component to each. The noise is Gaussian, with a deviation of 0.6 of the distance to the
    nearest value: two Gaussians have one peak up to two deviations apart (Behboodian, 1970), and
    two levels of a category, each a column of 0 and 1, are 2.4 apart then. With 0.5 mixtures
    still part the levels, and with 0.7 groups are lost that only several categories tell. What
    several columns say together is seen still. A matrix without such columns is returned as it
    is.

    >>> X = np.column_stack([np.arange(8.0), np.tile([0.0, 1.0], 4)])
    >>> soft = softened(X, 0)
    >>> bool((soft[:, 0] == X[:, 0]).all()), len(np.unique(soft[:, 1]))
    (True, 8)
    """
    draw = np.random.default_rng([seed % 2**63, 5])
    soft = X
    for column in range(X.shape[1]):
        if not 1 < _values(X[:, column]) <= _FEW:
            continue
        values, places = np.unique(X[:, column], return_inverse=True)
        gaps = np.diff(values)
        nearest = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
        soft = X.copy() if soft is X else soft
        soft[:, column] += draw.normal(size=len(X)) * nearest[places] * _NOISE
    return soft


def _values(column: NDArray[np.float64]) -> int:
    """Return how many different values there are, or some number that is not few."""
    glance = len(np.unique(column[: 20 * _FEW]))  # as of most columns it tells
    return glance if glance > _FEW else len(np.unique(column))

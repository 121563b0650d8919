"""Weighted statistics of one column: quantile, mean, deviation, skewness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Array",
    "weighted_covariance",
    "weighted_moments",
    "weighted_quantiles",
    "weighted_skewness",
]

Array = NDArray[np.float64]


def weighted_quantiles(values: Array, weights: Array, probabilities: tuple[float, ...]) -> Array:
    """Return the smallest values whose cumulative share of weight reaches each probability.

    The inverse of the weighted distribution function: always a value that occurs.

    >>> import numpy as np
    >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0]), (0.25, 0.5))
    array([1., 2.])
    """
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order])
    share /= share[-1]
    at = np.searchsorted(share, np.asarray(probabilities) - 1e-12)
    return values[order][np.minimum(at, len(values) - 1)]


def weighted_moments(values: Array, weights: Array) -> tuple[float, float]:
    """Return the weighted mean and the weighted standard deviation (population form).

    >>> import numpy as np
    >>> weighted_moments(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    (2.0, 1.0)
    """
    mean = float(np.average(values, weights=weights))
    return mean, float(np.sqrt(np.average((values - mean) ** 2, weights=weights)))


def weighted_skewness(values: Array, weights: Array) -> float:
    """Return the weighted third standardised moment; 0 for a constant.

    >>> import numpy as np
    >>> round(weighted_skewness(np.array([0.0, 0.0, 0.0, 1.0]), np.ones(4)), 3)
    1.155
    """
    mean, deviation = weighted_moments(values, weights)
    if deviation <= 1e-12 * max(1.0, abs(mean)):
        return 0.0
    return float(np.average(((values - mean) / deviation) ** 3, weights=weights))


def weighted_covariance(matrix: Array, weights: Array) -> Array:
    """Return the weighted covariance (d, d) of the rows of `matrix` (n, d), population form.

    >>> import numpy as np
    >>> weighted_covariance(np.array([[1.0, 2.0], [3.0, 6.0]]), np.ones(2)).tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    centred = matrix - np.average(matrix, axis=0, weights=weights)
    return np.asarray(centred.T @ (centred * (weights / weights.sum())[:, None]))

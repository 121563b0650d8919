"""What can be clustered: a finite matrix, and weights that are positive."""

from __future__ import annotations

import numpy as np

from customer_atlas.clustering.lloyd import Array
from customer_atlas.errors import ClusteringError

__all__ = ["checked_matrix", "checked_weights", "distinct_rows", "refuse_unknown"]


def checked_matrix(X: Array, width: int | None = None) -> Array:
    """Return `X` as a C-contiguous float64 matrix (n, d).

    To fit, n and d must be at least 1 and all values finite. To predict, `width` is the number
    of columns that the model knows, and the values are left to `refuse_unknown`, which is
    cheaper on results. Raises `ClusteringError`.

    >>> import numpy as np
    >>> checked_matrix(np.array([[1, 2]])).dtype
    dtype('float64')
    """
    try:
        X = np.ascontiguousarray(X, dtype=np.float64)
    except (TypeError, ValueError) as cause:
        raise ClusteringError(f"A matrix of numbers is needed: {cause}.") from cause
    if X.ndim != 2:
        raise ClusteringError(f"A matrix of customers by columns is needed; found {X.ndim} axes.")
    if width is None and 0 in X.shape:
        raise ClusteringError(
            f"There is nothing to cluster: {X.shape[0]} customers and {X.shape[1]} columns."
        )
    if width is not None and X.shape[1] != width:
        raise ClusteringError(f"The model knows {width} columns; found {X.shape[1]}.")
    if width is None:
        refuse_unknown(X)
    return X


def refuse_unknown(values: Array) -> None:
    """Raise `ClusteringError` when one of the values is missing or infinite."""
    bad = ~np.isfinite(values)
    if bad.any():
        raise ClusteringError(
            f"Missing or infinite values for {int(bad.reshape(len(bad), -1).any(axis=1).sum())}"
            f" of {len(bad)} customers. Fill them first, as the design matrix does."
        )


def distinct_rows(X: Array, enough: int) -> int:
    """Return how many rows of `X` differ, or `enough` when there are at least so many.

    >>> import numpy as np
    >>> distinct_rows(np.array([[1.0], [1.0], [2.0]]), 5)
    2
    """
    if len(np.unique(X[: 20 * enough], axis=0)) >= enough:
        return enough
    return min(enough, len(np.unique(X, axis=0)))


def checked_weights(weights: Array | None, rows: int) -> Array:
    """Return the weights (n,) as float64, all ones when there are none.

    Raises `ClusteringError` when their number differs or one is not positive and finite.

    >>> checked_weights(None, 2).tolist()
    [1.0, 1.0]
    """
    if weights is None:
        return np.ones(rows)
    weights = np.ascontiguousarray(weights, dtype=np.float64)
    if weights.shape != (rows,):
        raise ClusteringError(f"{rows} weights are needed, one a customer; found {weights.shape}.")
    if not (np.isfinite(weights).all() and (weights > 0).all()):
        raise ClusteringError("Weights must be positive and finite.")
    return weights

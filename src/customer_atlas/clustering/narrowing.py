"""Rows with more columns than there are rows, in as few columns as hold all their distances."""

from __future__ import annotations

import numpy as np

from customer_atlas.clustering.lloyd import Array

__all__ = ["narrowed", "principal"]

_WIDE = 50  # columns up to which there is nothing to be gained


def narrowed(X: Array) -> Array:
    """Return the rows of `X` (n, d) turned into n columns where there are more, and over 50.

    The triangle of the QR decomposition has the same products between rows, so that all distances
    and means stay: whatever k-means, Ward or the silhouette find is the same.

    >>> X = np.random.default_rng(0).normal(size=(3, 60))
    >>> narrowed(X).shape, bool(np.allclose(X @ X.T, narrowed(X) @ narrowed(X).T))
    ((3, 3), True)
    """
    rows, columns = X.shape
    if columns <= max(rows, _WIDE):
        return X
    triangle = np.asarray(np.linalg.qr(X.T, mode="r"))
    return np.ascontiguousarray(triangle.T)


def principal(X: Array) -> Array:
    """Return the first 50 principal components of rows (n, d) with more columns than n and 50.

    The columns count as they vary, around their means. Other rows stay as they are.
    """
    rows, columns = X.shape
    if columns <= max(rows, _WIDE):
        return X
    left, sizes, _ = np.linalg.svd(narrowed(X - X.mean(axis=0)), full_matrices=False)
    return np.asarray(left[:, :_WIDE] * sizes[:_WIDE])

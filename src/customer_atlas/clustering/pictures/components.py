"""Principal components: where customers spread most, and where each one lies on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from customer_atlas.clustering.lloyd import Array, one_thread

__all__ = ["Components"]

_NOTHING = 1e-9


@dataclass(frozen=True)
class Components:
    """Up to three directions `axes` (c, d) through the `middle` (d,), the longest first.

    `explained` (c,) is the share of the variance that each tells. The method is principal
    component analysis (Hotelling, 1933).

    >>> line = Components.fit(np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]]))
    >>> line.explained, line.place(np.array([[2.0, 1.0]])).tolist()
    ((1.0,), [[1.0]])
    """

    middle: Array
    axes: Array
    explained: tuple[float, ...]

    @classmethod
    def fit(cls, X: Array, most: int = 3) -> Components | None:
        """Fit to the rows of `X` (n, d); None where they are all alike."""
        if X.shape[1] == 0 or len(X) < 2 or X.var(axis=0).sum() < _NOTHING:
            return None
        from sklearn.decomposition import PCA

        with one_thread():
            found = PCA(min(most, *X.shape), svd_solver="covariance_eigh").fit(X)
        shares = found.explained_variance_ratio_
        kept = shares > _NOTHING
        return cls(found.mean_, found.components_[kept], tuple(shares[kept].tolist()))

    def place(self, X: Array) -> Array:
        """Return the rows of `X` (n, d) on the components (n, c)."""
        with one_thread():
            return np.asarray((X - self.middle) @ self.axes.T)

"""K-prototypes: k-means for numbers and categories together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import validate_data

from customer_atlas.clustering.algorithms.clusterer import (
    Clusterer,
    Found,
    by_weight,
    enough_rows,
    renumbered,
)
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.mixed_table import Coding, named_columns
from customer_atlas.clustering.prototypes import MixedRows, Prototypes, prototypes
from customer_atlas.clustering.served import MixedCentroids
from customer_atlas.errors import ClusteringError

if TYPE_CHECKING:
    from customer_atlas.clustering.stability import StabilityReport

__all__ = ["KPrototypes"]

_RESTART_ROWS = 25_000  # restarts matter more than rows; the best is then fitted to all


class KPrototypes(Clusterer):
    """K-prototypes (Huang, 1998) for tables of numbers and categories.

    A cluster is the mean of each number column and the most frequent value of each categorical
    one. A row costs the sum of squared differences of its numbers, which are scaled to a
    variance of 1, plus `gamma` for each category that is not the cluster's. Without `gamma`,
    the median categorical column counts like a number: with one cluster for all, it would cost
    as much, so `gamma` is 1 / the median share of customers outside the most frequent value.

    Takes pandas, Polars and Arrow tables, and NumPy matrices. `categorical` names the
    categorical columns, or gives their places; by default they are those that are no numbers.
    A missing category is a category of its own, a missing number is refused. A category that
    was never seen is like no other.

    The best of `n_init` k-means++ draws, which the cost allows since it is a squared distance,
    tried on up to 25,000 rows spread over the table, is fitted to all rows.
    Facts: `cost` (weighted mean of the rows' costs), `gamma`, `categorical` (names of columns).

    >>> rows = np.array([[1, "a"], [1, "a"], [2, "a"], [8, "b"], [9, "b"]], dtype=object)
    >>> model = KPrototypes(2).fit(rows)
    >>> model.predict(np.array([[2, "a"], [8, "never seen"]], dtype=object)).tolist()
    [0, 1]
    """

    title = "k-prototypes"
    served_: MixedCentroids

    def __init__(
        self, n_clusters: int = 8, *, categorical: Sequence[str | int] | None = None,
        gamma: float | None = None, n_init: int = 20, random_state: int = 0,
    ) -> None:  # fmt: skip
        self.n_clusters = n_clusters
        self.categorical = categorical
        self.gamma = gamma
        self.n_init = n_init
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        return tags

    def stability(
        self, X: Any, sample_weight: Array | None = None, *, seed: int = 0
    ) -> StabilityReport:
        """Say whether the same clusters come back, which column they hang on, and who moves.

        See `Clusterer.stability`.
        """
        from customer_atlas.clustering.stability.probing import stability_report

        points = self._points(X)  # here categories are numbers, so their columns go by place
        coded = clone(self).set_params(categorical=list(self._coding.categorical))
        return stability_report(
            coded, points, sample_weight, self._coding.names, served=self.served_, seed=seed
        )

    def _validated(self, X: Any, *, reset: bool) -> Array:
        columns = named_columns(X)
        if columns is None:
            matrix = super()._validated(X, reset=reset)
            columns = {str(j): column for j, column in enumerate(matrix.T)}
        else:
            try:
                validate_data(self, X, reset=reset, skip_check_array=True)
            except ValueError as cause:
                raise ClusteringError(str(cause)) from cause
        if reset:
            self._coding = Coding.of(columns, self.categorical)
        return self._coding.matrix(columns)

    def _fit(self, X: Array, weights: Array) -> Found:
        enough_rows(X, self.n_clusters)
        places = np.array(self._coding.categorical, np.intp)
        numbers = np.delete(X, places, axis=1)
        offsets = np.average(numbers, axis=0, weights=weights)
        scales = np.sqrt(np.average((numbers - offsets) ** 2, axis=0, weights=weights))
        scales = np.where(scales > 1e-12 * np.abs(offsets), scales, 1.0)
        codes = np.asfortranarray(X[:, places].astype(np.int32))
        sizes = [len(texts) for texts in self._coding.categories]
        gamma = self._gamma(codes, sizes, weights)
        rows = MixedRows(
            np.ascontiguousarray((numbers - offsets) / scales), codes, sizes, weights, gamma
        )
        fit = self._best(rows)
        centers = np.empty((self.n_clusters, X.shape[1]))
        centers[:, places] = fit.modes
        centers[:, np.setdiff1d(np.arange(X.shape[1]), places)] = fit.means * scales + offsets
        order = by_weight(fit.labels, weights, self.n_clusters, centers)
        cost = fit.total / float(weights.sum())
        served = MixedCentroids(
            centers[order], places, self._coding.categories, offsets, scales, gamma,
            cost / X.shape[1],
        )  # fmt: skip
        names = [self._coding.names[j] for j in places]
        facts = {"cost": cost, "gamma": gamma, "categorical": names}
        return Found(served, renumbered(fit.labels, order), facts)

    def _gamma(self, codes: Any, sizes: Sequence[int], weights: Array) -> float:
        if self.gamma is not None:
            if not (math.isfinite(self.gamma) and self.gamma >= 0):
                raise ClusteringError(f"`gamma` must be 0 or more; found {self.gamma}.")
            return float(self.gamma)
        outside = [
            1.0 - np.bincount(codes[:, j], weights, size).max() / weights.sum()
            for j, size in enumerate(sizes)
            if size > 1
        ]
        return 1.0 / float(np.median(outside)) if outside else 1.0

    def _best(self, rows: MixedRows) -> Prototypes:
        k, seed = self.n_clusters, self.random_state
        step = math.ceil(len(rows) / _RESTART_ROWS)
        some = rows.every(step)
        fits = (prototypes(some, k, seed=seed + draw) for draw in range(self.n_init))
        best = min(fits, key=lambda fit: fit.total)
        if step == 1:
            return best
        return prototypes(rows, k, seed=seed, start=(best.means, best.modes))

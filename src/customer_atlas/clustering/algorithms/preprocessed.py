"""Any algorithm after a linear preprocessing of the columns, which is served with it."""

from __future__ import annotations

from typing import Literal

import numpy as np
from sklearn.base import clone
from sklearn.utils import Tags

from customer_atlas.clustering.algorithms.clusterer import Clusterer, Found
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served import Projected
from customer_atlas.errors import ClusteringError

__all__ = ["Preprocessed", "Preprocessing"]

Preprocessing = Literal["robust", "pca", "whitening"]
_WAYS = ("robust", "pca", "whitening")
_LEAST = 1e-9  # of the largest variance: a direction with less is rounding
_QUARTILES = 1.349  # deviations between the quartiles of a Gaussian


class Preprocessed(Clusterer):
    """A `clusterer` that sees the columns scaled or turned; the map is served with the model.

    `robust` subtracts each column's median and divides by its interquartile range (by its
    deviation where half of the customers have one value). `pca` keeps as few principal
    components as hold a share `variance` of it (Jolliffe, 2002), `whitening` scales these to
    variance 1 besides, so that a narrow direction counts as much as a wide one. Rows count as
    often as their weights say.

    Facts: `columns`, how many are seen; those of the clusterer.

    >>> from customer_atlas.clustering.algorithms import KMeans
    >>> draw = np.random.default_rng(0)
    >>> side = np.repeat([-1.0, 1.0], 50)
    >>> X = np.column_stack([draw.normal(0, 30, 100), side + draw.normal(0, 0.1, 100)])
    >>> labels = Preprocessed(KMeans(2), "whitening").fit(X).labels_
    >>> len(set(labels[:50])), len(set(labels[50:]))
    (1, 1)
    """

    title = "an algorithm after preprocessing"
    served_: Projected

    def __init__(
        self, clusterer: Clusterer, preprocessing: Preprocessing = "whitening", *,
        variance: float = 1.0, random_state: int = 0,
    ) -> None:  # fmt: skip
        self.clusterer = clusterer
        self.preprocessing = preprocessing
        self.variance = variance
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        return self.clusterer.__sklearn_tags__()

    def _fit(self, X: Array, weights: Array) -> Found:
        if self.preprocessing not in _WAYS or not 0 < self.variance <= 1:
            raise ClusteringError(
                f"preprocessing is one of {', '.join(_WAYS)}, and variance above 0 and at most 1;"
                f" found {self.preprocessing!r} and {self.variance}."
            )
        axes, offset = self._map(X, weights)
        inner: Clusterer = clone(self.clusterer)
        if "random_state" in inner.get_params(deep=False):
            inner.set_params(random_state=self.random_state)
        inner.fit(X @ axes + offset, sample_weight=weights)
        served = Projected(axes, offset, inner.served_)
        return Found(served, inner.labels_, {"columns": axes.shape[1], **inner.facts_})

    def _map(self, X: Array, weights: Array) -> tuple[Array, Array]:
        """Return axes (d, e) and an offset (e,)."""
        if self.preprocessing == "robust":
            middle, scale = _middle_and_scale(X, weights)
            return np.diag(1.0 / scale), -middle / scale
        middle = np.average(X, axis=0, weights=weights)
        gaps = X - middle
        variances, axes = np.linalg.eigh((gaps * weights[:, None]).T @ gaps / weights.sum())
        variances, axes = variances[::-1], _signed(axes[:, ::-1])
        held = np.cumsum(np.maximum(variances, 0.0)) / max(float(variances.sum()), 1e-300)
        count = int(np.searchsorted(held, self.variance - 1e-9)) + 1
        count = max(1, min(count, int((variances > _LEAST * variances[0]).sum())))
        axes = axes[:, :count]
        if self.preprocessing == "whitening":
            axes = axes / np.sqrt(np.maximum(variances[:count], 1e-300))
        axes = np.ascontiguousarray(axes)
        return axes, -middle @ axes


def _signed(axes: Array) -> Array:
    """Return the axes (d, e), each with its largest entry positive: no library tells the sign."""
    largest = np.abs(axes).argmax(axis=0)
    return np.asarray(axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1.0, 1.0))


def _middle_and_scale(X: Array, weights: Array) -> tuple[Array, Array]:
    quarters = np.array([_quantiles(column, weights) for column in X.T])
    scale = (quarters[:, 2] - quarters[:, 0]) / _QUARTILES
    middle = np.average(X, axis=0, weights=weights)
    spread = np.sqrt(np.average((X - middle) ** 2, axis=0, weights=weights))
    scale = np.where(scale > _LEAST * spread, scale, spread)
    return quarters[:, 1], np.where(scale > 0, scale, 1.0)


def _quantiles(column: Array, weights: Array) -> Array:
    order = np.argsort(column, kind="stable")
    below = np.cumsum(weights[order]) / weights.sum()
    places = np.searchsorted(below, [0.25 - 1e-12, 0.5 - 1e-12, 0.75 - 1e-12])
    return np.asarray(column[order][np.minimum(places, len(column) - 1)])

"""Any algorithm on columns whose few values are softened; it serves the columns as they are."""

from __future__ import annotations

from sklearn.base import clone
from sklearn.utils import Tags

from customer_atlas.clustering.algorithms.clusterer import Clusterer, Found
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.softening import softened

__all__ = ["Softened"]


class Softened(Clusterer):
    """A `clusterer` that learns from columns of few values softened, and scores them as they are.

    So groups are what several columns say together, not the levels of a single one: see
    `clustering.softening`. Facts: those of the clusterer.

    >>> import numpy as np
    >>> from customer_atlas.clustering.algorithms import KMeans
    >>> draw = np.random.default_rng(0)
    >>> side = np.repeat([-4.0, 4.0], 60) + draw.normal(size=120)
    >>> level = draw.integers(0, 2, 120) * 2.0
    >>> labels = Softened(KMeans(2)).fit(np.column_stack([side, level])).labels_
    >>> len(set(labels[:60])), len(set(labels[60:]))
    (1, 1)
    """

    title = "an algorithm on softened columns"

    def __init__(self, clusterer: Clusterer, *, random_state: int = 0) -> None:
        self.clusterer = clusterer
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        return self.clusterer.__sklearn_tags__()

    def _fit(self, X: Array, weights: Array) -> Found:
        inner: Clusterer = clone(self.clusterer)
        if "random_state" in inner.get_params(deep=False):
            inner.set_params(random_state=self.random_state)
        inner.fit(softened(X, self.random_state), sample_weight=weights)
        return Found(inner.served_, inner.served_.predict(X), inner.facts_)

"""The contract of every algorithm: scikit-learn's conventions, and a model that can be served."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from customer_atlas.clustering.checks import checked_weights, distinct_rows, refuse_unknown
from customer_atlas.clustering.lloyd import Array, one_thread
from customer_atlas.clustering.served import Served
from customer_atlas.errors import ClusteringError
from customer_atlas.side_by_side import side_by_side

if TYPE_CHECKING:
    from customer_atlas.clustering.pictures import Kind, MapMethod
    from customer_atlas.clustering.stability import StabilityReport

__all__ = ["Clusterer", "Description", "Found", "by_weight", "enough_rows", "renumbered"]

_BLOCK = 1 << 17  # rows scored by one processor at a time


@dataclass(frozen=True)
class Found:
    """What a fit found: the model that serves, and the labels (n,) of the rows it saw.

    The labels are the algorithm's own; `-1` marks unusual customers. Clusters are numbered by
    weight, largest first. `facts` are what the algorithm alone can tell, by name.
    """

    served: Served
    labels: NDArray[np.int32]
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Description:
    """What a fitted algorithm found, for people: a sentence, sizes, settings and facts.

    `shares` (k,) of the weight are those of the clusters, `unusual` is the share that is in none.
    """

    algorithm: str
    sentence: str
    n_clusters: int
    shares: tuple[float, ...]
    unusual: float
    settings: dict[str, Any]
    facts: dict[str, Any]


class Clusterer(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """The contract: `fit`, `predict`, `predict_proba`, `describe`, of a matrix of numbers (n, d).

    An algorithm writes `_fit`, which returns what it `Found`. Learned: `served_`, the model that
    scores; `labels_` (n,) int32; `n_clusters_`; `shares_` (k,); `facts_`; `n_features_in_`.
    """

    title: str

    served_: Served
    labels_: NDArray[np.int32]
    n_clusters_: int
    shares_: Array
    facts_: dict[str, Any]
    n_features_in_: int

    def fit(self, X: Any, y: object = None, sample_weight: Array | None = None) -> Self:
        """Fit to the rows of `X` (n, d), which count as often as `sample_weight` (n,) says.

        Raises `ClusteringError` for what cannot be clustered as asked. The rows count in their
        order: the same rows, settings and versions give the same clusters to the bit.
        """
        X = self._validated(X, reset=True)
        refuse_unknown(X)
        weights = checked_weights(sample_weight, len(X))
        with one_thread():
            found = self._fit(X, weights)
        self.served_, self.labels_, self.facts_ = found.served, found.labels, found.facts
        self.n_clusters_ = found.served.n_clusters
        inside = found.labels >= 0
        masses = np.bincount(found.labels[inside], weights[inside], self.n_clusters_)
        self.shares_ = masses / weights.sum()
        return self

    @abstractmethod
    def _fit(self, X: Array, weights: Array) -> Found:
        """Find clusters of a finite matrix (n, d) and positive weights (n,), on one thread."""

    def predict(self, X: Any) -> NDArray[np.int32]:
        """Return the cluster of each row (n,); `-1` for unusual ones, where it knows them."""
        points = self._points(X)
        return _everyone(self.served_.predict, points)

    def predict_proba(self, X: Any) -> Array:
        """Return the membership probabilities (n, k); each row adds up to 1."""
        points = self._points(X)
        return _everyone(self.served_.predict_proba, points)

    def describe(self) -> Description:
        """Return what was found, for people."""
        check_is_fitted(self)
        unusual = max(0.0, 1.0 - float(self.shares_.sum()))
        unusual = unusual if unusual > 1e-9 else 0.0
        count = "1 cluster" if self.n_clusters_ == 1 else f"{self.n_clusters_} clusters"
        sentence = f"{self.title} found {count} of {len(self.labels_):,} customers"
        sentence += f", and {unusual:.1%} who are like no group." if unusual else "."
        return Description(
            self.title, sentence, self.n_clusters_, tuple(self.shares_.tolist()), unusual,
            self.get_params(deep=False), dict(self.facts_),
        )  # fmt: skip

    def plot(
        self, kind: Kind = "map", X: Any = None, *, dims: int = 2, method: MapMethod = "pca",
        names: Sequence[str] = (),
    ) -> Any:  # fmt: skip
        """Return a picture of what was found as a plotly figure, which a notebook shows.

        Kinds: `map` of the customers in 2 or 3 `dims`, by `pca`, `tsne` or `umap` (the last with
        the extra ``maps``), a sample over a density of all past 100,000; `silhouette`, how
        clear-cut each cluster is; `sizes`; `centroids`, what is typical of each in the units of
        `X`; `dendrogram`, how the clusters merge, or without `X` what hierarchical clustering
        merged; `k`, what each criterion says, where the number was chosen.

        A model keeps no customers: `X` is the table it was fitted to, or any other of its kind.
        `names` (k,) stand in place of the clusters' numbers.

        Raises:
            ClusteringError: there is nothing of that kind to draw.
            MissingExtraError: UMAP is not installed.
        """
        check_is_fitted(self)
        from customer_atlas.clustering.pictures import Crowd, Seen, plot

        crowd = None if X is None else Crowd(X, self._points(X), self.predict(X))
        choice = getattr(self, "choice_", None)
        seen = Seen(self.title, self.shares_, self.facts_, choice, crowd, names)
        return plot(seen, kind, dims=dims, method=method)

    def stability(
        self, X: Any, sample_weight: Array | None = None, *, seed: int = 0
    ) -> StabilityReport:
        """Say whether the same clusters come back, which feature they hang on, and who moves.

        The algorithm is fitted again to `X` (n, d), the table it was fitted to: from other seeds,
        to resamples, and without each column in turn; at most 10,000 rows are looked at. The
        report has sentences and numbers, and draws itself: ``model.stability(X).plot()``.

        Raises:
            ClusteringError: the table cannot be scored.
        """
        from customer_atlas.clustering.stability.probing import stability_report

        names = tuple(getattr(self, "feature_names_in_", ()))
        return stability_report(self, self._points(X), sample_weight, names, seed=seed)

    def _points(self, X: Any) -> Array:
        check_is_fitted(self)
        return self._validated(X, reset=False)

    def _validated(self, X: Any, *, reset: bool) -> Array:
        """Return a matrix (n, d), as scikit-learn checks it; what is missing is left to us."""
        try:
            checked = validate_data(
                self, X, dtype=np.float64, order="C", reset=reset, ensure_all_finite=False,
                ensure_min_samples=1 if reset else 0,
            )  # fmt: skip
        except ValueError as cause:
            raise ClusteringError(str(cause)) from cause
        return np.asarray(checked)


def _everyone(ask: Callable[[Array], NDArray[Any]], X: Array) -> NDArray[Any]:
    """Return what is asked of all rows (n, d), on all processors, with one thread for each block.

    The blocks are cut alike whatever the processors, and threads of BLAS have too little to do.
    """
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(X), _BLOCK)]
    with one_thread():
        if len(blocks) <= 1:
            return ask(X)
        return np.concatenate(list(side_by_side(lambda rows: ask(X[rows]), blocks)))


def enough_rows(X: Array, k: int) -> None:
    """Raise `ClusteringError` where `k` clusters cannot be made of the rows.

    >>> enough_rows(np.zeros((9, 1)), 1)
    """
    distinct = distinct_rows(X, max(1, k))
    if not 1 <= k <= distinct:
        raise ClusteringError(
            f"{k} clusters were asked for, but the {len(X)} customers have only"
            f" {distinct} different sets of values. Ask for at most {distinct}."
        )


def by_weight(labels: NDArray[np.integer], weights: Array, k: int, ties: Array) -> NDArray[np.intp]:
    """Return the clusters (k,) in the order of their weight, the largest first.

    `ties` (k, d), such as centres, tell apart those of the same weight: so the numbers do not
    depend on where an algorithm began. Labels below 0 count nowhere.

    >>> by_weight(np.array([0, 1, 1]), np.ones(3), 2, np.zeros((2, 1))).tolist()
    [1, 0]
    """
    inside = labels >= 0
    masses = np.bincount(labels[inside], weights[inside], k)
    return np.lexsort((*ties.T[::-1].round(9), -masses.round(9)))


def renumbered(labels: NDArray[np.integer], order: NDArray[np.intp]) -> NDArray[np.int32]:
    """Return labels (n,) with each cluster's place in `order`; what is below 0 stays -1.

    >>> renumbered(np.array([0, 1, -1]), np.array([1, 0])).tolist()
    [1, 0, -1]
    """
    places = np.append(np.argsort(order), -1).astype(np.int32)
    return np.asarray(places[np.where(labels < 0, -1, labels)])

"""Mixtures that decide themselves how many clusters they need."""

from __future__ import annotations

from typing import Any

import numpy as np

from customer_atlas.clustering.algorithms.clusterer import Clusterer, Found
from customer_atlas.clustering.algorithms.gaussian_mixture import in_order
from customer_atlas.clustering.checks import distinct_rows
from customer_atlas.clustering.drawing import drawn
from customer_atlas.clustering.expectation import Covariance
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served import Mixture
from customer_atlas.errors import ClusteringError

__all__ = ["BayesianMixture"]

_MOST_ROWS = 5_000
_SHAPES = {"full": "full", "diagonal": "diag", "spherical": "spherical"}


class BayesianMixture(Clusterer):
    """A Dirichlet-process mixture of Gaussians: it decides how many clusters there are.

    Customers come one by one and sit down with a group in proportion to its size, or, with a
    chance that `concentration` sets, begin a new one (the Chinese restaurant process). The
    posterior is approximated by variation, with at most `max_clusters` groups (Blei and Jordan,
    2006), by scikit-learn's BayesianGaussianMixture. Groups with less than `least_share` of the
    customers are dropped; their customers go to the others. `concentration` is 1 / max_clusters
    when not given: the lower, the fewer groups. `covariance` is `full`, `diagonal` or
    `spherical`; one ellipsoid for all is not offered, since it keeps groups that nobody needs
    (15 for one Gaussian cloud).

    It takes no weights and slows down with rows, so at most 5,000 customers, drawn by weight,
    decide, and all are then assigned. `unusual` is as for `GaussianMixture`. Cost: O(n k d²) an
    iteration; hundreds of them, since groups that nobody needs empty slowly: seconds.

    Facts: `count` of groups kept, `dropped`, `concentration`, `rows` that decided, `converged`,
    `iterations`.

    >>> X = np.random.default_rng(0).normal(size=(200, 1)) + np.repeat([[0.0], [20.0]], 100, axis=0)
    >>> BayesianMixture(6).fit(X).n_clusters_
    2
    """

    title = "a Dirichlet-process mixture"
    served_: Mixture

    def __init__(
        self, max_clusters: int = 20, *, concentration: float | None = None,
        covariance: Covariance = "full", least_share: float = 0.01, max_iter: int = 1000,
        unusual: float | None = None, random_state: int = 0,
    ) -> None:  # fmt: skip
        self.max_clusters = max_clusters
        self.concentration = concentration
        self.covariance = covariance
        self.least_share = least_share
        self.max_iter = max_iter
        self.unusual = unusual
        self.random_state = random_state

    @property
    def n_iter_(self) -> int:
        """How many iterations led to the mixture, as scikit-learn calls it."""
        return int(self.facts_["iterations"])

    def _fit(self, X: Array, weights: Array) -> Found:
        rows = drawn(weights, _MOST_ROWS, self.random_state)
        middle = X[rows].mean(axis=0)
        spread = np.maximum(X[rows].std(axis=0), 1e-12)
        model = self._learned((X[rows] - middle) / spread)
        mixture = self._kept(model, middle, spread)
        served, labels = in_order(mixture, X, weights, self.unusual)
        facts = {
            "count": served.n_clusters,
            "dropped": len(model.weights_) - served.n_clusters,
            "concentration": float(model.weight_concentration_prior_),
            "rows": len(rows),
            "converged": bool(model.converged_),
            "iterations": int(model.n_iter_),
        }
        return Found(served, labels, facts)

    def _learned(self, X: Array) -> Any:
        from sklearn.mixture import BayesianGaussianMixture

        if self.covariance not in _SHAPES:
            raise ClusteringError(
                f"Covariance {self.covariance!r} is not known; it is one of {', '.join(_SHAPES)}."
            )
        if self.max_clusters < 1 or (self.concentration is not None and self.concentration <= 0):
            raise ClusteringError(
                "A Dirichlet-process mixture needs max_clusters of at least 1 and a concentration"
                f" above 0; found {self.max_clusters} and {self.concentration}."
            )
        if len(X) == 1:  # scikit-learn wants two rows to see a variance
            X = np.repeat(X, 2, axis=0)
        return BayesianGaussianMixture(
            n_components=distinct_rows(X, self.max_clusters),
            covariance_type=_SHAPES[self.covariance], max_iter=self.max_iter,
            weight_concentration_prior=self.concentration, random_state=self.random_state,
        ).fit(X)  # fmt: skip

    def _kept(self, model: Any, middle: Array, spread: Array) -> Mixture:
        """Return the components that matter, in the units of the data."""
        keep = model.weights_ >= min(self.least_share, model.weights_.max())
        k, d = model.means_.shape
        factors = model.precisions_cholesky_
        if self.covariance != "full":
            factors = np.asarray(factors).reshape(k, -1)[:, :, None] * np.eye(d)
        weights = model.weights_[keep]
        return Mixture(
            weights / weights.sum(), model.means_[keep] * spread + middle,
            np.ascontiguousarray(factors[keep] / spread[:, None]),
            np.arange(int(keep.sum()), dtype=np.int32),
        )  # fmt: skip

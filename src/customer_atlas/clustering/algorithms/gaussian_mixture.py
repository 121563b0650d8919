"""Mixtures of Gaussians, fitted by expectation and maximisation with weights."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.algorithms.clusterer import (
    Clusterer,
    Found,
    by_weight,
    enough_rows,
    renumbered,
)
from customer_atlas.clustering.drawing import effective_rows
from customer_atlas.clustering.expectation import (
    Covariance,
    Gaussians,
    climb,
    first_guess,
    free_parameters,
    least_variance,
)
from customer_atlas.clustering.lloyd import Array, lloyd
from customer_atlas.clustering.regions import Regions
from customer_atlas.clustering.served import Mixture, nearest_centers
from customer_atlas.clustering.starts import ward_starts
from customer_atlas.errors import ClusteringError

__all__ = ["GaussianMixture", "in_order", "mixture_of"]

_START_ROWS = 25_000  # starts are compared on so many rows; the best goes on with all
_FIRST_STEPS = 10
_GO_ON = 2  # of the starts
_COVARIANCES = ("full", "tied", "diagonal", "spherical")


class GaussianMixture(Clusterer):
    """A mixture of Gaussians (Dempster, Laird and Rubin, 1977) for weighted customers.

    `covariance` is `full` (each cluster its own ellipsoid), `tied` (one for all), `diagonal`
    (columns independent within a cluster) or `spherical`. Starts come from k-means, on the rows
    as they are and whitened, from Ward's merging and from `n_init` random draws; they take a few
    steps on up to 25,000 rows, and the two that are likeliest by then go on to convergence. With
    `unusual`, that share of the customers, those where the mixture is least dense, belongs to no
    cluster. With `smallest`, a share below 0.01, it begins with remote groups of that share. No
    variance of a component falls below `floor` of the data's. Cost: O(n k d²) an
    iteration, linear in rows.

    Facts: `log_likelihood` (mean a customer), `bic` and `icl` (the lower the better; rows count as
    the effective number of weighted ones), `parameters`, `effective_rows`, `converged`,
    `iterations`.

    >>> X = np.array([[0.0], [0.2], [0.1], [9.0], [9.3]])
    >>> GaussianMixture(2).fit(X).predict(X).tolist()
    [0, 0, 0, 1, 1]
    """

    title = "a mixture of Gaussians"
    served_: Mixture

    def __init__(
        self, n_clusters: int = 8, *, covariance: Covariance = "full", n_init: int = 3,
        tolerance: float = 1e-5, max_iter: int = 500, unusual: float | None = None,
        floor: float = 1e-6, smallest: float | None = None, random_state: int = 0,
    ) -> None:  # fmt: skip
        self.n_clusters = n_clusters
        self.covariance = covariance
        self.n_init = n_init
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.unusual = unusual
        self.floor = floor
        self.smallest = smallest
        self.random_state = random_state

    @property
    def n_iter_(self) -> int:
        """How many iterations led to the mixture, as scikit-learn calls it."""
        return int(self.facts_["iterations"])

    def _fit(self, X: Array, weights: Array) -> Found:
        if self.covariance not in _COVARIANCES:
            raise ClusteringError(
                f"Covariance {self.covariance!r} is not known; it is one of"
                f" {', '.join(_COVARIANCES)}."
            )
        enough_rows(X, self.n_clusters)
        fit = self._best(X, weights)
        served, labels = in_order(mixture_of(fit), X, weights, self.unusual)
        return Found(served, labels, self._facts(fit, served, X, weights))

    def _best(self, X: Array, weights: Array) -> Gaussians:
        floor, shape = least_variance(X, weights, self.floor), self.covariance
        if self.smallest is not None and self.n_clusters > 1:
            regions = Regions.of(X, weights, self.smallest, self.random_state)
            if regions is not None:
                return self._with_small(X, weights, regions)
        step = math.ceil(len(X) / _START_ROWS)
        some, masses = X[::step], weights[::step]
        begun = [
            climb(some, masses, guess, shape, floor, most=_FIRST_STEPS, tolerance=self.tolerance)
            for guess in (
                first_guess(some, masses, labels, self.n_clusters, shape, floor)
                for labels in self._starts(some, masses)
            )
        ]
        begun.sort(key=lambda fit: -fit.likelihood)
        fits = [
            climb(
                some, masses, fit, shape, floor, most=self.max_iter, tolerance=self.tolerance
            )
            for fit in begun[:_GO_ON]
        ]  # fmt: skip
        best = max(fits, key=lambda fit: fit.likelihood)
        if step == 1:
            return best
        best = replace(best, likelihood=-np.inf)
        return climb(
            X, weights, best, shape, floor, most=self.max_iter, tolerance=self.tolerance
        )  # fmt: skip

    def _starts(self, X: Array, weights: Array) -> list[NDArray[np.int32]]:
        """Return labels (n,) to begin with."""
        k, seed = self.n_clusters, self.random_state
        starts = [lloyd(X, weights, k, seed=seed).labels]
        if k > 1:
            starts.append(lloyd(_whitened(X, weights), weights, k, seed=seed).labels)
            wards = ward_starts(X, weights, [k], seed=seed).values()
            starts += [nearest_centers(X, centers) for centers in wards]
            draws = range(seed + 1, seed + 1 + self.n_init)
            starts += [lloyd(X, weights, k, seed=draw, max_iter=1).labels for draw in draws]
        return starts

    def _with_small(self, X: Array, weights: Array, regions: Regions) -> Gaussians:
        """Fit to a draw from all regions as it is, among which small groups are larger.

        Among all, a component of a thousandth would rather go and explain the tails of a large
        one. Only then do the components get the shares that they have among all.
        """
        k, seed, shape = self.n_clusters, self.random_state, self.covariance
        rows, masses = regions.drawn(weights, _START_ROWS, seed)
        some, ones = X[rows], np.ones(len(rows))
        start = ward_starts(some, masses, [k], seed=seed, smallest=regions.smallest).get(k)
        labels = lloyd(some, ones, k, seed=seed, start=start).labels
        floor = least_variance(X, weights, self.floor)
        guess = first_guess(some, ones, labels, k, shape, floor)
        fit = climb(
            some, ones, guess, shape, floor, most=self.max_iter, tolerance=self.tolerance
        )  # fmt: skip
        shares = np.average(mixture_of(fit).predict_proba(some), axis=0, weights=masses)
        return replace(fit, weights=shares)

    def _facts(self, fit: Gaussians, served: Mixture, X: Array, weights: Array) -> dict[str, Any]:
        likelihood = float(np.average(served.log_density(X), weights=weights))
        shares = served.predict_proba(X)
        unsure = -np.sum(shares * np.log(np.maximum(shares, 1e-300)), axis=1)
        rows = effective_rows(weights)
        parameters = free_parameters(self.n_clusters, X.shape[1], self.covariance)
        bic = parameters * math.log(rows) - 2 * rows * likelihood
        return {
            "log_likelihood": likelihood,
            "bic": bic,
            "icl": bic + 2 * rows * float(np.average(unsure, weights=weights)),
            "parameters": parameters,
            "effective_rows": rows,
            "converged": fit.converged,
            "iterations": fit.iterations,
        }


def in_order(
    mixture: Mixture, X: Array, weights: Array, unusual: float | None
) -> tuple[Mixture, NDArray[np.int32]]:
    """Number the components by the weight of their customers, and find who is unusual.

    `unusual` is the share of the weight that is to lie in no cluster: the least dense rows.
    """
    threshold = -np.inf
    if unusual is not None:
        if not 0 <= unusual < 1:
            raise ClusteringError(f"The unusual share must be from 0 to below 1; found {unusual}.")
        threshold = _quantile(mixture.log_density(X), weights, unusual)
    k = mixture.n_clusters
    labels = replace(mixture, unusual=threshold).predict(X)
    order = by_weight(labels, weights, k, mixture.means)
    ordered = Mixture(
        mixture.weights[order], mixture.means[order], mixture.factors[order],
        np.arange(k, dtype=np.int32), threshold,
    )  # fmt: skip
    return ordered, renumbered(labels, order)


def _whitened(X: Array, weights: Array) -> Array:
    """Return the rows without what correlates all columns: long groups side by side move apart."""
    gaps = X - np.average(X, axis=0, weights=weights)
    values, axes = np.linalg.eigh((gaps * weights[:, None]).T @ gaps / weights.sum())
    return np.asarray(gaps @ axes / np.sqrt(np.maximum(values, 1e-9 * max(values[-1], 1e-300))))


def _quantile(values: Array, weights: Array, share: float) -> float:
    """Return a value that at most `share` of the weight lies below."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(below, share, side="right")])


def mixture_of(fit: Gaussians) -> Mixture:
    """Return the form that serves what expectation and maximisation ended with."""
    factors = fit.factors
    if factors.ndim == 2:
        factors = factors[:, :, None] * np.eye(factors.shape[1])
    return Mixture(fit.weights, fit.means, factors, np.arange(len(fit.weights), dtype=np.int32))

"""Mixtures of Gaussians as candidates: fast fits from given starts, judged by their overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import log

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.algorithms.gaussian_mixture import mixture_of
from customer_atlas.clustering.expectation import (
    Covariance,
    climb,
    first_guess,
    free_parameters,
    least_variance,
)
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.search.recipe import Recipe
from customer_atlas.clustering.served import Mixture

__all__ = ["FLOOR", "Fitted", "best_mixtures", "fitted", "misfit", "overlap", "recipe_of"]

FLOOR = 1e-3  # of the data's variance: spikes of equal values are no components
_STEPS = 50
_TOLERANCE = 1e-3
_PATIENCE = 3  # numbers of components that may be worse than the best before the search stops


@dataclass(frozen=True)
class Fitted:
    """A mixture, its labels (n,) and two criteria: the lower, the better.

    `bic` is Schwarz's (1978); `icl` adds how unsure the memberships are (Biernacki, Celeux and
    Govaert, 2000), so that it counts clusters where `bic` counts components.
    """

    covariance: Covariance
    mixture: Mixture
    labels: NDArray[np.int32]
    posterior: Array
    bic: float
    icl: float

    @property
    def k(self) -> int:
        """How many components there are."""
        return self.mixture.n_clusters

    def among(self, X: Array, masses: Array) -> Fitted:
        """Return it with the shares that its components have where rows stand for `masses` (n,).

        One step of expectation and maximisation, of the shares alone; the criteria stay.
        """
        shares = np.average(self.posterior, axis=0, weights=masses)
        tilted = shares / self.mixture.weights
        posterior = self.posterior * tilted
        posterior /= posterior.sum(axis=1, keepdims=True)
        mixture = replace(self.mixture, weights=shares)
        labels = posterior.argmax(axis=1).astype(np.int32)
        return replace(self, mixture=mixture, posterior=posterior, labels=labels)


def recipe_of(k: int, covariance: Covariance, smallest: float | None = None) -> Recipe:
    """Return how such a mixture is fitted to everybody."""
    more = {} if smallest is None else {"smallest": smallest}
    return Recipe.of("GaussianMixture", n_clusters=k, covariance=covariance, floor=FLOOR, **more)


def fitted(X: Array, start: NDArray[np.integer], covariance: Covariance) -> Fitted:
    """Fit a mixture to rows (n, d) that begins with their labels (n,), from 0 to k - 1."""
    k, weights = int(start.max()) + 1, np.ones(len(X))
    floor = least_variance(X, weights, FLOOR)
    guess = first_guess(X, weights, start, k, covariance, floor)
    fit = climb(X, weights, guess, covariance, floor, most=_STEPS, tolerance=_TOLERANCE)
    mixture = mixture_of(fit)
    posterior = mixture.predict_proba(X)
    parameters = free_parameters(k, X.shape[1], covariance)
    bic = parameters * log(len(X)) - 2 * float(mixture.log_density(X).sum())
    unsure = -float(np.sum(posterior * np.log(np.maximum(posterior, 1e-300))))
    labels = posterior.argmax(axis=1).astype(np.int32)
    return Fitted(covariance, mixture, labels, posterior, bic, bic + 2 * unsure)


def best_mixtures(
    X: Array, starts: Iterable[NDArray[np.integer]], covariance: Covariance
) -> Iterator[Fitted]:
    """Yield the mixture with the best `icl` and, if it is another one, that with the best `bic`.

    `starts` are labels for one component, two, and so on; the search stops when neither
    criterion gets better any more.
    """
    found: list[Fitted] = []
    worse = 0
    for start in starts:
        one = fitted(X, start, covariance)
        worse += 1
        if all(one.bic < other.bic for other in found) or all(
            one.icl < other.icl for other in found
        ):
            worse = 0
        found.append(one)
        if worse == _PATIENCE:
            break
    if found:
        clusters = min(found, key=lambda one: one.icl)
        components = min(found, key=lambda one: one.bic)
        yield clusters
        if components is not clusters:
            yield components


def overlap(posterior: Array, labels: NDArray[np.integer], masses: Array | None = None) -> Array:
    """Return for each component (k,) how often it is taken for another one, or another for it.

    The larger of the two shares, with the neighbour where it is worst (Hennig, 2010, Methods
    for merging Gaussian mixture components). Rows stand for `masses` (n,), or 1 each.

    >>> overlap(np.array([[1.0, 0.0], [0.2, 0.8]]), np.array([0, 1])).round(2).tolist()
    [0.17, 0.2]
    """
    k = posterior.shape[1]
    taken = np.zeros((k, k))
    weights = np.ones(len(labels)) if masses is None else masses
    posterior = posterior * weights[:, None]
    np.add.at(taken, labels, posterior)
    np.fill_diagonal(taken, 0.0)
    sizes = np.maximum(posterior.sum(axis=0), 1e-9)
    rows = np.maximum(np.bincount(labels, weights, k), 1e-9)
    return np.asarray(
        np.maximum((taken / sizes[None, :]).max(axis=0), (taken / rows[:, None]).max(axis=1))
    )


def misfit(X: Array, labels: NDArray[np.integer]) -> Array:
    """Return how far the customers of each cluster (k,) are from a Gaussian's.

    The squared Mahalanobis distances of a Gaussian's customers to its middle are chi-squared
    (Mardia, 1974). It is the largest difference of the two distribution functions times the square
    root of the cluster's size (Kolmogorov and Smirnov): about 1 of a Gaussian, whatever its size;
    infinite of a cluster without extent.

    >>> draw = np.random.default_rng(0)
    >>> X = np.concatenate([draw.normal(size=(400, 2)), draw.uniform(9, 12, size=(400, 2))])
    >>> misfit(X, np.repeat([0, 1], 400)).round(1).tolist()
    [0.6, 2.8]
    """
    from scipy.stats import chi2

    k, d = int(labels.max()) + 1, X.shape[1]
    found = np.full(k, np.inf)
    for cluster in range(k):
        away = X[labels == cluster] - X[labels == cluster].mean(axis=0)
        n = len(away)
        covariance = away.T @ away / n
        if n <= d or np.linalg.cond(covariance) > 1e12:
            continue
        squared = np.einsum("ij,ij->i", away @ np.linalg.inv(covariance), away)
        expected, steps = chi2.cdf(np.sort(squared), d), np.arange(n + 1) / n
        furthest = max((steps[1:] - expected).max(), (expected - steps[:-1]).max())
        found[cluster] = furthest * np.sqrt(n)
    return found

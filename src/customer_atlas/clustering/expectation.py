"""Expectation and maximisation for weighted mixtures of Gaussians, by chunks of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, solve_triangular

from customer_atlas.clustering.lloyd import Array

__all__ = ["Covariance", "Gaussians", "climb", "first_guess", "free_parameters", "least_variance"]

Covariance = Literal["full", "tied", "diagonal", "spherical"]

_IN_CACHE = 65_536  # numbers at a time


@dataclass(frozen=True)
class Gaussians:
    """A mixture during the fit: weights (k,), means (k, d), and factors of the precisions.

    `factors` are (k, d, d), upper triangular, or (k, d) where columns are independent.
    `likelihood` is the mean log-likelihood of the customers under the mixture *before* this one,
    since an iteration learns it on its way. `iterations` counts them from the start.
    """

    weights: Array
    means: Array
    factors: Array
    likelihood: float = -np.inf
    converged: bool = False
    iterations: int = 0


def least_variance(X: Array, weights: Array, share: float = 1e-6) -> Array:
    """Return the least variances (d,) that a component may have: a share of the data's.

    A column that never varies takes its floor from the others.
    """
    mean = np.average(X, axis=0, weights=weights)
    variance = np.average((X - mean) ** 2, axis=0, weights=weights)
    return np.asarray(share * np.maximum(variance, max(1e-9 * variance.mean(), 1e-30)))


def free_parameters(k: int, d: int, covariance: Covariance) -> int:
    """Return how many numbers such a mixture is free to choose.

    >>> free_parameters(2, 3, "full")
    19
    """
    shape = {
        "full": k * d * (d + 1) // 2,
        "tied": d * (d + 1) // 2,
        "diagonal": k * d,
        "spherical": k,
    }[covariance]
    return k - 1 + k * d + shape


def first_guess(
    X: Array, weights: Array, labels: NDArray[np.integer], k: int, covariance: Covariance,
    floor: Array,
) -> Gaussians:  # fmt: skip
    """Return the mixture in which each row belongs to its label (n,), from 0 to k - 1."""
    d, middle = X.shape[1], np.average(X, axis=0, weights=weights)
    flat = Gaussians(np.full(k, 1.0 / k), np.tile(middle, (k, 1)), np.ones((k, d)))
    sums = _Sums.empty(k, d, covariance)
    for rows in _slices(len(X), k * d):
        mine = (labels[rows] == np.arange(k)[:, None]) * weights[rows]
        sums.add(np.broadcast_to(X[rows] - middle, (k, *X[rows].shape)), mine)
    return _maximised(sums, flat, covariance, floor)


def climb(
    X: Array, weights: Array, start: Gaussians, covariance: Covariance, floor: Array, *,
    most: int, tolerance: float,
) -> Gaussians:  # fmt: skip
    """Iterate from `start` until the mean log-likelihood gains less than `tolerance`.

    Dempster, Laird and Rubin, 1977. A row of weight w counts as w customers. Sums are taken in
    the order of the rows, a few thousand at a time: the cost is O(n k d²) an iteration, the memory
    that of one chunk.
    """
    now = start
    for _ in range(most):
        after = _iterated(X, weights, now, covariance, floor)
        if after.likelihood - now.likelihood < tolerance:
            return replace(now, likelihood=after.likelihood, converged=True)
        now = after
    return now


@dataclass
class _Sums:
    """What a pass over the rows adds up, around the means that it began with."""

    masses: Array
    firsts: Array
    seconds: Array

    @classmethod
    def empty(cls, k: int, d: int, covariance: Covariance) -> _Sums:
        axes = covariance in ("diagonal", "spherical")
        return cls(np.zeros(k), np.zeros((k, d)), np.zeros((k, d) if axes else (k, d, d)))

    def add(self, gaps: Array, masses: Array) -> None:
        """Add rows by their gaps (k, c, d) to the means, and masses (k, c)."""
        self.masses += masses.sum(axis=1)
        self.firsts += np.matmul(masses[:, None], gaps)[:, 0]
        if self.seconds.ndim == 2:
            self.seconds += np.einsum("kcd,kcd,kc->kd", gaps, gaps, masses)
        else:
            self.seconds += np.matmul((gaps * masses[:, :, None]).transpose(0, 2, 1), gaps)


def _iterated(
    X: Array, weights: Array, now: Gaussians, covariance: Covariance, floor: Array
) -> Gaussians:
    k, d = now.means.shape
    sums, total = _Sums.empty(k, d, covariance), 0.0
    heights = np.log(now.weights) + _log_determinants(now.factors) - d / 2 * np.log(2 * np.pi)
    for rows in _slices(len(X), k * d):
        gaps = X[rows] - now.means[:, None]
        white = gaps * now.factors[:, None] if now.factors.ndim == 2 else gaps @ now.factors
        logs = heights[:, None] - np.einsum("kcd,kcd->kc", white, white) / 2
        top = logs.max(axis=0)
        share = np.exp(logs - top)
        mass = share.sum(axis=0)
        total += float(weights[rows] @ (top + np.log(mass)))
        sums.add(gaps, share * (weights[rows] / mass))
    return _maximised(sums, now, covariance, floor, total / float(weights.sum()))


def _maximised(
    sums: _Sums, before: Gaussians, covariance: Covariance, floor: Array,
    likelihood: float = -np.inf,
) -> Gaussians:  # fmt: skip
    masses = sums.masses + 10 * np.finfo(float).eps * sums.masses.sum()
    moves = sums.firsts / masses[:, None]
    shapes = sums.seconds / masses.reshape(-1, *[1] * (sums.seconds.ndim - 1))
    if sums.seconds.ndim == 2:
        variances = np.maximum(shapes - moves**2, 0.0) + floor
        if covariance == "spherical":
            variances[:] = variances.mean(axis=1, keepdims=True)
        factors = 1.0 / np.sqrt(variances)
    else:
        shapes = shapes - moves[:, :, None] * moves[:, None]
        if covariance == "tied":
            shapes[:] = np.average(shapes, axis=0, weights=masses)
        factors = np.stack([_factor(shape + np.diag(floor)) for shape in shapes])
    return Gaussians(
        masses / masses.sum(), before.means + moves, factors, likelihood,
        iterations=before.iterations + 1,
    )  # fmt: skip


def _factor(covariance: Array) -> Array:
    """Return the upper triangle U with U @ U.T the inverse of a covariance (d, d)."""
    try:
        lower = np.linalg.cholesky(covariance)
    except LinAlgError:  # rounding left it a little below zero somewhere
        values, axes = np.linalg.eigh(covariance)
        values = np.maximum(values, 1e-12 * max(values[-1], 1e-300))
        lower = np.linalg.cholesky(
            axes * values @ axes.T + np.diag(np.full(len(values), values[0]))
        )
    return np.ascontiguousarray(solve_triangular(lower, np.eye(len(lower)), lower=True).T)


def _log_determinants(factors: Array) -> Array:
    diagonals = factors if factors.ndim == 2 else np.diagonal(factors, axis1=1, axis2=2)
    return np.asarray(np.log(diagonals).sum(axis=1))


def _slices(rows: int, width: int) -> Iterator[slice]:
    """Yield slices of so many rows that `width` numbers for each stay in the cache."""
    step = max(64, min(4096, _IN_CACHE // width))
    return (slice(start, start + step) for start in range(0, rows, step))

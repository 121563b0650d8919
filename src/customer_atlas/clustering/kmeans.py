"""K-means with restarts on a weighted sample; labels, distances and probabilities for all."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.checks import (
    checked_matrix,
    checked_weights,
    distinct_rows,
    refuse_unknown,
)
from customer_atlas.clustering.lloyd import Array, Lloyd, lloyd, one_thread
from customer_atlas.clustering.starts import ward_starts
from customer_atlas.errors import ArtifactError, ClusteringError

__all__ = ["Assignment", "KMeansModel", "nearest_centers"]

_CHUNK = 4096  # rows at a time: scores stay in the processor's cache
_RESTART_ROWS = 25_000  # restarts matter more than rows; the best is then fitted to all
_FORMAT = 1


@dataclass(frozen=True)
class Assignment:
    """Who belongs where: cluster (n,) int32, probability (n,), distance (n,) to the centre."""

    cluster: NDArray[np.int32]
    probability: Array
    distance: Array


class KMeansModel:
    """K-means (Lloyd, 1982; k-means++ by Arthur and Vassilvitskii, 2007) for weighted customers.

    `fit` takes the best inertia of `n_init` k-means++ draws and one start from Ward's merging,
    tried on up to 25,000 rows spread over the table, and goes on from there on all rows.
    Clusters are numbered by weight, largest first, then by centre. A membership probability is
    the posterior of a mixture of spherical Gaussians with equal weights and one variance, so
    that the most probable cluster is always the nearest one; the variance is that of the
    customers around their centres, in the space that the centres span.

    Learned: `centers_` (k, d), `shares_` (k,) of weight, `variance_`, `inertia_` (weighted sum
    of squared distances over the sum of weights).

    >>> import numpy as np
    >>> X = np.array([[0.0, 0.0], [0.2, 0.0], [0.1, 0.1], [9.0, 9.0], [9.0, 9.2]])
    >>> model = KMeansModel(2).fit(X)
    >>> model.predict(X).tolist(), model.shares_.tolist()
    ([0, 0, 0, 1, 1], [0.6, 0.4])
    """

    centers_: Array
    shares_: Array
    variance_: float
    inertia_: float

    def __init__(self, k: int, *, n_init: int = 10, seed: int = 0) -> None:
        self.k = k
        self.n_init = n_init
        self.seed = seed

    def fit(self, X: Array, weights: Array | None = None) -> Self:
        """Fit to the rows of `X` (n, d). Raises `ClusteringError` for what cannot be clustered."""
        X = checked_matrix(X)
        weights = checked_weights(weights, len(X))
        distinct = distinct_rows(X, max(1, self.k))
        if not 1 <= self.k <= distinct:
            raise ClusteringError(
                f"{self.k} clusters were asked for, but the {len(X)} customers have only"
                f" {distinct} different sets of values. Ask for at most {distinct}."
            )
        with one_thread():
            self._take(X, weights, self._best(X, weights))
        return self

    def predict(self, X: Array) -> NDArray[np.int32]:
        """Return the nearest cluster of each row (n,); the lower number when two tie."""
        return nearest_centers(checked_matrix(X, self.centers_.shape[1]), self.centers_)

    def distances(self, X: Array) -> Array:
        """Return the Euclidean distances (n, k) of the rows to all centres."""
        X = checked_matrix(X, self.centers_.shape[1])
        return _by_chunks(X, self.k, lambda rows: np.sqrt(_squared_distances(rows, self.centers_)))

    def predict_proba(self, X: Array) -> Array:
        """Return the membership probabilities (n, k); each row adds up to 1."""
        X = checked_matrix(X, self.centers_.shape[1])
        return _by_chunks(
            X, self.k, lambda rows: self._posterior(_squared_distances(rows, self.centers_))
        )

    def assign(self, X: Array) -> Assignment:
        """Return cluster, its probability and the distance to its centre, in one pass."""
        X = checked_matrix(X, self.centers_.shape[1])
        cluster = np.empty(len(X), np.int32)
        probability, distance = np.empty(len(X)), np.empty(len(X))
        for rows in _chunks(len(X)):
            squared = _squared_distances(X[rows], self.centers_)
            nearest = squared.argmin(axis=1)
            at = (np.arange(len(nearest)), nearest)
            cluster[rows], distance[rows] = nearest, np.sqrt(squared[at])
            probability[rows] = self._posterior(squared)[at]
        return Assignment(cluster, probability, distance)

    def save(self, folder: Path) -> None:
        """Write `kmeans.json` and `kmeans.npz` into the folder, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        facts = {"format": _FORMAT, "k": self.k, "n_init": self.n_init, "seed": self.seed}
        text = json.dumps(facts | {"variance": self.variance_, "inertia": self.inertia_}, indent=1)
        (folder / "kmeans.json").write_text(text + "\n", encoding="utf-8")
        np.savez(folder / "kmeans.npz", centers=self.centers_, shares=self.shares_)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises `ArtifactError` when it is missing or damaged."""
        try:
            facts = json.loads((folder / "kmeans.json").read_text(encoding="utf-8"))
            if facts["format"] != _FORMAT:
                raise ValueError(f"format {facts['format']} instead of {_FORMAT}")
            model = cls(facts["k"], n_init=facts["n_init"], seed=facts["seed"])
            model.variance_, model.inertia_ = facts["variance"], facts["inertia"]
            with np.load(folder / "kmeans.npz", allow_pickle=False) as arrays:
                model.centers_, model.shares_ = arrays["centers"], arrays["shares"]
        except Exception as cause:
            raise ArtifactError(f"The k-means model in {folder} cannot be read: {cause}") from cause
        return model

    def _best(self, X: Array, weights: Array) -> Lloyd:
        step = math.ceil(len(X) / _RESTART_ROWS)
        some, masses = X[::step], weights[::step]
        fits = [lloyd(some, masses, self.k, seed=self.seed, n_init=self.n_init)]
        starts = ward_starts(some, masses, [self.k], seed=self.seed) if self.k > 1 else {}
        fits += [lloyd(some, masses, self.k, seed=self.seed, start=c) for c in starts.values()]
        best = min(fits, key=lambda fit: fit.inertia)
        if step == 1:
            return best
        return lloyd(X, weights, self.k, seed=self.seed, start=best.centers)

    def _take(self, X: Array, weights: Array, fit: Lloyd) -> None:
        masses = np.bincount(fit.labels, weights, self.k)
        order = np.lexsort((*fit.centers.T[::-1].round(9), -masses.round(9)))
        self.centers_ = np.ascontiguousarray(fit.centers[order])
        self.shares_ = masses[order] / weights.sum()
        self.inertia_ = fit.inertia / float(weights.sum())
        self.variance_ = self._variance(X - fit.centers[fit.labels], weights)

    def _variance(self, residuals: Array, weights: Array) -> float:
        spread = self.centers_ - self.centers_.mean(axis=0)
        directions = np.linalg.svd(spread, full_matrices=False)[2][: max(1, self.k - 1)]
        along = (residuals @ directions.T) ** 2
        return float(np.average(along.mean(axis=1), weights=weights))

    def _posterior(self, squared: Array) -> Array:
        logits = -(squared - squared.min(axis=1, keepdims=True)) / max(2 * self.variance_, 1e-300)
        likelihood = np.exp(logits)
        return np.asarray(likelihood / likelihood.sum(axis=1, keepdims=True))


def nearest_centers(X: Array, centers: Array) -> NDArray[np.int32]:
    """Return the number of the nearest centre (n,) of each row, the lowest when several tie.

    Written for speed: scores lie one centre a line, so that the maximum runs over whole lines.

    >>> import numpy as np
    >>> nearest_centers(np.array([[0.0], [5.0]]), np.array([[4.0], [1.0]])).tolist()
    [1, 0]
    """
    k = len(centers)
    half = (np.einsum("ij,ij->i", centers, centers) / 2)[:, None]
    code = np.uint8 if k <= 256 else np.uint32
    labels = np.empty(len(X), np.int32)
    for rows in _chunks(len(X)):
        with np.errstate(invalid="ignore"):  # refused below, with a message for people
            scores = centers @ X[rows].T
        scores -= half
        best = scores.max(axis=0)
        refuse_unknown(best)
        last = np.zeros(len(best), code)
        for j in range(k - 1):
            np.maximum(last, (scores[j] == best).astype(code) * code(k - 1 - j), out=last)
        labels[rows] = k - 1 - last.astype(np.int32)
    return labels


def _by_chunks(X: Array, width: int, work: Callable[[Array], Array]) -> Array:
    out = np.empty((len(X), width))
    for rows in _chunks(len(X)):
        out[rows] = work(X[rows])
    return out


def _squared_distances(X: Array, centers: Array) -> Array:
    with np.errstate(invalid="ignore"):  # refused below, with a message for people
        squared = X @ (-2.0 * centers.T)
        squared += np.einsum("ij,ij->i", centers, centers)
        squared += np.einsum("ij,ij->i", X, X)[:, None]
    refuse_unknown(squared)
    return np.maximum(squared, 0.0, out=squared)


def _chunks(rows: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, rows, _CHUNK))

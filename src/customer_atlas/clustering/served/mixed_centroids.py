"""Clusters of numbers and categories, served by their means and modes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.checks import checked_matrix, refuse_unknown
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served.served import Assignment, Served, by_chunks, chunks, margins

__all__ = ["Codes", "MixedCentroids", "mixed_costs", "mode_tables"]

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class MixedCentroids(Served):
    """The nearest of k prototypes (k, d): means of number columns, modes of categorical ones.

    A matrix to score holds codes in the columns `categorical` (q,): places in that column's
    `categories`, where None stands for what is missing; any other code matches no mode. The
    cost of a row is its squared distance in the d - q numbers, less `offsets` and divided by
    `scales`, plus `gamma` for each category that is not the mode (Huang, 1998). A probability
    is the posterior of equally likely clusters whose densities fall off with the cost, with
    one `variance`; so the most probable cluster is the nearest one.

    >>> model = MixedCentroids(
    ...     np.array([[0.0, 1.0], [9.0, 0.0]]), np.array([1]), (("blue", "red"),),
    ...     np.zeros(1), np.ones(1), gamma=2.0, variance=1.0)
    >>> model.predict(np.array([[1.0, 0.0], [8.0, -1.0]])).tolist()
    [0, 1]
    """

    kind: ClassVar[str] = "mixed centroids"
    centers: Array
    categorical: NDArray[np.intp]
    categories: tuple[tuple[str | None, ...], ...]
    offsets: Array
    scales: Array
    gamma: float
    variance: float

    @property
    def n_features(self) -> int:
        """How many columns a matrix must have."""
        return int(self.centers.shape[1])

    @property
    def n_clusters(self) -> int:
        """How many prototypes there are."""
        return len(self.centers)

    def predict(self, X: Array) -> NDArray[np.int32]:
        """Return the nearest cluster of each row (n,); the lower number when two tie."""
        X, costs = self._scorer(X)
        labels = np.empty(len(X), np.int32)
        for rows in chunks(len(X)):
            labels[rows] = costs(X[rows]).argmin(axis=1)
        return labels

    def predict_proba(self, X: Array) -> Array:
        """Return the membership probabilities (n, k); each row adds up to 1."""
        X, costs = self._scorer(X)
        return by_chunks(X, self.n_clusters, lambda rows: self._posterior(costs(rows)))

    def assign(self, X: Array) -> Assignment:
        """Return cluster, its probability and the root of its cost, in one pass."""
        X, costs = self._scorer(X)
        cluster = np.empty(len(X), np.int32)
        probability, distance, margin = (np.empty(len(X)) for _ in range(3))
        for rows in chunks(len(X)):
            cost = costs(X[rows])
            cluster[rows] = nearest = cost.argmin(axis=1)
            at = (np.arange(len(nearest)), nearest)
            distance[rows] = np.sqrt(cost[at])
            shares = self._posterior(cost)
            probability[rows], margin[rows] = shares[at], margins(shares, nearest)
        return Assignment(cluster, probability, distance, margin)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that the model is; a category that is None has no text."""
        every = [text for column in self.categories for text in column]
        return {
            "centers": self.centers,
            "categorical": self.categorical,
            "sizes": np.array([len(column) for column in self.categories], np.int64),
            "texts": np.array([text or "" for text in every], np.str_),
            "known": np.array([text is not None for text in every], np.bool_),
            "offsets": self.offsets,
            "scales": self.scales,
            "gamma": np.float64(self.gamma).reshape(1),
            "variance": np.float64(self.variance).reshape(1),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make the model of what `to_arrays` returned."""
        known = zip(arrays["texts"].tolist(), arrays["known"].tolist(), strict=True)
        texts = [text if is_known else None for text, is_known in known]
        ends = np.cumsum(arrays["sizes"]).tolist()
        return cls(
            arrays["centers"],
            arrays["categorical"],
            tuple(tuple(texts[i:j]) for i, j in zip([0, *ends], ends, strict=False)),
            arrays["offsets"],
            arrays["scales"],
            float(arrays["gamma"][0]),
            float(arrays["variance"][0]),
        )

    def _scorer(self, X: Array) -> tuple[Array, Any]:
        numbers = np.setdiff1d(np.arange(self.n_features), self.categorical)
        means = (self.centers[:, numbers] - self.offsets) / self.scales
        modes = self.centers[:, self.categorical].astype(np.int32)
        sizes = [len(column) for column in self.categories]
        tables = mode_tables(modes, sizes, self.gamma)

        def costs(rows: Array) -> Array:
            some = (rows[:, numbers] - self.offsets) / self.scales
            refuse_unknown(some)
            codes = rows[:, self.categorical]
            known = np.where((codes >= 0) & (codes < sizes), codes, sizes).astype(np.int32)
            return mixed_costs(some, known, means, tables)

        return checked_matrix(X, self.n_features), costs

    def _posterior(self, costs: Array) -> Array:
        logits = -(costs - costs.min(axis=1, keepdims=True)) / max(2 * self.variance, 1e-300)
        likelihood = np.exp(logits)
        return np.asarray(likelihood / likelihood.sum(axis=1, keepdims=True))


def mode_tables(modes: Codes, sizes: Sequence[int], gamma: float) -> list[Array]:
    """Return, a column, what each code costs at each mode (size + 1, k); the last matches none.

    >>> mode_tables(np.array([[1]], np.int32), [2], 3.0)[0].ravel().tolist()
    [3.0, 0.0, 3.0]
    """
    tables = [np.full((size + 1, len(modes)), gamma) for size in sizes]
    for column, table in zip(modes.T, tables, strict=True):
        table[column, np.arange(len(modes))] = 0.0
    return tables


def mixed_costs(numbers: Array, codes: Codes, means: Array, tables: Sequence[Array]) -> Array:
    """Return the costs (n, k) of rows, as numbers (n, p) and codes (n, q), at prototypes.

    >>> tables = mode_tables(np.array([[0]], np.int32), [1], 3.0)
    >>> mixed_costs(np.array([[2.0]]), np.array([[1]], np.int32), np.array([[0.0]]), tables)
    array([[7.]])
    """
    costs = numbers @ (-2.0 * means.T)
    costs += np.einsum("ij,ij->i", means, means)
    costs += np.einsum("ij,ij->i", numbers, numbers)[:, None]
    np.maximum(costs, 0.0, out=costs)
    for column, table in zip(codes.T, tables, strict=True):
        costs += table.take(column, axis=0)
    return np.asarray(costs)

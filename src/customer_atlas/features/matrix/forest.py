"""An isolation forest as plain arrays: learnt with scikit-learn, evaluated with NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.matrix.arrays import Arrays
from customer_atlas.features.matrix.statistics import Array

__all__ = ["Forest"]

_TREES = 100
_CHUNK = 16_384  # rows at a time: what a tree looks up stays in the cache
_EULER = float(np.euler_gamma)


@dataclass(frozen=True, eq=False)
class Forest(Arrays):
    """Trees whose nodes stand one after the other; a leaf is followed by itself.

    `roots` (t,) and `left`, `right` (m,) are numbers of nodes; a row goes left where its column
    `feature` is at most `threshold`. `length` (m,) is the length of the path that ends in a
    node, with what would still be cut there. `depth` is the most steps of a path, `usual` the
    length of path that is usual in all trees together.

    Liu, Ting and Zhou, 2008, Isolation forest, ICDM.
    """

    roots: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: Array
    length: Array
    depth: NDArray[np.int64]
    usual: Array

    @classmethod
    def learn(cls, matrix: Array) -> Forest:
        """Learn 100 trees, each of at most 256 rows of a matrix (n, d), always the same ones."""
        from sklearn.ensemble import IsolationForest

        model = IsolationForest(n_estimators=_TREES, random_state=0).fit(_single(matrix))
        return cls.of(model)

    @classmethod
    def of(cls, model: Any) -> Forest:
        """Return the trees of a fitted scikit-learn IsolationForest that uses every column."""
        trees = [each.tree_ for each in model.estimators_]
        roots = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1]
        usual = len(trees) * _cuts_left(np.array([model.max_samples_]))
        return cls(
            roots.astype(np.int64),
            _joined([_step(t.children_left, root) for t, root in zip(trees, roots, strict=True)]),
            _joined([_step(t.children_right, root) for t, root in zip(trees, roots, strict=True)]),
            _joined([np.maximum(tree.feature, 0) for tree in trees]),
            np.concatenate([tree.threshold for tree in trees]),
            np.concatenate([_lengths(tree) for tree in trees]),
            np.array([max(tree.max_depth for tree in trees)]),
            usual,
        )

    def scores(self, matrix: Array) -> Array:
        """Return how outlying each row (n,) is, from 0 to 1: 2^-(path length / usual length)."""
        found = np.empty(len(matrix))
        for start in range(0, len(matrix), _CHUNK):
            rows = slice(start, start + _CHUNK)
            found[rows] = self._paths(_single(matrix[rows]))
        return np.asarray(2.0 ** (-found / self.usual[0]))

    def _paths(self, matrix: NDArray[np.float32]) -> Array:
        total, rows = np.zeros(len(matrix)), np.arange(len(matrix))
        for root in self.roots:
            node = np.full(len(matrix), root)
            for _ in range(int(self.depth[0])):
                goes_left = matrix[rows, self.feature[node]] <= self.threshold[node]
                node = np.where(goes_left, self.left[node], self.right[node])
            total += self.length[node]
        return total


def _single(matrix: Array) -> NDArray[np.float32]:
    """Return the numbers in the precision that trees compare in, the largest ones cut off."""
    most = np.finfo(np.float32).max
    return np.clip(matrix, -most, most).astype(np.float32)


def _step(children: NDArray[np.int64], root: int) -> NDArray[np.int64]:
    """Return the nodes that follow, a leaf being followed by itself."""
    return root + np.where(children < 0, np.arange(len(children)), children)


def _lengths(tree: Any) -> Array:
    depth = np.zeros(tree.node_count)
    for node in range(tree.node_count):  # parents stand before their children
        for child in (tree.children_left[node], tree.children_right[node]):
            if child >= 0:
                depth[child] = depth[node] + 1.0
    return depth + _cuts_left(tree.n_node_samples)


def _cuts_left(samples: NDArray[np.int64]) -> Array:
    """Return the average path length of unsuccessful search in a binary tree of so many."""
    many = np.maximum(samples, 3).astype(np.float64)
    average = 2.0 * (np.log(many - 1.0) + _EULER) - 2.0 * (many - 1.0) / many
    return np.where(samples <= 1, 0.0, np.where(samples == 2, 1.0, average))


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    return np.concatenate(parts).astype(np.int64)

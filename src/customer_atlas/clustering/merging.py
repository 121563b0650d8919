"""Merging weighted points two by two, by Ward's criterion or the average distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["Linkage", "Merges", "merges"]

Linkage = Literal["ward", "average"]


@dataclass(frozen=True)
class Merges:
    """A table of m - 1 merges in scipy's format, and the weights (m,) of the points.

    A row is the numbers of two clusters, the height at which they merge, and how many points
    they hold; points are 0 to m - 1, and the cluster that row i makes is m + i.
    """

    table: Array
    masses: Array

    def cut(self, k: int) -> NDArray[np.int32]:
        """Return the cluster (m,) of each point when k are left."""
        m = len(self.masses)
        parent = np.arange(2 * m - 1)
        for row, pair in enumerate(self.table[: m - k, :2].astype(np.intp)):
            parent[pair] = m + row
        for node in range(2 * m - 2, -1, -1):  # the later a cluster is made, the nearer the root
            parent[node] = parent[parent[node]]
        return np.unique(parent[:m], return_inverse=True)[1].reshape(-1).astype(np.int32)

    def top(self, most: int) -> Merges:
        """Return the last `most` merges, of the clusters that there are before them."""
        m, skipped = len(self.masses), max(0, len(self.table) - most)
        masses = np.append(self.masses, np.zeros(skipped))
        for row, pair in enumerate(self.table[:skipped, :2].astype(np.intp)):
            masses[m + row] = masses[pair].sum()
        rest = self.table[skipped:].copy()
        nodes = rest[:, :2].astype(np.intp)
        leaves = np.sort(nodes[nodes < m + skipped])
        numbers = np.concatenate([leaves, np.arange(m + skipped, 2 * m - 1)])
        rest[:, :2] = np.searchsorted(numbers, nodes)
        return Merges(_counted(rest, len(leaves)), masses[leaves])


def merges(points: Array, masses: Array, linkage: Linkage) -> Merges:
    """Merge weighted points (m, d) until one cluster is left.

    `ward` merges the pair whose union adds least to the weighted sum of squares (Ward, 1963);
    its height is the square root of twice what it adds, as in scipy. `average` merges the pair
    with the least mean distance between their customers (Sokal and Michener, 1958). Nearest
    neighbours are followed in a chain (Murtagh, 1983): time O(m²), memory 8 m² bytes.
    """
    far = _costs(points, masses, linkage)
    pairs, heights = _chained(far, masses.copy(), linkage)
    order = np.argsort(heights, kind="stable")
    heights = heights[order] if linkage == "average" else np.sqrt(np.maximum(heights[order], 0))
    return Merges(_numbered(pairs[order], heights), masses)


def _costs(points: Array, masses: Array, linkage: Linkage) -> Array:
    """Return what merging each pair of points costs (m, m), made row by row to save memory."""
    costs = np.empty((len(points), len(points)))
    for number, point in enumerate(points):
        squared = ((points - point) ** 2).sum(axis=1)
        if linkage == "ward":
            costs[number] = 2 * masses * masses[number] / (masses + masses[number]) * squared
        else:
            costs[number] = np.sqrt(squared)
    np.fill_diagonal(costs, np.inf)
    return costs


def _chained(far: Array, masses: Array, linkage: Linkage) -> tuple[NDArray[np.intp], Array]:
    """Return pairs of points (m - 1, 2), each standing for its cluster, and what merging costs."""
    m = len(masses)
    pairs, heights = np.empty((m - 1, 2), np.intp), np.empty(m - 1)
    alive, chain = np.ones(m, bool), list[int]()
    for row in range(m - 1):
        if not chain:
            chain = [int(alive.argmax())]
        while True:
            tip = chain[-1]
            near = int(far[tip].argmin())
            if len(chain) > 1 and far[tip, chain[-2]] <= far[tip, near]:
                break
            chain.append(near)
        i, j = sorted((chain.pop(), chain.pop()))
        pairs[row], heights[row] = (i, j), far[i, j]
        _merge(far, masses, i, j, linkage)
        alive[j] = False
    return pairs, heights


def _merge(far: Array, masses: Array, i: int, j: int, linkage: Linkage) -> None:
    """Let i be both, and j nobody (Lance and Williams, 1967)."""
    a, b = masses[i], masses[j]
    if linkage == "ward":
        row = ((a + masses) * far[i] + (b + masses) * far[j] - masses * far[i, j]) / (
            a + b + masses
        )
    else:
        row = (a * far[i] + b * far[j]) / (a + b)
    row[[i, j]] = np.inf
    far[i], far[:, i] = row, row
    far[j], far[:, j] = np.inf, np.inf
    masses[i] = a + b


def _numbered(pairs: NDArray[np.intp], heights: Array) -> Array:
    """Return the table in scipy's format, of pairs of points in the order of their heights."""
    m = len(pairs) + 1
    root = np.arange(m)
    number = np.arange(m)
    table = np.zeros((m - 1, 4))
    for row, (i, j) in enumerate(pairs.tolist()):
        i, j = _root(root, i), _root(root, j)
        table[row, :2] = sorted((number[i], number[j]))
        root[j] = i
        number[i] = m + row
    table[:, 2] = heights
    return _counted(table, m)


def _root(root: NDArray[np.intp], i: int) -> int:
    while root[i] != i:
        root[i] = root[root[i]]
        i = int(root[i])
    return i


def _counted(table: Array, points: int) -> Array:
    """Fill in how many points each merge holds."""
    counts = np.append(np.ones(points), np.zeros(len(table)))
    for row, pair in enumerate(table[:, :2].astype(np.intp)):
        counts[points + row] = counts[pair].sum()
    table[:, 3] = counts[points:]
    return table

"""K-prototypes: Lloyd's iterations for numbers and categories together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.running import sums_by_label
from customer_atlas.clustering.served.mixed_centroids import Codes, mixed_costs, mode_tables
from customer_atlas.clustering.served.served import chunks

__all__ = ["MixedRows", "Prototypes", "prototypes"]

_MAX_ITER = 100


@dataclass(frozen=True)
class MixedRows:
    """Rows as numbers (n, p) and codes (n, q) of so many `sizes`, with weights (n,) and gamma."""

    numbers: Array
    codes: Codes
    sizes: Sequence[int]
    weights: Array
    gamma: float

    def __len__(self) -> int:
        return len(self.numbers)

    def every(self, step: int) -> MixedRows:
        """Return each `step`-th row."""
        part = slice(None, None, step)
        return replace(
            self, numbers=self.numbers[part], codes=self.codes[part], weights=self.weights[part]
        )

    def costs(self, means: Array, modes: Codes) -> Array:
        """Return the costs (n, k) at prototypes."""
        tables = mode_tables(modes, self.sizes, self.gamma)
        return mixed_costs(self.numbers, self.codes, means, tables)

    def nearest(self, means: Array, modes: Codes) -> tuple[NDArray[np.int32], Array]:
        """Return the nearest prototype (n,) of each row, the lowest if several tie, and costs."""
        tables = mode_tables(modes, self.sizes, self.gamma)
        labels, least = np.empty(len(self), np.int32), np.empty(len(self))
        for rows in chunks(len(self)):
            costs = mixed_costs(self.numbers[rows], self.codes[rows], means, tables)
            labels[rows] = nearest = costs.argmin(axis=1)
            least[rows] = costs[np.arange(len(nearest)), nearest]
        return labels, least


@dataclass(frozen=True)
class Prototypes:
    """What one fit found: means (k, p), modes (k, q), labels (n,), costs (n,), and their sum."""

    means: Array
    modes: Codes
    labels: NDArray[np.int32]
    costs: Array
    total: float


def prototypes(
    rows: MixedRows, k: int, *, seed: int, start: tuple[Array, Codes] | None = None
) -> Prototypes:
    """Fit k-prototypes (Huang, 1998) to weighted rows: from `start`, or a k-means++ draw.

    Rows are placed and prototypes moved in turns until nothing changes. A prototype that
    nobody is nearest to moves to the row that costs most.
    """
    means, modes = _drawn(rows, k, np.random.default_rng(seed)) if start is None else start
    labels, costs = rows.nearest(means, modes)
    for _ in range(_MAX_ITER):
        means, modes = _centers(rows, labels, costs, k)
        before = labels
        labels, costs = rows.nearest(means, modes)
        if (labels == before).all():
            break
    return Prototypes(means, modes, labels, costs, float(rows.weights @ costs))


def _centers(
    rows: MixedRows, labels: NDArray[np.int32], costs: Array, k: int
) -> tuple[Array, Codes]:
    masses = np.bincount(labels, rows.weights, k)
    empty = np.flatnonzero(masses == 0)
    masses[empty] = 1.0
    means = sums_by_label(rows.numbers, rows.weights, labels, k) / masses[:, None]
    modes = np.empty((k, len(rows.sizes)), np.int32)
    for j, size in enumerate(rows.sizes):
        places = labels.astype(np.int64) * size + rows.codes[:, j]
        modes[:, j] = np.bincount(places, rows.weights, k * size).reshape(k, size).argmax(axis=1)
    if len(empty):
        costly = np.argsort(-rows.weights * costs, kind="stable")[: len(empty)]
        means[empty], modes[empty] = rows.numbers[costly], rows.codes[costly]
    return means, modes


def _drawn(rows: MixedRows, k: int, draw: np.random.Generator) -> tuple[Array, Codes]:
    """Draw rows as k-means++ does, the best of a few each time.

    The cost is a squared distance: categories as one column each, times the root of gamma / 2.
    """
    trials = 2 + int(np.log(k))
    chosen = [int(draw.choice(len(rows), p=rows.weights / rows.weights.sum()))]
    least = rows.costs(rows.numbers[chosen], rows.codes[chosen])[:, 0]
    while len(chosen) < k:
        bound = np.cumsum(rows.weights * least)
        tried = np.searchsorted(bound, draw.uniform(0, bound[-1], trials), side="right")
        tried = np.minimum(tried, len(rows) - 1)
        after = np.minimum(least[:, None], rows.costs(rows.numbers[tried], rows.codes[tried]))
        best = int(np.argmin(rows.weights @ after))
        chosen.append(int(tried[best]))
        least = after[:, best]
    return rows.numbers[chosen], rows.codes[chosen]

"""Planted groups in tables of numbers and categories: `AutoClusterer`, told nothing, and k-means.

Of each table the groups have means in the numbers, and a liking for a level in the categories,
which a share of the customers follows. The measure is the adjusted Rand index with the groups;
k-means gets standardised numbers and one column a level, and is told how many groups there are or
chooses by silhouette.

    python benchmarks/mixed_tables.py

Twelve tables unless ``ATLAS_PROOF=1`` asks for sixty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from _measure import Measure, full_counts, report
from customer_atlas.clustering import AutoClusterer

__all__ = ["Planted", "main"]

_TABLES, _ALL = 12, 60
_MOST = 10  # groups that k-means tries
_LEVELS = "abcd"


@dataclass(frozen=True)
class Planted:
    """A table whose groups are known.

    `categories` tell the group of the share `told` of the customers; the means of the `numbers`
    are `apart` deviations from the middle.
    """

    seed: int
    groups: int
    rows: int
    categories: int
    told: float
    apart: float
    numbers: int

    @classmethod
    def drawn(cls, seed: int) -> Planted:
        """Draw what a table is like."""
        draw = np.random.default_rng(seed)
        return cls(
            seed, int(draw.integers(2, 7)), int(draw.integers(600, 3000)),
            int(draw.integers(1, 7)), float(draw.uniform(0.3, 0.9)),
            float(draw.uniform(1.5, 4.0)), int(draw.integers(2, 7)),
        )  # fmt: skip

    def table(self) -> tuple[pa.Table, NDArray[np.float64], NDArray[np.int64]]:
        """Return the table, the matrix that k-means gets, and the groups (n,)."""
        draw = np.random.default_rng(self.seed)
        group = draw.integers(0, self.groups, self.rows)
        means = draw.normal(0, self.apart, (self.groups, self.numbers))
        numbers = means[group] + draw.normal(size=(self.rows, self.numbers))
        columns = {f"number {at}": numbers[:, at] for at in range(self.numbers)}
        coded = [(numbers - numbers.mean(axis=0)) / numbers.std(axis=0)]
        for at in range(self.categories):
            levels = int(draw.integers(2, len(_LEVELS) + 1))
            liked = draw.integers(0, levels, self.groups)
            follows = draw.random(self.rows) < self.told
            level = np.where(follows, liked[group], draw.integers(0, levels, self.rows))
            columns[f"category {at}"] = np.array(list(_LEVELS))[level]
            coded.append(np.eye(levels)[level])
        return pa.table(columns), np.concatenate(coded, axis=1), group


def main() -> None:
    """Measure and print; the limit is what k-means that is not told either reaches."""
    count = _ALL if full_counts() else _TABLES
    scores = np.array([_scores(Planted.drawn(seed)) for seed in range(count)])
    own, silhouette, told = (float(mean) for mean in scores.mean(axis=0))
    peers = f"k-means by silhouette (told the number of groups: {told:.2f})"
    case = f"{count} tables with categories"
    report(
        [Measure("mixed tables", case, own, "adjusted Rand index", silhouette, "at least",
                 count, peers)]
    )  # fmt: skip


def _scores(planted: Planted) -> tuple[float, float, float]:
    table, matrix, group = planted.table()
    found = AutoClusterer(random_state=0).fit(table).labels_
    tried = [KMeans(k, n_init=10, random_state=0).fit(matrix).labels_ for k in range(2, _MOST + 1)]
    best = max(
        tried, key=lambda labels: silhouette_score(matrix, labels, sample_size=1000, random_state=0)
    )
    told = tried[planted.groups - 2]
    return (
        float(adjusted_rand_score(group, found)),
        float(adjusted_rand_score(group, best)),
        float(adjusted_rand_score(group, told)),
    )


if __name__ == "__main__":
    main()

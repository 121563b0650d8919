"""Many columns: what else than k-means is worth a look are mixtures, whose overlap can be seen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria import distance_matrix, silhouette
from customer_atlas.clustering.drawing import drawn
from customer_atlas.clustering.expectation import Covariance
from customer_atlas.clustering.lloyd import Array, lloyd, stay_on_one_thread
from customer_atlas.clustering.regions import Regions
from customer_atlas.clustering.search.candidate import Tried, tried
from customer_atlas.clustering.search.mixtures import (
    Fitted,
    best_mixtures,
    fitted,
    overlap,
    recipe_of,
)
from customer_atlas.clustering.search.recipe import Recipe
from customer_atlas.clustering.starts import ward_starts
from customer_atlas.side_by_side import side_by_side

__all__ = ["mixtures"]

_ROWS = 2_000
_JUDGED = 1_000
_DRAWS = 5
_DRAWN = 0.8
_A_PARAMETER = 1.5  # rows for each number that a component's covariance needs
_OVERLAP = 0.1  # of a component with its worst neighbour: less is apart
_COVARIANCES: tuple[Covariance, ...] = ("full", "diagonal", "tied")


@dataclass(frozen=True)
class _Rows:
    X: Array
    starts: dict[int, Array]
    seed: int

    @classmethod
    def of(
        cls, X: Array, masses: Array, ks: Collection[int], seed: int, smallest: float | None
    ) -> _Rows:
        return cls(X, ward_starts(X, masses, ks, seed=seed, smallest=smallest), seed)

    def labels(self, k: int) -> NDArray[np.int32]:
        if k == 1:
            return np.zeros(len(self.X), np.int32)
        start = self.starts.get(k)
        return lloyd(self.X, np.ones(len(self.X)), k, seed=self.seed, start=start).labels


def mixtures(
    X: Array, weights: Array, largest: int, seed: int, regions: Regions | None = None
) -> list[Tried]:
    """Return the best mixtures of Gaussians of rows (n, d), each with its evidence.

    On up to 2,000 rows drawn by weight; for each covariance the number of components by `icl`
    and by `bic`, each fitted again to five draws of four fifths. With `regions` the draw holds
    rows of each: mixtures are fitted to it as it is, as to customers among whom small groups are
    larger, and then get the shares and the members that they have among all.
    """
    if regions is None:
        rows = drawn(weights, _ROWS, seed)
        masses, smallest = np.ones(len(rows)), None
    else:
        rows, masses = regions.drawn(weights, _ROWS, seed)
        smallest = regions.smallest
    points = X[rows]
    draw = np.random.default_rng(seed)
    judged = np.sort(draw.permutation(len(points))[:_JUDGED])
    size = int(_DRAWN * len(points))
    draws = [np.sort(draw.permutation(len(points))[:size]) for _ in range(_DRAWS)]
    ks = range(2, min(largest, size // 4) + 1)
    whole = _Rows.of(points, masses, ks, seed, smallest)

    def search(covariance: Covariance) -> list[Fitted]:
        most = _most(covariance, *points.shape)
        starts = (whole.labels(k) for k in [1, *whole.starts] if k <= most)
        best = [one for one in best_mixtures(points, starts, covariance) if one.k > 1]
        return best if regions is None else [one.among(points, masses) for one in best]

    searched = side_by_side(search, _COVARIANCES, begin=stay_on_one_thread)
    found = [one for some in searched for one in some]

    def refit(number: int) -> list[NDArray[np.int32]]:
        some, stands = points[draws[number]], masses[draws[number]]
        rows = _Rows.of(some, stands, {one.k for one in found}, seed + number + 1, smallest)
        again = [fitted(some, rows.labels(one.k), one.covariance) for one in found]
        if regions is not None:
            again = [one.among(some, stands) for one in again]
        return [one.mixture.predict(points[judged]) for one in again]

    again = list(side_by_side(refit, range(_DRAWS), begin=stay_on_one_thread)) if found else []
    distances = distance_matrix(points[judged])
    result = []
    for at, one in enumerate(found):
        used, labels = np.unique(one.labels, return_inverse=True)
        if len(used) < 2:
            continue
        apart = (overlap(one.posterior, one.labels, masses)[used] <= _OVERLAP).astype(float)
        mean, _ = silhouette(distances, labels[judged], masses[judged])
        others = [labels_[at] for labels_ in again]
        recipe: Recipe = recipe_of(one.k, one.covariance, smallest)
        result.append(
            tried(
                recipe, labels, judged, others, apart, silhouette=mean, bic=one.bic, masses=masses
            )
        )
    return result


def _most(covariance: Covariance, rows: int, columns: int) -> int:
    """Return how many components the rows are enough for.

    >>> _most("full", 3_000, 20), _most("diagonal", 3_000, 20)
    (8, 49)
    """
    needs = {"full": columns * (columns + 3) / 2, "diagonal": 2 * columns, "tied": columns}
    return int(rows / (_A_PARAMETER * needs.get(covariance, columns) + 1))

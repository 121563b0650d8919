"""Few columns: densities can be seen, so clusters may have any shape, and borders be looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria import contingency, distance_matrix, silhouette
from customer_atlas.clustering.density import (
    Neighbours,
    gaps_of,
    joined,
    modes,
    nearest_label,
    prominences,
)
from customer_atlas.clustering.drawing import drawn
from customer_atlas.clustering.expectation import Covariance
from customer_atlas.clustering.lloyd import Array, Lloyd, lloyd, stay_on_one_thread
from customer_atlas.clustering.search.candidate import VALID, Tried, ramp, tried
from customer_atlas.clustering.search.mixtures import (
    Fitted,
    best_mixtures,
    fitted,
    misfit,
    overlap,
    recipe_of,
)
from customer_atlas.clustering.search.recipe import Recipe
from customer_atlas.clustering.served import nearest_centers
from customer_atlas.clustering.starts import ward_starts
from customer_atlas.side_by_side import side_by_side

__all__ = ["FEW", "LOOKED_FROM", "PROMINENT", "divisions"]

FEW = 4  # columns in which a few thousand customers have near neighbours

_ROWS = 5_000
_JUDGED = 2_000
_DRAWS = 6
_DRAWN = (0.8, 4_000)
_NEIGHBOURS = (10, 15, 25, 40)
_HEIGHTS = (2.5, 4.0)
_SIZES = (0.0005, 0.005, 0.01, 0.03)  # least cluster of HDBSCAN, of the rows; at least 5
LOOKED_FROM = 25  # neighbours for the density at borders
_CLEAN = 2.5  # a border less dense than the middles by such a factor (e to the power) is a gap
PROMINENT = (0.1, 1.0)  # logarithms of density: from no border at all to an empty one
_OVERLAP = (0.06, 0.01)
_CONTRAST = (0.3, 0.6)  # how much denser one side is, where no valley parts it from the other
_INITS = 2
_LEAST = 5
_WIDE = 0.8  # a gap is e to this power times as wide as the steps beside it
_PARTED = 0.03  # of the customers at least on either side of a gap
_SURE = 0.9  # stability of a division whose parts are then taken as whole
_WITHIN = 0.95  # of a segment's customers in one part: it is inside
_MISFIT = 2.5  # of a component that passes for a Gaussian, in a mixture
_SAMPLES = 10  # neighbours that its densities come from
_COVARIANCES: tuple[Covariance, ...] = ("full", "diagonal")

_Labels = NDArray[np.int32]


@dataclass(frozen=True)
class _Rows:
    """Rows to cluster (n, d), with what all algorithms begin with."""

    X: Array
    near: Neighbours
    starts: dict[int, Array]
    seed: int

    @classmethod
    def of(cls, X: Array, ks: Collection[int], seed: int, near: Neighbours | None = None) -> _Rows:
        starts = ward_starts(X, np.ones(len(X)), ks, seed=seed) if ks else {}
        return cls(X, near or Neighbours.of(X, max(_NEIGHBOURS)), starts, seed)

    def means(self, k: int, n_init: int = 0) -> Lloyd:
        """Return k-means from Ward's start and from some random ones."""
        ones = np.ones(len(self.X))
        fits = []
        if k in self.starts:
            fits.append(lloyd(self.X, ones, k, seed=self.seed, start=self.starts[k]))
        if n_init or not fits:
            fits.append(lloyd(self.X, ones, k, seed=self.seed, n_init=max(1, n_init)))
        return min(fits, key=lambda fit: fit.inertia)

    def hills(self, neighbours: int, height: float) -> _Labels:
        return modes(self.near, neighbours, height / sqrt(neighbours))

    def dense(self, share: float) -> _Labels:
        from sklearn.cluster import HDBSCAN

        size = max(_LEAST, int(share * len(self.X)))
        if size > len(self.X) // 2:
            return np.zeros(len(self.X), np.int32)
        model = HDBSCAN(min_cluster_size=size, min_samples=min(_SAMPLES, size), copy=True)
        return joined(self.X, model.fit(self.X).labels_)


@dataclass(frozen=True)
class _Division:
    """The labels (n,) of a recipe, 0 to k - 1, and what its own model says of the borders (k,).

    `parted` says that gaps were seen all around, as single linkage does; `bic` is that of a
    mixture.
    """

    labels: _Labels
    seen: Array | None = None
    parted: bool = False
    bic: float = np.inf


def divisions(X: Array, weights: Array, largest: int, min_share: float, seed: int) -> list[Tried]:
    """Return what several families of algorithms make of rows (n, d), each with its evidence.

    On up to 5,000 rows drawn by weight: k-means and mixtures for each k, the hills of the density
    and the clusters of HDBSCAN at several scales; each fitted again to six draws of four fifths.
    """
    points = X[drawn(weights, _ROWS, seed)]
    draw = np.random.default_rng(seed)
    judged = np.sort(draw.permutation(len(points))[:_JUDGED])
    size = min(_DRAWN[1], int(_DRAWN[0] * len(points)))
    draws = [np.sort(draw.permutation(len(points))[:size]) for _ in range(_DRAWS)]
    near = Neighbours.of(points, max(_NEIGHBOURS))
    whole = _Rows.of(points, _numbers(min(largest, size // 4)), seed, near)
    found = dict(_first(whole, largest, min_share))

    def refit(number: int) -> list[_Labels]:
        ks = {dict(recipe.settings).get("n_clusters", 0) for recipe in found} - {0}
        rows = _Rows.of(points[draws[number]], ks, seed + number + 1)
        return [_again(rows, recipe, points[judged]) for recipe in found]

    again = list(side_by_side(refit, range(_DRAWS), begin=stay_on_one_thread))
    distances = distance_matrix(points[judged])
    likeliest = min(division.bic for division in found.values())

    def judge(at: int) -> Tried:
        recipe, division = list(found.items())[at]
        labels = division.labels
        drop = prominences(near, labels, LOOKED_FROM)
        if division.parted:
            drop = np.maximum(drop, _CLEAN)
        apart = ramp(drop, *PROMINENT)
        if division.seen is not None:
            # A mixture also sees dense groups within thin ones; what it cuts out of one density,
            # such as the arcs of a ring, is nothing that it saw.
            apart = np.maximum(apart, division.seen * ramp(-drop, *_CONTRAST))
        mean, _ = silhouette(distances, labels[judged], np.ones(len(judged)))
        clean = bool(
            (drop >= _CLEAN).all() and np.bincount(labels).min() >= min_share * len(labels)
        )
        others = [one[at] for one in again]
        likely = division.seen is not None and division.bic == likeliest
        fits = likely and bool((misfit(points, labels) <= _MISFIT).all())
        return tried(
            recipe, labels, judged, others, apart, silhouette=mean, depth=_depth(drop),
            clean=clean, fits=fits,
        )  # fmt: skip

    judged_ones = list(side_by_side(judge, range(len(found)), begin=stay_on_one_thread))
    labelled = [division.labels for division in found.values()]
    return list(_believed(judged_ones, labelled))


def _believed(found: Sequence[Tried], labelled: Sequence[_Labels]) -> Iterator[Tried]:
    """Yield the candidates; a mixture that only cuts up parts with empty borders explains less.

    Where a division comes back whose borders are all gaps, each part is one until a gap is seen
    within it: several Gaussians can pass for any shape.
    """
    whole = [
        labels for one, labels in zip(found, labelled, strict=True)
        if one.clean and one.stability >= _SURE and one.jaccard.min() >= VALID
    ]  # fmt: skip
    for one, labels in zip(found, labelled, strict=True):
        cuts_up = one.fits and any(_inside(labels, parts) for parts in whole)
        yield replace(one, fits=False) if cuts_up else one


def _inside(labels: _Labels, parts: _Labels) -> bool:
    """Whether there are more segments than parts, and each of them is inside one part.

    >>> _inside(np.array([0, 1, 2], np.int32), np.array([0, 1, 1], np.int32))
    True
    """
    shared = contingency(labels, parts, np.ones(len(labels)))
    within = shared.max(axis=1) >= _WITHIN * shared.sum(axis=1)
    return bool(shared.shape[0] > shared.shape[1] and within.all())


def _first(rows: _Rows, largest: int, min_share: float) -> Iterator[tuple[Recipe, _Division]]:
    """Yield the divisions of all rows; those into one segment or too many are none."""
    parts = gaps_of(rows.X, max(min_share, _PARTED), _WIDE).labels
    if 1 < int(parts.max()) + 1 <= largest:
        recipe = Recipe.of("SingleLinkage", min_share=max(min_share, _PARTED), wide=_WIDE)
        yield recipe, _Division(parts, parted=True)
    tops: dict[int, _Labels] = {}
    for count in _NEIGHBOURS:
        for height in _HEIGHTS:
            labels = rows.hills(count, height)
            if 1 < (k := int(labels.max()) + 1) <= largest:
                tops.setdefault(k, labels)
                yield Recipe.of("Hills", neighbours=count, height=height), _Division(labels)
    for share in _SIZES:
        labels = rows.dense(share)
        if 1 < int(labels.max()) + 1 <= largest:
            recipe = Recipe.of("HDBSCAN", min_cluster_size=share, everyone=True)
            yield recipe, _Division(labels)
    for k in sorted({*rows.starts, *tops}):
        yield Recipe.of("KMeans", n_clusters=k), _Division(rows.means(k, _INITS).labels)
    for covariance in _COVARIANCES:
        begun = (np.zeros(len(rows.X), np.int32) if k == 1 else rows.means(k).labels
                 for k in [1, *rows.starts])  # fmt: skip
        mixtures = [*best_mixtures(rows.X, begun, covariance)]
        mixtures += [fitted(rows.X, labels, covariance) for labels in tops.values()]
        for mixture in sorted(mixtures, key=lambda one: -one.bic):  # the best of a k comes last
            labels, seen = _used(mixture)
            if len(seen) > 1:
                yield recipe_of(mixture.k, covariance), _Division(labels, seen, bic=mixture.bic)


def _again(rows: _Rows, recipe: Recipe, query: Array) -> _Labels:
    """Return the labels (m,) that a fit of the recipe to other rows gives to the `query` (m, d)."""
    settings = dict(recipe.settings)
    if recipe.algorithm == "KMeans":
        return nearest_centers(query, rows.means(settings["n_clusters"]).centers)
    if recipe.algorithm == "GaussianMixture":
        start = rows.means(settings["n_clusters"]).labels
        return fitted(rows.X, start, settings["covariance"]).mixture.predict(query)
    if recipe.algorithm == "SingleLinkage":
        labels = gaps_of(rows.X, settings["min_share"], settings["wide"]).labels
    elif recipe.algorithm == "Hills":
        labels = rows.hills(settings["neighbours"], settings["height"])
    else:
        labels = rows.dense(settings["min_cluster_size"])
    return nearest_label(rows.X, labels, query)


def _used(mixture: Fitted) -> tuple[_Labels, Array]:
    """Return the labels without gaps where components own nobody, and how clearly they part."""
    used, labels = np.unique(mixture.labels, return_inverse=True)
    seen = ramp(overlap(mixture.posterior, mixture.labels), *_OVERLAP)
    return labels.astype(np.int32), seen[used]


def _numbers(largest: int) -> list[int]:
    """Return the numbers of clusters that are tried: all small ones, then steps of a tenth.

    >>> _numbers(20)
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]
    """
    found, k = [], 2
    while k <= largest:
        found.append(k)
        k += max(1, k // 12)
    return found


def _depth(drop: Array) -> float:
    return float(np.clip(drop, 0.0, 3.0).mean())

"""The quick search: is there structure, which algorithm sees it, and how many segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import numpy as np

from customer_atlas.clustering.choice import Choice, choose_k
from customer_atlas.clustering.lloyd import Array, one_thread
from customer_atlas.clustering.regions import Regions
from customer_atlas.clustering.search.found import Search
from customer_atlas.clustering.search.incumbent import keeping
from customer_atlas.clustering.search.leaderboard import Leaderboard
from customer_atlas.clustering.search.objective import OBJECTIVE, Choosing, by_borders, by_models
from customer_atlas.clustering.search.plane import FEW, divisions
from customer_atlas.clustering.search.recipe import Recipe
from customer_atlas.clustering.search.space import mixtures
from customer_atlas.clustering.structure_test import null_test

__all__ = ["quick_search"]

_REFERENCES = 199  # of the null test, or as many as its level needs
_FEWER = "no more segments than k-means, which looked for small ones in all regions"
_DIFFERENT = 0.5  # of the rows: of fewer, the borders lie between values that people can have
_ENOUGH = 20  # rows to look for anything but k-means


def quick_search(
    X: Array, weights: Array, *, min_share: float, max_clusters: int, level: float, seed: int,
    names: Sequence[str] = (), incumbent: Recipe | None = None,
) -> Search:  # fmt: skip
    """Search the divisions of rows (n, d), which count as their weights (n,) say.

    First the null test, at `level`: where there is no structure, there is one segment. Then
    k-means for each k. In up to four columns, unless most rows are equal to others, the borders
    between clusters can be looked at, and hills of the density, HDBSCAN and mixtures compete with
    it; else mixtures do.
    Where `min_share` is below 0.01, k-means and mixtures of many columns look into all regions of
    the data, so that draws hold rows of small groups. The recipe of what serves, the `incumbent`,
    is chosen again unless another division is clearly better (`keeping`). The cost hardly grows
    with the rows.
    """
    needed = ceil(2 / level) - 1
    references = max(_REFERENCES, needed)
    null = null_test(X, weights, level=level, references=references, seed=seed, names=names)
    if not null.structured:
        nothing = Choice(1, f"One segment: {null.sentence}", ())
        return Search(null, None, null.sentence, nothing, Leaderboard.of([], OBJECTIVE))
    with one_thread():
        regions = Regions.of(X, weights, min_share, seed)
    if regions is not None:
        min_share = regions.least_share(weights)
    choice = choose_k(
        X, weights, min_share=min_share, max_segments=max_clusters, seed=seed, regions=regions
    )
    chosen = _compete(X, weights, choice, min_share, max_clusters, seed, regions)
    chosen = keeping(chosen, incumbent, min_share)
    return Search(
        null, chosen.recipe, chosen.reason, choice, Leaderboard.of(chosen.entries, OBJECTIVE)
    )


def _compete(
    X: Array, weights: Array, choice: Choice, min_share: float, largest: int, seed: int,
    regions: Regions | None,
) -> Choosing:  # fmt: skip
    smallest = regions.smallest if regions else None
    if len(X) < _ENOUGH:
        return by_models(choice.curve, choice.k, choice.reason, (), min_share, smallest)
    with one_thread():
        if X.shape[1] > FEW or _repeat(X):
            found = mixtures(X, weights, largest, seed, regions)
            return by_models(choice.curve, choice.k, choice.reason, found, min_share, smallest)
        seen = by_borders(divisions(X, weights, largest, min_share, seed), min_share)
    if seen.recipe is not None and (regions is None or not _sees_more(choice, seen)):
        return seen
    means = by_models(choice.curve, choice.k, choice.reason, (), min_share, smallest)
    others = tuple(
        replace(one, verdict=_FEWER) if one.chosen else one
        for one in seen.entries
        if one.algorithm != "KMeans"
    )
    return replace(means, entries=(*means.entries, *others))


def _repeat(X: Array) -> bool:
    """Whether most rows are those of others, as ratings and categories make them."""
    return len(np.unique(X.round(9), axis=0)) < _DIFFERENT * len(X)


def _sees_more(choice: Choice, seen: Choosing) -> bool:
    """Whether all segments of k-means that looked into all regions come back and stand apart.

    And are as many as `seen` on a draw of all customers, which holds too few of a small group.
    """
    best = next((one for one in choice.curve if one.k == choice.k), None)
    found = next(one.k for one in seen.entries if one.chosen)
    return best is not None and best.apart == best.k and best.k >= found

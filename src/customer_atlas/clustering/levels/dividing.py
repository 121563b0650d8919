"""Looking inside each segment for sub-segments that are stable and large enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.algorithms import Clusterer
from customer_atlas.clustering.calibration import calibrate
from customer_atlas.clustering.candidates import resample_size
from customer_atlas.clustering.criteria import stability
from customer_atlas.clustering.levels.joining import Join, Joined
from customer_atlas.clustering.levels.tree import Division, Node, SegmentTree
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.refits import refit
from customer_atlas.clustering.running import sums_by_label
from customer_atlas.clustering.search import Entry, Recipe, Search
from customer_atlas.clustering.search.candidate import VALID
from customer_atlas.clustering.search.quick import quick_search
from customer_atlas.clustering.served import Served

__all__ = ["Limits", "divide"]

_DRAWS = 8
_JUDGED = 2_000
_TRIED = 3  # divisions of a segment that are looked at closely
_QUIET = 0.25  # a column that varies less than this part of what it does among all counts less


@dataclass(frozen=True)
class Limits:
    """What holds for every division: as for the broad segments; shares are of all customers."""

    levels: int
    min_share: float
    max_clusters: int
    null_level: float
    seed: int


@dataclass(frozen=True)
class _Found:
    """What a segment is divided by, the cluster of each of its rows, and how each comes back."""

    division: Division
    labels: NDArray[np.int32]
    back: Array
    reason: str


def divide(
    X: Array, weights: Array, served: Served, limits: Limits, join: Join | None = None
) -> SegmentTree:
    """Return the tree of the segments that `served` makes of rows (n, d), weighted (n,).

    Each segment is searched by itself, the null test first. It is divided when there is structure
    inside, models of other draws agree, every sub-segment comes back (a Jaccard similarity of
    0.75, Hennig, 2007) and holds `min_share` of all customers; else it is a leaf, and says why.
    Before the search each column is measured by how it varies inside the segment, and what does
    not vary there is left out. `join` may say that some of the groups found are one.
    """
    labels = served.predict(X)
    nodes, centers = _level(X, weights, labels, [Node(1, n, -1, 0.0, None, "")
                                                 for n in range(served.n_clusters)])  # fmt: skip
    every, middles, divisions = list(nodes), list(centers), {}
    for level in range(1, limits.levels):
        below = np.full(len(X), -1, np.int32)
        children: list[Node] = []
        for node in [node for node in every if node.level == level]:
            rows = np.flatnonzero(labels == node.number)
            found = _inside(X, weights, rows, node.share, limits, join)
            reason = found if isinstance(found, str) else found.reason
            every[every.index(node)] = replace(node, reason=reason)
            if isinstance(found, str):
                continue
            divisions[level, node.number] = found.division
            below[rows] = len(children) + found.labels
            for back in found.back.tolist():
                children.append(Node(level + 1, len(children), node.number, 0.0, back, ""))
        if not children:
            break
        labels = below
        nodes, centers = _level(X, weights, labels, children)
        every += nodes
        middles += centers
    return SegmentTree(tuple(every), np.stack(middles), divisions)


def _level(
    X: Array, weights: Array, labels: NDArray[np.int32], nodes: Sequence[Node]
) -> tuple[list[Node], list[Array]]:
    """Return the nodes of one level, in the order of their numbers, with shares and middles."""
    others = len(nodes)  # who is in none of them
    own = np.where(labels < 0, others, labels).astype(np.int32)
    masses = np.bincount(own, weights, others + 1)
    middles = sums_by_label(X, weights, own, others + 1) / np.maximum(masses, 1e-300)[:, None]
    shares = masses / masses.sum()
    found = [replace(node, share=float(shares[node.number])) for node in nodes]
    return found, list(middles[:others])


def _inside(
    X: Array, weights: Array, rows: NDArray[np.intp], share: float, limits: Limits,
    join: Join | None,
) -> _Found | str:  # fmt: skip
    """Return what divides the segment of these rows, or why nothing does."""
    if share < 2 * limits.min_share:
        return (
            f"Too small to divide: it holds {share:.1%} of the customers, and two sub-segments"
            f" need {2 * limits.min_share:.1%}."
        )
    columns, factors = _measure(X, weights, rows)
    if not len(columns):
        return "Its customers are all alike."
    points = np.ascontiguousarray(X[rows][:, columns] * factors)
    masses = weights[rows]
    search = quick_search(
        points, masses, min_share=limits.min_share / share, max_clusters=limits.max_clusters,
        level=limits.null_level, seed=limits.seed,
    )  # fmt: skip
    if not search.null.structured:
        chance = f" (p = {search.null.p_value:.2g})" if search.null.part else ""
        return f"The null test finds no structure inside{chance}."
    frame = columns, factors
    return _best(search, points, masses, rows, frame, share, limits, join)


def _measure(X: Array, weights: Array, rows: NDArray[np.intp]) -> tuple[NDArray[np.int64], Array]:
    """Return the columns that vary inside, and the factors that let them vary alike.

    A column that hardly varies inside is not blown up beyond a quarter of its spread among all.
    """
    spreads = [_deviation(part, mass) for part, mass in ((X, weights), (X[rows], weights[rows]))]
    everyone, inside = spreads
    columns = np.flatnonzero(inside > 1e-9 * np.maximum(everyone, 1.0))
    return columns, 1.0 / np.maximum(inside, _QUIET * everyone)[columns]


def _deviation(X: Array, weights: Array) -> Array:
    mean = np.average(X, axis=0, weights=weights)
    return np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weights))


def _best(
    search: Search, points: Array, masses: Array, rows: NDArray[np.intp],
    frame: tuple[NDArray[np.int64], Array], share: float, limits: Limits, join: Join | None,
) -> _Found | str:  # fmt: skip
    """Return the first of the best divisions that holds, or why none does."""
    why = f"There is structure inside, but no division of it holds: {search.reason}"
    for entry in _worth_trying(search.leaderboard.entries):
        fitted = Recipe.of(entry.algorithm, **entry.settings).clusterer(limits.seed)
        model = fitted.fit(points, sample_weight=masses)
        labels = model.served_.predict_proba(points).argmax(axis=1).astype(np.int32)
        k = model.n_clusters_
        shares = np.bincount(labels, masses, k) / masses.sum() * share
        if shares.min() < limits.min_share:
            why = (
                f"Too small: of {k} sub-segments the smallest would hold {shares.min():.1%} of all"
                f" customers, and {limits.min_share:.1%} is needed."
            )
            continue
        agreement, back = _comes_back(model, points, masses, labels, limits.seed)
        if agreement < VALID or back.min() < VALID:
            why = (
                f"Does not come back: models of other draws agree to {agreement:.2f}, and they find"
                f" {int((back >= VALID).sum())} of {k} sub-segments again."
            )
            continue
        joined = join(labels, rows) if join else Joined(np.arange(k))
        kept = int(joined.segments.max()) + 1
        if kept == 1:
            return f"Nothing inside to act on. {' '.join(joined.reasons)}"
        labels = joined.segments[labels].astype(np.int32)
        lowest = [float(back[joined.segments == one].min()) for one in range(kept)]
        reason = (
            f"{kept} sub-segments, by {entry.title}: each comes back (Jaccard at least"
            f" {min(lowest):.2f}), and models of other draws agree to {agreement:.2f}."
        )
        served, _ = calibrate(model, points, masses, limits.seed, joined.merged)
        division = Division(frame[0], frame[1], served)
        return _Found(division, labels, np.array(lowest), " ".join([reason, *joined.reasons]))
    return why


def _worth_trying(entries: Sequence[Entry]) -> list[Entry]:
    """Return the chosen one, and the best of those of which every segment comes back."""
    sound = [
        one for one in entries
        if one.k > 1 and one.score > 0 and (one.chosen or one.back == one.k)
    ]  # fmt: skip
    return sound[:_TRIED]


def _comes_back(
    model: Clusterer, points: Array, masses: Array, labels: NDArray[np.int32], seed: int
) -> tuple[float, Array]:
    """Return how models of other draws agree, and how each segment (k,) comes back from them."""
    draw = np.random.default_rng(seed)
    judged = np.sort(draw.permutation(len(points))[:_JUDGED])
    size = resample_size(len(points))
    draws = [np.sort(draw.permutation(len(points))[:size]) for _ in range(_DRAWS)]
    others = [
        refit(model, points, masses, rows, seed + 1 + number)
        .served_.predict_proba(points[judged])
        .argmax(axis=1)
        for number, rows in enumerate(draws)
    ]
    found = stability(labels[judged], others, masses[judged], int(labels.max()) + 1)
    return found.mean, found.jaccard

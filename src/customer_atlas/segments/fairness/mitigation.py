"""What the segments would be without an attribute, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering import Recipe, adjusted_rand
from customer_atlas.segments.fairness.groups import Groups
from customer_atlas.segments.fairness.independence import independence
from customer_atlas.segments.fairness.leakage import (
    folds_of,
    judged_rows,
    told_by_columns,
    told_by_lines,
    told_by_parts,
)
from customer_atlas.segments.fairness.report import FEW, Mitigated, Mitigation, Told
from customer_atlas.segments.fairness.telling_apart import FOLDS

__all__ = ["People", "decorrelated", "mitigation"]

_HALVES = 3

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class People:
    """The customers that are clustered anew, in one order.

    `points` (n, d) are as the segments were made of them, `places` (n,) the segments that serve,
    and `revenue` (n,) is None without money.
    """

    points: Array
    places: Codes
    groups: Groups
    revenue: Array | None


def decorrelated(points: Array, groups: Groups) -> Array:
    """Return points (n, d) without what can be told of an attribute by a straight line.

    These are the residuals of each column on the groups, the unknown as one of their own, and on
    the attribute itself where it is a number; everybody's mean stays. All groups then have the
    same mean, and no weighted sum of columns goes with the attribute. Spreads and interactions
    may still differ between groups; and a column of few values is moved to other values in each
    group, by which trees know the group, though distances hardly do. What is left is measured.

    >>> import numpy as np
    >>> groups = Groups("gender", ("f", "m"), np.array([0, 0, 1, 1]))
    >>> decorrelated(np.array([[1.0], [3.0], [5.0], [7.0]]), groups).ravel().tolist()
    [3.0, 5.0, 3.0, 5.0]
    """
    from threadpoolctl import threadpool_limits

    _, own = np.unique(groups.codes, return_inverse=True)
    left = points - _group_means(points, own)
    if groups.numbers is not None:
        known = ~np.isnan(groups.numbers)
        line = np.where(known, groups.numbers, 0.0)[:, None]
        line = np.where(known[:, None], line - _group_means(line, own), 0.0)
        square = float((line**2).sum())
        if square > 0:
            with threadpool_limits(1):  # sums of several threads differ in their last bits
                left = left - line * (line.T @ left) / square
    result: Array = left + points.mean(axis=0)
    return result


def _group_means(columns: Array, own: Codes) -> Array:
    counts = np.bincount(own)
    sums = np.stack([np.bincount(own, one) for one in columns.T], axis=1)
    means: Array = (sums / counts[:, None])[own]
    return means


def mitigation(
    people: People,
    recipe: Recipe,
    search: Callable[[Array], tuple[Recipe | None, str]],
    seed: int = 0,
) -> Mitigation:
    """Return the segments that serve beside those of points that do not go with an attribute.

    Args:
        people: who is clustered.
        recipe: the algorithm that serves, with its number of segments.
        search: finds the recipe that fits points best, and says why.
        seed: of the algorithms.
    """
    left = decorrelated(people.points, people.groups)
    now = _Segmentation(people, people.points, recipe, seed, plain=True)
    then = _Segmentation(people, left, recipe, seed)
    after = [then.judged("the same algorithm and number", then.labels(recipe))]
    own, why = search(left)
    note = ""
    if own is None:
        note = f"The search finds no segments of its own. {why}"
    elif own == recipe:
        note = "The search chooses the same algorithm and number of segments."
    else:
        free = _Segmentation(people, left, own, seed)
        after.append(free.judged("as the search chooses", free.labels(own)))
    before = now.judged("what serves", people.places)
    return Mitigation(people.groups.attribute, len(left), before, tuple(after), note)


@dataclass(frozen=True)
class _Segmentation:
    """Points and the recipe that divides them; `plain` ones are as they were."""

    people: People
    points: Array
    recipe: Recipe
    seed: int
    plain: bool = False

    def labels(self, recipe: Recipe) -> Codes:
        """Return the segment of everybody (n,); who is like none is in the nearest."""
        model = recipe.clusterer(self.seed).fit(self.points)
        return np.asarray(model.predict_proba(self.points).argmax(axis=1), np.int64)

    def judged(self, name: str, labels: Codes) -> Mitigated:
        """Return how clear-cut a division of the points is, and what it says of people."""
        from customer_atlas.clustering import silhouettes_of

        people = self.people
        k = int(labels.max()) + 1
        found = silhouettes_of(self.points, labels, k)
        gap, where = _gap(people.groups, labels)
        segments, lines, features = self._tell(labels)
        table = np.zeros((len(people.groups.labels), k), dtype=np.int64)
        known = people.groups.codes >= 0
        np.add.at(table, (people.groups.codes[known], labels[known]), 1)
        return Mitigated(
            name=name,
            segments=len(np.unique(labels)),
            algorithm=self.recipe.title,
            silhouette=found.mean if found else 0.0,
            rand=adjusted_rand(people.places, labels),
            stability=self._stability(),
            revenue=_between(people.revenue, labels),
            segments_tell=segments,
            lines_tell=lines,
            features_tell=features,
            gap=gap,
            gap_of=where,
            effect=independence(table, self.seed).effect,
        )

    def _tell(self, labels: Codes) -> tuple[Told, Told, Told]:
        rows, codes, _ = judged_rows(self.people.groups, len(labels), self.seed)
        folds = folds_of(codes, self.seed)
        features, _ = told_by_columns(self.points[rows], codes, folds, seed=self.seed)
        own = self.people.groups.at(rows)
        # Means over all folds would tell of the customers who are held out, and turned round.
        each = replace(own, codes=codes * FOLDS + folds)
        points = self.people.points[rows]
        lines = told_by_lines(points if self.plain else decorrelated(points, each), codes, folds)
        return told_by_parts(labels[rows], codes, folds), lines, features

    def _stability(self) -> float:
        """Return how far models of two halves agree on everybody, on average (adjusted Rand)."""
        draw = np.random.default_rng([self.seed % 2**63, 4])
        found = []
        for _ in range(_HALVES):
            order = draw.permutation(len(self.points))
            halves = np.sort(order[::2]), np.sort(order[1::2])
            one, other = (
                self.recipe.clusterer(self.seed)
                .fit(self.points[half])
                .predict_proba(self.points)
                .argmax(axis=1)
                for half in halves
            )
            found.append(adjusted_rand(one, other))
        return float(np.mean(found))


def _gap(groups: Groups, labels: Codes) -> tuple[float, str]:
    """Return the largest difference of a group's share in a segment and of all, and its group."""
    known = groups.codes >= 0
    sizes = groups.sizes
    overall = sizes / max(sizes.sum(), 1)
    largest, whose = 0.0, ""
    for segment in np.unique(labels):
        here = np.bincount(groups.codes[known & (labels == segment)], minlength=len(sizes))
        if here.sum() < FEW:
            continue
        apart = np.where(sizes >= FEW, np.abs(here / here.sum() - overall), 0.0)
        if apart.max() > largest:
            largest, whose = float(apart.max()), groups.labels[int(apart.argmax())]
    return largest, whose


def _between(revenue: Array | None, labels: Codes) -> float | None:
    """Return the share of the variance of revenue that lies between segments, 0 to 1."""
    if revenue is None or np.ptp(revenue) == 0:
        return None
    counts = np.maximum(np.bincount(labels), 1)
    means = np.bincount(labels, revenue) / counts
    total = ((revenue - revenue.mean()) ** 2).sum()
    return float(((means[labels] - revenue.mean()) ** 2).sum() / total)

"""A candidate on a growing budget: fitted again to a few small draws first, then to more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.algorithms import KMeans, Preprocessed
from customer_atlas.clustering.candidates import resample_size
from customer_atlas.clustering.choice import choose_k
from customer_atlas.clustering.criteria import distance_matrix, silhouette
from customer_atlas.clustering.drawing import drawn
from customer_atlas.clustering.lloyd import Array, stay_on_one_thread
from customer_atlas.clustering.search.candidate import VALID, Tried, tried
from customer_atlas.clustering.search.recipe import Recipe
from customer_atlas.clustering.search.thorough.future import Future
from customer_atlas.clustering.search.thorough.gaps import separations
from customer_atlas.clustering.search.thorough.objective import Components
from customer_atlas.clustering.served import Centroids, Mixture, Projected
from customer_atlas.side_by_side import side_by_side

if TYPE_CHECKING:
    from customer_atlas.clustering.algorithms import Clusterer

__all__ = ["RUNGS", "Judge", "Judged"]

_ROWS = 3_000
_FEW = 1_000
_LOOKED_AT = 1_200
_PAST = 1_500  # of the customers as they were once, in no order
_DISSOLVING = 0.25  # the share of the customers in segments that do not come back
_HALF = 0.5


@dataclass(frozen=True)
class _Rung:
    """How many rows are looked at, to how many draws of them it is fitted, and how much future."""

    rows: int
    draws: int
    halves: int


# The future is asked on each rung: without it, who tells it would be given up before.
RUNGS = (_Rung(_FEW, 2, 1), _Rung(_ROWS, 4, 1), _Rung(_ROWS, 8, 2))


@dataclass(frozen=True)
class Judged:
    """What is known of a candidate after a rung; `fault` says which limit does not hold."""

    recipe: Recipe
    k: int
    components: Components
    stability: float
    apart: float
    back: int
    dissolving: float
    smallest_share: float
    silhouette: float
    fault: str


@dataclass(frozen=True)
class _Base:
    """Rows that are looked at, those that labels are compared on, and the draws of them."""

    points: Array
    compared: NDArray[np.int64]
    draws: tuple[NDArray[np.int64], ...]

    @classmethod
    def of(cls, points: Array, draws: int, seed: int) -> _Base:
        draw = np.random.default_rng(seed)
        size = resample_size(len(points))
        compared = np.sort(draw.permutation(len(points))[:_LOOKED_AT])
        rows = (np.sort(draw.permutation(len(points))[:size]) for _ in range(draws))
        return cls(points, compared, tuple(rows))

    @cached_property
    def distances(self) -> Array:
        return distance_matrix(self.points[self.compared])


class Judge:
    """Judges candidates of rows (n, d), which count as their weights (n,) say, all alike.

    At most 3,000 rows, drawn by weight, are looked at. The limits are hard: `min_share` of the
    customers in the smallest segment, at most `largest` segments, and a quarter of the customers
    in segments that do not come back.
    """

    def __init__(
        self, X: Array, weights: Array, min_share: float, largest: int, seed: int,
        future: Future | None,
    ) -> None:  # fmt: skip
        points = X[drawn(weights, _ROWS, seed)]
        few = np.sort(np.random.default_rng(seed).permutation(len(points))[:_FEW])
        most = max(rung.draws for rung in RUNGS)
        whole = _Base.of(points, most, seed)
        self._bases = {
            rung.rows: whole if len(points) <= rung.rows else _Base.of(points[few], most, seed)
            for rung in RUNGS
        }
        self._bases[_ROWS] = whole
        self._min_share, self._largest, self._seed = min_share, largest, seed
        self._future = future if future and future.telling else None

    @property
    def most(self) -> int:
        """The most segments that can be looked for: each draw has four rows for each."""
        size = min(len(base.draws[0]) for base in self._bases.values())
        return max(2, min(self._largest, size // 4))

    def white(self) -> int:
        """Return how many segments the rule for k-means chooses where columns are whitened."""
        points = self._bases[_ROWS].points
        seen = Preprocessed(KMeans(1)).fit(points).served_.seen(points)
        return choose_k(
            seen, np.ones(len(seen)), min_share=self._min_share, max_segments=self._largest,
            seed=self._seed,
        ).k  # fmt: skip

    def rungs(self, recipe: Recipe) -> Iterator[Judged]:
        """Yield what is known after each rung; raises ValueError where it cannot be fitted."""
        known: dict[int, list[Clusterer]] = {}
        told: list[float] = []
        for rung in RUNGS:
            base = self._bases[rung.rows]
            models = known.setdefault(id(base), [])
            fits = range(len(models), rung.draws + 1)
            halves = range(len(told), rung.halves if self._future else 0)
            tasks: list[Callable[[], Any]] = [
                partial(self._fit, recipe, base, number) for number in fits
            ]
            tasks += [partial(self._told, recipe, half) for half in halves]
            done = list(side_by_side(_call, tasks, begin=stay_on_one_thread))
            models += done[: len(fits)]
            told += done[len(fits) :]
            yield self._judged(recipe, base, models, told)

    def _fit(self, recipe: Recipe, base: _Base, number: int) -> Clusterer:
        """Return what is fitted to all rows, number 0, or to a draw of them."""
        rows = base.draws[number - 1] if number else slice(None)
        return recipe.clusterer(self._seed + number).fit(base.points[rows])

    def _told(self, recipe: Recipe, half: int) -> float:
        future = self._future
        assert future is not None
        seen = np.flatnonzero(future.half == half)
        model = recipe.clusterer(self._seed).fit(future.X[seen[:_PAST]])
        return future.told(half, model.predict(future.X), model.n_clusters_)

    def _judged(
        self, recipe: Recipe, base: _Base, models: list[Clusterer], told: list[float]
    ) -> Judged:
        first, compared = models[0], base.compared
        labels = first.labels_
        future = float(np.mean(told)) if told else None
        if int(labels.max()) < 1:
            return Judged(
                recipe, 1, Components(0.0, 0.0, 0.0, 0.0, future), 0.0, 0.0, 0, 0.0, 1.0, 0.0,
                "one segment is no division",
            )  # fmt: skip
        others = [model.predict(base.points[compared]) for model in models[1:]]
        apart = separations(base.points, labels, self._seed)
        mean, _ = silhouette(base.distances, labels[compared], np.ones(len(compared)))
        one = tried(recipe, labels, compared, others, apart, silhouette=mean)
        return Judged(
            recipe, one.k, self._components(one, first, future), one.stability,
            float(one.apart.sum()), int((one.jaccard >= VALID).sum()), one.dissolving,
            float(one.shares.min()), one.silhouette, self._fault(one),
        )  # fmt: skip

    def _components(self, one: Tried, model: Clusterer, future: float | None) -> Components:
        share = float(one.shares.max())
        alone = 1.0 if share <= _HALF else (1.0 - share) / _HALF
        few = 1.0 - (one.k - 2) / max(self._largest - 2, 1)
        return Components(
            stability=(max(0.0, one.stability) + float(one.shares @ one.jaccard)) / 2,
            separation=float(one.shares @ one.apart),
            size=min(1.0, float(one.shares.min()) / self._min_share) * alone,
            simplicity=(max(0.0, few) + _plainness(model)) / 2,
            future=future,
        )

    def _fault(self, one: Tried) -> str:
        if one.k > self._largest:
            return f"{one.k} segments, and at most {self._largest} are allowed"
        if one.shares.min() < self._min_share:
            return f"smallest segment {one.shares.min():.2%}, and {self._min_share:.1%} is needed"
        if one.dissolving > _DISSOLVING:
            return f"segments of {one.dissolving:.0%} of the customers dissolve"
        return ""


def _call(task: Callable[[], Any]) -> Any:
    return task()


def _plainness(model: Clusterer) -> float:
    """Return from 0 to 1 how little it takes to say who is where."""
    served, less = model.served_, 0.0
    if isinstance(served, Projected):
        served, less = served.inner, 1 / 6
    if isinstance(served, Centroids):
        return 1.0 - less
    return (2 / 3 if isinstance(served, Mixture) else 1 / 3) - less

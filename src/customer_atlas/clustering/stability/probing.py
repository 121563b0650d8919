"""The probes: a segmentation is disturbed, refitted, and compared with itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.checks import checked_matrix, checked_weights
from customer_atlas.clustering.lloyd import Array, one_thread, stay_on_one_thread
from customer_atlas.clustering.refits import recognised, refit, resample
from customer_atlas.clustering.served import Assignment, Served, unmerged
from customer_atlas.clustering.stability.left_out import Part, left_out
from customer_atlas.clustering.stability.report import Probe, ProbeKind, StabilityReport
from customer_atlas.clustering.stability.tally import Compared, tallied
from customer_atlas.errors import ClusteringError
from customer_atlas.side_by_side import side_by_side

if TYPE_CHECKING:
    from customer_atlas.clustering.algorithms import Clusterer

__all__ = ["Window", "stability_over_time", "stability_report"]

_ROWS, _FEWER = 10_000, 5_000  # for k-means, and for what takes several times as long
_FAST = ("KMeans", "MiniBatchKMeans")
_FEWEST = 20
_SEEDS, _DRAWS = 10, 20

_Rows = NDArray[np.integer]


@dataclass(frozen=True)
class Window:
    """Customers as they were `at` an earlier time: `points` (m, d) of the `rows` (m,) of now."""

    at: str
    points: Array
    rows: _Rows


@dataclass(frozen=True)
class _Refit:
    """A refit to come: to `rows` (m,) of a matrix; it scores those `judged` (j,) as in `score`.

    Where columns were `left_out`, these are their places.
    """

    label: str
    seed: int
    fit: Array
    weights: Array
    rows: _Rows
    judged: _Rows
    score: Array
    left_out: _Rows = field(default_factory=lambda: np.arange(0))

    def labels(self, model: Clusterer) -> NDArray[np.integer]:
        """Return the labels (j,); those of one segment where it finds no more."""
        try:
            again = refit(
                _narrowed(model, self.left_out), self.fit, self.weights, self.rows, self.seed
            )
        except ClusteringError:  # too few different customers are left for so many segments
            return np.zeros(len(self.score), np.int32)
        return again.predict(self.score)


@dataclass(frozen=True)
class _Ground:
    """The customers (n, d) on which everything is compared, and what the model says of them."""

    model: Clusterer
    X: Array
    weights: Array
    served: Served
    seed: int

    @cached_property
    def now(self) -> Assignment:
        """Who is where today."""
        return self.served.assign(self.X)

    @cached_property
    def clusters(self) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
        """The clusters (n,) of today, and the segment (m,) of each, of which it may be a part."""
        model, segments = unmerged(self.served)
        return model.predict(self.X), segments

    @property
    def k(self) -> int:
        """How many segments there are."""
        return self.served.n_clusters

    @property
    def everyone(self) -> _Rows:
        return np.arange(len(self.X))

    @property
    def shares(self) -> tuple[float, ...]:
        """The shares of the segments (k,)."""
        inside = self.now.cluster >= 0
        mass = np.bincount(self.now.cluster[inside], self.weights[inside], self.k)
        return tuple((mass / self.weights.sum()).tolist())

    def other_seeds(self, count: int) -> Iterator[_Refit]:
        for number in range(1, count + 1):
            seed, rows = self.seed + number, self.everyone
            yield _Refit(f"seed {seed}", seed, self.X, self.weights, rows, rows, self.X)

    def other_draws(self, count: int) -> Iterator[_Refit]:
        for number in range(1, count + 1):
            seed = self.seed + number
            rows = resample(self.weights, seed)
            yield _Refit(
                f"draw {number}", self.seed, self.X, self.weights, rows, self.everyone, self.X
            )

    def without(self, parts: Sequence[Part]) -> Iterator[_Refit]:
        for name, columns in parts:
            rest = np.delete(self.X, columns, axis=1)
            rows = self.everyone
            yield _Refit(name, self.seed, rest, self.weights, rows, rows, rest, columns)

    def at(self, windows: Sequence[Window]) -> Iterator[_Refit]:
        for one in windows:
            rows, weights = np.arange(len(one.rows)), self.weights[one.rows]
            score = self.X[one.rows]
            yield _Refit(one.at, self.seed, one.points, weights, rows, one.rows, score)

    def probe(self, kind: ProbeKind, refits: Iterable[_Refit], note: str = "") -> Probe:
        """Fit side by side, and add up how the segments of now fare in each."""

        def compare(one: _Refit) -> Compared:
            before, labels = self.now.cluster[one.judged], one.labels(self.model)
            clusters, segments = self.clusters
            after = recognised(clusters[one.judged], labels, self.weights[one.judged], segments)
            return Compared(one.label, one.judged, before, after, self.now.probability[one.judged])

        found = side_by_side(compare, refits, begin=stay_on_one_thread)
        return tallied(kind, found, self.weights, self.k, note)


def stability_report(
    model: Clusterer, X: Array, weights: Array | None = None, names: Sequence[str] = (), *,
    packs: Sequence[str] = (), segments: Sequence[str] = (), served: Served | None = None,
    customers: int | None = None, seeds: int = _SEEDS, draws: int = _DRAWS, seed: int = 0,
) -> StabilityReport:  # fmt: skip
    """Say how stable the segments of a fitted `model` are on customers (n, d) with weights (n,).

    It is refitted from other `seeds`, to bootstrap `draws`, and without each feature in turn, on
    at most 10,000 customers drawn at random (5,000 unless it is k-means), and compared on these
    with what it says now. `names` (d,) are the features that the columns are made of, and `packs`
    (d,) where these belong: past 30 features whole packs are left out, or the 30 features on
    which the segments differ most. `segments` (k,) are the segments' names. `served` is what
    scores where that is not what the model was fitted to, and `customers` how many there are,
    where the rows stand for more. The same rows, settings and versions give the same report to
    the bit.

    Raises:
        ClusteringError: the matrix cannot be scored, or the names are not one a column.

    >>> from customer_atlas.clustering import KMeans
    >>> draw = np.random.default_rng(0)
    >>> X = draw.normal(size=(90, 2)) + np.repeat([[0, 0], [9, 0], [0, 9]], 30, axis=0)
    >>> stability_report(KMeans(3).fit(X), X).verdict
    'Stable: all 3 segments come back from other draws of the customers (Jaccard similarity 1.00
    or more).'
    """
    served = served or model.served_
    X = checked_matrix(X, served.n_features)
    weights = checked_weights(weights, len(X))
    k, d = served.n_clusters, X.shape[1]
    names = tuple(names) or tuple(f"x{at}" for at in range(d))
    segments = tuple(segments) or tuple(f"Cluster {at}" for at in range(k))
    for given, needed, of in ((names, d, "columns"), (segments, k, "segments")):
        if len(given) != needed:
            raise ClusteringError(f"Found {len(given)} names for {needed} {of}; give each one.")
    report = StabilityReport(segments, (1.0,) * k, 0, customers or len(X), seed)
    if len(X) < _FEWEST or k < 2:
        return replace(report, reason=_nothing(len(X)))
    rows = _some(len(X), _ROWS if type(model).__name__ in _FAST else _FEWER, seed)
    X, weights = X[rows], weights[rows]
    with one_thread():
        ground = _Ground(model, X, weights, served, seed)
        parts, note = left_out(X, weights, ground.now.cluster, names, packs)
        probes = [
            ground.probe("seeds", ground.other_seeds(seeds)),
            ground.probe("bootstrap", ground.other_draws(draws)),
        ]
        if parts:
            probes.append(ground.probe("features", ground.without(parts), note))
    skipped = {} if parts else {"features": note}
    return replace(report, shares=ground.shares, rows=len(X), probes=tuple(probes), skipped=skipped)


def stability_over_time(
    model: Clusterer, X: Array, windows: Sequence[Window], weights: Array | None = None, *,
    served: Served | None = None, seed: int = 0,
) -> tuple[Probe, Probe]:  # fmt: skip
    """Return what time changes: who behaves differently, and whether the segments come back.

    `X` (n, d) are customers today, and each of the `windows` some of them at an earlier time.
    First the same model scores them then and now; then it is refitted to each window, and scores
    the customers of today.
    """
    served = served or model.served_
    weights = checked_weights(weights, len(X))
    with one_thread():
        ground = _Ground(model, X, weights, served, seed)
        then = [(one, served.assign(one.points)) for one in windows]
        scored = [
            Compared(one.at, one.rows, was.cluster, ground.now.cluster[one.rows], was.probability)
            for one, was in then
        ]
        behaviour = tallied("behaviour", scored, weights, ground.k)
        return behaviour, ground.probe("structure", ground.at(windows))


def _narrowed(model: Clusterer, left_out: _Rows) -> Clusterer:
    """Return the algorithm for a matrix without some columns: k-prototypes names some by place."""
    places = model.get_params(deep=False).get("categorical")
    if not places or not len(left_out):
        return model
    from sklearn.base import clone

    kept = [at - int((left_out < at).sum()) for at in places if at not in left_out]
    narrowed: Clusterer = clone(model).set_params(categorical=kept)
    return narrowed


def _nothing(rows: int) -> str:
    if rows < _FEWEST:
        return f"There are {rows} customers; from {_FEWEST} on stability can be looked at."
    return "There is one segment, so there is nothing to compare."


def _some(count: int, most: int, seed: int) -> _Rows:
    """Return the rows to look at; each has the same chance, and keeps its weight."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False))

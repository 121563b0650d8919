"""Each candidate k measured: fitted, fitted again on resamples, and looked at from all sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria import (
    Partition,
    box_reference,
    calinski_harabasz,
    davies_bouldin,
    dirichlet_weights,
    distance_matrix,
    jackknife,
    kmeans_bic,
    mean_prediction_strength,
    silhouette,
    stability,
    ward_log_inertia,
)
from customer_atlas.clustering.drawing import drawn
from customer_atlas.clustering.lloyd import Array, Lloyd, lloyd, stay_on_one_thread
from customer_atlas.clustering.regions import Regions
from customer_atlas.clustering.separation import VALLEY, valley_ratios
from customer_atlas.clustering.served import nearest_centers
from customer_atlas.clustering.starts import ward_starts
from customer_atlas.side_by_side import side_by_side

__all__ = ["Candidate", "Evidence", "Indices", "measure", "resample_size"]

_RESAMPLES = 8
_RESAMPLE_ROWS = 3_000
_JUDGED_ROWS = 2_000
_FIT_ROWS = 8_000
_FULL_INITS = 2
_STRUCTURE_ROWS = 1_000
_REFERENCES = 20
_VALID = 0.75  # Hennig's bar for the Jaccard similarity of a segment under resampling


@dataclass(frozen=True)
class Candidate:
    """What is known of one k before the candidates are compared.

    A segment comes back when its Jaccard similarity under resampling reaches 0.75, Hennig's
    bar for a valid cluster. `apart` counts the segments that come back and have a valley to
    every neighbour, `shading` those that come back without; `dissolving` is the share of the
    customers in the others.
    """

    k: int
    stability: float
    stability_error: float
    silhouette: float
    silhouette_error: float
    apart: int
    shading: int
    dissolving: float
    smallest_share: float
    inertia: float


@dataclass(frozen=True)
class Indices:
    """What else the partition of one k says; it is shown and decides nothing by itself.

    `errors` are the standard errors of inertia, Calinski-Harabasz, Davies-Bouldin and BIC.
    """

    calinski_harabasz: float
    davies_bouldin: float
    bic: float
    strength: float
    strength_error: float
    errors: tuple[float, ...]


@dataclass(frozen=True)
class Evidence:
    """All that was measured: by k in order, and what needs no k.

    `undivided` is the partition of one segment, which inertia and the information criterion begin
    with, and `undivided_errors` are the standard errors of these two. `log_inertia` (m,) of Ward's
    merging of a draw and of the `references` (b, m) without structure, both by k = 1 to m, are for
    the gap statistic; `kinds` (c,) are the weights of a Dirichlet-process mixture, the largest
    first.
    """

    candidates: tuple[Candidate, ...]
    indices: tuple[Indices, ...]
    undivided: Partition
    undivided_errors: tuple[float, ...]
    log_inertia: Array
    references: Array
    kinds: Array


@dataclass(frozen=True)
class _Rows:
    """Customers to fit on, with starting centres for every k."""

    X: Array
    weights: Array
    starts: dict[int, Array]

    @property
    def effective(self) -> Array:
        """The weights, adding up to as many equal customers as tell as much (Kish, 1965)."""
        return np.asarray(self.weights * self.weights.sum() / (self.weights @ self.weights))

    def fit(self, k: int, seed: int, n_init: int) -> Lloyd:
        """Fit from Ward's start and from `n_init` random ones; from one where there is no other."""
        fits = []
        if k in self.starts:
            fits.append(lloyd(self.X, self.weights, k, seed=seed, start=self.starts[k]))
        if n_init or not fits:
            fits.append(lloyd(self.X, self.weights, k, seed=seed, n_init=max(1, n_init)))
        return min(fits, key=lambda fit: fit.inertia)


def measure(
    X: Array, weights: Array, ks: Sequence[int], *, seed: int, regions: Regions | None = None
) -> Evidence:
    """Return the evidence for each k, in order, all on the same draws of customers.

    One fit on up to 8,000 customers, eight fits on draws of half of all and up to 3,000, judged
    on the same 2,000, and Ward's merging of 1,000; so the cost does not grow with the number of
    customers. With `regions` the draws hold rows of each, and the fits begin with small groups.
    """
    draw = np.random.default_rng(seed)
    sizes = [_JUDGED_ROWS, _FIT_ROWS, *[resample_size(len(X))] * _RESAMPLES]
    draws = [_draw(draw, weights, size, regions) for size in sizes]
    points, masses = X[draws[0][0]], draws[0][1]
    few = X[drawn(weights, _STRUCTURE_ROWS, seed)]
    smallest = regions.smallest if regions else None

    def start(number: int, rows: NDArray[np.intp], masses: Array) -> _Rows:
        chosen = X[rows]
        starts = ward_starts(chosen, masses, ks, seed=seed + number, smallest=smallest)
        return _Rows(chosen, masses, starts)

    distances, kinds, whole, *halves = _all(
        [
            partial(distance_matrix, points),
            partial(dirichlet_weights, few, max(ks), seed=seed),
            *(partial(start, number, *one) for number, one in enumerate(draws[1:])),
        ]
    )

    def judge(k: int) -> tuple[Candidate, Indices]:
        fit = whole.fit(k, seed, 0 if regions else _FULL_INITS)
        labels = nearest_centers(points, fit.centers)
        others = [
            nearest_centers(points, rows.fit(k, seed + 1 + b, 0).centers)
            for b, rows in enumerate(halves)
        ]
        indices = _indices(whole, fit.labels, others, masses)
        return _candidate(whole, fit, labels, others, masses, distances), indices

    def merge(number: int) -> Array:
        rows = box_reference(few, seed + number) if number else few
        return ward_log_inertia(rows, min(max(ks), len(few)))

    # The largest k, which take longest, go first: so the threads end at about the same time.
    found = _all([partial(judge, k) for k in sorted(ks, reverse=True)])[::-1]
    own, *references = _all([partial(merge, number) for number in range(_REFERENCES + 1)])
    alone = np.zeros(len(whole.X), np.int32)
    return Evidence(
        candidates=tuple(candidate for candidate, _ in found),
        indices=tuple(indices for _, indices in found),
        undivided=Partition.of(whole.X, alone, whole.effective),
        undivided_errors=jackknife(whole.X, alone, whole.effective, (_inertia, kmeans_bic)),
        log_inertia=own, references=np.stack(references), kinds=kinds,
    )  # fmt: skip


def _all(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    return list(side_by_side(lambda task: task(), tasks, begin=stay_on_one_thread))


def resample_size(rows: int) -> int:
    """Return how many of so many customers a resample holds: half, four fifths of a few.

    >>> resample_size(100), resample_size(2_000), resample_size(1_000_000)
    (80, 1000, 3000)
    """
    return min(_RESAMPLE_ROWS, max(rows // 2, min(500, int(0.8 * rows))))


def _candidate(
    whole: _Rows, fit: Lloyd, labels: NDArray[np.int32], others: list[NDArray[np.int32]],
    masses: Array, distances: Array,
) -> Candidate:  # fmt: skip
    k = len(fit.centers)
    agreement = stability(labels, others, masses, k)
    mean, error = silhouette(distances, labels, masses)
    sizes = np.bincount(fit.labels, whole.weights, k) / whole.weights.sum()
    valley = valley_ratios(whole.X, whole.weights, fit.labels, fit.centers) <= VALLEY
    back = agreement.jaccard >= _VALID
    return Candidate(
        k=k, stability=agreement.mean, stability_error=agreement.error,
        silhouette=mean, silhouette_error=error, apart=int((back & valley).sum()),
        shading=int((back & ~valley).sum()), dissolving=float(sizes[~back].sum()),
        smallest_share=float(sizes.min()),
        inertia=fit.inertia / float(whole.weights.sum()),
    )  # fmt: skip


def _inertia(partition: Partition) -> float:
    return partition.within / float(partition.masses.sum())


def _indices(
    whole: _Rows, labels: NDArray[np.int32], others: list[NDArray[np.int32]], masses: Array
) -> Indices:
    partition = Partition.of(whole.X, labels, whole.effective)
    strength, error = mean_prediction_strength(others, masses)
    measures = (_inertia, calinski_harabasz, davies_bouldin, kmeans_bic)
    return Indices(
        calinski_harabasz=calinski_harabasz(partition), davies_bouldin=davies_bouldin(partition),
        bic=kmeans_bic(partition), strength=strength, strength_error=error,
        errors=jackknife(whole.X, labels, whole.effective, measures),
    )  # fmt: skip


def _draw(
    draw: np.random.Generator, weights: Array, size: int, regions: Regions | None
) -> tuple[NDArray[np.intp], Array]:
    """Return rows, and what each of them stands for."""
    if regions is not None:
        return regions.drawn(weights, size, int(draw.integers(2**31)))
    n = len(weights)
    rows = np.arange(n) if size >= n else np.sort(draw.permutation(n)[:size])
    return rows, weights[rows]

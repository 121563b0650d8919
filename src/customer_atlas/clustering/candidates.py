"""Each candidate k measured: fitted, fitted again on resamples, and looked at from all sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array, Lloyd, lloyd, stay_on_one_thread
from customer_atlas.clustering.separation import VALLEY, valley_ratios
from customer_atlas.clustering.served import nearest_centers
from customer_atlas.clustering.silhouette import distance_matrix, silhouette
from customer_atlas.clustering.stability import stability
from customer_atlas.clustering.starts import ward_starts
from customer_atlas.side_by_side import side_by_side

__all__ = ["Candidate", "measure", "resample_size"]

_RESAMPLES = 8
_RESAMPLE_ROWS = 3_000
_JUDGED_ROWS = 2_000
_FIT_ROWS = 8_000
_FULL_INITS = 2
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
class _Rows:
    """Customers to fit on, with starting centres for every k."""

    X: Array
    weights: Array
    starts: dict[int, Array]

    def fit(self, k: int, seed: int, n_init: int) -> Lloyd:
        """Fit from Ward's start and from `n_init` random ones; from one where there is no other."""
        fits = []
        if k in self.starts:
            fits.append(lloyd(self.X, self.weights, k, seed=seed, start=self.starts[k]))
        if n_init or not fits:
            fits.append(lloyd(self.X, self.weights, k, seed=seed, n_init=max(1, n_init)))
        return min(fits, key=lambda fit: fit.inertia)


def measure(X: Array, weights: Array, ks: Sequence[int], *, seed: int) -> list[Candidate]:
    """Return a `Candidate` for each k, in order, all on the same draws of customers.

    One fit on up to 8,000 customers, eight fits on draws of half of all and up to 3,000, judged
    on the same 2,000; so the cost does not grow with the number of customers.
    """
    draw = np.random.default_rng(seed)
    judged = _draw(draw, len(X), _JUDGED_ROWS)
    points, masses = X[judged], weights[judged]
    distances = distance_matrix(points)
    sizes = [_FIT_ROWS, *[resample_size(len(X))] * _RESAMPLES]
    draws = [(number, _draw(draw, len(X), size)) for number, size in enumerate(sizes)]

    def start(drawn: tuple[int, NDArray[np.int64]]) -> _Rows:
        number, rows = drawn
        chosen, masses = X[rows], weights[rows]
        return _Rows(chosen, masses, ward_starts(chosen, masses, ks, seed=seed + number))

    whole, *halves = side_by_side(start, draws, begin=stay_on_one_thread)

    def judge(k: int) -> Candidate:
        fit = whole.fit(k, seed, _FULL_INITS)
        labels = nearest_centers(points, fit.centers)
        others = [
            nearest_centers(points, rows.fit(k, seed + 1 + b, 0).centers)
            for b, rows in enumerate(halves)
        ]
        return _candidate(whole, fit, labels, others, masses, distances)

    # The largest k, which take longest, go first: so the threads end at about the same time.
    found = side_by_side(judge, sorted(ks, reverse=True), begin=stay_on_one_thread)
    return sorted(found, key=lambda one: one.k)


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


def _draw(draw: np.random.Generator, rows: int, size: int) -> NDArray[np.int64]:
    return np.arange(rows) if size >= rows else np.sort(draw.permutation(rows)[:size])

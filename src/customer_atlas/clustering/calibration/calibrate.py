"""A fitted algorithm is fitted again to halves of its customers: who keeps the segment?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.calibration.curves import Kept
from customer_atlas.clustering.calibration.fences import distance_fences
from customer_atlas.clustering.calibration.reliability import Reliability
from customer_atlas.clustering.lloyd import Array, one_thread, stay_on_one_thread
from customer_atlas.clustering.refits import recognised, refit
from customer_atlas.clustering.served import MOST_MARGIN, Calibrated, Judged, Merged, Served
from customer_atlas.errors import ClusteringError
from customer_atlas.side_by_side import side_by_side

if TYPE_CHECKING:
    from customer_atlas.clustering.algorithms import Clusterer

__all__ = ["calibrate"]

_REFITS = 10
_MOST_ROWS = 10_000  # that a refit is fitted to
_ASKED = 20_000  # rows that are asked whether they keep their segment
_FEWEST = 20  # rows: of fewer, halves say nothing
# Of refits of a mixture: stopped any sooner, they would differ by that alone.
_MIXTURE = {"n_init": 0, "max_iter": 100}

_Labels = NDArray[np.integer]


def calibrate(
    model: Clusterer, X: Array, weights: Array, seed: int,
    segments: NDArray[np.int64] | None = None,
) -> tuple[Calibrated, Reliability | None]:  # fmt: skip
    """Return the served form of a fitted `model` with calibrated probabilities, and their proof.

    `X` (n, d) and `weights` (n,) are what it was fitted to; where several clusters are one
    segment, `segments` (k,) has that of each. The same algorithm is fitted ten
    times to a half of the rows, drawn anew each time, and its segments are matched to the
    model's. From who keeps a segment follows, by margin and segment, the probability of keeping
    it when the model is fitted to other customers. Each refit is also foretold from the nine
    others: that is the reliability. None where there is one segment, which everyone keeps, or
    where there are fewer than 20 rows: the probability is then the logistic of the margin.
    """
    alone = np.arange(model.n_clusters_)
    served = model.served_ if segments is None else Merged(model.served_, segments)
    k = served.n_clusters
    rows = np.arange(0, len(X), math.ceil(len(X) / _ASKED))
    plain = _uncalibrated(served)
    found, masses = plain.assign(X[rows]), weights[rows]
    fences = distance_fences(found.distance, found.segment, masses, k)
    labels = _refitted(model, X, weights, rows, seed) if k > 1 and len(X) >= _FEWEST else []
    if not labels:
        return Calibrated(served, plain.knots, plain.kept, fences), None
    own = _uncalibrated(model.served_).assign(X[rows]).segment
    parts = alone if segments is None else segments
    kept = np.stack([recognised(own, one, masses, parts) == parts[own] for one in labels])
    counted = Kept.count(found.margin, found.segment, kept, masses, k)
    size = _size(len(X))
    knots = counted.knots / _further(len(X), size)
    curves = counted.curves(np.arange(len(labels)))
    proof = _proof(counted, found, kept, masses, served.assign(X[rows]).probability, size)
    return Calibrated(served, knots, curves, fences), proof


def _size(rows: int) -> int:
    return min(rows // 2, _MOST_ROWS)


def _further(rows: int, size: int) -> float:
    """Return how many times further borders move in refits to a part than in other samples.

    A border moves with the standard error: from all `rows` to `size` of them, drawn without
    replacement, by the root of 1 / size - 1 / rows; to another sample of as many by that of
    2 / rows. What moves by more than that, such as a segment that dissolves, is more frequent in
    small samples already; so the second is taken less by a fourth root of 2, as was measured.
    """
    return math.sqrt((rows / size - 1.0) / math.sqrt(2.0))


def _refitted(
    model: Clusterer, X: Array, weights: Array, rows: _Labels, seed: int
) -> Sequence[_Labels]:
    """Return what each refit says of the rows; what cannot be refitted says nothing."""
    from customer_atlas.clustering.algorithms import GaussianMixture

    if isinstance(model, GaussianMixture):
        model = GaussianMixture(**model.get_params(deep=False) | _MIXTURE)

    def labels(number: int) -> _Labels | None:
        draw = np.random.default_rng([seed, number])
        some = np.sort(draw.permutation(len(X))[: _size(len(X))])
        try:
            again = refit(model, X, weights, some, seed + 1 + number)
        except ClusteringError:  # they have fewer different values than there are segments
            return None
        return again.served_.predict(X[rows])

    with one_thread():
        found = side_by_side(labels, range(_REFITS), begin=stay_on_one_thread)
        return [one for one in found if one is not None]


def _uncalibrated(served: Served) -> Calibrated:
    k = served.n_clusters
    if k == 1:
        return Calibrated(served, np.zeros(1), np.ones((1, 1)), np.full(1, np.inf))
    knots = MOST_MARGIN * np.linspace(0.0, 1.0, 25) ** 2
    kept = np.tile(1.0 / (1.0 + np.exp(-knots)), (k, 1))
    return Calibrated(served, knots, kept, np.full(k, np.inf))


def _proof(
    counted: Kept, found: Judged, kept: NDArray[np.bool_], weights: Array, raw: Array, size: int
) -> Reliability | None:
    """Foretell each refit from the others, and compare."""
    refits = np.arange(len(kept))
    if len(refits) < 2:
        return None
    said = np.empty(kept.shape)
    for one in refits:
        curves = counted.curves(np.delete(refits, one))
        for j, curve in enumerate(curves):
            members = found.segment == j
            said[one, members] = np.interp(found.margin[members], counted.knots, curve)
    return Reliability.of(said, raw, kept.astype(np.float64), weights, len(refits), size)

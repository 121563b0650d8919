"""Any other form, with the probability that a segment is kept, and the kind of each membership."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served.merged import Merged
from customer_atlas.clustering.served.served import Assignment, Served, packed, unpacked

__all__ = ["AHEAD", "KINDS", "UNDECIDED_BELOW", "Calibrated", "Judged", "unmerged"]

KINDS = ("learned", "undecided", "outlier")
"""The kinds of a membership by their number."""

UNDECIDED_BELOW = 0.5
"""A membership of less probability is undecided: likelier elsewhere after another fit."""

AHEAD = 1e-9  # by which a winner stays ahead of the next, whatever its probability


@dataclass(frozen=True)
class Judged(Assignment):
    """An assignment with its `segment` (n,) int32 and the number of its kind (n,) in `KINDS`.

    The segment is the cluster, and the least unlike one where that is `UNUSUAL`; the probability
    is that the segment is kept when the model is fitted to other customers.
    """

    segment: NDArray[np.int32]
    kind: NDArray[np.int8]


@dataclass(frozen=True)
class Calibrated(Served):
    """A served model with probabilities that were learned from refits.

    `kept` (k, m) is the probability that a customer of each segment keeps it, at each of the
    rising margins `knots` (m,): between them it is interpolated, beyond them it stays. A
    customer who is farther from the middle of the segment than `fences` (k,) is an outlier, as
    one is who is like no cluster; who is none and has a probability below one half is undecided.

    >>> from customer_atlas.clustering.served import Centroids
    >>> inner = Centroids(np.array([[0.0], [4.0]]), 1.0)
    >>> model = Calibrated(inner, np.array([0.0, 8.0]), np.array([[0.4, 1.0]] * 2), np.full(2, 3.0))
    >>> found = model.assign(np.array([[0.0], [1.9], [-9.0]]))
    >>> found.probability.round(2).tolist(), [KINDS[number] for number in found.kind]
    ([1.0, 0.43, 1.0], ['learned', 'undecided', 'outlier'])
    """

    kind: ClassVar[str] = "calibrated"
    inner: Served
    knots: Array
    kept: Array
    fences: Array

    @property
    def n_features(self) -> int:
        """How many columns a matrix must have."""
        return self.inner.n_features

    @property
    def n_clusters(self) -> int:
        """How many clusters there are; unusual customers are none."""
        return self.inner.n_clusters

    def predict(self, X: Array) -> NDArray[np.int32]:
        """Return the cluster of each row (n,), which calibration does not change."""
        return self.inner.predict(X)

    def assign(self, X: Array) -> Judged:
        """Return what the model says, with the calibrated probability, segment and kind."""
        found = self.inner.assign(X)
        segment, nowhere = found.cluster, found.cluster < 0
        if nowhere.any():
            segment = segment.copy()
            segment[nowhere] = self.inner.predict_proba(X[nowhere]).argmax(axis=1)
        probability = self._kept(found.margin, segment)
        outlier = nowhere | (found.distance > self.fences[segment])
        undecided = probability < UNDECIDED_BELOW
        kind = np.where(outlier, KINDS.index("outlier"), undecided).astype(np.int8)
        return Judged(found.cluster, probability, found.distance, found.margin, segment, kind)

    def predict_proba(self, X: Array) -> Array:
        """Return the membership probabilities (n, k); each row adds up to 1.

        The winner has its calibrated probability, and the others share the rest as they did
        before. Where one of them would overtake it, the winner has as much as it needs to stay
        ahead: `assign` tells the probability as it is.
        """
        shares = self.inner.predict_proba(X)
        if self.n_clusters == 1:
            return shares
        best = shares.argmax(axis=1)
        kept = self._kept(self.inner.assign(X).margin, best)
        at = (np.arange(len(best)), best)
        shares[at] = 0.0
        shares[shares.sum(axis=1) <= 0.0] = 1.0  # no other has anything: they share evenly
        shares[at] = 0.0
        shares /= shares.sum(axis=1, keepdims=True)
        ahead = shares.max(axis=1)
        kept = np.maximum(kept, ahead / (1.0 + ahead) + AHEAD)
        shares *= (1.0 - kept)[:, None]
        shares[at] = kept
        return shares

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that the model is, and the model that it calibrates."""
        own = {"knots": self.knots, "kept": self.kept, "fences": self.fences}
        return packed(self.inner) | own

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make the model of what `to_arrays` returned."""
        return cls(unpacked(arrays), arrays["knots"], arrays["kept"], arrays["fences"])

    def _kept(self, margin: Array, segment: NDArray[np.integer]) -> Array:
        """Return the probability (n,) that each row keeps its segment (n,)."""
        last = len(self.knots) - 1
        place = np.interp(margin, self.knots, np.arange(last + 1.0))
        below = np.minimum(place.astype(np.intp), max(0, last - 1))
        above, beyond = np.minimum(below + 1, last), place - below
        low, high = self.kept[segment, below], self.kept[segment, above]
        return np.asarray(low + beyond * (high - low))


def unmerged(model: Served) -> tuple[Served, NDArray[np.int64]]:
    """Return a model before clusters were merged, and the segment (k,) of each of its clusters."""
    inner = model.inner if isinstance(model, Calibrated) else model
    if isinstance(inner, Merged):
        return inner.model, inner.segments
    return inner, np.arange(model.n_clusters)

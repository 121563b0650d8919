"""What segments at a time tell of what customers do after it, on customers held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["Future", "FutureOutcome", "explained"]

_TELLING = 0.01  # of the variance of an outcome: what features tell less of, nobody can foretell


@dataclass(frozen=True)
class FutureOutcome:
    """What each customer did in the slice: `values` (m,), NaN for whom it says nothing of.

    `reference` is the share of the variance of the values that a strong reference, told every
    feature, explains of customers that it has not seen.
    """

    name: str
    values: Array
    reference: float


@dataclass(frozen=True)
class Future:
    """Customers as they were at a time, and what they did from then until the slice ended.

    `X` (m, d) are their features at that time, as a matrix for distances; `half` (m,) puts each
    into one of two halves, 0 or 1. `sentence` says of which slice, and what can be foretold.
    """

    X: Array
    half: NDArray[np.int64]
    outcomes: tuple[FutureOutcome, ...]
    sentence: str

    @property
    def telling(self) -> tuple[FutureOutcome, ...]:
        """The outcomes of which features tell anything: at least a hundredth of the variance."""
        return tuple(one for one in self.outcomes if one.reference >= _TELLING)

    def told(self, fitted: int, labels: NDArray[np.integer], k: int) -> float:
        """Return how much of what can be foretold segments tell, from 0 to 1.

        `labels` (m,) are the memberships at that time in `k` segments, of a model that saw
        the half `fitted` alone. The mean outcome of each segment in that half foretells the
        outcome of its customers in the other; the share of the variance that this explains is
        divided by the reference's, held between 0 and 1, and averaged over the outcomes. Of an
        outcome of yes or no that share is Brier's skill score (Brier, 1950).
        """
        seen = self.half == fitted
        shares = [
            float(np.clip(explained(one.values, labels, seen, k) / one.reference, 0.0, 1.0))
            for one in self.telling
        ]
        return float(np.mean(shares)) if shares else 0.0


def explained(values: Array, labels: NDArray[np.integer], seen: NDArray[np.bool_], k: int) -> float:
    """Return the share of variance that means of segments, `seen` there, explain of the others.

    Unusual customers, of label -1, count as a segment; who is in one that nobody seen is in, is
    foretold the mean of all. Below 0 it tells less than that mean alone.

    >>> values, labels = np.array([1.0, 5.0, 1.0, 5.0]), np.array([0, 1, 0, 1])
    >>> explained(values, labels, np.array([True, True, False, False]), 2)
    1.0
    """
    known = ~np.isnan(values)
    learn, judge = seen & known, ~seen & known
    if not learn.any() or not judge.any():
        return 0.0
    groups = np.where(labels < 0, k, labels)
    counts = np.bincount(groups[learn], minlength=k + 1)
    sums = np.bincount(groups[learn], values[learn], minlength=k + 1)
    everyone = values[learn].mean()
    means = np.where(counts > 0, sums / np.maximum(counts, 1), everyone)
    total = float(((values[judge] - everyone) ** 2).sum())
    left = float(((values[judge] - means[groups[judge]]) ** 2).sum())
    return 1.0 - left / total if total > 0 else 0.0

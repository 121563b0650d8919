"""Whether probabilities hold: of those at 0.8, have 80 % kept their segment?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from customer_atlas.clustering.lloyd import Array

__all__ = ["Reliability", "ReliabilityBin"]

_BINS = 10


@dataclass(frozen=True)
class ReliabilityBin:
    """Memberships of like probability: from `low` to `high`, what was said, and what was kept.

    `share` is that of the customers; `said` is their mean probability, and `kept` the share of
    them who kept their segment in refits that did not teach the probabilities.
    """

    low: float
    high: float
    share: float
    said: float
    kept: float


@dataclass(frozen=True)
class Reliability:
    """How calibrated probabilities fared in refits that did not teach them.

    `refits` many were fitted to `rows` rows each. `error` is the expected calibration error
    (Naeini, Cooper and Hauskrecht, 2015): the mean distance between what was said and what was
    kept, over ten bins of probability; `raw_error` is that of the probabilities before
    calibration. `kept` is the share of all memberships that were kept.
    """

    refits: int
    rows: int
    kept: float
    error: float
    raw_error: float
    bins: tuple[ReliabilityBin, ...]

    @classmethod
    def of(
        cls, said: Array, raw: Array, kept: Array, weights: Array, refits: int, rows: int
    ) -> Reliability:
        """Measure probabilities (r, n), and `raw` ones (n,), by what was kept (r, n) by whom.

        >>> found = Reliability.of(
        ...     np.array([[0.75, 0.75]]), np.ones(2), np.array([[1.0, 0.0]]), np.ones(2), 1, 9)
        >>> found.error, found.raw_error, found.bins[0].kept
        (0.25, 0.5, 0.5)
        """
        masses = np.broadcast_to(weights, said.shape).ravel()
        bins = _bins(said.ravel(), kept.ravel(), masses)
        raw_bins = _bins(np.broadcast_to(raw, said.shape).ravel(), kept.ravel(), masses)
        overall = float(np.average(kept.ravel(), weights=masses))
        return cls(refits, rows, overall, _error(bins), _error(raw_bins), bins)

    @property
    def sentence(self) -> str:
        """How well the probabilities hold, for people."""
        return (
            f"off by {100 * self.error:.1f} points on average in {self.refits} refits that did not"
            f" teach them (before calibration {100 * self.raw_error:.1f}); {self.kept:.0%} of"
            " memberships were kept"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Reliability:
        """Make of it what `to_dict` returned."""
        bins = tuple(ReliabilityBin(**one) for one in facts["bins"])
        return cls(**{**facts, "bins": bins})


def _bins(said: Array, kept: Array, weights: Array) -> tuple[ReliabilityBin, ...]:
    at = np.minimum((said * _BINS).astype(np.intp), _BINS - 1)
    mass = np.bincount(at, weights, _BINS)
    sums = [np.bincount(at, values * weights, _BINS) for values in (said, kept)]
    return tuple(
        ReliabilityBin(
            b / _BINS, (b + 1) / _BINS, float(mass[b] / mass.sum()),
            float(sums[0][b] / mass[b]), float(sums[1][b] / mass[b]),
        )
        for b in np.flatnonzero(mass).tolist()
    )  # fmt: skip


def _error(bins: tuple[ReliabilityBin, ...]) -> float:
    return sum(one.share * abs(one.said - one.kept) for one in bins)

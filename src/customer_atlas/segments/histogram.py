"""Histograms with bins of constant relative width, from which medians are read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Histogram"]

# Sign, exponent and the first 8 bits of the fraction of a float64: bins are 1/256 wide or less,
# and whole numbers up to 512 have a bin of their own.
_DROPPED = 44
_CODES = np.int64(1 << 20)
_HALF = np.int64(1 << 19)
_EXACT = 512.0


@dataclass(frozen=True)
class Histogram:
    """Counts of values per group and bin: integers, so merging is exact in any order.

    A bin is known by the leading bits of the float64. Quantiles are within 0.2 % of the exact
    ones, and exact for whole numbers up to 512.

    >>> import numpy as np
    >>> h = Histogram.of(np.array([1.0, 2.0, 9.0]), np.array([0, 0, 0]))
    >>> h.median(0), h.share_at_most(0, 2.0)
    (2.0, 0.6666666666666666)
    """

    keys: NDArray[np.int64]
    counts: NDArray[np.int64]
    whole: bool

    @classmethod
    def of(cls, values: NDArray[np.float64], groups: NDArray[np.int64]) -> Histogram:
        """Return the histogram of finite `values` (n,) by `groups` (n,)."""
        codes = (values + 0.0).view(np.int64) >> _DROPPED  # + 0.0 turns -0.0 into 0.0
        keys, counts = np.unique(groups * _CODES + codes + _HALF, return_counts=True)
        return cls(keys, counts.astype(np.int64), bool((values == np.floor(values)).all()))

    def merge(self, other: Histogram) -> Histogram:
        """Return the counts of both together."""
        keys, at = np.unique(np.concatenate([self.keys, other.keys]), return_inverse=True)
        counts = np.zeros(len(keys), dtype=np.int64)
        np.add.at(counts, at, np.concatenate([self.counts, other.counts]))
        return Histogram(keys, counts, self.whole and other.whole)

    def take(self, places: NDArray[np.int64]) -> Histogram:
        """Return the histogram where old group i is called `places[i]`, which is increasing."""
        return Histogram(
            places[self.keys // _CODES] * _CODES + self.keys % _CODES, self.counts, self.whole
        )

    def bins(self, group: int | None = None) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the increasing values and the counts of a group, or of everyone (None)."""
        chosen = slice(None)
        if group is not None:
            chosen = slice(*np.searchsorted(self.keys, [group * _CODES, (group + 1) * _CODES]))
        codes, at = np.unique(self.keys[chosen] % _CODES - _HALF, return_inverse=True)
        counts = np.zeros(len(codes), dtype=np.int64)
        np.add.at(counts, at, self.counts[chosen])
        values = self._values(codes)
        order = np.argsort(values, kind="stable")
        return values[order], counts[order]

    def median(self, group: int | None = None) -> float:
        """Return the median of a group, or of everyone; raises ValueError where it is empty."""
        values, counts = self.bins(group)
        total = int(counts.sum())
        if total == 0:
            raise ValueError("a histogram without values has no median")
        middle = np.searchsorted(np.cumsum(counts), [(total - 1) // 2, total // 2], side="right")
        return float(values[middle].mean())

    def share_at_most(self, group: int | None, bound: float) -> float:
        """Return the share of a group (0 to 1) whose value is at most `bound`; 0 where empty."""
        values, counts = self.bins(group)
        return float(counts[values <= bound].sum() / max(counts.sum(), 1))

    def skewness(self, *, logged: bool = False) -> float:
        """Return the skewness of everyone, also on the scale sign(x) log(1 + |x|)."""
        values, counts = self.bins()
        if logged:
            values = np.sign(values) * np.log1p(np.abs(values))
        total = max(int(counts.sum()), 1)
        deviation = values - (values * counts).sum() / total
        variance = float((deviation**2 * counts).sum() / total)
        if variance <= 1e-24 * max(1.0, float(np.abs(values).max(initial=0.0)) ** 2):
            return 0.0
        return float((deviation**3 * counts).sum() / total / variance**1.5)

    def _values(self, codes: NDArray[np.int64]) -> NDArray[np.float64]:
        edges = (codes << _DROPPED).view(np.float64)
        nexts = ((codes + 1) << _DROPPED).view(np.float64)
        exact = (edges == 0) | (self.whole & (np.abs(edges) < _EXACT))
        # The bin after the largest is infinity; its lower edge is then the value.
        middles = np.where(np.isfinite(nexts), edges + (nexts - edges) / 2, edges)
        return np.where(exact, edges, middles)

"""Counts, means and squared deviations per group, which merge exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Moments"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Count, mean and sum of squared deviations of one feature, one entry a group.

    Deviations from the mean are kept rather than sums of squares, which lose every digit where
    the mean is large (years, timestamps). Merging is by Chan, Golub and LeVeque, Updating
    Formulae and a Pairwise Algorithm for Computing Sample Variances (1979).

    >>> import numpy as np
    >>> whole = Moments.of(np.array([1.0, 2.0, 4.0]), np.array([0, 0, 1]), 2)
    >>> whole.mean.tolist(), whole.count.tolist()
    ([1.5, 4.0], [2.0, 1.0])
    """

    count: Floats
    mean: Floats
    squares: Floats

    @classmethod
    def of(cls, values: Floats, groups: NDArray[np.int64], size: int) -> Moments:
        """Return the moments of `values` (n,) by `groups` (n,), numbered from 0 below `size`."""
        count = np.bincount(groups, minlength=size).astype(np.float64)
        mean = _ratio(_sums(values, groups, size), count)
        deviation = values - mean[groups]
        # A second pass takes out the rounding error of the first mean.
        shift = _ratio(_sums(deviation, groups, size), count)
        deviation -= shift[groups]
        return cls(count, mean + shift, _sums(deviation * deviation, groups, size))

    def merge(self, other: Moments) -> Moments:
        """Return the moments of both together, group by group."""
        count = self.count + other.count
        delta = other.mean - self.mean
        weight = _ratio(other.count, count)
        mean = self.mean + delta * weight
        squares = self.squares + other.squares + delta * delta * self.count * weight
        return Moments(count, mean, squares)

    def take(self, places: NDArray[np.int64], size: int) -> Moments:
        """Return `size` groups where old group i stands at `places[i]`; the others are empty."""
        wide = np.zeros((3, size))
        wide[:, places] = self.count, self.mean, self.squares
        return Moments(*wide)

    def everyone(self) -> Moments:
        """Return the moments of all groups together, as one group."""
        total = Moments(*np.zeros((3, 1)))
        for at in range(len(self.count)):
            total = total.merge(self._only(slice(at, at + 1)))
        return total

    def others(self) -> Moments:
        """Return for each group the moments of all the other groups together."""
        rest = Moments(*np.zeros((3, len(self.count))))
        for step in range(1, len(self.count)):
            rest = rest.merge(Moments(*(np.roll(part, -step) for part in self._parts())))
        return rest

    def _parts(self) -> tuple[Floats, Floats, Floats]:
        return self.count, self.mean, self.squares

    def _only(self, where: slice) -> Moments:
        return Moments(*(part[where] for part in self._parts()))


def _sums(weights: Floats, groups: NDArray[np.int64], size: int) -> Floats:
    return np.bincount(groups, weights=weights, minlength=size).astype(np.float64)


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(below), where=below > 0)

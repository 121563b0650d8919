"""Slots: the numbers that are kept of rows, each with an exact and associative way to merge.

Every slot is a commutative monoid. `lift` makes one state of each row, where a row that does not
count is the identity, and `fold` merges the states of neighbours. So rows may come in any order,
in any pieces, late or early, and the end is the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.monoids.conditions import Where, conjunction
from customer_atlas.features.monoids.rows import Array, Integers, Rows, Vocabulary, ranked

__all__ = [
    "Counted",
    "Decayed",
    "Earliest",
    "Greatest",
    "Latest",
    "Least",
    "Moments",
    "Slot",
    "Summed",
]

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Slot(ABC):
    """A state per group: an array (n,), or (n, k) where it takes k numbers."""

    column: str | None = None
    where: tuple[Where, ...] = ()

    def counts(self, rows: Rows) -> Mask | None:
        """Return which rows count: those that satisfy `where` and whose column is known."""
        mask = conjunction(self.where, rows)
        if self.column is None or self.column == "timestamp":
            return mask
        known = rows.known(self.column)
        if known.all():
            return mask
        return known if mask is None else known & mask

    @abstractmethod
    def lift(self, rows: Rows) -> Array:
        """Return the state of each row alone."""

    @abstractmethod
    def fold(self, states: Array, starts: Integers, words: Vocabulary | None) -> Array:
        """Return one state for each stretch of states that begins at one of `starts`.

        `words` is the vocabulary of a column of texts, None for numbers.
        """

    def merge(self, one: Array, other: Array, words: Vocabulary | None) -> Array:
        """Return one state for each pair of states."""
        pairs = np.stack((one, other), axis=1).reshape(-1, *one.shape[1:])
        return self.fold(pairs, np.arange(0, len(pairs), 2), words)


@dataclass(frozen=True)
class _Reduced(Slot):
    """A slot of one number, whose states are merged by a function of NumPy's."""

    by: ClassVar[np.ufunc]

    def fold(self, states: Array, starts: Integers, words: Vocabulary | None) -> Array:
        """Return the function of each stretch."""
        return np.asarray(self.by.reduceat(states, starts))

    def merge(self, one: Array, other: Array, words: Vocabulary | None) -> Array:
        """Return the function of each pair."""
        return np.asarray(self.by(one, other))


@dataclass(frozen=True)
class Counted(_Reduced):
    """How many rows."""

    by: ClassVar[np.ufunc] = np.add

    def lift(self, rows: Rows) -> Array:
        """Return 1 for a row that counts."""
        mask = self.counts(rows)
        return np.ones(len(rows)) if mask is None else mask.astype(np.float64)


@dataclass(frozen=True)
class Summed(_Reduced):
    """The sum of a column. Negative zero, the identity of IEEE 754's addition, is no row's sum."""

    by: ClassVar[np.ufunc] = np.add

    def lift(self, rows: Rows) -> Array:
        """Return the value of a row that counts, else -0.0."""
        values = rows.column(str(self.column)) + 0.0  # a value of -0.0 becomes 0.0
        mask = self.counts(rows)
        return values if mask is None else np.where(mask, values, -0.0)


@dataclass(frozen=True)
class Least(_Reduced):
    """The smallest value of a column; NaN is that of no row."""

    by: ClassVar[np.ufunc] = np.fmin

    def lift(self, rows: Rows) -> Array:
        """Return the value of a row that counts, else NaN."""
        return _values(self, rows)


@dataclass(frozen=True)
class Greatest(_Reduced):
    """The largest value of a column; NaN is that of no row."""

    by: ClassVar[np.ufunc] = np.fmax

    def lift(self, rows: Rows) -> Array:
        """Return the value of a row that counts, else NaN."""
        return _values(self, rows)


@dataclass(frozen=True)
class Moments(Slot):
    """Count, mean and sum of squared deviations (n, 3) of a column.

    Merged as in T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for Computing the Sample
    Variance", The American Statistician 37, 1983: nothing is lost where the mean is large.
    """

    def lift(self, rows: Rows) -> Array:
        """Return (1, value, 0) for a row that counts, else zeros."""
        values = _values(self, rows)
        known = ~np.isnan(values)
        return np.column_stack((known, np.where(known, values, 0.0), np.zeros(len(values))))

    def fold(self, states: Array, starts: Integers, words: Vocabulary | None) -> Array:
        """Return the moments of each stretch together."""
        count, mean, squares = states.T
        total = np.add.reduceat(count, starts)
        weighted = np.add.reduceat(count * mean, starts)
        middle = np.divide(weighted, total, out=np.zeros(len(starts)), where=total > 0)
        lengths = np.diff(starts, append=len(states))
        apart = mean - np.repeat(middle, lengths)
        # The mean of a mean errs in its last bits; the second pass takes that out.
        middle += np.divide(
            np.add.reduceat(count * apart, starts), total, out=np.zeros(len(starts)),
            where=total > 0,
        )  # fmt: skip
        apart = mean - np.repeat(middle, lengths)
        spread = np.add.reduceat(squares + count * apart**2, starts)
        return np.column_stack((total, middle, spread))


@dataclass(frozen=True)
class Decayed(Slot):
    """The sum of values that lose half of their weight in each half-life: (n, 2).

    Kept as the instant of the newest row and the sum as of then: no weight ever overflows.
    """

    half_life: float = 0.0  # microseconds

    def lift(self, rows: Rows) -> Array:
        """Return (timestamp, value) for a row that counts, else (NaN, -0.0)."""
        values = _values(self, rows)
        known = ~np.isnan(values)
        at = np.where(known, rows.timestamp, np.nan)
        return np.column_stack((at, np.where(known, values + 0.0, -0.0)))

    def fold(self, states: Array, starts: Integers, words: Vocabulary | None) -> Array:
        """Return the sums of each stretch as of its newest row."""
        at, value = states.T
        newest = np.fmax.reduceat(at, starts)
        age = np.repeat(newest, np.diff(starts, append=len(states))) - at
        weight = np.exp2(-np.nan_to_num(age) / self.half_life)
        return np.column_stack((newest, np.add.reduceat(value * weight, starts)))


@dataclass(frozen=True)
class Earliest(Slot):
    """Timestamp and value (n, 2) of the earliest row; at one instant the smaller value."""

    def lift(self, rows: Rows) -> Array:
        """Return (timestamp, value) for a row that counts, else NaN."""
        return _dated(self, rows)

    def fold(self, states: Array, starts: Integers, words: Vocabulary | None) -> Array:
        """Return the earliest of each stretch."""
        return _extreme(states, starts, words, np.fmin)


@dataclass(frozen=True)
class Latest(Slot):
    """Timestamp and value (n, 2) of the latest row; at one instant the larger value."""

    def lift(self, rows: Rows) -> Array:
        """Return (timestamp, value) for a row that counts, else NaN."""
        return _dated(self, rows)

    def fold(self, states: Array, starts: Integers, words: Vocabulary | None) -> Array:
        """Return the latest of each stretch."""
        return _extreme(states, starts, words, np.fmax)


def _values(slot: Slot, rows: Rows) -> Array:
    values = rows.column(str(slot.column))
    mask = slot.counts(rows)
    return values if mask is None else np.where(mask, values, np.nan)


def _dated(slot: Slot, rows: Rows) -> Array:
    values = _values(slot, rows)
    at = np.where(np.isnan(values), np.nan, rows.timestamp.astype(np.float64))
    return np.column_stack((at, values))


def _extreme(states: Array, starts: Integers, words: Vocabulary | None, best: np.ufunc) -> Array:
    at, value = states.T
    lengths = np.diff(starts, append=len(states))
    first = best.reduceat(at, starts)
    rank = ranked(value, words)
    tied = best.reduceat(np.where(at == np.repeat(first, lengths), rank, np.nan), starts)
    # Each stretch has one state that is the best, or is empty.
    chosen = (at == np.repeat(first, lengths)) & (rank == np.repeat(tied, lengths))
    found = np.full((len(starts), 2), np.nan)
    found[np.repeat(np.arange(len(starts)), lengths)[chosen]] = states[chosen]
    return found

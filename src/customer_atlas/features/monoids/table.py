"""A table of states: one row per key, in the order of the keys, and how two become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.monoids.rows import (
    NO_TEXT,
    Array,
    Found,
    Integers,
    Rows,
    Vocabulary,
    of_key,
    ranked,
)
from customer_atlas.features.monoids.slots import Slot

__all__ = ["Table"]

_HALF = 1 << 32


@dataclass(frozen=True)
class Table:
    """The states of keys: the first key numbers the customer, others what is told apart of them.

    `keys` are arrays (m,), sorted and each combination once; `states` has for each slot (m,) or
    (m, k). `texts` names the columns whose values are codes of `words`, `numbers` those whose keys
    were made of float64.
    """

    keys: tuple[Integers, ...]
    states: Mapping[Slot, Array]
    words: Vocabulary
    texts: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.keys[0])

    @classmethod
    def of(cls, rows: Rows, keys: Sequence[Integers], slots: Sequence[Slot]) -> Table:
        """Return the table of rows, whose keys are given beside them."""
        states = {slot: slot.lift(rows) for slot in slots}
        numbers = frozenset(k for k, v in rows.columns.items() if v.dtype == np.float64)
        return cls(tuple(keys), states, rows.words, rows.texts, numbers)._folded()

    @classmethod
    def folded(
        cls,
        keys: tuple[Integers, ...],
        states: Mapping[Slot, Array],
        words: Vocabulary,
        texts: frozenset[str],
        numbers: frozenset[str],
    ) -> Table:
        """Return the table of states whose keys are in any order, and may be equal."""
        return cls(keys, states, words, texts, numbers)._folded()

    def merge(self, other: Table) -> Table:
        """Return both tables as one; their vocabulary and slots are the same."""
        if not len(other):
            return self
        if not len(self):
            return other
        keys = tuple(np.concatenate(pair) for pair in zip(self.keys, other.keys, strict=True))
        packed = _packed(keys)
        if packed is not None:
            return self._placed(other, packed[: len(self)], packed[len(self) :])
        states = {
            slot: np.concatenate((mine, other.states[slot])) for slot, mine in self.states.items()
        }
        return self._with(keys, states)._folded()

    def over(
        self,
        count: int,
        slots: Sequence[Slot] | None = None,
        chosen: NDArray[np.bool_] | None = None,
    ) -> Table:
        """Return the chosen rows with the first `count` keys only, merged where these agree."""
        keys = self.keys[:count]
        states = {slot: self.states[slot] for slot in slots or self.states}
        if chosen is not None and not chosen.all():
            keys = tuple(key[chosen] for key in keys)
            states = {slot: values[chosen] for slot, values in states.items()}
        return self._with(keys, states)._folded(ordered=True)

    def rekeyed(self, keys: tuple[Integers, ...]) -> Table:
        """Return the table under other keys, which are sorted; equal ones are merged."""
        return self._with(keys, self.states)._folded(ordered=True)

    def key(self, column: str) -> Array:
        """Return the last key, which was made of `column`, as numbers or codes."""
        key = self.keys[-1]
        return of_key(key) if column in self.numbers else key.astype(np.float64)

    def ranked(self, column: str) -> Array:
        """Return what the last key, which was made of `column`, is compared by."""
        key = self.key(column)
        return ranked(key, self.words) if column in self.texts else key

    def told(self, column: str, values: Array) -> Found:
        """Return values of `column` as people know them: numbers, or the texts of codes."""
        if column not in self.texts:
            return values
        return self.words.texts(np.nan_to_num(values, nan=NO_TEXT).astype(np.int64))

    def _with(self, keys: tuple[Integers, ...], states: Mapping[Slot, Array]) -> Table:
        return Table(keys, states, self.words, self.texts, self.numbers)

    def _placed(self, other: Table, mine: Integers, theirs: Integers) -> Table:
        """Return both as one, given their keys as one number each: rows move, few are merged."""
        at = np.searchsorted(mine, theirs)
        known = mine[np.minimum(at, len(mine) - 1)] == theirs
        new, met = np.flatnonzero(~known), np.flatnonzero(known)
        place = at + np.cumsum(~known) - ~known
        apart, there, together = place[new], at[met], place[met]
        stays = np.ones(len(mine) + len(new), dtype=bool)
        stays[apart] = False

        def placed(one: NDArray[Any], more: NDArray[Any]) -> NDArray[Any]:
            if not len(new):
                return one.copy()
            both = np.empty((len(stays), *one.shape[1:]), one.dtype)
            both[stays], both[apart] = one, more[new]
            return both

        keys = tuple(placed(*pair) for pair in zip(self.keys, other.keys, strict=True))
        states = {}
        for slot, one in self.states.items():
            more = other.states[slot]
            states[slot] = placed(one, more)
            if len(met):
                merged = slot.merge(one[there], more[met], self._words(slot))
                states[slot][together] = merged
        return self._with(keys, states)

    def _words(self, slot: Slot) -> Vocabulary | None:
        return self.words if slot.column in self.texts else None

    def _folded(self, *, ordered: bool = False) -> Table:
        keys, states = self.keys, self.states
        if not len(keys[0]):
            return self
        if not ordered:
            order = _order(keys)
            if order is not None:
                keys = tuple(key[order] for key in keys)
                states = {slot: values[order] for slot, values in states.items()}
        new = np.zeros(len(keys[0]), dtype=bool)
        new[0] = True
        for key in keys:
            new[1:] |= key[1:] != key[:-1]
        starts = np.flatnonzero(new)
        if len(starts) == len(new):
            return self._with(keys, states)
        folded = {
            slot: slot.fold(values, starts, self._words(slot)) for slot, values in states.items()
        }
        return self._with(tuple(key[starts] for key in keys), folded)


def _order(keys: Sequence[Integers]) -> Integers | None:
    """Return the stable order of the keys, None where they are in it already."""
    packed = _packed(keys)
    if packed is None:
        return np.lexsort(keys[::-1])
    if (packed[1:] >= packed[:-1]).all():
        return None
    return np.argsort(packed, kind="stable")


def _packed(keys: Sequence[Integers]) -> Integers | None:
    """Return one number for all keys where two of them tell apart and are small, in their order."""
    first, *others = keys
    others = [key for key in others if (key != key[0]).any()]
    if not others:
        return first
    if len(others) > 1 or not (_is_small(first) and _is_small(others[0])):
        return None
    return first * _HALF + others[0]


def _is_small(key: Integers) -> bool:
    return bool(key.min() >= -(_HALF // 4) and key.max() < _HALF // 4)

"""Rows of a table, as arrays: what an aggregate is fed with."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = [
    "NO_TEXT",
    "Array",
    "Found",
    "Integers",
    "Rows",
    "Vocabulary",
    "as_key",
    "of_key",
    "ranked",
]

Array = NDArray[np.float64]
Found = NDArray[np.float64] | pa.Array
Integers = NDArray[np.int64]
NO_TEXT = -1


class Vocabulary:
    """Texts by number, each text exactly once, in the order in which they were first met.

    >>> words = Vocabulary()
    >>> words.codes(pa.array(["tea", None, "cake", "tea"])).tolist()
    [0, -1, 1, 0]
    >>> words.texts(np.array([1, -1])).to_pylist()
    ['cake', None]
    """

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}
        self._ranks: Integers | None = None

    def __len__(self) -> int:
        return len(self._codes)

    def code(self, value: Hashable) -> int:
        """Return the number of a text, which is new if need be."""
        return self._codes.setdefault(value, len(self._codes))

    def codes(self, texts: pa.Array | pa.ChunkedArray) -> Integers:
        """Return the number of each text; null has -1."""
        if isinstance(texts, pa.ChunkedArray):
            texts = texts.combine_chunks()
        if not isinstance(texts, pa.DictionaryArray):
            texts = texts.dictionary_encode()
        known = self._of(texts.dictionary.to_pylist())
        known = np.append(known, NO_TEXT)
        at = np.asarray(pc.fill_null(texts.indices, len(known) - 1))
        return np.asarray(known[at])

    def _of(self, values: Iterable[Hashable]) -> Integers:
        codes = self._codes
        found = [codes.setdefault(value, len(codes)) for value in values]
        return np.array(found, dtype=np.int64)

    def texts(self, codes: Integers) -> pa.Array:
        """Return the texts of numbers; -1 gives null."""
        known = pa.array(list(self._codes), pa.string())
        return known.take(pa.array(np.where(codes < 0, 0, codes), mask=codes < 0))

    def ranks(self) -> Integers:
        """Return for each number the place of its text in the order of the texts."""
        if self._ranks is None or len(self._ranks) != len(self._codes):
            order = np.asarray(pc.sort_indices(pa.array(list(self._codes), pa.string())))
            self._ranks = np.empty(len(order), np.int64)
            self._ranks[order] = np.arange(len(order))
        return self._ranks


@dataclass(frozen=True)
class Rows:
    """Rows of many customers at once.

    Shapes: all (n,). `group` numbers the customers, `timestamp` counts microseconds since 1970 in
    UTC. A column is of numbers (float64, NaN where it is unknown), of whole numbers that are
    always known (int64), or, where it is named in `texts`, of codes of `words`, -1 where unknown.
    """

    group: Integers
    timestamp: Integers
    columns: Mapping[str, NDArray[Any]]
    words: Vocabulary = field(default_factory=Vocabulary)
    texts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, table: pa.Table, customers: Vocabulary, words: Vocabulary) -> Rows:
        """Return the rows of an Arrow table with `customer_id`, `timestamp` and other columns."""
        columns: dict[str, NDArray[Any]] = {}
        texts = set()
        for name in table.column_names:
            kind = table.schema.field(name).type
            if name in ("customer_id", "timestamp"):
                continue
            if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
                columns[name] = words.codes(table[name])
                texts.add(name)
            else:
                columns[name] = table[name].cast(pa.float64()).to_numpy()
        at = table["timestamp"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
        group = customers.codes(table["customer_id"])
        return cls(group, at, columns, words, frozenset(texts))

    def __len__(self) -> int:
        return len(self.group)

    def column(self, name: str) -> Array:
        """Return a column as float64, NaN where it is unknown."""
        values = self.timestamp if name == "timestamp" else self.columns[name]
        if name in self.texts:
            return np.where(values < 0, np.nan, values)
        return values.astype(np.float64, copy=False)

    def known(self, name: str) -> NDArray[np.bool_]:
        """Return where a column is known."""
        return ~np.isnan(self.column(name))

    def key(self, name: str) -> Integers:
        """Return a column as integers that are equal and ordered as its values; it is known."""
        values: NDArray[Any] = self.timestamp if name == "timestamp" else self.columns[name]
        return as_key(values) if values.dtype == np.float64 else values

    def take(self, chosen: NDArray[Any]) -> Rows:
        """Return some of the rows, by a mask or by their places."""
        columns = {name: values[chosen] for name, values in self.columns.items()}
        return Rows(self.group[chosen], self.timestamp[chosen], columns, self.words, self.texts)

    def ordered(self) -> Rows:
        """Return the rows by customer and time: what they are then sorted by is nearly so."""
        return self.take(np.lexsort((self.timestamp, self.group)))


def as_key(values: Array) -> Integers:
    """Return numbers as integers that are equal and ordered as they are; -0.0 is 0.0.

    >>> as_key(np.array([-1.5, 0.0, 2.0])).argsort().tolist()
    [0, 1, 2]
    """
    bits = (values + 0.0).view(np.int64)
    return np.where(bits < 0, np.int64(np.iinfo(np.int64).min) - bits, bits)


def of_key(keys: Integers) -> Array:
    """Return the numbers that `as_key` was given.

    >>> of_key(as_key(np.array([-1.5, 0.0, 2.0]))).tolist()
    [-1.5, 0.0, 2.0]
    """
    bits = np.where(keys < 0, np.int64(np.iinfo(np.int64).min) - keys, keys)
    return bits.view(np.float64)


def ranked(codes: Array, words: Vocabulary | None) -> Array:
    """Return what values are compared by: numbers by themselves, codes by their texts."""
    if words is None or not len(words):
        return codes
    known = ~np.isnan(codes)
    ranks = np.full(len(codes), np.nan)
    ranks[known] = words.ranks()[codes[known].astype(np.int64)]
    return ranks

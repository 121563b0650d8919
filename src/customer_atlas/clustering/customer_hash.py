"""A keyed hash of customer ids: the same draw of customers whatever the order of rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["customer_hash"]

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)


def customer_hash(ids: pa.ChunkedArray | pa.Array, seed: int) -> NDArray[np.uint64]:
    """Return a 64-bit hash (n,) of each id's UTF-8 text and the seed.

    FNV-1a over the bytes, all ids at a time, then the finaliser of SplitMix64 (Steele and
    others, 2014), keyed by the seed. For sampling, not for secrecy.

    >>> import pyarrow as pa
    >>> [hex(h) for h in customer_hash(pa.array(["17850", "a"]), seed=0).tolist()]
    ['0xeb9993608b36c20d', '0x2770cb32d570de29']
    """
    column = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    column = column.cast(pa.large_binary())
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    text = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    hashes = np.full(len(column), _FNV_OFFSET)
    starts, lengths = ends[:-1], np.diff(ends)
    active = np.flatnonzero(lengths > 0)
    position = 0
    while len(active):
        hashes[active] = (hashes[active] ^ text[starts[active] + position]) * _FNV_PRIME
        position += 1
        active = active[lengths[active] > position]
    return _mixed(hashes ^ _mixed(np.array([seed + 1], np.uint64)))


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))

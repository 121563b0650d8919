from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.clustering.customer_hash import customer_hash

__all__: list[str] = []

MASK = 2**64 - 1


def mixed(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def by_hand(text: str, seed: int) -> int:
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return mixed(value ^ mixed(seed + 1))


@given(st.lists(st.text(max_size=12)), st.integers(0, 2**32))
def test_it_is_the_hash_that_its_definition_gives(ids: list[str], seed: int) -> None:
    found = customer_hash(pa.array(ids, pa.string()), seed).tolist()
    assert found == [by_hand(text, seed) for text in ids]


def test_slices_and_chunks_hash_like_the_whole() -> None:
    ids = pa.array([f"customer-{i}" for i in range(50)])
    whole = customer_hash(ids, 3)
    assert (customer_hash(ids.slice(10, 20), 3) == whole[10:30]).all()
    assert (customer_hash(pa.chunked_array([ids.slice(0, 7), ids.slice(7)]), 3) == whole).all()


def test_numbers_in_a_row_are_spread_evenly_and_seeds_are_independent() -> None:
    ids = pa.array([str(i) for i in range(100_000)])
    one, other = (customer_hash(ids, seed) / 2.0**64 for seed in (0, 1))
    for spread in (one, other):
        counts = np.histogram(spread, bins=100, range=(0, 1))[0]
        assert abs(counts - 1000).max() < 6 * np.sqrt(1000)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.02
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.02

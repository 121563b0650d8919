"""Live states as Arrow tables: what is kept of customers, to be stored and read back anywhere.

Customers and words have numbers in a live state, which are those of one process. In a stored
state they stand as they are, so that states of different processes can be merged.
"""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.features.grains import GRAINS
from customer_atlas.features.live import LiveState, Shape
from customer_atlas.features.monoids import (
    Earliest,
    Integers,
    Latest,
    Slot,
    Table,
    Vocabulary,
)

__all__ = ["restore", "store"]


def store(state: LiveState, customers: Vocabulary) -> list[pa.Table | None]:
    """Return one table for each shape of the state, in their order; None for one without rows."""
    return [
        None if table is None else _stored(shape, table, customers)
        for shape, table in zip(state.shapes, state.tables, strict=True)
    ]


def restore(
    empty: LiveState, stored: list[pa.Table | None], customers: Vocabulary, words: Vocabulary
) -> LiveState:
    """Return the state that `store` was given, with the numbers of these vocabularies.

    `empty` is a state of the same aggregates without rows.
    """
    tables = tuple(
        None if table is None else _restored(shape, table, customers, words)
        for shape, table in zip(empty.shapes, stored, strict=True)
    )
    return LiveState(empty.aggregates, empty.zone, empty.shapes, tables)


def _stored(shape: Shape, table: Table, customers: Vocabulary) -> pa.Table:
    columns: dict[str, pa.Array] = {"customer_id": _words(table.keys[0], customers)}
    for i, key in enumerate(table.keys[1:]):
        text = _is_text(shape, table.texts, i)
        columns[f"k{i}"] = _words(key, table.words) if text else pa.array(key)
    for i, slot in enumerate(shape.slots):
        for j, values in enumerate(np.atleast_2d(table.states[slot].T)):
            text = j == 1 and _has_words(slot, table.texts)
            columns[f"s{i}.{j}"] = _coded(values, table.words) if text else pa.array(values)
    facts = {"texts": sorted(table.texts), "numbers": sorted(table.numbers)}
    return pa.table(columns).replace_schema_metadata({"atlas": json.dumps(facts)})


def _restored(shape: Shape, stored: pa.Table, customers: Vocabulary, words: Vocabulary) -> Table:
    facts = json.loads(stored.schema.metadata[b"atlas"])
    texts = frozenset(facts["texts"])
    keys: list[Integers] = [customers.codes(stored["customer_id"])]
    keys += [_codes(stored[name], words) for name in stored.column_names if name.startswith("k")]
    states = {
        slot: _states(stored, i, words, text=_has_words(slot, texts))
        for i, slot in enumerate(shape.slots)
    }
    return Table.folded(tuple(keys), states, words, texts, frozenset(facts["numbers"]))


def _states(stored: pa.Table, number: int, words: Vocabulary, *, text: bool) -> NDArray[np.float64]:
    names = [name for name in stored.column_names if name.startswith(f"s{number}.")]
    columns = [
        _numbers(stored[name], words) if text and j == 1 else stored[name].to_numpy()
        for j, name in enumerate(names)
    ]
    return columns[0] if len(columns) == 1 else np.column_stack(columns)


def _is_text(shape: Shape, texts: frozenset[str], key: int) -> bool:
    kept = GRAINS[shape.grain].kept
    if shape.kept and kept:
        return kept.texts[key]
    return key < len(shape.keyed_by) and shape.keyed_by[key] in texts


def _has_words(slot: Slot, texts: frozenset[str]) -> bool:
    return isinstance(slot, Earliest | Latest) and slot.column in texts


def _words(codes: Integers, words: Vocabulary) -> pa.Array:
    return words.texts(codes).dictionary_encode()


def _coded(values: NDArray[np.float64], words: Vocabulary) -> pa.Array:
    return _words(np.nan_to_num(values, nan=-1.0).astype(np.int64), words)


def _codes(column: pa.ChunkedArray, words: Vocabulary) -> Integers:
    return words.codes(column) if pa.types.is_dictionary(column.type) else column.to_numpy()


def _numbers(column: pa.ChunkedArray, words: Vocabulary) -> NDArray[np.float64]:
    codes = words.codes(column)
    return np.where(codes < 0, np.nan, codes)

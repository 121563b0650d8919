"""Features of some customers as columns of numbers: a draw that no order of rows can change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.errors import FeatureError
from customer_atlas.features.feature import FeatureInfo

__all__ = ["Array", "Column", "Customers", "aligned", "customer_ids", "read_customers"]

Array = NDArray[np.float64]

_CUSTOMERS = 20_000


@dataclass(frozen=True)
class Column:
    """One feature: its values (n,), NaN where it is unknown.

    Of a category they are positions in `levels`, which are in the order of their text.
    """

    info: FeatureInfo
    values: Array
    levels: tuple[str, ...] = ()

    def counted(self) -> Array:
        """Return the values with one number for all that is unknown, to count or compare."""
        return np.where(np.isnan(self.values), np.inf, self.values)


@dataclass(frozen=True)
class Customers:
    """Some customers: their ids (n,), and their features by name."""

    ids: pa.Array
    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.ids)


def read_customers(
    table: pa.Table, infos: Sequence[FeatureInfo], seed: int, name: str
) -> Customers:
    """Return at most 20,000 customers of a table: the first by a hash of seed and id, in its order.

    Unknown are nulls, and numbers that are not finite; where missing means none, they are 0.

    Raises:
        FeatureError: the table, which the message calls `name`, has no customer_id or not each
            customer once, or lacks a feature, or holds one of another kind.
    """
    ids = customer_ids(table, name)
    rows = _first(ids, seed)
    drawn = table.take(rows)
    columns = {info.name: _column(drawn, info, name) for info in infos}
    return Customers(ids.take(rows), columns)


def aligned(table: pa.Table, ids: pa.Array, name: str) -> pa.Table:
    """Return a table's rows in the order of `ids`, all null for those that it lacks.

    Raises:
        FeatureError: it has no customer_id or not each customer once.
    """
    return table.take(pc.index_in(ids, value_set=customer_ids(table, name)))


def customer_ids(table: pa.Table, name: str) -> pa.Array:
    """Return the ids of a table as text.

    Raises:
        FeatureError: it has no customer_id or not each customer once.
    """
    if "customer_id" not in table.column_names:
        raise FeatureError(
            f"The table '{name}' has no column customer_id; found "
            f"{', '.join(table.column_names) or 'none'}."
        )
    ids = table.column("customer_id").cast(pa.string()).combine_chunks()
    if ids.null_count or len(pc.unique(ids)) != len(ids):
        raise FeatureError(
            f"The table '{name}' must hold each customer once: of {len(ids)} rows "
            f"{ids.null_count} have no customer_id, and {len(pc.unique(ids))} ids differ."
        )
    return ids


def _first(ids: pa.Array, seed: int) -> pa.Array:
    key = seed.to_bytes(16, "little", signed=True)
    texts = ids.to_pylist()
    hashed = (blake2b(text.encode(), digest_size=8, key=key).digest() for text in texts)
    order = sorted(zip(hashed, texts, range(len(texts)), strict=True))
    return pa.array([row for _, _, row in order[:_CUSTOMERS]], pa.int64())


def _column(table: pa.Table, info: FeatureInfo, name: str) -> Column:
    if info.name not in table.column_names:
        raise FeatureError(f"The table '{name}' has no column for the feature '{info.name}'.")
    column = table.column(info.name)
    try:
        if info.kind == "category":
            return _category(column.cast(pa.string()), info)
        values = np.asarray(column.cast(pa.float64()), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as cause:
        raise FeatureError(
            f"The feature '{info.name}' is a {info.kind}; in the table '{name}' it is "
            f"{column.type}."
        ) from cause
    return Column(info, np.where(np.isfinite(values), values, 0.0 if info.zero else np.nan))


def _category(column: pa.ChunkedArray, info: FeatureInfo) -> Column:
    levels = sorted(pc.unique(column.drop_null()).to_pylist())
    codes = pc.index_in(column, value_set=pa.array(levels, pa.string()), skip_nulls=True)
    return Column(info, np.asarray(codes.cast(pa.float64()), dtype=np.float64), tuple(levels))

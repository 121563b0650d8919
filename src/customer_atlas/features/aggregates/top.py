"""Top: the most frequent value of a column, and its share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.aggregates.aggregate import Found, Keys, TwoStep

__all__ = ["Top", "TopShare"]


@dataclass(frozen=True, kw_only=True)
class Top(TwoStep):
    """The most frequent value of a column; of equally frequent ones the smallest."""

    def over_keys(self, keys: ir.Table) -> Any:
        """Return the Ibis key, by the order of (count descending, key)."""
        ranked: Any = ibis.struct({"rare": -keys["count"], "key": keys.key})
        return ranked.min()["key"]

    def of_keys(self, keys: Keys) -> Found:
        """Return the keys."""
        table, most = keys.table, np.maximum.reduceat(keys.count, keys.starts)
        frequent = keys.count == keys.each(most)
        rank = np.where(frequent, table.ranked(self.column), np.inf)
        least = np.minimum.reduceat(rank, keys.starts)
        chosen = np.flatnonzero(frequent & (rank == keys.each(least)))
        return table.told(self.column, table.key(self.column)[chosen])


@dataclass(frozen=True, kw_only=True)
class TopShare(TwoStep):
    """The share of the rows that have the most frequent value of a column."""

    def over_keys(self, keys: ir.Table) -> Any:
        """Return the Ibis share."""
        count: Any = keys["count"]
        return count.max() / count.sum()

    def of_keys(self, keys: Keys) -> Found:
        """Return the shares."""
        return np.maximum.reduceat(keys.count, keys.starts) / keys.total

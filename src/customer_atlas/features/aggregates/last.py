"""Last: the latest value of a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from customer_atlas.features.aggregates.aggregate import Found, OfColumn
from customer_atlas.features.aggregates.both import both
from customer_atlas.features.monoids import Latest, Slot, Table

__all__ = ["Last"]


@dataclass(frozen=True, kw_only=True)
class Last(OfColumn):
    """The value of the latest row; of rows of one instant the larger value."""

    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the Ibis value, by the order of (timestamp, value)."""
        column: Any = table[self.column]
        dated: Any = ibis.struct({"timestamp": table.timestamp, "value": column})
        return dated.max(where=both(where, column.notnull()))["value"]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The latest row's timestamp and value."""
        return (Latest(self.column, self.where),)

    def value(self, states: Table, cutoff: datetime) -> Found:
        """Return the values."""
        return states.told(self.column, self.states(states)[0][:, 1])

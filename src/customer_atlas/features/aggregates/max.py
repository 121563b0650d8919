"""Max: the largest value of a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis.expr.types as ir

from customer_atlas.features.aggregates.aggregate import Found, OfColumn
from customer_atlas.features.monoids import Greatest, Slot, Table

__all__ = ["Max"]


@dataclass(frozen=True, kw_only=True)
class Max(OfColumn):
    """The largest number or instant of a column."""

    column: str = "timestamp"

    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the Ibis maximum."""
        return table[self.column].max(where=where)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The largest."""
        return (Greatest(self.column, self.where),)

    def value(self, states: Table, cutoff: datetime) -> Found:
        """Return the largest values; instants in microseconds since 1970."""
        return self.states(states)[0]

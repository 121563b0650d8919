"""Count: how many rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import ibis.expr.types as ir

from customer_atlas.features.aggregates.aggregate import Aggregate, Found
from customer_atlas.features.monoids import Counted, Slot, Table

__all__ = ["Count"]


@dataclass(frozen=True, kw_only=True)
class Count(Aggregate):
    """How many rows; 0 without any."""

    empty: ClassVar[float] = 0.0

    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the Ibis count."""
        return table.count(where=where)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The count."""
        return (Counted(None, self.where),)

    def value(self, states: Table, cutoff: datetime) -> Found:
        """Return the counts."""
        return states.states[self.slots[0]]

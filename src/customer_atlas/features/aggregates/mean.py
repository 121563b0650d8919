"""Mean: of a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.aggregates.aggregate import Found, OfColumn
from customer_atlas.features.monoids import Counted, Slot, Summed, Table

__all__ = ["Mean"]


@dataclass(frozen=True, kw_only=True)
class Mean(OfColumn):
    """The arithmetic mean of a column."""

    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the Ibis mean."""
        return table[self.column].mean(where=where)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The sum and the count: means cannot be merged."""
        return (Summed(self.column, self.where), Counted(self.column, self.where))

    def value(self, states: Table, cutoff: datetime) -> Found:
        """Return the means."""
        total, count = self.states(states)
        return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)

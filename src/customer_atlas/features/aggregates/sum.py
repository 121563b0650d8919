"""Sum: of a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.aggregates.aggregate import Found, OfColumn
from customer_atlas.features.monoids import Slot, Summed, Table

__all__ = ["Sum"]


@dataclass(frozen=True, kw_only=True)
class Sum(OfColumn):
    """The sum of a column."""

    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the Ibis sum."""
        return table[self.column].sum(where=where)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The sum."""
        return (Summed(self.column, self.where),)

    def value(self, states: Table, cutoff: datetime) -> Found:
        """Return the sums; that of no row is unknown."""
        (total,) = self.states(states)
        return np.where((total == 0) & np.signbit(total), np.nan, total)

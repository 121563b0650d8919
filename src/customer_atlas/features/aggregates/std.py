"""Standard deviation: of a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.aggregates.aggregate import Found, OfColumn
from customer_atlas.features.monoids import Moments, Slot, Table

__all__ = ["Std"]


@dataclass(frozen=True, kw_only=True)
class Std(OfColumn):
    """The sample standard deviation of a column; null under two values."""

    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the Ibis standard deviation."""
        return table[self.column].std(how="sample", where=where)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Count, mean and squared deviations."""
        return (Moments(self.column, self.where),)

    def value(self, states: Table, cutoff: datetime) -> Found:
        """Return the standard deviations."""
        count, _, squares = self.states(states)[0].T
        known = count > 1
        variance = np.divide(squares, count - 1, out=np.full(len(count), np.nan), where=known)
        return np.sqrt(variance)

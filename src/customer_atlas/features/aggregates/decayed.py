"""Decayed sum: of a column, newer rows counting more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.aggregates.aggregate import Found, OfColumn, microseconds
from customer_atlas.features.aggregates.both import both
from customer_atlas.features.monoids import Decayed, Slot, Table

__all__ = ["DecayedSum"]


@dataclass(frozen=True, kw_only=True)
class DecayedSum(OfColumn):
    """The sum of a column's values, each halved for every `half_life` since its row."""

    half_life: timedelta

    @property
    def _half_life(self) -> float:
        return self.half_life / timedelta(microseconds=1)

    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the Ibis sum as of the cutoff."""
        at, value = ibis.timestamp(cutoff), table[self.column]
        age: Any = at.delta(table.timestamp, unit="microsecond").cast("float64")
        weight = ibis.literal(2.0) ** (age / -self._half_life)
        return (value * weight).sum(where=both(where, value.notnull()))

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The sum as of the newest row."""
        return (Decayed(self.column, self.where, self._half_life),)

    def value(self, states: Table, cutoff: datetime) -> Found:
        """Return the sums as of the cutoff."""
        newest, total = self.states(states)[0].T
        return total * np.exp2((newest - microseconds(cutoff)) / self._half_life)

"""Share: of the rows that satisfy a condition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any

import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.aggregates.aggregate import Aggregate, Found
from customer_atlas.features.aggregates.both import both
from customer_atlas.features.monoids import Counted, Slot, Table, Where

__all__ = ["Share"]


@dataclass(frozen=True, kw_only=True)
class Share(Aggregate):
    """The share of the rows that satisfy a condition; null without rows."""

    of: tuple[Where, ...]

    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the Ibis share."""
        satisfied = reduce(and_, [each.expression(table) for each in self.of])
        return table.count(where=both(where, satisfied)) / table.count(where=where).nullif(0)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Both counts."""
        return (Counted(None, (*self.where, *self.of)), Counted(None, self.where))

    def value(self, states: Table, cutoff: datetime) -> Found:
        """Return the shares."""
        part, whole = (states.states[slot] for slot in self.slots)
        return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)

    @property
    def columns(self) -> frozenset[str]:
        """The columns of both conditions."""
        return super().columns | {condition.column for condition in self.of}

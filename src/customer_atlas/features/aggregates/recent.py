"""Recent: the newest values of a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from customer_atlas.features.aggregates.aggregate import Found, Keys, OfColumn
from customer_atlas.features.aggregates.both import both
from customer_atlas.features.monoids import Counted, Slot, Table

__all__ = ["Recent"]


@dataclass(frozen=True, kw_only=True)
class Recent(OfColumn):
    """The values of the `most` newest rows, newest first; of one instant the larger first."""

    most: int
    texts: bool = False

    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the Ibis list; null without rows."""
        column: Any = table[self.column]
        order = [table.timestamp.desc(), column.desc()]
        return column.collect(where=both(where, column.notnull()), order_by=order)[: self.most]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """How many rows have the timestamp and the value."""
        return (Counted(self.column, self.where),)

    @property
    def keyed_by(self) -> tuple[str, ...]:
        """The instant, and the value within it."""
        return ("timestamp", self.column)

    def value(self, states: Table, cutoff: datetime) -> Found:
        """Return one list for each customer."""
        keys = Keys(states, states.states[self.slots[0]])
        order = np.lexsort((-states.ranked(self.column), -states.keys[1], states.keys[0]))
        count = keys.count[order].astype(np.int64)
        owner = np.repeat(states.keys[0][order], count)
        values = np.repeat(states.key(self.column)[order], count)
        starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])) if len(owner) else owner
        place = np.arange(len(owner)) - np.repeat(starts, np.diff(starts, append=len(owner)))
        kept = place < self.most
        sizes = np.add.reduceat(kept.astype(np.int64), starts) if len(starts) else starts
        offsets = pa.array(np.append(0, np.cumsum(sizes)), pa.int32())
        told = states.told(self.column, values[kept])
        return pa.ListArray.from_arrays(offsets, pa.array(told))

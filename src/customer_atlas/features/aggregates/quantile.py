"""Quantile: of a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.aggregates.aggregate import Found, Keyed, Keys

__all__ = ["Quantile"]


@dataclass(frozen=True, kw_only=True)
class Quantile(Keyed):
    """The value of a column that a share of `probability` is below, between neighbours linear.

    Definition 7 of R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The
    American Statistician 50, 1996.
    """

    probability: float

    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the Ibis quantile."""
        return table[self.column].quantile(self.probability, where=where)

    def of_keys(self, keys: Keys) -> Found:
        """Return the quantiles."""
        values, above = keys.table.key(self.column), np.cumsum(keys.count)
        total = keys.total
        before = np.cumsum(total) - total
        place = (total - 1) * self.probability
        low = np.floor(place)
        at = np.searchsorted(above, before + low, side="right")
        after = np.searchsorted(above, before + np.minimum(low + 1, total - 1), side="right")
        return values[at] + (place - low) * (values[after] - values[at])

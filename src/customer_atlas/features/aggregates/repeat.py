"""Repeat: how many of a column's values occur more than once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.aggregates.aggregate import Found, Keys, TwoStep

__all__ = ["RepeatShare"]


@dataclass(frozen=True, kw_only=True)
class RepeatShare(TwoStep):
    """The share of a column's different values that more than one row has."""

    def over_keys(self, keys: ir.Table) -> Any:
        """Return the Ibis share."""
        repeated: Any = keys["count"] > 1
        return repeated.mean()

    def of_keys(self, keys: Keys) -> Found:
        """Return the shares."""
        return keys.summed((keys.count > 1).astype(np.float64)) / keys.lengths

"""Distinct: how many values of a column differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.aggregates.aggregate import Found, Keys, TwoStep

__all__ = ["Distinct"]


@dataclass(frozen=True, kw_only=True)
class Distinct(TwoStep):
    """How many different values a column has; 0 without any."""

    empty: ClassVar[float] = 0.0

    def over_keys(self, keys: ir.Table) -> Any:
        """Return the Ibis count of keys."""
        return keys.count()

    def of_keys(self, keys: Keys) -> Found:
        """Return how many keys there are."""
        return keys.lengths.astype(np.float64)

"""Entropy: how evenly a column's values are spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.aggregates.aggregate import Found, Keys, TwoStep

__all__ = ["Entropy"]


@dataclass(frozen=True, kw_only=True)
class Entropy(TwoStep):
    """Shannon's entropy, in bits, of the shares of a column's values.

    C. E. Shannon, "A Mathematical Theory of Communication", 1948.
    """

    def over_keys(self, keys: ir.Table) -> Any:
        """Return the Ibis entropy."""
        count: Any = keys["count"].cast("float64")
        total = count.sum()
        # Rounding may leave a hair below zero where there is one value only.
        return ibis.greatest(total.log2() - (count * count.log2()).sum() / total, 0.0)

    def of_keys(self, keys: Keys) -> Found:
        """Return the entropies."""
        share = keys.count / keys.each(keys.total)
        return np.maximum(-keys.summed(share * np.log2(share)), 0.0)

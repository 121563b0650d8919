"""Gaps: the days between distinct days with a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import ibis
import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.aggregates.aggregate import Found, Keys, TwoStep

__all__ = ["GapLast", "GapMean", "GapStd"]


@dataclass(frozen=True, kw_only=True)
class GapMean(TwoStep):
    """The mean number of days between neighbours among the distinct days; null under two."""

    column: str = "day"
    gaps: ClassVar[bool] = True

    def over_keys(self, keys: ir.Table) -> Any:
        """Return the Ibis mean."""
        return keys.gap.mean()

    def of_keys(self, keys: Keys) -> Found:
        """Return the means: from the first day to the last, by one less than there are days."""
        day, starts, lengths = keys.table.keys[1], keys.starts, keys.lengths
        span = (day[starts + lengths - 1] - day[starts]).astype(np.float64)
        return np.divide(span, lengths - 1, out=np.full(len(span), np.nan), where=lengths > 1)


@dataclass(frozen=True, kw_only=True)
class GapStd(TwoStep):
    """The sample standard deviation of those days; null under three distinct days."""

    column: str = "day"
    gaps: ClassVar[bool] = True

    def over_keys(self, keys: ir.Table) -> Any:
        """Return the Ibis standard deviation."""
        return keys.gap.std(how="sample")

    def of_keys(self, keys: Keys) -> Found:
        """Return the standard deviations: of what each gap is off the mean, squared."""
        gap = np.diff(keys.table.keys[1].astype(np.float64), prepend=np.nan)
        apart = gap - keys.each(GapMean(grain=self.grain).of_keys(keys))
        apart[keys.starts] = 0.0  # the first day has no day before
        squares, freedom = keys.summed(apart**2), keys.lengths - 2
        variance = np.divide(squares, freedom, out=np.full(len(squares), np.nan), where=freedom > 0)
        return np.sqrt(variance)


@dataclass(frozen=True, kw_only=True)
class GapLast(TwoStep):
    """The number of days from the last distinct day but one to the last; null under two."""

    column: str = "day"
    gaps: ClassVar[bool] = True

    def over_keys(self, keys: ir.Table) -> Any:
        """Return the Ibis gap of the latest day."""
        dated: Any = ibis.struct({"key": keys.key, "gap": keys.gap})
        return dated.max()["gap"]

    def of_keys(self, keys: Keys) -> Found:
        """Return the gap of each customer's latest day."""
        gap = np.diff(keys.table.keys[1].astype(np.float64), prepend=np.nan)
        last = gap[keys.starts + keys.lengths - 1]
        return np.where(keys.lengths > 1, last, np.nan)

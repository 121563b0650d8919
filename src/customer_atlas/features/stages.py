"""Stages of a customer's life: new, active, cooling, lapsed, and back again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.aggregates import Aggregate
from customer_atlas.features.derived import Since, Value, Values
from customer_atlas.features.frozen import Learned

__all__ = ["STAGES", "Stage"]

STAGES = ("new", "active", "cooling", "lapsed", "reactivated")

_MONTH = 30.0  # days
_ACTIVE = 1.5  # usual gaps since the last order, at most
_COOLING = 3.0


@dataclass(frozen=True)
class Stage(Learned):
    """Where a customer stands, by the gaps between the days that they ordered on.

    The typical gap is the median of all customers' mean gaps, or 30 days where nobody has one.
    The usual gap of a customer is the mean of their gaps and, as one gap more, the typical one;
    where the newest gap was a pause, it is that of the gaps before. A pause is longer than three
    of these. So, in days since the first and the last order:

    - new: the first is at most 30 days ago, or a typical gap where that is longer;
    - active: the last is at most 1.5 usual gaps ago, or reactivated, if a pause was before it;
    - cooling: the last is at most 3 usual gaps ago;
    - lapsed: it is longer ago.
    """

    first: Aggregate
    last: Aggregate
    days: Aggregate
    gap_mean: Aggregate
    gap_last: Aggregate

    def learn(self, values: Values) -> Mapping[str, float]:
        """Return the typical gap in days."""
        gaps = values.of(self.gap_mean)
        known = gaps[~np.isnan(gaps)]
        return {"gap_days": float(np.median(known)) if len(known) else _MONTH}

    def apply(self, values: Values, learned: Any) -> NDArray[np.float64]:
        """Return the places of the stages; unknown without an order."""
        typical = learned["gap_days"]
        age, recency = values.of(Since(self.first)), values.of(Since(self.last))
        gaps = np.maximum(values.of(self.days) - 1, 0)
        newest = values.or_zero(self.gap_last)
        total = np.rint(gaps * values.or_zero(self.gap_mean))  # gaps are whole days
        earlier = (total - newest + typical) / np.maximum(gaps, 1)
        paused = newest > _COOLING * earlier
        usual = np.where(paused, earlier, (total + typical) / (gaps + 1))
        rules = (
            np.isnan(recency),
            age <= max(_MONTH, typical),
            recency > _COOLING * usual,
            recency > _ACTIVE * usual,
            paused,
        )
        places = (np.nan, *map(STAGES.index, ("new", "lapsed", "cooling", "reactivated")))
        return np.select(rules, places, STAGES.index("active")).astype(np.float64)

    def parts(self) -> tuple[Value, ...]:
        """Return the instants, the days and the gaps."""
        return (Since(self.first), Since(self.last), self.days, self.gap_mean, self.gap_last)

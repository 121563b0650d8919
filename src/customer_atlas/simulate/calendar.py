"""When shops are busy: seasons, weekdays and hours, as clocks that run faster and slower."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from customer_atlas.simulate.kinds import CustomerKind

__all__ = ["Calendar", "cumulated", "drawn"]

_DAY_SECONDS = 86_400
# Monday to Sunday.
_WEEKDAYS = np.array([0.90, 0.86, 0.90, 0.98, 1.15, 1.36, 0.85])
_STORE_HOURS = np.array([0.0] * 9 + [3, 5, 7, 8, 7, 6, 6, 8, 9, 7, 4, 1] + [0.0] * 3)
_ONLINE_HOURS = np.array(
    [1.5, 1, 0.5, 0.3, 0.3, 0.4, 1, 2, 3, 4, 4, 4, 5, 4, 4, 4, 4, 5, 6, 7, 9, 9, 7, 4]
)


class Calendar:
    """The days of a period, and for each kind of customer a clock over them.

    A clock turns business time (0 to `days`, in which orders come evenly) to days, such that
    the mean speed over the period is 1.
    """

    def __init__(self, start: date, days: int, kinds: Sequence[CustomerKind]) -> None:
        self.start, self.days = np.datetime64(start, "s"), days
        dates = np.datetime64(start, "D") + np.arange(days)
        # 1970-01-01 was a Thursday.
        weekday = (dates.astype(np.int64) + 3) % 7
        month = dates.astype("datetime64[M]").astype(np.int64) % 12
        angle = (dates - dates.astype("datetime64[Y]")).astype(np.int64) * (2 * np.pi / 365.25)
        busy = _WEEKDAYS[weekday] * (1.0 + 0.15 * np.cos(angle - 5.9))
        self._cumulative = np.stack([_cumulative(busy, kind.months, month) for kind in kinds])

    def day(self, kind: np.ndarray, moment: np.ndarray) -> np.ndarray:
        """Give the day (0 to days - 1) on which the clock of each `kind` shows `moment`."""
        return drawn(self._cumulative, kind, moment / self.days)

    def timestamps(
        self, rng: np.random.Generator, day: np.ndarray, online: np.ndarray
    ) -> np.ndarray:
        """Draw an hour of the channel on each day; seconds since 1970."""
        hours = np.stack([cumulated(_STORE_HOURS), cumulated(_ONLINE_HOURS)])
        hour = drawn(hours, online.astype(np.int64), rng.random(day.size))
        second = rng.integers(0, 3600, day.size)
        seconds: np.ndarray = day * _DAY_SECONDS + hour * 3600 + second
        return seconds + self.start.astype(np.int64)


def drawn(cumulative: np.ndarray, row: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Draw by inversion from the distribution in each given row of `cumulative` (rows, n).

    Returns the column of each draw as int64.

    >>> drawn(np.array([[0.5, 1.0], [0.1, 1.0]]), np.array([0, 1]), np.array([0.3, 0.3])).tolist()
    [0, 1]
    """
    rows, columns = cumulative.shape
    # All rows laid end to end are one sorted array, so that one search serves every draw.
    ladder = (cumulative + np.arange(rows)[:, None]).ravel()
    found = np.searchsorted(ladder, uniform + row, side="right") - row * columns
    # Adding the row costs the last bits of a draw near an edge, which then may cross it.
    column: np.ndarray = np.clip(found, 0, columns - 1)
    return column


def cumulated(weights: np.ndarray) -> np.ndarray:
    """Give the cumulative distribution of weights, ending in exactly 1.

    >>> cumulated(np.array([1.0, 3.0])).tolist()
    [0.25, 1.0]
    """
    cumulative: np.ndarray = np.cumsum(weights) / weights.sum()
    # Rounding may leave the last a hair off, and the rows of a ladder must not overlap.
    cumulative[-1] = 1.0
    cumulative.clip(max=1.0, out=cumulative)
    return cumulative


def _cumulative(busy: np.ndarray, months: tuple[float, ...], month: np.ndarray) -> np.ndarray:
    weights = busy * np.array(months)[month]
    # A short period may lie wholly in months in which the kind does not buy: then evenly.
    return cumulated(weights if weights.sum() > 0 else busy)

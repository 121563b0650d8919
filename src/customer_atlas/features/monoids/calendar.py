"""Local time: instants as a clock on a wall shows them, daylight saving included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

__all__ = ["local_time"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_STEP = timedelta(days=7)  # no zone changes its offset twice within a week
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def local_time(instants: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Return instants (microseconds since 1970, UTC) as microseconds of the zone's local time.

    >>> import numpy as np
    >>> noon = np.array([1_719_835_200_000_000])  # 2024-07-01 12:00 UTC
    >>> (local_time(noon, "Europe/Berlin") - noon) / 3.6e9
    array([2.])
    """
    if zone == "UTC":
        return instants
    starts, offsets = _offsets(zone)
    return instants + offsets[np.searchsorted(starts, instants, side="right") - 1]


@lru_cache(maxsize=8)
def _offsets(zone: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return from which instants on which offset holds; outside 1900-2100 the nearest one."""
    rules = ZoneInfo(zone)
    at, end = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(_LAST_YEAR, 1, 1, tzinfo=UTC)
    offset = _offset(at, rules)
    starts, offsets = [np.iinfo(np.int64).min], [offset // _MICROSECOND]
    while at < end:
        following = at + _STEP
        if (new := _offset(following, rules)) != offset:
            starts.append((_change(at, following, rules) - _EPOCH) // _MICROSECOND)
            offsets.append(new // _MICROSECOND)
            offset = new
        at = following
    return np.array(starts), np.array(offsets)


def _offset(at: datetime, rules: ZoneInfo) -> timedelta:
    return at.astimezone(rules).utcoffset() or timedelta()


def _change(before: datetime, after: datetime, rules: ZoneInfo) -> datetime:
    """Return the first second in which the offset of `after` holds."""
    old = _offset(before, rules)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(middle, rules) == old:
            before = middle
        else:
            after = middle
    return after

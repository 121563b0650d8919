"""What a window of time is: it covers [floor(cutoff - length, hop), cutoff)."""

from __future__ import annotations

from datetime import datetime, timedelta

__all__ = ["hop_of", "window_start"]

_EPOCH = datetime(1970, 1, 1)


def hop_of(length: timedelta) -> timedelta:
    """Return the hop of a window: 5 minutes under 12 hours, 1 hour under 12 days, else 1 day.

    The tiles are Chronon's.

    >>> hop_of(timedelta(days=30))
    datetime.timedelta(days=1)
    """
    if length < timedelta(hours=12):
        return timedelta(minutes=5)
    return timedelta(hours=1) if length < timedelta(days=12) else timedelta(days=1)


def window_start(cutoff: datetime, length: timedelta) -> datetime:
    """Return the first instant of the window of `length` at `cutoff` (UTC, naive).

    >>> window_start(datetime(2026, 5, 31, 10, 17), timedelta(days=30))
    datetime.datetime(2026, 5, 1, 0, 0)
    >>> window_start(datetime(2026, 5, 31, 10, 17), timedelta(hours=1))
    datetime.datetime(2026, 5, 31, 9, 15)
    """
    hop = hop_of(length)
    return _EPOCH + (cutoff - length - _EPOCH) // hop * hop

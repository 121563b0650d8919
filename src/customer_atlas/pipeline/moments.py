"""What a person means by a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from customer_atlas.errors import UsageError

__all__ = ["instant"]

_EARLIEST = datetime(1900, 1, 1)


def instant(at: date | datetime | str | None, zone: str) -> datetime | None:
    """Return a moment as UTC without a zone, None for None.

    A date means its first instant, and what names no zone is in `zone`.

    Raises:
        UsageError: it is no date, or one that no business has seen.

    >>> instant("2026-05-31T18:00", "Europe/Berlin")
    datetime.datetime(2026, 5, 31, 16, 0)
    """
    if at is None:
        return None
    if isinstance(at, str):
        at = _read(at)
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(zone))
    try:
        found = at.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        found = datetime.min
    if found < _EARLIEST:
        raise UsageError(f"Found {at:%Y-%m-%d} as a date; it may be from 1900 to 9999.")
    return found


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"Found '{text}' as a date; write it as 2026-05-31 or 2026-05-31T18:00:00."
        ) from None

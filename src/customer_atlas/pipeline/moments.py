"""What a person means by a moment."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, pairwise
from zoneinfo import ZoneInfo

from customer_atlas.errors import UsageError

__all__ = ["EVERY", "every", "instant", "instants"]

EVERY = {"day": 1, "week": 7, "month": 1, "quarter": 3, "year": 12}
"""How far moments may lie apart: a day and a week in days, the others in months."""

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


def instants(moments: Iterable[date | datetime | str], zone: str) -> list[datetime]:
    """Return moments as UTC without a zone.

    Raises:
        UsageError: there is none, one is no date, or they do not rise.

    >>> instants(["2024-01-01", "2024-02-01"], "UTC")
    [datetime.datetime(2024, 1, 1, 0, 0), datetime.datetime(2024, 2, 1, 0, 0)]
    """
    if isinstance(moments, date | str):  # one by itself is meant as a list of one
        moments = [moments]
    named = [(one, at) for one in moments if (at := instant(one, zone)) is not None]
    if not named:
        raise UsageError("Found no cutoff; name at least one date, such as 2024-01-01.")
    for (left, before), (right, after) in pairwise(named):
        if before == after:
            raise UsageError(f"Found the cutoff {right} twice; name each once.")
        if before > after:
            raise UsageError(f"Found the cutoff {right} after {left}; name the earlier one first.")
    return [at for _, at in named]


def every(step: str, first: date, last: date) -> Iterator[date]:
    """Yield the dates from `first` to `last`, both included, that lie a `step` of `EVERY` apart.

    A month that is too short for the day of `first` gives its own last day.

    >>> [str(day) for day in every("month", date(2024, 1, 31), date(2024, 3, 31))]
    ['2024-01-31', '2024-02-29', '2024-03-31']
    """
    for number in count():
        if step in ("day", "week"):
            at = first + timedelta(days=number * EVERY[step])
        else:
            year, month = divmod(first.year * 12 + first.month - 1 + number * EVERY[step], 12)
            at = date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
        if at > last:
            return
        yield at


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"Found '{text}' as a date; write it as 2026-05-31 or 2026-05-31T18:00:00."
        ) from None

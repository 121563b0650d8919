"""Texts of the report: whatever comes from data, made safe to stand in a line."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from html import escape

__all__ = ["clean", "counted", "html", "moment", "spoken", "upper_first"]

# Marks that turn the direction of what follows them, and so of the page around a name.
_TURNING = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}


def clean(text: str) -> str:
    r"""Return text in one line, without control characters and marks that turn its direction.

    >>> clean("a\u202eb\tc\n d\x00")
    'a b c d'
    """
    kept = (
        " "
        if ord(letter) in _TURNING or unicodedata.category(letter) in ("Cc", "Cs", "Co", "Zl", "Zp")
        else letter
        for letter in text
    )
    return " ".join("".join(kept).split())


def html(text: object) -> str:
    """Return any text as HTML, in one line.

    >>> html('</script><b title="x">')
    '&lt;/script&gt;&lt;b title=&quot;x&quot;&gt;'
    """
    return escape(clean(str(text)), quote=True)


def spoken(name: str) -> str:
    """Return the name of a project as people would say it.

    >>> spoken("corner-shop"), spoken("CRM_2024")
    ('Corner shop', 'CRM 2024')
    """
    return upper_first(" ".join(re.split(r"[-_.]+", name)).strip())


def upper_first(text: str) -> str:
    """Return text with its first letter as a capital.

    >>> upper_first("net spend")
    'Net spend'
    """
    return text[:1].upper() + text[1:]


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "segment"), counted(2469, "customer")
    ('1 segment', '2,469 customers')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def moment(time: datetime, *, clock: bool = False) -> str:
    """Return an instant as a date in UTC, with `clock` to the minute.

    >>> time = datetime(2018, 1, 5, 4, 1, tzinfo=UTC)
    >>> moment(time), moment(time, clock=True)
    ('5 January 2018', '5 January 2018, 04:01 UTC')
    """
    known = time.astimezone(UTC) if time.tzinfo else time
    date = f"{known.day} {_MONTHS[known.month - 1]} {known.year}"
    return f"{date}, {known:%H:%M} UTC" if clock else date


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

"""Found values as they may be shown: their shape, never what they say of a person."""

from __future__ import annotations

import re
import unicodedata

from customer_atlas.config import ColumnType

__all__ = ["masked"]

_LONGEST = 40
_PLAIN = {
    # Eight digits are too few for a telephone, an account or a card.
    ColumnType.NUMBER: re.compile(
        r"[-+]?(?=(?:\D*\d){1,8}\D*$)[\d.,]+(?:[eE][-+]?\d{1,3})?|[-+]?inf|nan"
    ),
    ColumnType.TIMESTAMP: re.compile(
        r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[ T]\d{1,2}(?::\d{1,2}){0,2}(?:\.\d{1,6})?Z?)?|\d{1,8}"
    ),
}


def masked(found: str | None, kind: ColumnType | None) -> str:
    """Return a refused value as its shape: letters as a or A, digits as 9.

    A short number, in a column of numbers, and a date, in one of timestamps, stay as they are:
    they are what a reader needs to see, and tell of nobody.

    >>> masked("Jane.Roe@example.org", ColumnType.NUMBER)
    'Aaaa.Aaa@aaaaaaa.aaa'
    >>> masked("1,5", ColumnType.NUMBER), masked("1,5", None)
    ('1,5', '9,9')
    >>> masked("2011-13-45", ColumnType.TIMESTAMP), masked(None, None)
    ('2011-13-45', '(empty)')
    """
    if not found:
        return "(empty)"
    pattern = _PLAIN.get(kind) if kind else None
    if pattern and pattern.fullmatch(found):
        return found
    shape = "".join(map(_shape, found[:_LONGEST]))
    return shape + "…" if len(found) > _LONGEST else shape


def _shape(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind.startswith("L"):
        return "A" if kind == "Lu" else "a"
    if kind.startswith("N"):
        return "9"
    return letter if letter.isascii() and letter.isprintable() else "·"

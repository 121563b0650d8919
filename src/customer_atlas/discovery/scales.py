"""Scales: families of columns that hold the answers to the items of a survey."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from customer_atlas.config import ColumnType
from customer_atlas.discovery import vocabulary as v
from customer_atlas.discovery.facts import ColumnFacts
from customer_atlas.discovery.proposal import ProposedScale
from customer_atlas.discovery.tables import Table
from customer_atlas.discovery.vocabulary import words_of

__all__ = ["find_scales"]

_NUMBERED = re.compile(r"(.*?[^\W\d_])[\W_]*(\d+)")
_LEAST_ITEMS = 3
_POINTS = range(3, 12)
_NAMELESS = frozenset({"q", "question", "item", "answer", "v", "var", "frage", "x"})
# What is counted or dated by number may look like answers.
_NO_ANSWERS = frozenset().union(
    v.QUANTITY, v.AMOUNT, v.TIME, v.EVENT, v.ORDER, v.SESSION, v.PROTECTED, v.ID, v.PERSONAL
)


def find_scales(table: Table, aside: Collection[str]) -> tuple[ProposedScale, ...]:
    """Return the scales of a customers table, but for the columns that are `aside`.

    A scale is three or more columns of one name and different numbers, whose values are whole
    numbers from the same lowest (0 or 1) to the same highest, with 3 to 11 points between.
    """
    families: dict[tuple[str, float, float], list[ColumnFacts]] = {}
    for column in table.columns:
        named = _NUMBERED.fullmatch(column.name)
        if named and column.name not in aside and _answers(column):
            assert isinstance(column.low, float)
            assert isinstance(column.high, float)
            family = (named[1].casefold(), column.low, column.high)
            families.setdefault(family, []).append(column)
    return tuple(_scales(families))


def _answers(column: ColumnFacts) -> bool:
    if column.type is not ColumnType.NUMBER or not column.whole or column.distinct < 3:
        return False
    return column.low in (0, 1) and not v.has(column.said, _NO_ANSWERS)


def _scales(families: dict[tuple[str, float, float], list[ColumnFacts]]) -> Iterator[ProposedScale]:
    taken: set[str] = set()
    for (stem, low, high), columns in families.items():
        points = int(high - low) + 1
        if len(columns) >= _LEAST_ITEMS and points in _POINTS:
            name = _name(stem)
            while name in taken:
                name += "_too"
            taken.add(name)
            items = tuple(column.name for column in columns)
            yield ProposedScale(name, items, points, int(low))


def _name(stem: str) -> str:
    """Return what a scale may be called, by the name that its items share.

    >>> _name("trust"), _name("Q"), _name("brand love")
    ('trust', 'survey', 'brand_love')
    """
    said = [word for word in words_of(stem) if word.isascii() and word not in _NAMELESS]
    return "_".join(said) or "survey"

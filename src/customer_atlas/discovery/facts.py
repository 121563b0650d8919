"""Facts: what a column of a sample holds, as far as its role can be told from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from customer_atlas.config import ColumnType
from customer_atlas.discovery.vocabulary import words_of

__all__ = ["ColumnFacts", "column_facts"]

_LOOK = 2000
_LEVELS = 30
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
_ADDRESS = re.compile(r"[^@\s\"']+@[^@\s\"']+\.[a-zA-Z]{2,}|\b(?:\d{1,3}\.){3}\d{1,3}\b")
_PHONE = re.compile(r"\+?[\d(][\d\s().\-/]{6,18}\d")
_MOSTLY = 0.8
_EPOCHS = ((631_152_000, 4_102_444_800), (631_152_000_000, 4_102_444_800_000))


@dataclass(frozen=True)
class ColumnFacts:
    """A column of a sample.

    `rows` and `filled` count values; `distinct` those that differ. `low` and `high` are of numbers
    and timestamps; `negative` and `zero` are shares of the filled values; `words` is the mean
    number of words in a text. `levels` are the values of a column with few, the most frequent
    first; they are looked at and never shown, but for labels. `reaches` says that an e-mail or
    network address stands somewhere in nearly every text.
    """

    name: str
    type: ColumnType
    rows: int
    filled: int
    distinct: int
    low: float | datetime | None = None
    high: float | datetime | None = None
    whole: bool = False
    negative: float = 0.0
    zero: float = 0.0
    words: float = 0.0
    email: bool = False
    reaches: bool = False
    phone: bool = False
    levels: tuple[str, ...] = ()

    @cached_property
    def said(self) -> tuple[str, ...]:
        """The words of its name."""
        return words_of(self.name)

    @property
    def share_filled(self) -> float:
        """From 0 to 1."""
        return self.filled / self.rows if self.rows else 0.0

    @property
    def variety(self) -> float:
        """Different values per value, from 0 to 1; 1 is a key."""
        return self.distinct / self.filled if self.filled else 0.0

    @property
    def is_key(self) -> bool:
        """Whether every row has a value of its own."""
        return self.filled == self.rows > 0 and self.distinct == self.filled

    @property
    def is_id_like(self) -> bool:
        """Whether its values could be identifiers: text without spaces, or whole numbers."""
        if self.type is ColumnType.TEXT:
            return self.words < 1.2 and not self.email
        return self.type is ColumnType.NUMBER and self.whole and self.negative == 0

    @property
    def is_time(self) -> bool:
        """Whether its values are moments, or count seconds since 1970."""
        if self.type is ColumnType.TIMESTAMP:
            return True
        if self.type is not ColumnType.NUMBER or not self.whole:
            return False
        low, high = self.low, self.high
        return isinstance(low, float) and any(a <= low and high <= b for a, b in _EPOCHS)  # type: ignore[operator]

    @property
    def is_binary(self) -> bool:
        """Whether it has two values."""
        return self.distinct == 2


def column_facts(name: str, kind: ColumnType, values: pa.ChunkedArray) -> ColumnFacts:
    """Return the facts of one column of a sample."""
    rows, filled = len(values), len(values) - values.null_count
    distinct = pc.count_distinct(values, mode="only_valid").as_py()
    facts: dict[str, Any] = {"name": name, "type": kind, "rows": rows, "filled": filled}
    facts["distinct"] = distinct
    if 0 < distinct <= _LEVELS:
        facts["levels"] = _levels(values)
    if filled and kind is ColumnType.NUMBER:
        facts |= _of_numbers(values)
    elif filled and kind is ColumnType.TIMESTAMP:
        ends = pc.min_max(values).as_py()
        facts |= {"low": ends["min"], "high": ends["max"]}
    elif filled and kind is ColumnType.TEXT:
        facts |= _of_texts(pc.unique(values).drop_null()[:_LOOK].to_pylist())
    return ColumnFacts(**facts)


def _levels(values: pa.ChunkedArray) -> tuple[str, ...]:
    counts = sorted(
        (
            (entry["counts"], _said(entry["values"]))
            for entry in pc.value_counts(values).to_pylist()
            if entry["values"] is not None
        ),
        key=lambda pair: (-pair[0], pair[1]),
    )
    return tuple(value for _, value in counts)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _of_numbers(values: pa.ChunkedArray) -> dict[str, Any]:
    finite = values.filter(pc.is_finite(values)).drop_null()
    if not len(finite):
        return {}
    ends = pc.min_max(finite).as_py()
    count = len(finite)
    return {
        "low": ends["min"],
        "high": ends["max"],
        "whole": pc.all(pc.equal(finite, pc.floor(finite))).as_py(),
        "negative": pc.sum(pc.less(finite, 0)).as_py() / count,
        "zero": pc.sum(pc.equal(finite, 0)).as_py() / count,
    }


def _of_texts(values: Sequence[str]) -> dict[str, Any]:
    count = len(values)
    return {
        "words": sum(len(value.split()) for value in values) / count,
        "email": sum(bool(_EMAIL.fullmatch(value.strip())) for value in values) > _MOSTLY * count,
        "reaches": sum(bool(_ADDRESS.search(value)) for value in values) > _MOSTLY * count,
        "phone": sum(bool(_PHONE.fullmatch(value.strip())) for value in values) > _MOSTLY * count,
    }

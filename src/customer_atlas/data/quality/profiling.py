"""Profiling: the SQL that fills the profiles of a table's columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from customer_atlas.config import ColumnType
from customer_atlas.data.quality.numbers import number_profile
from customer_atlas.data.quality.profile import LEVELS, ColumnProfile, Level, TimeProfile
from customer_atlas.engine import Connection, literal, quoted

__all__ = [
    "BUSINESS_BEGINS",
    "AskedColumn",
    "names_people",
    "profile_columns",
]

BUSINESS_BEGINS = "1990-01-01"
"""Few sales or clicks that a company still holds are older."""

_DEFAULTS = ("1900-01-01", "1970-01-01", "2000-01-01")
_UNKNOWN = ("", "-", "--", "?", "n/a", "na", "nan", "nil", "none", "null", "unknown", "missing")
_FEW_ROWS = 100_000  # below, an exact count of distinct values costs next to nothing
_TOGETHER = 10  # columns of one query: the planner's time grows faster than their number
_NAMED = 5  # a level with fewer rows could tell of one person
_CONTACT_NAME = re.compile(
    r"(?i)(^|_|\b)(e?-?mails?|phone|mobile|fax|address|street|surname|(first|last|full)_?name|name)"
    r"($|_|\b)|(email|phone|address|surname|(first|last|full)name)$"
)
_CONTACT_VALUE = re.compile(r"\S+@\S+\.\S+|\+?[\d\s()./-]{9,}")


@dataclass(frozen=True)
class AskedColumn:
    """A column to look at: where it comes from, and whether its values may be kept.

    Those of a `contact`, which the project or the name tells of, are not, nor their ends.
    """

    name: str
    type: ColumnType
    origin: str | None
    standard: bool
    key: bool = False
    attribute: bool = False
    contact: bool = False


def names_people(column: str) -> bool:
    """Say whether a column's name tells that its values reach or name a person.

    >>> names_people("email"), names_people("PhoneNumber"), names_people("channel")
    (True, True, False)
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column)
    return any(_CONTACT_NAME.search(name) for name in (column, parted))


def profile_columns(
    connection: Connection, view: str, rows: int, asked: Sequence[AskedColumn]
) -> tuple[ColumnProfile, ...]:
    """Return the profiles of columns of a view that has `rows` rows.

    Everything that is counted does not depend on the order of the rows or the number of threads.
    """
    found: list[ColumnProfile] = []
    for start in range(0, len(asked), _TOGETHER):
        part = asked[start : start + _TOGETHER]
        first = _first_pass(connection, view, rows, part)
        found += _with_values(connection, view, rows, part, first)
    return tuple(found)


# First, for all columns together, what needs to know nothing before.


def _first_pass(
    connection: Connection, view: str, rows: int, asked: Sequence[AskedColumn]
) -> list[ColumnProfile]:
    exact = rows <= _FEW_ROWS
    measures = [
        (place, name, sql)
        for place, column in enumerate(asked)
        for name, sql in _measures(column, exact=exact).items()
    ]
    values = _measured(connection, view, measures, "profile columns")
    return [_first(column, values[place], exact=exact) for place, column in enumerate(asked)]


def _measures(column: AskedColumn, *, exact: bool) -> dict[str, str]:
    name = quoted(column.name)
    distinct = f"count(DISTINCT {name})" if exact else f"approx_count_distinct({name})"
    measures = {"filled": f"count({name})"}
    if column.type is not ColumnType.NUMBER or column.contact:
        measures["distinct"] = distinct
    if column.type is ColumnType.TIMESTAMP:
        # Beyond the years of Python nothing could be shown.
        sane = f"{name} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31'"
        measures |= {
            "first": f"min({name}) FILTER ({sane})",
            "last": f"max({name}) FILTER ({sane})",
            "early": f"count(*) FILTER ({name} < TIMESTAMP '{BUSINESS_BEGINS}')",
        }
        measures |= {day: f"count(*) FILTER ({name} = TIMESTAMP '{day}')" for day in _DEFAULTS}
    if column.type is ColumnType.TEXT and column.attribute:
        measures["numeric"] = f"count(TRY_CAST({name} AS DOUBLE))"
    return measures


def _first(column: AskedColumn, found: Mapping[str, Any], *, exact: bool) -> ColumnProfile:
    profile = ColumnProfile(
        name=column.name,
        type=column.type,
        origin=column.origin,
        standard=column.standard,
        filled=found["filled"],
        distinct=min(found.get("distinct", 0), found["filled"]),
        exact=exact,
        numeric=found.get("numeric", 0),
    )
    if found.get("first"):
        defaults = {day: found[day] for day in _DEFAULTS if found[day]}
        times = TimeProfile(found["first"], found["last"], found["early"], defaults)
        return replace(profile, times=times)
    return profile


# Then the values of each column: of numbers all, of text where there are few.


def _with_values(
    connection: Connection,
    view: str,
    rows: int,
    asked: Sequence[AskedColumn],
    first: Sequence[ColumnProfile],
) -> list[ColumnProfile]:
    measures = [
        (place, name, sql)
        for place, (column, profile) in enumerate(zip(asked, first, strict=True))
        for name, sql in _text_measures(column, profile).items()
    ]
    texts = _measured(connection, view, measures, "count levels") if measures else {}
    contacts = {one.name for one in asked if one.contact}
    names = [
        one.name
        for one in first
        # A telephone number may be read as a number, and the least and the most of them are two.
        if one.type is ColumnType.NUMBER and one.filled and one.name not in contacts
    ]
    counted = dict(_counted(connection, view, rows, names))
    return [
        _with_numbers(profile, *counted[profile.name])
        if profile.name in counted
        else _with_levels(profile, texts.get(place, {}))
        for place, profile in enumerate(first)
    ]


def _counted(
    connection: Connection, view: str, rows: int, names: Sequence[str]
) -> Iterator[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    """Yield the distinct values of columns of numbers with their counts.

    Few rows are fetched at once and counted here; the engine counts many faster than it sorts.
    """
    if rows <= _FEW_ROWS and names:
        listed = ", ".join(map(quoted, names))
        table = connection.arrow(f"SELECT {listed} FROM {quoted(view)}", step="fetch numbers")
        for name in names:
            values = table[name].drop_null().to_numpy()
            yield name, np.unique(values, return_counts=True)
        return
    for name in names:
        counts = connection.arrow(
            f"SELECT {quoted(name)} AS value, count(*) AS n FROM {quoted(view)} "
            f"WHERE {quoted(name)} IS NOT NULL GROUP BY value",
            step="count numbers",
        )
        yield name, (counts["value"].to_numpy(), counts["n"].to_numpy())


def _with_numbers(profile: ColumnProfile, values: np.ndarray, counts: np.ndarray) -> ColumnProfile:
    numbers = number_profile(values, counts)
    return replace(profile, distinct=values.size, exact=True, numbers=numbers)


def _text_measures(column: AskedColumn, profile: ColumnProfile) -> dict[str, str]:
    hidden = column.key or column.contact
    if column.type is not ColumnType.TEXT or hidden or not profile.filled:
        return {}
    name = quoted(column.name)
    if profile.distinct <= LEVELS * (1.0 if profile.exact else 1.2):
        return {"levels": f"histogram({name})"}
    listed = ", ".join(literal(word) for word in _UNKNOWN)
    return {"unknown": f"count(*) FILTER (lower(trim({name})) IN ({listed}))"}


def _with_levels(profile: ColumnProfile, found: Mapping[str, Any]) -> ColumnProfile:
    counts: dict[str, int] | None = found.get("levels")
    if counts is None:
        return replace(profile, unknown=found.get("unknown", 0))
    unknown = sum(n for value, n in counts.items() if value.strip().casefold() in _UNKNOWN)
    profile = replace(profile, distinct=len(counts), exact=True, unknown=unknown)
    contact = any(map(_CONTACT_VALUE.fullmatch, counts))
    # What mostly differs from row to row may name the one whose row it is.
    if contact or len(counts) > LEVELS or 2 * len(counts) > profile.filled:
        return profile
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    levels = tuple(Level(value, rows) for value, rows in ranked if rows >= _NAMED)
    return replace(profile, levels=levels)


def _measured(
    connection: Connection, view: str, measures: Sequence[tuple[int, str, str]], step: str
) -> dict[int, dict[str, Any]]:
    listed = ", ".join(sql for _, _, sql in measures)
    (row,) = connection.rows(f"SELECT {listed} FROM {quoted(view)}", step=step)
    values: dict[int, dict[str, Any]] = {}
    for (place, name, _), value in zip(measures, row, strict=True):
        values.setdefault(place, {})[name] = value
    return values

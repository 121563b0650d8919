"""Profiling: the SQL that fills the profiles of a table's columns, in two passes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from customer_atlas.config import ColumnType
from customer_atlas.data.quality.profile import (
    LEVELS,
    PROBABILITIES,
    ColumnProfile,
    Level,
    NumberProfile,
    TimeProfile,
)
from customer_atlas.engine import Connection, literal, quoted

__all__ = [
    "BUSINESS_BEGINS",
    "FAR",
    "AskedColumn",
    "binned",
    "double",
    "histogram_sql",
    "names_people",
    "profile_columns",
]

FAR = 5.0
"""How many robust standard deviations of the logarithm are out of all proportion."""

BUSINESS_BEGINS = "1990-01-01"
"""Few sales or clicks that a company still holds are older."""

_DEFAULTS = ("1900-01-01", "1970-01-01", "2000-01-01")
_UNKNOWN = ("", "-", "--", "?", "n/a", "na", "nan", "nil", "none", "null", "unknown", "missing")
_FEW_ROWS = 100_000  # below, an exact count of distinct values costs next to nothing
_TOGETHER = 50  # columns of one query: the planner's time grows faster than their number
_NAMED = 5  # a level with fewer rows could tell of one person
_CONTACT_NAME = re.compile(
    r"(?i)(^|_|\b)(e?-?mails?|phone|mobile|fax|address|street|surname|(first|last|full)_?name|name)"
    r"($|_|\b)|(email|phone|address|surname|(first|last|full)name)$"
)
_CONTACT_VALUE = re.compile(r"\S+@\S+\.\S+|\+?[\d\s()./-]{9,}")


@dataclass(frozen=True)
class AskedColumn:
    """A column to look at: where it comes from, and whether its values may be kept."""

    name: str
    type: ColumnType
    origin: str | None
    standard: bool
    key: bool = False
    attribute: bool = False


def names_people(column: str) -> bool:
    """Say whether a column's name tells that its values reach or name a person.

    >>> names_people("email"), names_people("LastName"), names_people("channel")
    (True, True, False)
    """
    return bool(_CONTACT_NAME.search(column))


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
        found += _second_pass(connection, view, part, first)
    return tuple(found)


# The first pass: what needs to know nothing before.


def _first_pass(
    connection: Connection, view: str, rows: int, asked: Sequence[AskedColumn]
) -> list[ColumnProfile]:
    exact = rows <= _FEW_ROWS
    measures = [
        (place, name, sql)
        for place, column in enumerate(asked)
        for name, sql in _first_measures(column, exact=exact).items()
    ]
    values = _measured(connection, view, measures, "profile columns")
    return [_first(column, values[place], exact=exact) for place, column in enumerate(asked)]


def _first_measures(column: AskedColumn, *, exact: bool) -> dict[str, str]:
    name = quoted(column.name)
    distinct = f"count(DISTINCT {name})" if exact else f"approx_count_distinct({name})"
    measures = {"filled": f"count({name})", "distinct": distinct}
    if column.type is ColumnType.NUMBER:
        measures |= {
            "least": f"min({name})",
            "most": f"max({name})",
            "quantiles": f"quantile_disc({name}, {list(PROBABILITIES)})",
            "zeros": f"count_if({name} = 0)",
            "negatives": f"count_if({name} < 0)",
        }
    elif column.type is ColumnType.TIMESTAMP:
        # Beyond the years of Python nothing could be shown.
        sane = f"{name} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31'"
        measures |= {
            "first": f"min({name}) FILTER ({sane})",
            "last": f"max({name}) FILTER ({sane})",
            "early": f"count_if({name} < TIMESTAMP '{BUSINESS_BEGINS}')",
        }
        measures |= {day: f"count_if({name} = TIMESTAMP '{day}')" for day in _DEFAULTS}
    elif column.type is ColumnType.TEXT and not column.key:
        spellings = {form for word in _UNKNOWN for form in (word, word.upper(), word.title())}
        listed = ", ".join(literal(form) for form in sorted(spellings))
        measures["unknown"] = f"count_if({name} IN ({listed}))"
        if column.attribute:
            measures["numeric"] = f"count(TRY_CAST({name} AS DOUBLE))"
    return measures


def _first(column: AskedColumn, found: Mapping[str, Any], *, exact: bool) -> ColumnProfile:
    profile = ColumnProfile(
        name=column.name,
        type=column.type,
        origin=column.origin,
        standard=column.standard,
        filled=found["filled"],
        distinct=min(found["distinct"], found["filled"]),
        exact=exact,
        unknown=found.get("unknown", 0),
        numeric=found.get("numeric", 0),
    )
    if found.get("quantiles"):
        numbers = NumberProfile(
            found["least"],
            found["most"],
            tuple(found["quantiles"]),
            found["zeros"],
            found["negatives"],
        )
        return replace(profile, numbers=numbers)
    if found.get("first"):
        defaults = {day: found[day] for day in _DEFAULTS if found[day]}
        times = TimeProfile(found["first"], found["last"], found["early"], defaults)
        return replace(profile, times=times)
    return profile


# The second pass: what depends on the first.


def _second_pass(
    connection: Connection,
    view: str,
    asked: Sequence[AskedColumn],
    first: Sequence[ColumnProfile],
) -> list[ColumnProfile]:
    measures = [
        (place, name, sql)
        for place, (column, profile) in enumerate(zip(asked, first, strict=True))
        for name, sql in _second_measures(column, profile).items()
    ]
    if not measures:
        return list(first)
    values = _measured(connection, view, measures, "profile values")
    return [_second(profile, values.get(place, {})) for place, profile in enumerate(first)]


def _second_measures(column: AskedColumn, profile: ColumnProfile) -> dict[str, str]:
    name, numbers = quoted(column.name), profile.numbers
    if numbers is not None:
        least, most, median = map(double, (numbers.least, numbers.most, numbers.median))
        outside = f"abs({name}) > {double(_limit(numbers, profile.filled))}"
        return {
            "bins": histogram_sql(column.name, _edges(numbers.quantiles)),
            "at_least": f"count_if({name} = {least})",
            "at_most": f"count_if({name} = {most})",
            "next_least": f"min({name}) FILTER ({name} > {least})",
            "next_most": f"max({name}) FILTER ({name} < {most})",
            "at_median": f"count_if({name} = {median})",
            "far": f"count_if({outside})",
            "far_sum": f"sum(abs({name})) FILTER ({outside})",
            "sum": f"sum(abs({name}))",
        }
    few = profile.distinct <= LEVELS * (1.0 if profile.exact else 1.2)
    told_apart = profile.filled >= 2 * profile.distinct
    if column.type is ColumnType.TEXT and not column.key and few and told_apart:
        return {} if names_people(column.name) else {"levels": f"histogram({name})"}
    return {}


def _second(profile: ColumnProfile, found: Mapping[str, Any]) -> ColumnProfile:
    if profile.numbers is not None:
        numbers = profile.numbers
        edges = _edges(numbers.quantiles)
        total = found["sum"] or 0.0
        return replace(
            profile,
            numbers=replace(
                numbers,
                edges=edges,
                bins=binned(found["bins"], edges),
                far_share=round((found["far_sum"] or 0.0) / total, 6) if total else 0.0,
                **{name: found[name] for name in _NUMBER_MEASURES},
            ),
        )
    if "levels" not in found or found["levels"] is None:
        return profile
    counts: dict[str, int] = found["levels"]
    profile = replace(profile, distinct=len(counts), exact=True)
    if len(counts) > LEVELS or any(_CONTACT_VALUE.fullmatch(value) for value in counts):
        return profile
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    levels = tuple(Level(value, rows) for value, rows in ranked if rows >= _NAMED)
    return replace(profile, levels=levels)


_NUMBER_MEASURES = ("at_least", "at_most", "next_least", "next_most", "at_median", "far")


def double(value: float) -> str:
    """Return a number as an SQL literal of double precision: without exponent it is a decimal.

    >>> double(0.1), double(math.inf)
    ('0.1e0', "'inf'::DOUBLE")
    """
    if math.isinf(value):
        return f"'{value}'::DOUBLE"
    return repr(value) if "e" in repr(value) else f"{value!r}e0"


def histogram_sql(column: str, edges: Sequence[float]) -> str:
    """Return the SQL that `binned` reads: values up to each edge, and above the last."""
    return f"histogram({quoted(column)}, [{', '.join(map(double, edges))}])"


def binned(histogram: Mapping[float, int] | None, edges: Sequence[float]) -> tuple[int, ...]:
    """Return DuckDB's histogram over edges as counts, the last one of what lies above them."""
    counts = histogram or {}
    return tuple(int(counts.get(edge, 0)) for edge in (*edges, math.inf))


def _edges(quantiles: Sequence[float]) -> tuple[float, ...]:
    """Return the deciles without repetition: a value that fills several is one edge."""
    deciles = [quantiles[place] for place in range(2, len(quantiles) - 1, 2)]
    return tuple(dict.fromkeys(deciles))


def _limit(numbers: NumberProfile, filled: int) -> float:
    """Return the absolute value beyond which a number lies `FAR` deviations out; inf for none.

    The middle and the spread are those of the logarithms of the values above 0, by their
    quartiles: a few values, however far, cannot move them. With normal logarithms the limit
    rises with the number of rows so that one in a hundred columns exceeds it by chance.
    """
    from scipy.special import ndtri

    below = (numbers.zeros + numbers.negatives) / filled
    if below >= 0.5:
        return math.inf
    wanted = below + np.array([0.05, 0.25, 0.5, 0.75, 0.95]) * (1 - below)
    found = np.interp(wanted, PROBABILITIES, numbers.quantiles)
    if found[0] <= 0:
        return math.inf
    low, first, middle, third, high = np.log(found)
    # Where the quartiles are one value, the wider quantiles tell the spread.
    spread = max((third - first) / 1.349, (high - low) / 3.29)
    limit = middle + max(FAR, -float(ndtri(0.005 / filled))) * spread
    return math.exp(limit) if spread > 0 and limit < 300 else math.inf


def _measured(
    connection: Connection, view: str, measures: Sequence[tuple[int, str, str]], step: str
) -> dict[int, dict[str, Any]]:
    listed = ", ".join(sql for _, _, sql in measures)
    (row,) = connection.rows(f"SELECT {listed} FROM {quoted(view)}", step=step)
    values: dict[int, dict[str, Any]] = {}
    for (place, name, _), value in zip(measures, row, strict=True):
        values.setdefault(place, {})[name] = value
    return values

"""Inference: which type the text of a column holds, and by which recipe, from its own values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from customer_atlas.config import ColumnType, ReadOptions
from customer_atlas.data.parsing import (
    NULL_WORDS,
    Recipe,
    boolean_recipe,
    number_recipes,
    timestamp_recipes,
)
from customer_atlas.engine import Connection, literal, quoted

__all__ = ["Inferred", "TextColumn", "absent", "infer"]

_SAMPLE = 4000
_SIDE_BY_SIDE = 100
_AT_ONCE = 1000
_MOSTLY = 0.9
_LARGEST_EXACT = 2**53
_POINTED = re.compile(r"\d+\.0+")
# Ids that passed through a float column: 17850.0 is the customer 17850.
_WHOLE = Recipe(
    "whole",
    ColumnType.TEXT,
    r"CASE WHEN regexp_full_match({c}, '\d+\.0+') THEN split_part({c}, '.', 1) END",
)
_TIME_NAMES = re.compile(
    r"date|time|timestamp|_dt$|^dt_|day$|created|updated|_at$|_on$", re.IGNORECASE
)


@dataclass(frozen=True)
class TextColumn:
    """What to infer: a column of text, as SQL over a relation, and what is known of it.

    `type` is the type that it must have, or None; `used` says that a mapping or condition needs
    it, so that a few values which do not fit are refused; else they make the column text.
    `recipe` is how the column was read before: it decides where its values do not.
    """

    name: str
    sql: str
    type: ColumnType | None
    used: bool
    recipe: str | None = None


@dataclass(frozen=True)
class Inferred:
    """The type of a column of text; `recipe` is None for text. `filled` counts its values."""

    type: ColumnType
    recipe: Recipe | None
    filled: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Counted:
    """A recipe, and how many values it reads."""

    recipe: Recipe
    fits: int


def absent(sql: str, *, words: bool) -> str:
    r"""Return the SQL condition that a text stands for nothing: null, blank, or a word for it.

    >>> absent('"a"', words=False)
    '("a" IS NULL OR (("a" < \'!\' OR "a" > \'~\') AND trim("a") = \'\'))'
    """
    # Trimming takes long, and what begins with a letter, digit or sign of ASCII is not blank;
    # the spaces of other scripts come after these.
    blank = f"({sql} IS NULL OR (({sql} < '!' OR {sql} > '~') AND trim({sql}) = ''))"
    if not words:
        return blank
    listed = ", ".join(literal(word) for word in NULL_WORDS)
    return f"({blank} OR lower(trim({sql})) IN ({listed}))"


def infer(
    connection: Connection,
    relation: str,
    rows: int,
    columns: Sequence[TextColumn],
    options: ReadOptions,
    timezone: str,
) -> dict[str, Inferred]:
    """Infer the types of columns from all their values; a sample only suggests the candidates.

    Args:
        connection: where `relation` can be read.
        relation: SQL that can follow FROM; it has a column `__row` that counts from 0.
        rows: how many rows the relation has, about.
        columns: what to infer.
        options: what the project declares: decimal mark and dates.
        timezone: the zone that naive timestamps mean.
    """
    look = partial(_candidates, options=options, timezone=timezone)
    part = _part(connection, relation, rows, columns)
    samples = _values(connection, part, columns)
    candidates = {column.name: look(column, samples[column.name]) for column in columns}
    if part != relation:
        _drop_unlikely(columns, candidates, _count(connection, part, columns, candidates))
    open_ones = [column for column in columns if candidates[column.name]]
    facts = _count(connection, relation, open_ones, candidates)
    again = [column for column in open_ones if _is_unsure(facts[column.name])]
    for column in again:
        unread = _unread_values(connection, relation, column, facts[column.name])
        candidates[column.name] = look(column, [*samples[column.name], *unread])
    facts |= _count(connection, relation, again, candidates)
    return {
        column.name: _decided(column, facts[column.name])
        if column.name in facts
        else Inferred(ColumnType.TEXT, None, len(samples[column.name]))
        for column in columns
    }


@dataclass(frozen=True)
class _Facts:
    """Counts over all values of a column."""

    filled: int
    words: int
    coded: int
    inexact: int
    counted: tuple[_Counted, ...]


def _part(connection: Connection, relation: str, rows: int, columns: Sequence[TextColumn]) -> str:
    """Return what to look at first: an even sample of many rows, read once, or all of few."""
    step = max(1, rows // _SAMPLE)
    if step == 1:
        return relation
    listed = ", ".join(quoted(column.name) for column in columns)
    connection.run(
        f"CREATE OR REPLACE TEMP TABLE part AS SELECT {listed} FROM {relation} "
        f"WHERE __row % {step} = 0",
        step="sample rows",
    )
    return "part"


def _values(
    connection: Connection, relation: str, columns: Sequence[TextColumn]
) -> dict[str, list[str]]:
    def listed(column: TextColumn) -> list[str]:
        # Told apart here: DISTINCT would take a large table of its own for each column.
        return [f"list({column.sql}) FILTER (WHERE {_present(column)})"]

    found = _asked(connection, relation, columns, listed, step="sample columns")
    return {name: sorted(set(values or [])) for name, (values,) in found.items()}


def _asked(
    connection: Connection,
    relation: str,
    columns: Sequence[TextColumn],
    wanted: Callable[[TextColumn], Sequence[str]],
    *,
    step: str,
) -> dict[str, tuple[Any, ...]]:
    """Return the values of the aggregates that are wanted of each column.

    Few columns are asked side by side. Of many, those of which the same is wanted are laid end to
    end: each pattern is then compiled once, and not once a column, which would take minutes.
    """
    found: dict[str, tuple[Any, ...]] = {}
    if len(columns) <= _SIDE_BY_SIDE:
        asked = {column.name: wanted(column) for column in columns}
        listed = ", ".join(one for several in asked.values() for one in several)
        values = iter(connection.rows(f"SELECT {listed} FROM {relation}", step=step)[0])
        return {name: tuple(islice(values, len(several))) for name, several in asked.items()}
    kinds: dict[tuple[str, ...], list[TextColumn]] = {}
    for column in columns:
        kinds.setdefault(tuple(wanted(replace(column, sql="value"))), []).append(column)
    for several, alike in kinds.items():
        for first in range(0, len(alike), _AT_ONCE):
            group = alike[first : first + _AT_ONCE]
            query = f"SELECT {', '.join(several)} FROM {_end_to_end(relation, group)}"
            rows = connection.rows(f"{query} GROUP BY place ORDER BY place", step=step)
            found |= {column.name: row for column, row in zip(group, rows, strict=True)}
    return found


def _end_to_end(relation: str, columns: Sequence[TextColumn]) -> str:
    places = ", ".join(map(str, range(len(columns))))
    values = ", ".join(column.sql for column in columns)
    return f"(SELECT unnest([{places}]) AS place, unnest([{values}]) AS value FROM {relation})"


def _candidates(
    column: TextColumn, values: Sequence[str], options: ReadOptions, timezone: str
) -> list[Recipe]:
    wanted = column.type
    recipes: list[Recipe] = []
    if wanted is ColumnType.TEXT and all(map(_POINTED.fullmatch, values)):
        recipes.append(_WHOLE)
    if wanted in (None, ColumnType.BOOLEAN):
        recipes.append(boolean_recipe())
    if wanted in (None, ColumnType.TIMESTAMP):
        digits = wanted is not None or _TIME_NAMES.search(column.name) is not None
        recipes += timestamp_recipes(values, options.dates, timezone, digits=digits)
    if wanted in (None, ColumnType.NUMBER):
        recipes += number_recipes(options.decimal)
    return recipes


def _drop_unlikely(
    columns: Sequence[TextColumn],
    candidates: dict[str, list[Recipe]],
    facts: dict[str, _Facts],
) -> None:
    """Keep the candidates that read much of the sample; reading all rows by each is slow."""
    for column in columns:
        fact = facts[column.name]
        free = column.type in (None, ColumnType.TEXT)
        needed = 0.5 * fact.filled if free else 1
        likely = [one.recipe for one in fact.counted if one.fits >= needed]
        if fact.filled and (likely or free):
            candidates[column.name] = likely


def _is_unsure(facts: _Facts) -> bool:
    best = max((one.fits for one in facts.counted), default=0)
    return 0 < best < facts.filled


def _unread_values(
    connection: Connection, relation: str, column: TextColumn, facts: _Facts
) -> list[str]:
    """Return values that the best recipe could not read: they may have a look of their own."""
    best = max(facts.counted, key=lambda counted: counted.fits).recipe
    unread = connection.rows(
        f"SELECT DISTINCT {column.sql} AS value FROM {relation} "
        f"WHERE {_present(column)} AND {best.of(column.sql)} IS NULL "
        f"ORDER BY value LIMIT {_SAMPLE}",
        step="look at unread values",
    )
    return [row[0] for row in unread]


def _count(
    connection: Connection,
    relation: str,
    columns: Sequence[TextColumn],
    candidates: Mapping[str, Sequence[Recipe]],
) -> dict[str, _Facts]:
    def wanted(column: TextColumn) -> list[str]:
        fits = [
            f"count({recipe.of(column.sql)}) FILTER (WHERE {_present(column)})"
            for recipe in candidates[column.name]
        ]
        return [*_shapes(column.sql, words=not column.used), *fits]

    found = _asked(connection, relation, columns, wanted, step="infer types") if columns else {}
    return {
        name: _Facts(filled, words, coded, inexact, tuple(map(_Counted, candidates[name], fits)))
        for name, (filled, words, coded, inexact, *fits) in found.items()
    }


def _present(column: TextColumn) -> str:
    return f"NOT {absent(column.sql, words=not column.used)}"


def _shapes(sql: str, *, words: bool) -> tuple[str, ...]:
    """Values, values that are words for nothing, values that look like codes, too long wholes."""
    whole = f"abs(TRY_CAST({sql} AS DOUBLE))"
    return (
        f"count_if(NOT {absent(sql, words=words)})",
        f"count_if({absent(sql, words=True)} AND NOT {absent(sql, words=False)})",
        # 00042 and +4912345 lose something as numbers.
        rf"count_if(regexp_matches({sql}, '^\s*(?:[-+]?0\d|\+\d)'))",
        f"count_if({whole} >= {_LARGEST_EXACT} AND isfinite({whole}) "
        rf"AND regexp_full_match({sql}, '\s*-?\d+\s*'))",
    )


def _decided(column: TextColumn, facts: _Facts) -> Inferred:
    if column.type is ColumnType.TEXT:
        whole = any(one.fits == facts.filled > 0 for one in facts.counted)
        return Inferred(ColumnType.TEXT, _WHOLE if whole else None, facts.filled)
    counted = [one for one in facts.counted if one.fits]
    if column.type is None:
        share = _MOSTLY if column.used else 1.0
        counted = [one for one in counted if one.fits >= share * facts.filled]
        if facts.coded or facts.inexact:
            counted = [one for one in counted if one.recipe.type is not ColumnType.NUMBER]
        if not counted:
            return Inferred(ColumnType.TEXT, None, facts.filled + facts.words)
    elif not counted:
        return Inferred(column.type, Recipe("none", column.type, "NULL"), facts.filled)
    # The first of equals wins: candidates are in the order of preference.
    best = max(counted, key=lambda one: (one.fits, one.recipe.name == column.recipe))
    notes = tuple(_doubts(column, best, counted))
    return Inferred(best.recipe.type, best.recipe, facts.filled, notes)


def _doubts(column: TextColumn, best: _Counted, counted: Sequence[_Counted]) -> list[str]:
    if best.recipe.name == column.recipe:
        return []
    equals = {one.recipe.name for one in counted if one.fits == best.fits}
    if {"day-first", "month-first"} <= equals:
        return [
            f"{column.name}: its values do not say whether the day or the month comes first; "
            f"read as {best.recipe.name}. Declare `read: {{dates: day-first}}` or `month-first`."
        ]
    if {"point", "comma"} <= equals and "plain" not in equals:
        return [
            f"{column.name}: its values do not say whether ',' or '.' is the decimal mark; "
            f"read as {'.' if best.recipe.name == 'point' else ','}. "
            "Declare `read: {decimal: ','}` or `'.'`."
        ]
    return []

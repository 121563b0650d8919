"""Casts: how each raw column becomes one of the four types of the lake, and what does not fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from customer_atlas.config import ColumnType, ReadOptions
from customer_atlas.data.inference import Inferred, TextColumn, absent, infer
from customer_atlas.data.parsing import in_utc
from customer_atlas.engine import Connection, quoted, sql_type

__all__ = ["ABSENT", "Cast", "RawColumn", "cast_columns", "shown"]

ABSENT = "NULL"
"""The raw type of a column that some files of a source have and these lack."""

_WHOLE = re.compile(r"U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DECIMAL\(\d+,0\)")
_LONG = re.compile(r"U?BIGINT|U?HUGEINT|DECIMAL\((?:1[6-9]|[23]\d),0\)")
_NUMERIC = re.compile(r"U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|REAL|DOUBLE|DECIMAL\(.*\)")
_WORDS = re.compile(r"VARCHAR|ENUM\(.*\)|JSON", re.DOTALL)
_NESTED = re.compile(r"(?:STRUCT|MAP|UNION)\(|.*\]$", re.DOTALL)
_LARGEST_EXACT = 2**53
_FIRST, _LAST = "DATE '0001-01-02'", "DATE '9999-12-30'"


@dataclass(frozen=True)
class RawColumn:
    """A column as it came, and what is known of it.

    `raw` is its SQL type; `type` the lake type that it must have, or None; `used` says that a
    mapping or condition needs it; `is_utc` that its naive timestamps are UTC already.
    """

    name: str
    raw: str
    type: ColumnType | None = None
    used: bool = False
    is_utc: bool = False
    recipe: str | None = None


@dataclass(frozen=True)
class Cast:
    """How a raw column becomes a column of the lake.

    `sql` is over the raw columns. `misfit` is the condition, over the raw column and the cast one
    (`{raw}` and `{cast}`), of a value that is there and does not fit; None where all values fit.
    """

    column: RawColumn
    type: ColumnType
    sql: str
    misfit: str | None = None
    recipe: str | None = None
    filled: bool = True
    notes: tuple[str, ...] = ()


def cast_columns(
    connection: Connection,
    relation: str,
    rows: int,
    columns: Sequence[RawColumn],
    options: ReadOptions,
    timezone: str,
) -> list[Cast]:
    """Decide the cast of each raw column; texts by their values, see `infer`.

    `relation` is SQL that can follow FROM, with a column `__row`.
    """
    columns = _with_exact_wholes(connection, relation, columns)
    native = {column.name: _native(column, timezone) for column in columns}
    texts = [
        TextColumn(column.name, _text(column), column.type, column.used, column.recipe)
        for column in columns
        if native[column.name] is None
    ]
    inferred = infer(connection, relation, rows, texts, options, timezone) if texts else {}
    return [native[column.name] or _from_text(column, inferred[column.name]) for column in columns]


def _with_exact_wholes(
    connection: Connection, relation: str, columns: Sequence[RawColumn]
) -> list[RawColumn]:
    """Make text of untyped whole numbers that are too long for a double."""
    long = [one for one in columns if one.type is None and _LONG.fullmatch(one.raw)]
    if not long:
        return list(columns)
    wanted = ", ".join(
        f"coalesce(max(abs(CAST({quoted(one.name)} AS DOUBLE))) >= {_LARGEST_EXACT}, false)"
        for one in long
    )
    found = connection.rows(f"SELECT {wanted} FROM {relation}", step="find long numbers")[0]
    inexact = {one.name for one, too_long in zip(long, found, strict=True) if too_long}
    return [_typed(one, ColumnType.TEXT) if one.name in inexact else one for one in columns]


def _typed(column: RawColumn, kind: ColumnType) -> RawColumn:
    return RawColumn(column.name, column.raw, kind, column.used, column.is_utc, column.recipe)


def _native(column: RawColumn, timezone: str) -> Cast | None:
    """Return the cast of a column whose raw type decides it; None where its text must be read."""
    name, raw = quoted(column.name), column.raw
    if raw == ABSENT:
        kind = column.type or ColumnType.TEXT
        return Cast(column, kind, f"CAST(NULL AS {sql_type(kind)})", filled=False)
    if _WORDS.fullmatch(raw):
        return None
    kind = column.type or _natural(raw)
    if kind is ColumnType.TEXT:
        return Cast(column, kind, f"nullif({_text(column)}, '')")
    if kind is ColumnType.BOOLEAN and raw == "BOOLEAN":
        return Cast(column, kind, name)
    if kind is ColumnType.TIMESTAMP and (raw == "DATE" or raw.startswith("TIMESTAMP")):
        instant = _micros(column, name)
        naive = f"CAST({instant} AS TIMESTAMP)"
        sql = naive if column.is_utc else in_utc(naive, timezone)
        if raw == "TIMESTAMP" and sql == naive:
            return Cast(column, kind, sql)
        if raw.startswith("TIMESTAMPTZ") or raw == "TIMESTAMP WITH TIME ZONE":
            sql = f"timezone('UTC', {instant})"
        # Coarse times reach further than those of the lake, and zones shift what is at the edge.
        sql = f"CASE WHEN {_ordinary(instant)} THEN {sql} END"
        misfit = "({cast} IS NULL AND {raw} IS NOT NULL)"
        return Cast(column, kind, sql, misfit)
    if kind is ColumnType.NUMBER and column.used and raw == "BOOLEAN":
        return Cast(column, kind, f"CAST({name} AS DOUBLE)")
    if kind is ColumnType.NUMBER and _NUMERIC.fullmatch(raw):
        return Cast(column, kind, _number(column))
    return None


def shown(column: RawColumn, sql: str) -> str:
    """Return the SQL of a raw value as one that can be shown: times beyond all years are null."""
    if column.raw == "DATE" or column.raw.startswith("TIMESTAMP"):
        instant = _micros(column, sql)
        return f"CASE WHEN {_ordinary(instant)} THEN {instant} END"
    return sql


def _micros(column: RawColumn, sql: str) -> str:
    """Return the SQL of an instant in microseconds: few functions know nanoseconds."""
    kinds = {"TIMESTAMP_NS": "TIMESTAMP", "TIMESTAMPTZ_NS": "TIMESTAMPTZ"}
    return f"CAST({sql} AS {kinds[column.raw]})" if column.raw in kinds else sql


def _ordinary(sql: str) -> str:
    return f"{sql} BETWEEN {_FIRST} AND {_LAST}"


def _number(column: RawColumn) -> str:
    number = f"CAST({quoted(column.name)} AS DOUBLE)"
    if column.used or column.raw not in ("DOUBLE", "FLOAT", "REAL"):
        return number
    # In a column that nobody mapped, NaN is how floats say that nothing is there.
    return f"CASE WHEN isnan({number}) THEN NULL ELSE {number} END"


def _natural(raw: str) -> ColumnType:
    if _NUMERIC.fullmatch(raw):
        return ColumnType.NUMBER
    if raw == "BOOLEAN":
        return ColumnType.BOOLEAN
    is_time = raw == "DATE" or raw.startswith("TIMESTAMP")
    return ColumnType.TIMESTAMP if is_time else ColumnType.TEXT


def _text(column: RawColumn) -> str:
    """Return the SQL of a raw column as text; whole numbers without a fraction."""
    name, raw = quoted(column.name), column.raw
    if raw == "VARCHAR":
        return name
    if _NUMERIC.fullmatch(raw) and not _WHOLE.fullmatch(raw):
        return (
            f"CASE WHEN isnan({name}::DOUBLE) THEN NULL "
            f"WHEN {name} = trunc({name}) AND abs({name}) < 1e18 "
            f"THEN CAST(CAST({name} AS BIGINT) AS VARCHAR) ELSE CAST({name} AS VARCHAR) END"
        )
    if _NESTED.match(raw):
        return f"CAST(to_json({name}) AS VARCHAR)"
    return f"CAST({name} AS VARCHAR)"


def _from_text(column: RawColumn, inferred: Inferred) -> Cast:
    text = _text(column)
    words = not column.used and inferred.type is not ColumnType.TEXT
    nothing = absent(text, words=words)
    value = inferred.recipe.of(text) if inferred.recipe else text
    misfit: str | None
    if inferred.type is ColumnType.TEXT:
        kept = f"coalesce({value}, {text})" if inferred.recipe else text
        sql, misfit = f"CASE WHEN {nothing} THEN NULL ELSE {kept} END", None
    else:
        sql = f"CAST(CASE WHEN {nothing} THEN NULL ELSE {value} END AS {sql_type(inferred.type)})"
        raw = text.replace(quoted(column.name), "{raw}")
        misfit = f"({{cast}} IS NULL AND NOT {absent(raw, words=words)})"
        if column.type is None and not column.used:
            misfit = None  # the type was taken because every value fits it
    return Cast(
        column,
        inferred.type,
        sql,
        misfit,
        inferred.recipe.name if inferred.recipe else None,
        inferred.filled > 0,
        inferred.notes,
    )

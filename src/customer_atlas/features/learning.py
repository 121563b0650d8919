"""Learn what features need to know of everybody, from rows before the cutoff only."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from customer_atlas.config import ACTS, ROLES, ColumnType, Role
from customer_atlas.engine import Connection
from customer_atlas.features.grains import act_of
from customer_atlas.features.population import Population
from customer_atlas.features.roles import available_columns, role_expressions
from customer_atlas.features.snapshot import Snapshot

__all__ = ["MAX_ATTRIBUTES", "MAX_CATEGORIES", "MAX_EVENT_TYPES", "MAX_LEVELS", "learn_population"]

MAX_CATEGORIES = 8
MAX_EVENT_TYPES = 12
MAX_LEVELS = 50
MAX_ATTRIBUTES = 500
_TOO_MANY = f"one of more than {MAX_ATTRIBUTES} attributes, and known of fewer people than others"
_MIN_SHARE = 0.01
_AT_ONCE = 50  # columns; a count of different values holds memory for each
_FEW = 10  # from here, values that mostly differ from person to person tell who somebody is
_IDENTIFIER = re.compile(
    r"(?i:(^|_)(id|uuid|guid|key|number|no|nr|phone|mobile|fax)$)|[a-z](Id|ID|No|Nr|Phone)$"
)


def learn_population(
    connection: Connection,
    snapshot: Snapshot,
    cutoff: datetime,
    *,
    packs: Collection[str],
    never: Mapping[str, str],
) -> Population:
    """Return the most bought categories, the most frequent event types and the usable attributes.

    Acts are all that any event is. A category or type needs 1 % of the rows; counts are exact, so
    ties and threads change nothing.
    A column named in `never`, in lower case, is no attribute, for the reason given there.
    """
    tables = role_expressions([source.narrowed(()) for source in snapshot.sources], cutoff)
    available = available_columns(snapshot.sources)
    snapshot.open(connection)
    categories: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    if "categories" in packs and "category" in available.get(Role.TRANSACTIONS, ()):
        rows = tables[Role.TRANSACTIONS]
        categories = _top(connection, rows, "category", MAX_CATEGORIES)
    if "engagement" in packs and "type" in available.get(Role.EVENTS, ()):
        event_types = _top(connection, tables[Role.EVENTS], "type", MAX_EVENT_TYPES)
    acts: tuple[str, ...] = ()
    if "intent" in packs and "type" in available.get(Role.EVENTS, ()):
        acts = _acts(connection, tables[Role.EVENTS])
    attributes: dict[str, ColumnType] = {}
    left_out: dict[str, str] = {}
    if "attributes" in packs and Role.CUSTOMERS in tables:
        attributes, left_out = _attributes(connection, snapshot, cutoff, never)
    return Population(categories, event_types, attributes, left_out, acts=acts)


def _top(connection: Connection, rows: ir.Table, column: str, most: int) -> tuple[str, ...]:
    named = rows.filter(rows[column].notnull())
    counts = named.group_by(value=named[column]).agg(rows=named.count())
    ranked = counts.order_by([ibis.desc("rows"), "value"])
    found = connection.rows(ibis.to_sql(ranked, dialect="duckdb"), step=f"count each {column}")
    total = sum(row[1] for row in found)
    return tuple(value for value, count in found[:most] if count >= _MIN_SHARE * total)


def _acts(connection: Connection, rows: ir.Table) -> tuple[str, ...]:
    types = rows.select("type").distinct()
    query = ibis.to_sql(types.select(act=act_of(types.type)).distinct(), dialect="duckdb")
    found = {row[0] for row in connection.rows(query, step="find what people do")}
    return tuple(act for act in ACTS if act in found)


def _attributes(
    connection: Connection, snapshot: Snapshot, cutoff: datetime, never: Mapping[str, str]
) -> tuple[dict[str, ColumnType], dict[str, str]]:
    columns = _own_columns(snapshot)
    left_out = {name: never[name.casefold()] for name in columns if name.casefold() in never}
    asked = [name for name in columns if name not in left_out]
    filled: dict[str, int] = {}
    for first in range(0, len(asked), _AT_ONCE):
        group = asked[first : first + _AT_ONCE]
        for name, (known, distinct) in _counted(connection, snapshot, cutoff, group).items():
            reason = _unfit(name, columns[name], known, distinct)
            if reason:
                left_out[name] = reason
            else:
                filled[name] = known
    fullest = set(sorted(filled, key=lambda name: -filled[name])[:MAX_ATTRIBUTES])
    left_out |= {name: _TOO_MANY for name in filled if name not in fullest}
    return {name: columns[name] for name in filled if name in fullest}, left_out


def _counted(
    connection: Connection, snapshot: Snapshot, cutoff: datetime, names: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return of each column of people how many values are known, and how many differ."""
    sources = [source.narrowed(names) for source in snapshot.sources]
    table = role_expressions(sources, cutoff)[Role.CUSTOMERS]
    measures = [
        one.name(f"{place}{kind}")
        for place, name in enumerate(names)
        for kind, one in (("known", table[name].count()), ("distinct", table[name].nunique()))
    ]
    query = ibis.to_sql(table.agg(measures), dialect="duckdb")
    (found,) = connection.rows(query, step="count attribute values")
    return dict(zip(names, zip(found[::2], found[1::2], strict=True), strict=True))


def _own_columns(snapshot: Snapshot) -> Mapping[str, ColumnType]:
    columns: dict[str, Any] = {}
    for source in snapshot.sources:
        if source.role is Role.CUSTOMERS:
            columns |= source.columns
    reserved = ROLES[Role.CUSTOMERS].names
    return {k: v for k, v in columns.items() if k not in reserved and not k.startswith("_")}


def _unfit(name: str, kind: ColumnType, known: int, distinct: int) -> str:
    if distinct < 2:
        return "one value only" if known else "never known"
    if kind is ColumnType.TEXT and (distinct > MAX_LEVELS or 2 * distinct > known >= _FEW):
        return f"{distinct} different values: an identifier or free text"
    if kind is ColumnType.NUMBER and distinct == known and _IDENTIFIER.search(name):
        return "every value is different: an identifier"
    return ""

"""Learn what features need to know of everybody, from rows before the cutoff only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import ibis
import ibis.expr.types as ir

from customer_atlas.config import ACTS, PEOPLE_PACKS, Geography, Role, Scale
from customer_atlas.engine import Connection
from customer_atlas.features.grains import act_of
from customer_atlas.features.people import PeopleAsked, learn_people
from customer_atlas.features.population import Population
from customer_atlas.features.roles import available_columns, role_expressions
from customer_atlas.features.snapshot import Snapshot

__all__ = ["MAX_CATEGORIES", "MAX_EVENT_TYPES", "learn_population"]

MAX_CATEGORIES = 8
MAX_EVENT_TYPES = 12
_MIN_SHARE = 0.01
_NOWHERE = Geography()


def learn_population(
    connection: Connection,
    snapshot: Snapshot,
    cutoff: datetime,
    *,
    packs: Collection[str],
    never: Mapping[str, str],
    geography: Geography = _NOWHERE,
    scales: Mapping[str, Scale] = MappingProxyType({}),
) -> Population:
    """Return the most bought categories, the most frequent event types and what is of customers.

    Acts are all that any event is. A category or type needs 1 % of the rows; counts are exact, so
    ties and threads change nothing. A column named in `never`, in lower case, is no feature, for
    the reason given there.
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
    people = Population()
    if {*PEOPLE_PACKS} & {*packs} and Role.CUSTOMERS in tables:
        asked = PeopleAsked(packs, never, geography, scales)
        people = learn_people(connection, snapshot, cutoff, asked)
    return replace(people, categories=categories, event_types=event_types, acts=acts)


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

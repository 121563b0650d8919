"""Grains: the tables that aggregates run over, each derived from the rows of one role.

A grain is made in two ways that agree: as an Ibis table by a query, and as `Rows` of arrays. What
several rows make up together, such as an order, is kept in a table of states, so that its rows
may come one by one and in any order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from customer_atlas.config import ACTIONS, ACTS, COMPLAINTS, Role
from customer_atlas.features.clock import on_the_clock, with_clock
from customer_atlas.features.monoids import (
    Counted,
    Integers,
    Least,
    Rows,
    Slot,
    Summed,
    Table,
    Where,
)
from customer_atlas.features.sessions import (
    SESSION_ACTS,
    SLOTS,
    joined,
    session_keys,
    session_rows,
    sessions,
)

__all__ = ["GRAINS", "Grain", "Kept", "act_of"]


@dataclass(frozen=True)
class Kept:
    """What is kept of rows that make up a row of the grain together.

    `reads` names the columns that they are made of, `keys` tells apart whose rows they are, and
    `texts` says which of the keys are texts; `slots` is what is kept of each, `settled` joins
    neighbours that turn out to be one, and `rows` makes the rows of the grain.
    """

    reads: frozenset[str]
    keys: Callable[[Rows], tuple[Integers, ...]]
    texts: tuple[bool, ...]
    slots: tuple[Slot, ...]
    rows: Callable[[Table], Rows]
    settled: Callable[[Table], Table] = lambda table: table


@dataclass(frozen=True)
class Grain:
    """How the rows of `role` become a table with `customer_id`, one row per thing to count.

    `build` makes it of an Ibis table, and `prepare` of arrays (those columns that are used), both
    in the project's time zone; `kept` is there where it has fewer rows than its role.
    `reads` says of columns that the role does not have what they are made of.
    """

    role: Role
    build: Callable[[ir.Table, str], ir.Table]
    prepare: Callable[[Rows, str, frozenset[str]], Rows]
    kept: Kept | None = None
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def columns(self, used: frozenset[str]) -> frozenset[str]:
        """Return the columns of its role that `used` columns of its own are made of."""
        if self.kept:
            return self.kept.reads
        return frozenset(own for name in used for own in self.reads.get(name, (name,)))


def _orders(rows: ir.Table, zone: str) -> ir.Table:
    # Without an order id, a customer's rows of one instant are one order.
    order: Any = ibis.coalesce(rows.order_id, rows.timestamp.cast("string"))
    bought = rows.quantity.sum(where=rows.quantity > 0)
    orders = rows.group_by("customer_id", order=order).agg(
        timestamp=rows.timestamp.min(),
        paid=ibis.coalesce((rows.amount > 0).any(), True),
        items=ibis.coalesce(bought, rows.count().cast("float64")),
    )
    return with_clock(orders, zone)


_ROWS, _FIRST = Counted(), Least("timestamp")
_PRICED, _PAID = Counted("amount"), Counted("amount", (Where("amount", ">", 0.0),))
_BOUGHT = Summed("quantity", (Where("quantity", ">", 0.0),))


def _order_keys(rows: Rows) -> tuple[Integers, ...]:
    order = rows.columns["order_id"]
    if not (order < 0).any():
        return (order,)
    instants, places = np.unique(rows.timestamp, return_inverse=True)
    codes = np.array([rows.words.code(f"at {at}") for at in instants], dtype=np.int64)
    return (np.where(order < 0, codes[places], order),)


def _order_rows(table: Table) -> Rows:
    states = table.states
    bought, lines = states[_BOUGHT], states[_ROWS]
    items = np.where((bought == 0) & np.signbit(bought), lines, bought)
    paid = (states[_PRICED] == 0) | (states[_PAID] > 0)
    columns = {"paid": paid.astype(np.float64), "items": items}
    return Rows(table.keys[0], states[_FIRST].astype(np.int64), columns, table.words)


_NOT_A_WORD = re.compile("[^a-z0-9]+")


def _spoken(text: str) -> str:
    # Engines make one letter of it in lower case, Python two.
    return _NOT_A_WORD.sub(" ", text.replace("İ", "i").lower()).strip()


def _named(column: Any, names: Mapping[str, tuple[str, ...]]) -> Any:
    """Return the standard name of each value of an Ibis column, or the value in plain words."""
    spoken = column.lower().re_replace(_NOT_A_WORD.pattern, " ").strip()
    cases = [(other, name) for name, others in names.items() for other in others]
    return spoken.cases(*cases, else_=spoken) if cases else spoken


def _renamed(rows: Rows, column: str, made: str, names: Mapping[str, tuple[str, ...]]) -> Rows:
    """Return the rows with column `made`: the standard names of the texts of `column`."""
    standard = {other: name for name, others in names.items() for other in others}
    codes, places = np.unique(rows.columns[column], return_inverse=True)
    spoken = [text and _spoken(text) for text in rows.words.texts(codes).to_pylist()]
    renamed = np.array(
        [-1 if text is None else rows.words.code(standard.get(text, text)) for text in spoken],
        dtype=np.int64,
    )
    columns = {**rows.columns, made: renamed[places] if len(renamed) else codes}
    return replace(rows, columns=columns, texts=rows.texts | {made})


def act_of(column: Any) -> Any:
    """Return what people did by an Ibis column of types: a standard act, or the type in words."""
    return _named(column, ACTS)


def _acts(rows: Rows, zone: str, used: frozenset[str]) -> Rows:
    return on_the_clock(_renamed(rows, "type", "act", ACTS), zone, used)


def _actions(rows: Rows, zone: str, used: frozenset[str]) -> Rows:
    return on_the_clock(_renamed(rows, "action", "action", ACTIONS), zone, used)


def _texts(rows: ir.Table, zone: str) -> ir.Table:
    if "kind" in rows.columns:  # else nothing that is asked for is made of it
        complaint = _named(rows.kind, {}).isin(COMPLAINTS)
        rows = rows.mutate(complaint=complaint.fill_null(False))
    return with_clock(rows, zone)


def _complaints(rows: Rows, zone: str, used: frozenset[str]) -> Rows:
    rows = _renamed(rows, "kind", "spoken", {})
    complaints = np.array([rows.words.code(kind) for kind in COMPLAINTS])
    made = np.isin(rows.columns["spoken"], complaints).astype(np.float64)
    return on_the_clock(replace(rows, columns={**rows.columns, "complaint": made}), zone, used)


def _as_they_are(rows: Rows, zone: str, used: frozenset[str]) -> Rows:
    return rows


def _events(rows: ir.Table, zone: str) -> ir.Table:
    if "type" in rows.columns:  # else nothing that is asked for is made of it
        rows = rows.mutate(act=act_of(rows.type))
    return with_clock(rows, zone)


def _messages(rows: ir.Table, zone: str) -> ir.Table:
    if "action" in rows.columns:  # else nothing that is asked for is made of it
        rows = rows.mutate(action=_named(rows.action, ACTIONS))
    return with_clock(rows, zone)


GRAINS: dict[str, Grain] = {
    "transactions": Grain(Role.TRANSACTIONS, with_clock, on_the_clock),
    "orders": Grain(
        Role.TRANSACTIONS,
        _orders,
        _as_they_are,
        Kept(
            frozenset({"order_id", "amount", "quantity"}),
            _order_keys,
            (True,),
            (_ROWS, _FIRST, _PRICED, _PAID, _BOUGHT),
            _order_rows,
        ),
    ),
    "events": Grain(Role.EVENTS, _events, _acts, reads={"act": ("type",)}),
    "sessions": Grain(
        Role.EVENTS,
        lambda rows, zone: sessions(rows.mutate(act=act_of(rows.type))),
        _acts,
        Kept(
            frozenset({"session_id", "type"}),
            session_keys,
            (True, False),
            SLOTS,
            session_rows,
            joined,
        ),
        reads=dict.fromkeys(SESSION_ACTS, ("type",)),
    ),
    "messages": Grain(Role.MESSAGES, _messages, _actions),
    "texts": Grain(Role.TEXTS, _texts, _complaints, reads={"complaint": ("kind",)}),
}

"""Grains: the tables that aggregates run over, each derived from the rows of one role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from customer_atlas.config import ACTIONS, Role

__all__ = ["GRAINS", "SESSION_GAP", "Grain"]

SESSION_GAP = timedelta(minutes=30)


@dataclass(frozen=True)
class Grain:
    """How the rows of `role` become a table with `customer_id`, one row per thing to count.

    `needs` are the columns of the role without which it makes no sense.
    """

    role: Role
    needs: tuple[str, ...]
    build: Callable[[ir.Table], ir.Table]


def _rows(rows: ir.Table) -> ir.Table:
    return rows


def _days(rows: ir.Table) -> ir.Table:
    days = rows.group_by("customer_id", day=rows.timestamp.date()).agg(
        timestamp=rows.timestamp.min()
    )
    before = ibis.window(group_by=days.customer_id, order_by=days.day)
    return days.mutate(gap=days.day.delta(days.day.lag().over(before), unit="day"))


def _orders(rows: ir.Table) -> ir.Table:
    # Without an order id, a customer's rows of one instant are one order.
    order: Any = ibis.coalesce(rows.order_id, rows.timestamp.cast("string"))
    bought = rows.quantity.sum(where=rows.quantity > 0)
    return rows.group_by("customer_id", order=order).agg(
        timestamp=rows.timestamp.min(),
        paid=ibis.coalesce((rows.amount > 0).any(), True),
        items=ibis.coalesce(bought, rows.count().cast("float64")),
    )


def _bought(column: str) -> Callable[[ir.Table], ir.Table]:
    def build(rows: ir.Table) -> ir.Table:
        named = rows.filter(rows[column].notnull())
        return named.group_by("customer_id", category=named[column]).agg(
            lines=named.count(), spend=named.amount.sum(where=named.amount > 0)
        )

    return build


def _sessions(rows: ir.Table) -> ir.Table:
    in_time = ibis.window(group_by=rows.customer_id, order_by=rows.timestamp)
    idle: Any = rows.timestamp.delta(rows.timestamp.lag().over(in_time), unit="microsecond")
    pause = SESSION_GAP // timedelta(microseconds=1)
    begins = (idle.isnull() | (idle > pause)).cast("int64")
    marked = rows.mutate(begins=begins)
    # A range, not rows: events of one instant come in any order, and belong to one session.
    up_to = ibis.range_window(
        group_by=marked.customer_id, order_by=marked.timestamp, preceding=None, following=0
    )
    numbered = marked.mutate(number=marked.begins.sum().over(up_to))
    by_pause: Any = numbered.session_id.isnull().ifelse(numbered.number, 0)
    return numbered.group_by("customer_id", "session_id", by_pause=by_pause).agg(
        timestamp=numbered.timestamp.min(), events=numbered.count()
    )


def _actions(rows: ir.Table) -> ir.Table:
    """The messages, their actions by the names of the role, however a tool writes them."""
    action = rows.action.lower().strip()
    named = action.cases(
        *((other, name) for name, others in ACTIONS.items() for other in others), else_=action
    )
    return rows.mutate(action=named)


GRAINS: dict[str, Grain] = {
    "transactions": Grain(Role.TRANSACTIONS, (), _rows),
    "orders": Grain(Role.TRANSACTIONS, (), _orders),
    "purchase_days": Grain(Role.TRANSACTIONS, (), _days),
    "categories": Grain(Role.TRANSACTIONS, ("category",), _bought("category")),
    "products": Grain(Role.TRANSACTIONS, ("product",), _bought("product")),
    "events": Grain(Role.EVENTS, (), _rows),
    "sessions": Grain(Role.EVENTS, (), _sessions),
    "messages": Grain(Role.MESSAGES, (), _actions),
}

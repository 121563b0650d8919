"""The sales and returns of some customers, and their table in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from customer_atlas.simulate.baskets import draw_lines
from customer_atlas.simulate.calendar import Calendar
from customer_atlas.simulate.catalogue import Catalogue
from customer_atlas.simulate.habits import Habits
from customer_atlas.simulate.kinds import CustomerKind
from customer_atlas.simulate.orders import order_moments

__all__ = ["Sales", "draw_sales", "joined", "tabulated"]


@dataclass(frozen=True)
class Sales:
    """Orders and returns (`customer`, `time`, `online`, `is_return`: one value each) and lines.

    `order` is the index of a line's order or return; `quantity` and `discount` (cents) of a
    return are negative; `time` is in seconds since 1970.
    """

    customer: np.ndarray
    time: np.ndarray
    online: np.ndarray
    is_return: np.ndarray
    order: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    discount: np.ndarray


def draw_sales(
    rng: np.random.Generator,
    kinds: Sequence[CustomerKind],
    habits: Habits,
    calendar: Calendar,
    catalogue: Catalogue,
) -> Sales:
    """Draw every sale and return within the period; a return is an order of its own."""
    customer, moment = order_moments(rng, habits)
    day = calendar.day(habits.kind[customer], moment)
    online = rng.random(customer.size) < habits.online[customer]
    lines = draw_lines(rng, kinds, habits, customer, catalogue.price)
    back_on = day[lines.order] + lines.returned_after
    # What would come back after the period has not come back yet.
    back = np.flatnonzero((lines.returned_after > 0) & (back_on < calendar.days))
    sold = lines.order[back]
    count = customer.size
    all_online = np.concatenate([online, online[sold]])
    all_days = np.concatenate([day, back_on[back]])
    return Sales(
        customer=np.concatenate([customer, customer[sold]]).astype(np.int32),
        time=calendar.timestamps(rng, all_days, all_online),
        online=all_online,
        is_return=np.arange(count + back.size) >= count,
        order=np.concatenate([lines.order, count + np.arange(back.size)]),
        product=np.concatenate([lines.product, lines.product[back]]).astype(np.int32),
        quantity=np.concatenate([lines.quantity, -lines.quantity[back]]).astype(np.int32),
        discount=np.concatenate([lines.discount, -lines.discount[back]]),
    )


def joined(parts: Sequence[tuple[int, Sales]]) -> Sales:
    """Lay parts end to end; each comes with the index of its first customer."""
    starts = np.cumsum([0, *(part.time.size for _, part in parts)])
    values = {
        item.name: np.concatenate([getattr(part, item.name) for _, part in parts])
        for item in fields(Sales)
        if item.name not in ("customer", "order")
    }
    customer = np.concatenate([(part.customer + first).astype(np.int32) for first, part in parts])
    order = np.concatenate(
        [part.order + start for (_, part), start in zip(parts, starts, strict=False)]
    )
    return Sales(customer=customer, order=order, **values)


def tabulated(sales: Sales, customer_ids: pa.Array, catalogue: Catalogue) -> pa.Table:
    """Return the transactions as they stand in a shop's books: one row a line, in time order.

    ``amount == quantity * price - discount`` holds in every row, returns included.
    """
    by_time = np.argsort(sales.time, kind="stable")
    rank = np.empty_like(by_time)
    rank[by_time] = np.arange(by_time.size)
    row = np.argsort(rank[sales.order], kind="stable")
    order, product = sales.order[row], sales.product[row]
    quantity, discount = sales.quantity[row].astype(np.int64), sales.discount[row]
    names = _order_ids(rank, sales.is_return)
    return pa.table(
        {
            "customer_id": customer_ids.take(pa.array(sales.customer[order])),
            "timestamp": _instants(sales.time[order]),
            "order_id": names.take(pa.array(order)),
            "product": catalogue.table["product"].combine_chunks().take(pa.array(product)),
            "category": catalogue.table["category"].combine_chunks().take(pa.array(product)),
            "quantity": pa.array(quantity),
            "amount": pa.array((quantity * catalogue.price[product] - discount) / 100.0),
            "discount": pa.array(discount / 100.0),
            "channel": pa.array(["store", "online"]).take(
                pa.array(sales.online[order].astype(np.int8))
            ),
        }
    )


def _order_ids(rank: np.ndarray, is_return: np.ndarray) -> pa.Array:
    number = pc.utf8_lpad(pc.cast(pa.array(rank + 1), pa.string()), 9, "0")
    letter = pc.if_else(pa.array(is_return), pa.scalar("R"), pa.scalar("O"))
    return pc.binary_join_element_wise(letter, number, "")


def _instants(seconds: np.ndarray) -> pa.Array:
    return pa.array(seconds.astype("datetime64[s]")).cast(pa.timestamp("us"))

"""What is usual for a customer: the order or the visit that is most like all of theirs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from customer_atlas.config import Role
from customer_atlas.features.grains import GRAINS
from customer_atlas.features.monoids import Integers, Rows

__all__ = ["Usual", "usual_of"]

Array = NDArray[np.float64]

_DAY = 86_400_000_000


@dataclass(frozen=True)
class Usual:
    """The rows of each customer's usual act, by their `places` (m,) among all rows.

    `began` (m,) is when the act that a row belongs to began. Of each customer (n,) `value` is
    what it came to, NaN for who never did such a thing; it is money where it is `priced`.
    """

    places: Integers
    began: Integers
    value: Array
    priced: bool = False

    def known(self, customer: int) -> bool:
        """Return whether a customer ever did it."""
        return bool(np.isfinite(self.value[customer]))


def usual_of(role: Role, rows: Rows, customers: int) -> Usual:
    """Return what is usual for customers numbered from 0.

    An order is usual whose value is nearest to the median of a customer's paid orders (the number
    of its rows, where there are no amounts), a visit whose number of events is; of equals the
    latest. A message is the last one, and nobody's who unsubscribed or complained.
    """
    if role is Role.TRANSACTIONS:
        amounts = rows.columns["amount"]
        priced = bool(np.isfinite(amounts).any())
        worth = np.nan_to_num(amounts) if priced else np.ones(len(rows))
        found = _middle(rows, _codes(rows, "order_id", rows.timestamp), worth, customers)
        return replace(found, priced=priced)
    if role is Role.EVENTS:
        acts = GRAINS["events"].prepare(rows, "UTC", frozenset())
        bought = acts.columns["act"] == rows.words.code("purchase")
        worth = (~bought).astype(np.float64)
        key = _codes(rows, "session_id", rows.timestamp // _DAY)
        return _middle(rows, key, worth, customers, ~bought)
    if role is Role.MESSAGES:
        return _last_message(rows, customers)
    return _of_none(customers)


def _middle(
    rows: Rows,
    key: Integers,
    worth: Array,
    customers: int,
    counted: NDArray[np.bool_] | None = None,
) -> Usual:
    """Return the acts that rows with the same key make up, whose worth is in the middle."""
    pairs, act = np.unique(np.column_stack((rows.group, key)), axis=0, return_inverse=True)
    act = act.ravel()
    whose = pairs[:, 0]
    value = np.bincount(act, worth, len(pairs))
    began = np.full(len(pairs), np.iinfo(np.int64).max)
    np.minimum.at(began, act, rows.timestamp)
    chosen = np.full(customers, -1)
    worths = np.full(customers, np.nan)
    for customer in np.unique(whose[value > 0]):
        mine = np.flatnonzero((whose == customer) & (value > 0))
        away = np.abs(value[mine] - np.median(value[mine]))
        best = mine[np.lexsort((-began[mine], away))[0]]
        chosen[customer], worths[customer] = best, value[best]
    known = act == chosen[rows.group]
    places = np.flatnonzero(known if counted is None else known & counted)
    return Usual(places, began[act[places]], worths)


def _last_message(rows: Rows, customers: int) -> Usual:
    acted = GRAINS["messages"].prepare(rows, "UTC", frozenset())
    codes = [rows.words.code(one) for one in ("unsubscribe", "complain")]
    left = set(rows.group[np.isin(acted.columns["action"], codes)].tolist())
    last = {
        customer: at
        for at, customer in sorted(
            enumerate(rows.group.tolist()), key=lambda p: rows.timestamp[p[0]]
        )
        if customer not in left
    }
    places = np.array(sorted(last.values()), np.int64)
    value = np.full(customers, np.nan)
    value[list(last)] = 1.0
    return Usual(places, rows.timestamp[places], value)


def _of_none(customers: int) -> Usual:
    nothing = np.empty(0, np.int64)
    return Usual(nothing, nothing, np.full(customers, np.nan))


def _codes(rows: Rows, column: str, otherwise: Integers) -> Integers:
    """Return what tells acts apart: a column where it is known, else `otherwise`."""
    codes = rows.columns.get(column)
    if codes is None or column not in rows.texts:
        return otherwise
    return np.where(codes >= 0, codes, -1 - otherwise)

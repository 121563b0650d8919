"""What customers' features would be some days from now, had they done this or that until then.

Nothing is guessed of how features hang together: what is done becomes rows of the sources, like
rows that the customer left before, and all features are computed from the old rows and the new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import ibis
import ibis.expr.operations as ops
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.config import Role
from customer_atlas.data import bucket_of
from customer_atlas.engine import Connection, DuckDB
from customer_atlas.features.aggregates import microseconds
from customer_atlas.features.live import LiveState
from customer_atlas.features.monoids import Integers, Rows, Vocabulary
from customer_atlas.features.plan import Plan
from customer_atlas.features.roles import rows_of
from customer_atlas.features.snapshot import Snapshot
from customer_atlas.features.usual import Usual, usual_of

__all__ = ["Acting", "Doing", "Past"]

_READ = frozenset(
    {"timestamp", "order_id", "amount", "quantity", "type", "session_id", "campaign", "action"}
)
_SCALED = ("amount", "_amount", "quantity", "discount")
_DAY = 86_400_000_000
_ANSWER = (("sent", 0), ("open", 3_600_000_000), ("click", 3_660_000_000))
_TOLD_APART = {Role.TRANSACTIONS: "order_id", Role.EVENTS: "session_id", Role.MESSAGES: "campaign"}


@dataclass(frozen=True)
class Doing:
    """What a customer does within some days: so many orders, visits and answered messages.

    An order is like the customer's usual one, `size` times as large; a visit is like a usual one
    without a purchase; an answered message is a new one that is opened and clicked.
    """

    orders: int = 0
    size: float = 1.0
    visits: int = 0
    answers: int = 0

    @property
    def acts(self) -> int:
        """How many acts these are."""
        return self.orders + self.visits + self.answers


class Acting:
    """Reads the past of customers, as the features of a plan see it at `now`.

    The features are then told as of `then`: at least 14 days later, so that acts can be spread
    between the two.
    """

    def __init__(
        self, engine: DuckDB, snapshot: Snapshot, plan: Plan, now: datetime, then: datetime
    ) -> None:
        if then - now < timedelta(days=14):
            raise ValueError("acts are spread over 14 days at least")
        self.plan, self.now, self.then = plan, now, then
        self._engine, self._snapshot = engine, snapshot
        used = {one.name for one in plan.expression(now).op().find(ops.Field)}
        self._rows = snapshot.role_queries(now, used | _READ)
        self._people = ""
        if self._rows.pop(Role.CUSTOMERS, None):
            self._known = snapshot.role_queries(then, used)[Role.CUSTOMERS]
            self._people = str(ibis.to_sql(plan.attributes_expression(then), dialect="duckdb"))

    @property
    def sizes_vary(self) -> bool:
        """Whether orders can be larger: not where columns are computed of their rows."""
        sources = [one for one in self._snapshot.sources if one.role is Role.TRANSACTIONS]
        return not any(one.computed for one in sources) and any(
            "amount" in one.columns for one in sources
        )

    def past(self, customers: Sequence[str]) -> Past:
        """Return the past of some customers."""
        wanted = pa.table({"customer_id": pa.array(customers, pa.string())})
        buckets = {bucket_of(one, self._snapshot.lake.buckets) for one in customers}
        with self._engine.connect() as connection:
            self._snapshot.open(connection, buckets)
            connection.register("wanted", wanted)
            rows = {role: _few(connection, query) for role, query in self._rows.items()}
            people = None
            if self._people:
                step = "read the attributes of some customers"
                few = f"SELECT * FROM ({self._known}) {_WANTED}"
                connection.run(f"CREATE OR REPLACE TEMP TABLE customers AS {few}", step=step)
                people = connection.arrow(self._people, step=step)
        return Past(self, tuple(customers), rows, people)


_WANTED = "WHERE customer_id IN (SELECT customer_id FROM wanted)"


def _few(connection: Connection, query: str) -> pa.Table:
    return connection.arrow(
        f"SELECT * FROM ({query}) {_WANTED} ORDER BY customer_id, timestamp",
        step="read the past of some customers",
    )


@dataclass(frozen=True)
class Past:
    """The rows of some customers, to which what they might do is added."""

    acting: Acting
    customers: tuple[str, ...]
    tables: Mapping[Role, pa.Table]
    people: pa.Table | None

    @cached_property
    def usual(self) -> Mapping[Role, Usual]:
        """What an act of each role is like, for the customers who have done it before."""
        return {
            role: usual_of(role, rows, len(self.customers)) for role, rows in self._rows.items()
        }

    def features(self, doings: Sequence[Doing]) -> pa.Table:
        """Return the features at `then` of each customer after each of the doings.

        There are as many rows for each customer as there are doings, in their order. Who has
        never done what is asked for, does none of it.
        """
        plan, copies = self.acting.plan, len(doings)
        state = LiveState.of(plan.aggregates, plan.zone).add(self._rows).copied(copies)
        added = {role: _joined(list(self._added(role, doings))) for role in self._rows}
        state = state.add({role: rows for role, rows in added.items() if rows is not None})
        total = len(self.customers) * copies
        then = self.acting.then
        ids = pa.array(self.customers, pa.string()).take(
            pa.array(np.repeat(np.arange(len(self.customers)), copies))
        )
        return plan.table(ids, state.values(then, total), self._attributes(copies), then)

    def added(self, customer: str, doing: Doing) -> dict[Role, pa.Table]:
        """Return the rows that a doing adds for one customer, by role, as the lake has them."""
        whose = self.customers.index(customer)
        out: dict[Role, pa.Table] = {}
        for role in self._rows:
            parts = [
                part.take(part.group == whose) for part in self._added(role, [doing], shift=False)
            ]
            rows = _joined(parts)
            if rows is not None and len(rows):
                out[role] = _told(rows, customer)
        return out

    @cached_property
    def _rows(self) -> Mapping[Role, Rows]:
        people, words = Vocabulary(), Vocabulary()
        for one in self.customers:
            people.code(one)
        return {role: rows_of(role, one, people, words) for role, one in self.tables.items()}

    def _added(self, role: Role, doings: Sequence[Doing], *, shift: bool = True) -> Iterator[Rows]:
        """Yield the rows of each act; customers are numbered by doing as well where they shift."""
        usual = self.usual[role]
        if not len(usual.places):
            return
        like = self._rows[role].take(usual.places)
        clock = like.timestamp - usual.began
        time_of_day = usual.began % _DAY
        for at, doing in enumerate(doings):
            times = _times(role, doing)
            for number in range(times):
                day = self._day(number, times)
                rows = Rows(
                    like.group * len(doings) + at if shift else like.group,
                    day + time_of_day + clock,
                    _changed(role, like, doing, number),
                    like.words,
                    like.texts,
                )
                yield from _answered(rows) if role is Role.MESSAGES else (rows,)

    def _day(self, number: int, times: int) -> int:
        """Return the day of one of so many acts, which are spread evenly."""
        begin, end = microseconds(self.acting.now), microseconds(self.acting.then)
        at = begin + (end - begin) * (2 * number + 1) // (2 * times)
        return at // _DAY * _DAY

    def _attributes(self, copies: int) -> list[pa.Array]:
        if self.people is None:
            return []
        ids = self.people["customer_id"].to_pylist()
        place = {one: at for at, one in enumerate(ids)}
        places = np.repeat([place.get(one, -1) for one in self.customers], copies)
        indices = pa.array(places, pa.int64(), mask=places < 0)
        names = [f"c{i}" for i in range(len(self.acting.plan.attributes))]
        return [self.people[name].combine_chunks().take(indices) for name in names]


def _times(role: Role, doing: Doing) -> int:
    counts = {
        Role.TRANSACTIONS: doing.orders, Role.EVENTS: doing.visits, Role.MESSAGES: doing.answers
    }  # fmt: skip
    return counts.get(role, 0)


def _changed(
    role: Role, like: Rows, doing: Doing, number: int
) -> dict[str, NDArray[np.float64] | Integers]:
    """Return the columns of rows: an order, session or campaign of their own, and their size."""
    columns = dict(like.columns)
    apart = _TOLD_APART[role]
    own = like.words.code(f"act {number}")
    columns[apart] = np.where(columns[apart] < 0, columns[apart], own)
    if role is Role.MESSAGES:
        columns[apart] = np.full(len(like), own)
    if role is Role.TRANSACTIONS and doing.size != 1.0:
        for name in _SCALED:
            if name in columns and name not in like.texts:
                columns[name] = columns[name] * doing.size
    return columns


def _answered(rows: Rows) -> Iterator[Rows]:
    """Yield messages as sent, opened and clicked."""
    for action, later in _ANSWER:
        codes = np.full(len(rows), rows.words.code(action))
        columns = {**rows.columns, "action": codes}
        texts = rows.texts | {"action"}
        yield Rows(rows.group, rows.timestamp + later, columns, rows.words, texts)


def _joined(parts: list[Rows]) -> Rows | None:
    if not parts:
        return None
    columns = {
        name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns
    }
    group = np.concatenate([part.group for part in parts])
    at = np.concatenate([part.timestamp for part in parts])
    return Rows(group, at, columns, parts[0].words, parts[0].texts)


def _told(rows: Rows, customer: str) -> pa.Table:
    columns: dict[str, pa.Array] = {
        "customer_id": pa.repeat(customer, len(rows)),
        "timestamp": pa.array(rows.timestamp).cast(pa.timestamp("us")),
    }
    for name, values in rows.columns.items():
        told = name in rows.texts
        columns[name] = rows.words.texts(values) if told else pa.array(values, from_pandas=True)
    return pa.table(columns)

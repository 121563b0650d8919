"""Sessions are the same in whatever order and pieces their events become known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_atlas.config import Role
from customer_atlas.engine import Connection, DuckDB
from customer_atlas.features.grains import GRAINS
from customer_atlas.features.monoids import Rows, Table, Vocabulary
from customer_atlas.features.roles import rows_of
from customer_atlas.features.sessions import SLOTS, joined, session_keys, session_rows
from tests.features.aggregates.conformance import arrow

START = datetime(2026, 3, 1)
SESSIONS = GRAINS["sessions"]
COLUMNS = ["customer", "at", "events", "minutes", "cart", "checkout", "purchase", "intent"]

events = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["ann", "ann", "bob"]),
            "timestamp": st.builds(
                lambda minute, more: START + timedelta(minutes=minute, microseconds=more),
                st.one_of(st.integers(0, 12).map(lambda n: 15 * n), st.integers(0, 400)),
                st.sampled_from([0, 0, 0, 0, 0, 1]),
            ),
            "session_id": st.sampled_from([None, None, None, None, None, "s"]),
            "type": st.sampled_from(["view", "cart", "checkout", "buy", None]),
        }
    ),
    min_size=1,
    max_size=20,
).map(pd.DataFrame)


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """One connection for all queries."""
    with DuckDB(threads=1).connect() as opened:
        yield opened


class Known:
    """Events as states, with the numbers of customers and words."""

    def __init__(self) -> None:
        self.customers, self.words = Vocabulary(), Vocabulary()

    def table(self, rows: pd.DataFrame) -> Table:
        """Return the sessions of some events."""
        table = arrow(rows, Role.EVENTS)
        made = rows_of(Role.EVENTS, table, self.customers, self.words)
        made = SESSIONS.prepare(made, "UTC", frozenset())
        return joined(Table.of(made, (made.group, *session_keys(made)), SLOTS))

    def told(self, table: Table) -> list[tuple[Any, ...]]:
        """Return the sessions as rows."""
        rows: Rows = session_rows(table)
        names = self.customers.texts(rows.group).to_pylist()
        columns = [rows.column(name) for name in COLUMNS[2:]]
        return sorted(zip(names, rows.timestamp.tolist(), *columns, strict=True))


def merged(one: Table, other: Table) -> Table:
    return joined(one.merge(other))


@settings(max_examples=100, deadline=timedelta(seconds=20))
@given(rows=events, pieces=st.integers(1, 8), random=st.randoms(use_true_random=False))
def test_pieces_in_any_order_and_any_tree_are_the_sessions_of_all_events(
    connection: Connection, rows: pd.DataFrame, pieces: int, random: Any
) -> None:
    known = Known()
    whole = known.told(known.table(rows))
    order = random.sample(range(len(rows)), len(rows))
    parts = [piece for piece in np.array_split(np.array(order), pieces) if len(piece)]
    tables = [known.table(rows.iloc[piece]) for piece in parts]
    assert known.told(reduce(merged, tables)) == whole
    assert known.told(reduce(lambda done, one: merged(one, done), tables)) == whole
    while len(tables) > 1:
        one = tables.pop(random.randrange(len(tables)))
        other = tables.pop(random.randrange(len(tables)))
        tables.append(merged(other, one))
    assert known.told(tables[0]) == whole
    assert whole == queried(connection, rows)


def queried(connection: Connection, rows: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return the same by the query."""
    table: pa.Table = arrow(rows, Role.EVENTS)
    connection.register("events", table)
    schema = {"customer_id": "string", "timestamp": "timestamp(6)"}
    texts = dict.fromkeys(("session_id", "type"), "string")
    found = SESSIONS.build(ibis.table(schema | texts, name="events"), "UTC")
    rows_found = connection.arrow(str(ibis.to_sql(found, dialect="duckdb")), step="test")
    return sorted(
        (
            row["customer_id"],
            (row["timestamp"] - datetime(1970, 1, 1)) // timedelta(microseconds=1),
            *(float(row[name]) for name in COLUMNS[2:]),
        )
        for row in rows_found.to_pylist()
    )


def test_a_late_event_joins_the_sessions_on_both_sides_of_it() -> None:
    known = Known()
    times = [START + timedelta(minutes=minute) for minute in (0, 25, 50)]
    rows = pd.DataFrame({"customer_id": "ann", "timestamp": times, "session_id": None})
    ends = known.table(rows.iloc[[0, 2]])
    assert len(ends) == 2
    assert [row[2:4] for row in known.told(merged(ends, known.table(rows.iloc[[1]])))] == [(3, 50)]


def test_events_within_a_long_session_belong_to_it_wherever_they_are() -> None:
    known = Known()
    times = [START + timedelta(minutes=minute) for minute in (0, 30, 60, 90, 10, 85)]
    rows = pd.DataFrame({"customer_id": "ann", "timestamp": times, "session_id": None})
    long, within = known.table(rows.iloc[:4]), known.table(rows.iloc[4:])
    assert (len(long), len(within)) == (1, 2)
    assert [row[2:4] for row in known.told(merged(long, within))] == [(6, 90)]


def test_a_pause_of_half_an_hour_parts_nothing_and_a_longer_one_does() -> None:
    known = Known()
    pause = timedelta(minutes=30)
    for more, count in ((timedelta(), 1), (timedelta(microseconds=1), 2)):
        rows = pd.DataFrame({"customer_id": "ann", "timestamp": [START, START + pause + more]})
        assert len(known.table(rows)) == count

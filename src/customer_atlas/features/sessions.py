"""Sessions: events with one session id, or without one those that no long pause parts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.monoids import Counted, Greatest, Integers, Least, Rows, Table, Where

__all__ = [
    "SESSION_ACTS",
    "SESSION_GAP",
    "SLOTS",
    "joined",
    "session_keys",
    "session_rows",
    "sessions",
]

SESSION_GAP = timedelta(minutes=30)
SESSION_ACTS: dict[str, tuple[str, ...]] = {
    "cart": ("cart",), "checkout": ("checkout",), "purchase": ("purchase",),
    "intent": ("cart", "checkout"),
}  # fmt: skip
"""What a session is told to have, and by which acts of its events."""

_PAUSE = SESSION_GAP // timedelta(microseconds=1)
_MINUTE = 60_000_000.0
_EVENTS = Counted()
_FIRST, _LAST = Least("timestamp"), Greatest("timestamp")
_ACTS = {
    act: Counted(None, (Where("act", "==", act),)) for acts in SESSION_ACTS.values() for act in acts
}
SLOTS = (_EVENTS, _FIRST, _LAST, *_ACTS.values())


def sessions(rows: ir.Table) -> ir.Table:
    """Return one row per session: when it began, its minutes, events and acts."""
    in_time = ibis.window(group_by=[rows.customer_id, rows.session_id], order_by=rows.timestamp)
    idle: Any = rows.timestamp.delta(rows.timestamp.lag().over(in_time), unit="microsecond")
    begins = (rows.session_id.isnull() & (idle.isnull() | (idle > _PAUSE))).cast("int64")
    marked = rows.mutate(begins=begins)
    # A range, not rows: events of one instant come in any order, and belong to one session.
    up_to = ibis.range_window(
        group_by=[marked.customer_id, marked.session_id],
        order_by=marked.timestamp,
        preceding=None,
        following=0,
    )
    numbered = marked.mutate(number=marked.begins.sum().over(up_to))
    found = numbered.group_by("customer_id", "session_id", "number").agg(
        timestamp=numbered.timestamp.min(),
        until=numbered.timestamp.max(),
        events=numbered.count(),
        **{
            name: numbered.act.isin(acts).any().fill_null(False)
            for name, acts in SESSION_ACTS.items()
        },
    )
    length: Any = found.until.delta(found.timestamp, unit="microsecond")
    return found.mutate(minutes=length / _MINUTE)


def session_keys(rows: Rows) -> tuple[Integers, ...]:
    """Return each row's session, and its instant where the session has no id."""
    session = rows.columns["session_id"]
    return session, np.where(session < 0, rows.timestamp, 0)


def joined(table: Table) -> Table:
    """Return the table with those sessions without an id as one that no pause parts.

    Sessions are intervals: which of them belong together depends on where they begin and end, and
    not on the order in which they became known.
    """
    group, session, start = table.keys
    loose = session < 0
    if not loose.any():
        return table
    new = np.ones(len(group), dtype=bool)
    end = table.states[_LAST].astype(np.int64)
    reached = _reached(group[loose], end[loose])
    same = group[loose][1:] == group[loose][:-1]
    new[np.flatnonzero(loose)[1:]] = ~(same & (start[loose][1:] - reached[:-1] <= _PAUSE))
    begin = start[new][np.cumsum(new) - 1]
    return table.rekeyed((group, session, begin))


def _reached(group: Integers, end: Integers) -> NDArray[np.int64]:
    """Return the latest end so far within each group."""
    ends, rank = np.unique(end, return_inverse=True)
    number = np.cumsum(np.append(False, group[1:] != group[:-1]))
    highest = np.maximum.accumulate(rank + number * len(ends))
    return np.asarray(ends[highest - number * len(ends)])


def session_rows(table: Table) -> Rows:
    """Return one row per session."""
    states = table.states
    columns = {
        "events": states[_EVENTS],
        "minutes": (states[_LAST] - states[_FIRST]) / _MINUTE,
        **{
            name: np.any([states[_ACTS[act]] > 0 for act in acts], axis=0).astype(np.float64)
            for name, acts in SESSION_ACTS.items()
        },
    }
    return Rows(table.keys[0], states[_FIRST].astype(np.int64), columns, table.words)

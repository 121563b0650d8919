"""Segments that keep their identity, and the ledger of what became of them: rows and records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from customer_atlas.errors import UnknownNameError
from customer_atlas.registry import schema
from customer_atlas.registry.records import LedgerRecord, NoteRecord, SegmentRecord
from customer_atlas.registry.store import Store

__all__ = ["Identities", "record_segments"]


class Identities:
    """The segments of all generations, what people say of them, and the ledger.

    Every method is one transaction, as those of `Registry`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def segments(self, segmentation: str) -> list[SegmentRecord]:
        """Return the segments of all generations, the first born first."""
        with self._store.reading("read the segments") as connection:
            return _segments(connection, segmentation)

    def ledger(self, segmentation: str) -> list[LedgerRecord]:
        """Return what became of segments, in the order in which it was found."""
        table = schema.ledger
        columns = [column for column in table.columns if column.name != "id"]
        query = select(*columns).where(table.c.segmentation == segmentation).order_by(table.c.id)
        with self._store.reading("read the ledger") as connection:
            return [LedgerRecord(**row._mapping) for row in connection.execute(query)]

    def annotate(
        self,
        segmentation: str,
        identifier: str,
        *,
        name: str | None = None,
        owner: str | None = None,
        note: str | None = None,
    ) -> SegmentRecord:
        """Change what people say of a segment; None leaves it, an empty text takes it away.

        A note is added to those that are there.

        Raises:
            UnknownNameError: there is no such segment.
        """
        with self._store.writing("write of the segment") as connection:
            found = {one.id: one for one in _segments(connection, segmentation)}
            if identifier not in found:
                raise UnknownNameError("segment", identifier, found)
            values: dict[str, Any] = {}
            if name is not None:
                values["given_name"] = name or None
            if owner is not None:
                values["owner"] = owner or None
            if note:
                at = datetime.now(UTC).isoformat(timespec="seconds")
                notes = (*found[identifier].notes, NoteRecord(at, identifier, note))
                values["notes"] = [asdict(one) for one in notes]
            if values:
                _change(connection, segmentation, identifier, values)
            after = {one.id: one for one in _segments(connection, segmentation)}
            return after[identifier]


def record_segments(
    connection: Connection, segments: Sequence[SegmentRecord], ledger: Sequence[LedgerRecord]
) -> None:
    """Keep the segments of a segmentation as they are now, and add to the ledger.

    What people wrote of a segment that is there stays, and notes are added to.
    """
    for segment in segments:
        _keep(connection, segment)
    if ledger:
        connection.execute(insert(schema.ledger), [vars(one) for one in ledger])


def _keep(connection: Connection, segment: SegmentRecord) -> None:
    table = schema.segments
    there = connection.execute(
        select(table).where(table.c.segmentation == segment.segmentation, table.c.id == segment.id)
    ).one_or_none()
    if there is None:
        row = vars(segment) | {"notes": [asdict(one) for one in segment.notes]}
        connection.execute(insert(table).values(row))
        return
    known = _segment(there._asdict())
    new = [one for one in segment.notes if one not in known.notes]
    values = {
        "level": segment.level,
        "parent": segment.parent,
        "ended": segment.ended,
        "name": segment.name,
        "notes": [asdict(one) for one in (*known.notes, *new)],
    }
    _change(connection, segment.segmentation, segment.id, values)


def _change(
    connection: Connection, segmentation: str, identifier: str, values: dict[str, Any]
) -> None:
    table = schema.segments
    where = (table.c.segmentation == segmentation, table.c.id == identifier)
    connection.execute(update(table).where(*where).values(values))


def _segment(row: dict[str, Any]) -> SegmentRecord:
    notes = tuple(NoteRecord(**one) for one in row.pop("notes"))
    return SegmentRecord(**row, notes=notes)


def _segments(connection: Connection, segmentation: str) -> list[SegmentRecord]:
    table = schema.segments
    query = select(table).where(table.c.segmentation == segmentation)
    found = [_segment(row._asdict()) for row in connection.execute(query)]
    return sorted(found, key=lambda one: (one.born, one.level, one.id))

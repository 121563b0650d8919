"""Outcomes: what the labels say of each segment, since no segment was made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import pyarrow as pa

from customer_atlas.config import ColumnType, Label, Role, Source
from customer_atlas.engine import Connection, literal, quoted
from customer_atlas.features import Snapshot
from customer_atlas.pipeline.published import Published

__all__ = ["Measured", "Outcome", "outcomes_of"]

_Z = 1.959964  # of a 95 % interval


@dataclass(frozen=True)
class Measured:
    """A share (0 to 1) or a mean over `known` people, with the ends of its 95 % interval.

    The interval of a share is Wilson's (E. B. Wilson, "Probable inference, the law of succession,
    and statistical inference", 1927), that of a mean the normal one.
    """

    value: float
    low: float
    high: float
    known: int


@dataclass(frozen=True)
class Outcome:
    """A label over everyone and over each segment, by segment id.

    `kind` is ``share`` for a label with a positive value, ``mean`` for a number without one.
    """

    name: str
    kind: str
    positive: str | None
    everyone: Measured
    segments: Mapping[str, Measured]


def outcomes_of(published: Published) -> list[Outcome]:
    """Return the outcomes of a segmentation's members, in the order of the project file.

    Labels are what the lake knows now of the time of the memberships. One without a positive
    value that is no number, such as the arms of an experiment, is none. A segment without any
    known value is not in `segments`.
    """
    project = published.work.file.project
    declared = [
        (source, name, label)
        for source in project.sources.values()
        for name, label in source.labels.items()
    ]
    if not declared:
        return []
    work = published.work
    snapshot = work.snapshot()
    with work.engine.connect() as connection:
        snapshot.open(connection)
        connection.register("members", published.members().select(["customer_id", "segment_id"]))
        columns = _columns(snapshot)
        used = {name for name, _ in columns.values()}
        people = snapshot.role_queries(published.as_of, used).get(Role.CUSTOMERS)
        return [
            outcome
            for source, name, label in declared
            for outcome in _outcome(connection, people, columns, source, name, label)
        ]


def _outcome(
    connection: Connection,
    people: str | None,
    columns: Mapping[str, tuple[str, ColumnType]],
    source: Source,
    name: str,
    label: Label,
) -> Iterator[Outcome]:
    mapped = {text.casefold(): standard for standard, text in source.columns.items()}
    held = columns.get(mapped.get(label.column.casefold(), label.column).casefold())
    value = _value(*held, label.positive) if held else None
    if people is None or value is None:
        return
    rows = connection.arrow(
        f"WITH valued AS (SELECT segment_id, {value} AS value FROM members "
        f"JOIN ({people}) AS people ON members.customer_id = people.customer_id) "
        "SELECT segment_id, count(value) AS known, avg(value) AS mean, "
        "coalesce(stddev_samp(value), 0) AS deviation FROM valued WHERE value IS NOT NULL "
        "GROUP BY GROUPING SETS ((), (segment_id)) HAVING count(value) > 0 ORDER BY segment_id",
        step=f"measure {name}",
    )
    measured = dict(_measured(rows, share=label.positive is not None))
    if None in measured:
        everyone = measured.pop(None)
        kind = "mean" if label.positive is None else "share"
        by_segment = {key: one for key, one in measured.items() if key is not None}
        yield Outcome(name, kind, label.positive, everyone, by_segment)


def _measured(rows: pa.Table, *, share: bool) -> Iterator[tuple[str | None, Measured]]:
    for row in rows.to_pylist():
        known, mean = row["known"], row["mean"]
        if share:
            low, high = _wilson(mean, known)
        else:
            reach = _Z * row["deviation"] / sqrt(known)
            low, high = mean - reach, mean + reach
        yield row["segment_id"], Measured(mean, low, high, known)


def _wilson(share: float, known: int) -> tuple[float, float]:
    """Return the ends of Wilson's 95 % interval.

    >>> [round(end, 3) for end in _wilson(0.5, 10)]
    [0.237, 0.763]
    """
    square = _Z * _Z / known
    middle = (share + square / 2) / (1 + square)
    reach = _Z / (1 + square) * sqrt(share * (1 - share) / known + square / (4 * known))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _value(column: str, kind: ColumnType, positive: str | None) -> str | None:
    """Return the SQL of a label as a number; None where it is neither a number nor yes or no."""
    name = f"people.{quoted(column)}"
    if positive is None:
        return name if kind is ColumnType.NUMBER else None
    yes: Any = {
        ColumnType.NUMBER: f"{name} = TRY_CAST({literal(positive)} AS DOUBLE)",
        ColumnType.BOOLEAN: f"{name} = TRY_CAST({literal(positive)} AS BOOLEAN)",
    }.get(kind, f"{name} = {literal(positive)}")
    return f"CAST({yes} AS DOUBLE)"


def _columns(snapshot: Snapshot) -> dict[str, tuple[str, ColumnType]]:
    """Return the columns of people in the lake with their types, by their names in lower case."""
    return {
        name.casefold(): (name, kind)
        for source in snapshot.sources
        if source.role is Role.CUSTOMERS
        for name, kind in source.columns.items()
    }

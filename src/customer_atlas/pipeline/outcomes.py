"""Outcomes: what the labels say of each segment, since no segment was made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

import pyarrow as pa

from customer_atlas.config import ColumnType, Label, Source
from customer_atlas.engine import Connection, literal, quoted
from customer_atlas.errors import nearest
from customer_atlas.features import Snapshot, SourceTable, people_query
from customer_atlas.pipeline.published import Published
from customer_atlas.pipeline.workspace import Workspace

__all__ = ["Held", "Measured", "Outcome", "label_warnings", "labels_of", "outcomes_of"]

_MEANT = (("yes", "y", "true", "1"), ("no", "n", "false", "0"))
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


@dataclass(frozen=True)
class Held:
    """A label with the column of the lake that holds it, None where there is none."""

    source: SourceTable
    name: str
    label: Label
    column: str | None

    def value(self) -> str | None:
        """The SQL of the label as a number; None where it is neither a number nor yes or no."""
        if self.column is None:
            return None
        kind, positive = self.source.columns[self.column], self.label.positive
        held = f"people.{quoted(self.column)}"
        if positive is None:
            return held if kind is ColumnType.NUMBER else None
        # A number is compared as one, a truth value by its word.
        said = f"CAST({held} AS VARCHAR)"
        if kind is ColumnType.NUMBER:
            said = (
                f"CASE WHEN {held} = trunc({held}) THEN CAST(CAST({held} AS HUGEINT) AS VARCHAR) "
            )
            said += f"ELSE CAST({held} AS VARCHAR) END"
        words = ", ".join(literal(word) for word in _words(positive))
        yes = f"lower(trim({said})) IN ({words})"
        return f"CAST({yes} AS DOUBLE)"


def outcomes_of(published: Published) -> list[Outcome]:
    """Return the outcomes of a segmentation's members, in the order of the project file.

    Labels are what the lake knows now of the time of the memberships. One without a positive
    value that is no number, such as the arms of an experiment, is none. A segment without any
    known value is not in `segments`.
    """
    work = published.work
    snapshot = work.snapshot()
    held = labels_of(work, snapshot)
    if not held:
        return []
    with work.engine.connect() as connection:
        snapshot.open(connection)
        connection.register(
            "members", published.members().select(["customer_id", "segment_id", "level"])
        )
        return [outcome for one in held for outcome in _outcome(connection, one, published.as_of)]


def label_warnings(work: Workspace, snapshot: Snapshot, as_of: datetime) -> Iterator[str]:
    """Yield what is odd of the labels: a column that is not there, a value that nobody has."""
    held = labels_of(work, snapshot)
    if not held:
        return
    with work.engine.connect() as connection:
        snapshot.open(connection)
        for one in held:
            place = work.file.where("sources", one.source.name, "labels", one.name)
            if one.column is None:
                hint = nearest(one.label.column, one.source.columns)
                yield f"{place}: the lake has no column '{one.label.column}' of this source.{hint}"
            elif one.label.positive is not None and not _somebody(connection, one, as_of):
                yield (
                    f"{place}: nobody has '{one.label.positive}' in the column {one.column}; write "
                    "`positive` as the column does, in quotes."
                )


def labels_of(work: Workspace, snapshot: Snapshot) -> list[Held]:
    """Return the labels that the project file declares, in its order."""
    declared = work.file.project.sources
    return [
        Held(source, name, label, _column(source, declared[source.name], label))
        for source in snapshot.sources
        for name, label in declared[source.name].labels.items()
    ]


def _column(source: SourceTable, declared: Source, label: Label) -> str | None:
    wanted = declared.kept_as(label.column).casefold()
    return next((name for name in source.columns if name.casefold() == wanted), None)


def _people(one: Held, as_of: datetime) -> str:
    """Return the SQL of the people of a label's own source: others may have a column so named."""
    assert one.column is not None
    return people_query(one.source, as_of, [one.column])


def _somebody(connection: Connection, one: Held, as_of: datetime) -> bool:
    query = f"SELECT count(*) FROM ({_people(one, as_of)}) AS people WHERE {one.value()} = 1"
    return bool(connection.rows(query, step=f"look for {one.name}")[0][0])


def _outcome(connection: Connection, one: Held, as_of: datetime) -> Iterator[Outcome]:
    value = one.value()
    if value is None:
        return
    rows = connection.arrow(
        f"WITH valued AS (SELECT segment_id, level, {value} AS value FROM members "
        f"JOIN ({_people(one, as_of)}) AS people ON members.customer_id = people.customer_id) "
        ", counted AS (SELECT NULL AS segment_id, value FROM valued WHERE level = 1 "
        "UNION ALL SELECT segment_id, value FROM valued WHERE segment_id IS NOT NULL) "
        "SELECT segment_id, count(value) AS known, avg(value) AS mean, "
        "coalesce(stddev_samp(value), 0) AS deviation FROM counted WHERE value IS NOT NULL "
        "GROUP BY segment_id HAVING count(value) > 0 ORDER BY segment_id",
        step=f"measure {one.name}",
    )
    positive = one.label.positive
    measured = dict(_measured(rows, share=positive is not None))
    if None in measured:
        everyone = measured.pop(None)
        kind = "mean" if positive is None else "share"
        by_segment = {key: value for key, value in measured.items() if key is not None}
        yield Outcome(one.name, kind, positive, everyone, by_segment)


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


def _words(positive: str) -> tuple[str, ...]:
    """Return the words that mean a positive value; YAML makes true of an unquoted yes.

    >>> _words("true"), _words("Left")
    (('yes', 'y', 'true', '1'), ('left',))
    """
    word = positive.strip().casefold()
    return next((words for words in _MEANT if word in words), (word,))

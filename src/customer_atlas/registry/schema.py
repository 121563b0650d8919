"""The one SQL schema of the registry, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

__all__ = [
    "SCHEMA_VERSION",
    "Document",
    "Moment",
    "Texts",
    "files",
    "generations",
    "ledger",
    "metadata",
    "promotions",
    "runs",
    "schema",
    "segments",
    "serving",
    "sources",
]

SCHEMA_VERSION = 2  # 2 added segments and the ledger


class Moment(TypeDecorator[datetime]):
    """An instant: aware in Python, ``timestamptz`` on PostgreSQL, UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant to UTC; a naive one means nothing and is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value.isoformat()}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Texts(TypeDecorator[tuple[str, ...]]):
    """A tuple of texts, kept as a JSON list."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> list[str]:
        """Turn a tuple to a list."""
        return list(value or ())

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...]:
        """Turn a list to a tuple."""
        return tuple(value or ())


class Document(TypeDecorator[Any]):
    """A JSON document, held to the standard before either database sees it."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Turn mappings and tuples to plain ones; NaN and what JSON does not know are refused."""
        # SQLite would keep a NaN, and PostgreSQL's driver fails in ways of its own.
        return json.loads(json.dumps(value, default=_mapping, allow_nan=False))


def _mapping(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no value of JSON")


def _needed(name: str, kind: Any, *rules: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, *rules, nullable=False, **options)


metadata = MetaData()

schema = Table(
    "atlas_schema",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    _needed("version", Integer),
    _needed("created_at", Moment),
)

sources = Table(
    "atlas_sources",
    metadata,
    Column("source", Text, primary_key=True),
    _needed("definition", Text),
    _needed("version", BigInteger),
    Column("quarantine_version", BigInteger),
    _needed("look_alikes", BigInteger),
    _needed("notes", Texts),
    _needed("ingested_at", Moment),
)

files = Table(
    "atlas_files",
    metadata,
    Column("source", Text, ForeignKey(sources.c.source), primary_key=True),
    Column("path", Text, primary_key=True),
    _needed("file_id", Text),
    _needed("size", BigInteger),
    _needed("modified_ns", BigInteger),
    _needed("digest", Text),
    _needed("read", BigInteger),
    _needed("kept", BigInteger),
    _needed("filtered", BigInteger),
    _needed("quarantined", BigInteger),
    _needed("deduplicated", BigInteger),
    _needed("reasons", Document),
    CheckConstraint(
        "read = kept + filtered + quarantined + deduplicated", name="atlas_files_counts_add_up"
    ),
)

runs = Table(
    "atlas_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    _needed("segmentation", Text),
    _needed(
        "status", Text, CheckConstraint("status IN ('running', 'done', 'failed', 'interrupted')")
    ),
    _needed("started_at", Moment),
    Column("finished_at", Moment),
    Column("inputs", Text),
    Column("as_of", Moment),
    # The two tables point at each other, so PostgreSQL adds this reference last.
    Column(
        "generation",
        Integer,
        ForeignKey("atlas_generations.id", use_alter=True, name="atlas_runs_generation"),
    ),
    Column("outcome", Text),
    _needed("metrics", Document),
    Column("error", Text),
    Index("atlas_runs_by_status", "segmentation", "status"),
    # An id names a folder of the lake, so it is never given twice.
    sqlite_autoincrement=True,
)

generations = Table(
    "atlas_generations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _needed("segmentation", Text, index=True),
    _needed("created_at", Moment),
    _needed("run", Integer, ForeignKey(runs.c.id)),
    _needed("as_of", Moment),
    _needed("seed", BigInteger),
    _needed("definition", Text),
    _needed("config", Document),
    _needed("table_versions", Document),
    _needed("metrics", Document),
    _needed("artifacts", Text),
    _needed("libraries", Document),
)

serving = Table(
    "atlas_serving",
    metadata,
    Column("segmentation", Text, primary_key=True),
    _needed("generation", Integer, ForeignKey(generations.c.id)),
    _needed("run", Integer, ForeignKey(runs.c.id)),
    _needed("since", Moment),
)

promotions = Table(
    "atlas_promotions",
    metadata,
    Column("id", Integer, primary_key=True),
    _needed("segmentation", Text, index=True),
    _needed("generation", Integer, ForeignKey(generations.c.id)),
    _needed("run", Integer, ForeignKey(runs.c.id)),
    _needed("at", Moment),
    sqlite_autoincrement=True,
)

segments = Table(
    "atlas_segments",
    metadata,
    Column("segmentation", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    _needed("level", Integer),
    Column("parent", Text),
    _needed("born", Integer, ForeignKey(generations.c.id)),
    Column("ended", Integer, ForeignKey(generations.c.id)),
    _needed("name", Text),
    Column("given_name", Text),
    Column("owner", Text),
    _needed("notes", Document),
)

ledger = Table(
    "atlas_ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    _needed("segmentation", Text, index=True),
    _needed("generation", Integer, ForeignKey(generations.c.id)),
    Column("before", Integer, ForeignKey(generations.c.id)),
    _needed("run", Integer, ForeignKey(runs.c.id)),
    _needed("as_of", Moment),
    _needed("level", Integer),
    _needed("kind", Text),
    _needed("segments", Texts),
    _needed("sentence", Text),
    _needed("evidence", Document),
    sqlite_autoincrement=True,
)

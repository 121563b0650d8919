"""Transactions on the registry's tables, and the making and checking of these tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, inspect, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from customer_atlas.errors import RegistryError
from customer_atlas.registry.database import Address, connect
from customer_atlas.registry.schema import SCHEMA_VERSION, metadata, schema

__all__ = ["Store"]

_CREATING = text("SELECT pg_advisory_xact_lock(hashtext('customer-atlas schema'))")


class Store:
    """The registry's database with its schema in place.

    Raises:
        RegistryError: the database fails, or another release made its tables.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._engine = connect(address)
        self._writer = self._engine.execution_options(writes=True)

    @classmethod
    def open(cls, url: str, folder: Path) -> Store:
        """Open the database at `url`, with its tables made where there are none."""
        address = Address(url, folder)
        if address.is_sqlite:
            _make_folder(Path(str(address.url.database)).parent)
        store = cls(address)
        try:
            store._settle_schema()
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self, doing: str) -> Iterator[Connection]:
        """Yield a transaction that only reads; `doing` says what failed, if it does."""
        with self._address.translated(doing), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, doing: str) -> Iterator[Connection]:
        """Yield a transaction that is kept whole at its end, or not at all."""
        with self._address.translated(doing), self._writer.begin() as connection:
            yield connection

    def upsert(self, connection: Connection, table: Table, records: Sequence[Any]) -> None:
        """Insert records of one table; those whose primary key is there replace its row."""
        if not records:
            return
        statement = (sqlite if self._address.is_sqlite else postgresql).insert(table)
        keys = [column.name for column in table.primary_key]
        others = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
        connection.execute(
            statement.on_conflict_do_update(index_elements=keys, set_=others),
            [vars(record) for record in records],
        )

    def _settle_schema(self) -> None:
        with self.reading("open the registry") as connection:
            made = inspect(connection).has_table(schema.name)
        if not made:
            self._create_schema()
        with self.reading("open the registry") as connection:
            version = connection.scalar(select(schema.c.version))
        if version == 1:
            self._add_tables()
        elif version != SCHEMA_VERSION:
            raise RegistryError(
                f"The registry at {self._address} has schema version {version}; this release of "
                f"Customer Atlas reads version {SCHEMA_VERSION}. Use the release that made it, or "
                "name another registry in state.registry."
            )

    def _add_tables(self) -> None:
        """Bring a registry of version 1 up to date: later versions only added tables."""
        with self.writing("bring the registry up to date") as connection:
            if not self._address.is_sqlite:
                connection.execute(_CREATING)
            metadata.create_all(connection, checkfirst=True)
            connection.execute(update(schema).values(version=SCHEMA_VERSION))

    def _create_schema(self) -> None:
        with self.writing("create the registry") as connection:
            if not self._address.is_sqlite:
                connection.execute(_CREATING)
            if inspect(connection).has_table(schema.name):
                return
            metadata.create_all(connection, checkfirst=False)
            made = {"id": 1, "version": SCHEMA_VERSION, "created_at": datetime.now(UTC)}
            connection.execute(insert(schema).values(made))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RegistryError(
            f"The folder {folder} of the registry cannot be made: {error.strerror}."
        ) from error

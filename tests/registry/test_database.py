"""Addresses, logins and failures of the database, told to people without a password."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from customer_atlas.errors import MissingExtraError, RegistryError
from customer_atlas.registry import Registry
from customer_atlas.registry.database import Address
from tests.registry.places import Place, scripted

SECRET = "hunter2-s3cret"


def test_a_relative_file_starts_at_the_folder_and_an_absolute_one_does_not(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert str(Address("sqlite:///r.db", tmp_path / "a")) == str(tmp_path / "a" / "r.db")
    assert str(Address(f"sqlite:///{tmp_path}/r.db", tmp_path / "a")) == str(tmp_path / "r.db")
    Registry.open("sqlite:///new/folder/r.db", tmp_path).close()
    assert (tmp_path / "new" / "folder" / "r.db").is_file()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_the_same(scheme: str) -> None:
    address = Address(f"{scheme}://ann:{SECRET}@db/atlas?sslmode=require", Path())
    assert address.url.drivername == "postgresql+psycopg"
    assert str(address) == "postgresql://ann@db/atlas"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (f"mysql://ann:{SECRET}@db/atlas", "cannot be kept in 'mysql'"),
        (f"postgresql+asyncpg://ann:{SECRET}@db/x", "cannot be kept in 'postgresql\\+asyncpg'"),
        (f"postgresql://ann:{SECRET}@db:port/x", "cannot be read. Write sqlite:///"),
        (f"postgresql://ann:{SECRET}@{SECRET}@db/x", "more than one '@'.*%40"),
        (f"{SECRET}", "cannot be read"),
        ("", "cannot be read"),
        ("sqlite://", "one file"),
        ("sqlite:///:memory:", "one file"),
        ("sqlite:///file:r.db?uri=true", "one file"),
        (f"sqlite://ann:{SECRET}@db/r.db", "one file"),
    ],
)
def test_a_wrong_url_is_told_without_its_secrets(url: str, message: str) -> None:
    with pytest.raises(RegistryError, match=message) as caught:
        Registry.open(url, Path())
    assert SECRET not in str(caught.value)


def test_an_unreachable_server_is_told_without_the_password(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    url = f"postgresql://ann:{SECRET}@127.0.0.1:{port}/atlas?application_name={SECRET}"
    with pytest.raises(RegistryError) as caught:
        Registry.open(url, tmp_path)
    told = str(caught.value)
    assert f"the registry at postgresql://ann@127.0.0.1:{port}/atlas answered: " in told
    assert "refused" in told
    assert told.endswith("Check that the server runs, and the address and login in state.registry.")
    assert SECRET not in told


def test_an_answer_that_repeats_the_password_is_told_without_it() -> None:
    address = Address(f"postgresql://ann:{SECRET}@db/atlas", Path())
    answer = Exception(f"no entry for ann:{SECRET}\nDETAIL: {SECRET}")
    with (
        pytest.raises(
            RegistryError, match=r"Could not read: .* no entry for ann:\*\*\*\.$"
        ) as caught,
        address.translated("read"),
    ):
        raise OperationalError("SELECT 1", {}, answer)
    assert SECRET not in str(caught.value)


def test_an_unknown_database_is_told(postgres_server: str, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match='database "nowhere" does not exist. Check'):
        Registry.open(postgres_server.format("nowhere"), tmp_path)


def test_a_wrong_password_is_told_and_a_right_one_opens(
    postgres: str, postgres_server: str, tmp_path: Path
) -> None:
    with psycopg.connect(postgres_server.format("postgres"), autocommit=True) as connection:
        row = connection.execute("SHOW hba_file").fetchone()
        assert row is not None
        rules = Path(row[0])
        connection.execute(f"CREATE ROLE ann LOGIN SUPERUSER PASSWORD '{SECRET}'".encode())
        before = rules.read_text()
        try:
            _write_in_place(rules, f"local all ann scram-sha-256\n{before}")
            connection.execute("SELECT pg_reload_conf()")
            wrong = postgres.replace("postgres@", f"ann:{SECRET}-wrong@")
            with pytest.raises(
                RegistryError, match='authentication failed for user "ann"'
            ) as caught:
                _until_refused(wrong, tmp_path)
            assert SECRET not in str(caught.value)
            Registry.open(postgres.replace("postgres@", f"ann:{SECRET}@"), tmp_path).close()
        finally:
            _write_in_place(rules, before)
            connection.execute("SELECT pg_reload_conf()")
            with psycopg.connect(postgres, autocommit=True) as owned:
                owned.execute("DROP OWNED BY ann")
            connection.execute("DROP ROLE ann")


def test_a_server_that_restarts_its_connections_is_reached_again(
    postgres: str, postgres_server: str, tmp_path: Path
) -> None:
    with Registry.open(postgres, tmp_path) as registry:
        run = registry.start_run("main")
        with psycopg.connect(postgres_server.format("postgres"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [postgres.split("/")[3].split("?")[0]],
            )
        assert registry.run(run).status == "running"


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "r.db").write_text("customer_id,amount\n" * 100)
    with pytest.raises(RegistryError, match=r"r\.db answered: .*not a database.* name another"):
        Registry.open("sqlite:///r.db", tmp_path)
    assert (tmp_path / "r.db").read_text().startswith("customer_id")


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "r.db").mkdir()
    with pytest.raises(RegistryError, match="unable to open.* Check that its folder"):
        Registry.open("sqlite:///r.db", tmp_path)


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(RegistryError, match=r"folder .*state of the registry cannot be made"):
        Registry.open("sqlite:///state/r.db", tmp_path)


def test_without_the_driver_the_extra_is_named(tmp_path: Path) -> None:
    script = """
        sys.modules["psycopg"] = None
        from customer_atlas.errors import MissingExtraError
        from customer_atlas.registry import Registry
        try:
            Registry.open(url, folder)
        except MissingExtraError as error:
            print(error)
        Registry.open("sqlite:///r.db", folder).close()
        print("SQLite opens")
    """
    with scripted(Place("postgresql://ann@db/atlas", tmp_path), script) as process:
        out, err = process.communicate(timeout=60)
    assert out.splitlines() == [
        str(MissingExtraError("A registry in PostgreSQL", "postgres")),
        "SQLite opens",
    ], err


def _write_in_place(file: Path, content: str) -> None:
    # The server runs as another user when the tests run as root: keep owner and mode.
    with file.open("r+") as stream:
        stream.write(content)
        stream.truncate()
        os.fsync(stream.fileno())


def _until_refused(url: str, folder: Path) -> None:
    # The server reads its rules a moment after it was told to.
    for _ in range(1000):
        Registry.open(url, folder).close()

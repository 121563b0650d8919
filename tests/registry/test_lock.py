"""One run at a time, and dead processes hold nothing."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg
import pytest

from customer_atlas.errors import BusyError, RegistryError
from customer_atlas.registry import exclusive
from tests.registry.places import Place, scripted

HOLD = """
    from customer_atlas.registry import exclusive
    with exclusive(url, folder / sys.argv[3]):
        print("held", flush=True)
        sys.stdin.readline()
"""


def test_a_second_process_is_told_at_once_what_to_do(place: Place) -> None:
    with scripted(place, HOLD, "lock") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n", holder.communicate()[1]
        start = time.monotonic()
        with (
            pytest.raises(
                BusyError, match=r"Wait until it has ended, or stop it, then start again"
            ),
            exclusive(place.url, place.folder / "lock"),
        ):
            pytest.fail("two processes held the project")
        assert time.monotonic() - start < 2


def test_a_killed_holder_holds_nothing(place: Place) -> None:
    for _ in range(3):
        with scripted(place, HOLD, "lock") as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n", holder.communicate()[1]
            holder.kill()
            holder.wait()
        _held_within(5, place, "lock")


def test_a_holder_that_ends_frees_the_project_even_by_an_error(place: Place) -> None:
    with pytest.raises(KeyError), exclusive(place.url, place.folder / "lock"):
        raise KeyError
    for _ in range(20):
        with exclusive(place.url, place.folder / "lock"):
            pass


def test_a_lost_server_does_not_fail_the_run_that_has_ended(
    postgres: str, postgres_server: str, tmp_path: Path
) -> None:
    with exclusive(postgres, tmp_path / "lock"):
        _end_connections(postgres, postgres_server)
    with exclusive(postgres, tmp_path / "lock"):
        pass


def test_one_process_cannot_hold_the_project_twice(place: Place) -> None:
    with (
        exclusive(place.url, place.folder / "lock"),
        pytest.raises(BusyError),
        exclusive(place.url, place.folder / "lock"),
    ):
        pytest.fail("held twice")


def test_postgresql_keeps_out_another_machine(postgres: str, tmp_path: Path) -> None:
    # Another machine shares the server and not the lock file.
    here = Place(postgres, tmp_path)
    with scripted(here, HOLD, "machine-1") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n", holder.communicate()[1]
        with (
            pytest.raises(BusyError, match="perhaps on another machine"),
            exclusive(postgres, tmp_path / "machine-2"),
        ):
            pytest.fail("two machines held the project")
        holder.kill()
        holder.wait()
        _held_within(5, here, "machine-2")


def test_projects_in_two_schemas_of_one_database_do_not_wait_for_each_other(
    postgres: str, tmp_path: Path
) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA other")
    other = f"{postgres}&options=-csearch_path%3Dother"
    with exclusive(postgres, tmp_path / "a"), exclusive(other, tmp_path / "b"):
        pass


def test_a_lock_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(RegistryError, match=r"lock file .* cannot be used: (Not a dir|File exists)"),
        exclusive("sqlite:///r.db", tmp_path / "file" / "lock"),
    ):
        pytest.fail("held")


def test_an_unreachable_server_frees_the_lock_file(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    for _ in range(2):
        with (
            pytest.raises(RegistryError, match="Could not lock the project") as caught,
            exclusive("postgresql://ann@127.0.0.1:1/atlas", lock),
        ):
            pytest.fail("held")
        assert not isinstance(caught.value, BusyError)


def _end_connections(postgres: str, server: str) -> None:
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [postgres.split("/")[3].split("?")[0]],
        )


def _held_within(seconds: float, place: Place, lock: str) -> None:
    # A server notices a dead client within moments, not at once.
    deadline = time.monotonic() + seconds
    while True:
        try:
            with exclusive(place.url, place.folder / lock):
                return
        except BusyError:
            if time.monotonic() > deadline:
                raise

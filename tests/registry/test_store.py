"""What a killed process leaves behind, and registries of another make."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from customer_atlas.errors import RegistryError
from customer_atlas.registry.database import Address
from tests.registry.places import Place, a_file, a_source, scripted

INGEST = """
    from sqlalchemy import Engine, event
    from customer_atlas.registry import Registry
    from tests.registry.places import a_file, a_source

    registry = Registry.open(url, folder)
    state, stop_at = int(sys.argv[3]), sys.argv[4]
    seen = 0

    def reached(*_):
        global seen
        seen += 1
        if str(seen) == stop_at:
            halt()

    def halt(*_):
        print("halted", flush=True)
        sys.stdin.readline()

    if stop_at == "commit":
        event.listen(Engine, "commit", halt)
    else:
        event.listen(Engine, "after_cursor_execute", reached)
    files = [a_file(f"{n}.csv", digest=f"d{state}") for n in range(1500)]
    registry.record_ingestion(
        [a_source(version=state)], files, gone=[("orders", "old.csv")]
    )
    print("done", flush=True)
"""


def test_a_process_killed_inside_the_transaction_leaves_the_old_state(place: Place) -> None:
    old = {"0.csv": a_file("0.csv", digest="d0"), "old.csv": a_file("old.csv", digest="d0")}
    with place.open() as registry:
        registry.record_ingestion([a_source()], list(old.values()))
        # Statements: (BEGIN,) the source, the file that is gone, two batches of files.
        statements = 5 if place.is_sqlite else 4
        for stop_at in [*map(str, range(1, statements + 1)), "commit"]:
            with scripted(place, INGEST, "1", stop_at) as process:
                assert process.stdout is not None
                assert process.stdout.readline() == "halted\n", process.communicate()[1]
                process.kill()
                process.wait()
            assert registry.sources() == {"orders": a_source()}
            assert registry.files("orders") == old
        with scripted(place, INGEST, "1", "never") as process:
            out, err = process.communicate(timeout=60)
            assert out == "done\n", err
        assert registry.sources() == {"orders": a_source(version=1)}
        assert {file.digest for file in registry.files("orders").values()} == {"d1"}
        assert len(registry.files("orders")) == 1500


def test_killed_at_any_moment_source_and_files_are_of_one_ingestion(place: Place) -> None:
    script = """
        from customer_atlas.registry import Registry
        from tests.registry.places import a_file, a_source

        registry = Registry.open(url, folder)
        state = next(iter(registry.sources().values())).version
        print("ready", flush=True)
        while True:
            state += 1
            files = [a_file(f"{n}.csv", digest=f"d{state}") for n in range(300)]
            registry.record_ingestion([a_source(version=state)], files)
    """
    moments = random.Random(5)
    with place.open() as registry:
        registry.record_ingestion(
            [a_source()], [a_file(f"{n}.csv", digest="d0") for n in range(300)]
        )
        version = 0
        for _ in range(6):
            with scripted(place, script) as process:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n", process.communicate()[1]
                time.sleep(moments.uniform(0.02, 0.2))
                process.kill()
                process.wait()
            found = registry.sources()["orders"].version
            assert found >= version
            version = found
            assert {f.digest for f in registry.files("orders").values()} == {f"d{version}"}
    assert version > 0


def test_a_registry_of_another_release_is_refused_in_words(place: Place) -> None:
    place.open().close()
    _execute(place, "UPDATE atlas_schema SET version = 7")
    with pytest.raises(
        RegistryError, match=r"has schema version 7; this release .* reads version 2\. Use"
    ):
        place.open()
    _execute(place, "UPDATE atlas_schema SET version = 2")
    place.open().close()


def test_a_registry_of_the_first_version_is_brought_up_to_date(place: Place) -> None:
    with place.open() as registry:
        run = registry.start_run("main")
    for statement in (
        "DROP TABLE atlas_ledger",
        "DROP TABLE atlas_segments",
        "UPDATE atlas_schema SET version = 1",
    ):
        _execute(place, statement)
    with place.open() as registry:
        assert registry.run(run).status == "running"
        assert registry.identities.segments("main") == []
        assert registry.identities.ledger("main") == []
    place.open().close()


def test_tables_of_others_with_the_same_names_are_left_alone(place: Place) -> None:
    if place.is_sqlite:
        (place.folder / "state").mkdir()
    _execute(place, "CREATE TABLE atlas_runs (mine INTEGER)")
    with pytest.raises(RegistryError, match="Could not create the registry.*already exists"):
        place.open()
    _execute(place, "INSERT INTO atlas_runs (mine) VALUES (1)")


def test_opening_twice_changes_nothing(place: Place) -> None:
    with place.open() as first, place.open() as second:
        run = first.start_run("main")
        assert second.run(run) == first.run(run)


def test_sqlite_is_durable_checked_and_lets_readers_read_while_one_writes(tmp_path: Path) -> None:
    place = Place("sqlite:///registry.db", tmp_path)
    with place.open() as registry:
        engine = registry._store._engine
        with engine.connect() as connection:
            settings = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
            }
        assert settings == {
            "journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 30_000,
        }  # fmt: skip
        with registry._store.writing("hold the write lock"):
            assert registry.sources() == {}


def _execute(place: Place, statement: str) -> None:
    engine = create_engine(Address(place.url, place.folder).url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()

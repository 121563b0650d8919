"""The registry: which data is pinned, which runs were made, which generation serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from customer_atlas.errors import RegistryError, UnknownNameError
from customer_atlas.registry import schema
from customer_atlas.registry.identities import Identities, record_segments
from customer_atlas.registry.records import (
    FileRecord,
    GenerationRecord,
    LedgerRecord,
    RunRecord,
    SegmentRecord,
    ServingRecord,
    SourceRecord,
)
from customer_atlas.registry.store import Store

__all__ = ["Registry"]

_BATCH = 1000


class Registry:
    """What Atlas knows of its own work, in one SQLite file or one PostgreSQL database.

    A database (or PostgreSQL schema) holds the registry of one project. Every method is one
    transaction; instants are aware and in UTC. `open` makes one; it is a context manager.

    Raises:
        RegistryError: any method, when the database fails; it says which and why.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.identities = Identities(store)

    @classmethod
    def open(cls, url: str, folder: Path) -> Registry:
        """Open the registry at `url`, and create it where there is none.

        Args:
            url: ``sqlite:///file`` or ``postgresql://user:password@host:port/database``.
            folder: where a relative SQLite file starts.

        Raises:
            RegistryError: the URL is wrong, the database cannot be reached, or another release
                of Customer Atlas made it.
            MissingExtraError: PostgreSQL without the extra ``postgres``.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with Registry.open("sqlite:///registry.db", Path(folder)) as registry:
        ...         registry.run(registry.start_run("main")).status
        'running'
        """
        return cls(Store.open(url, folder))

    def close(self) -> None:
        """Give back every connection."""
        self._store.close()

    def __enter__(self) -> Self:
        """Return the registry itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    # Sources and files

    def sources(self) -> dict[str, SourceRecord]:
        """Return the pinned versions by source, sorted by name."""
        with self._store.reading("read the sources") as connection:
            rows = connection.execute(select(schema.sources))
            # Sorted here: a database sorts by a collation of its own.
            found = sorted(rows, key=lambda row: str(row.source))
            return {row.source: SourceRecord(**row._mapping) for row in found}

    def files(self, source: str) -> dict[str, FileRecord]:
        """Return the files that make up the pinned version of a source, by path, sorted."""
        table = schema.files
        query = select(table).where(table.c.source == source)
        with self._store.reading("read the files of a source") as connection:
            found = sorted(connection.execute(query), key=lambda row: str(row.path))
            return {row.path: FileRecord(**row._mapping) for row in found}

    def record_ingestion(
        self,
        sources: Sequence[SourceRecord],
        files: Sequence[FileRecord],
        gone: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Pin what one ingestion made, all of it or nothing.

        Args:
            sources: the new pins; other sources keep theirs.
            files: new and changed files, which replace the records of the same source and path.
            gone: source and path of files to forget.

        Raises:
            RegistryError: the counts of a file do not add up, or its source is not known.
        """
        with self._store.writing("record the ingestion") as connection:
            self._store.upsert(connection, schema.sources, sources)
            for source, path in gone:
                connection.execute(
                    delete(schema.files).where(
                        schema.files.c.source == source, schema.files.c.path == path
                    )
                )
            remaining = map(_added_up, files)
            while batch := list(islice(remaining, _BATCH)):
                self._store.upsert(connection, schema.files, batch)

    # Runs

    def start_run(self, segmentation: str) -> int:
        """Note that a run began now, and return its id."""
        values = {
            "segmentation": segmentation,
            "status": "running",
            "started_at": _now(),
            "metrics": {},
        }
        with self._store.writing("record the run") as connection:
            made = connection.execute(
                insert(schema.runs).values(values).returning(schema.runs.c.id)
            )
            return int(made.scalar_one())

    def fail_run(self, run: int, error: str) -> None:
        """Note that a run failed, and why.

        Raises:
            UnknownNameError: there is no such run.
            RegistryError: the run is not running.
        """
        with self._store.writing("record the end of the run") as connection:
            _end(connection, run, status="failed", error=_storable(error))

    def interrupt_stale_runs(self) -> list[int]:
        """Mark the runs that never ended as interrupted, and return their ids.

        Only for the holder of `exclusive`: then a run that is still marked as running is dead.
        """
        stale = select(schema.runs.c.id).where(schema.runs.c.status == "running")
        with self._store.writing("mark interrupted runs") as connection:
            found = list(connection.scalars(stale.order_by(schema.runs.c.id)))
            connection.execute(
                update(schema.runs)
                .where(schema.runs.c.id.in_(found))
                .values(status="interrupted", finished_at=_now())
            )
            return found

    def runs(self, limit: int = 20) -> list[RunRecord]:
        """Return the last runs, newest first."""
        query = select(schema.runs).order_by(schema.runs.c.id.desc()).limit(limit)
        with self._store.reading("read the runs") as connection:
            return [RunRecord(**row._mapping) for row in connection.execute(query)]

    def run(self, run: int) -> RunRecord:
        """Return one run; raises UnknownNameError where there is none."""
        with self._store.reading("read the run") as connection:
            return RunRecord(**_row(connection, schema.runs, "run", run))

    def last_done_run(self, segmentation: str) -> RunRecord | None:
        """Return the last run of a segmentation that ended well."""
        table = schema.runs
        query = (
            select(table)
            .where(table.c.segmentation == segmentation, table.c.status == "done")
            .order_by(table.c.id.desc())
            .limit(1)
        )
        with self._store.reading("read the last run") as connection:
            row = connection.execute(query).one_or_none()
            return RunRecord(**row._mapping) if row else None

    # Generations

    def next_generation(self) -> int:
        """Return the id that `add_generation` gives next, as long as the caller is `exclusive`.

        So a run can write the folder of a generation first and its record last: a record then
        always has its folder.
        """
        with self._store.reading("number the generation") as connection:
            return _next_generation(connection)

    def add_generation(self, record: GenerationRecord) -> int:
        """Keep a new generation and return its id.

        Raises:
            RegistryError: the record already has an id and it is not the next one, or its run
                does not exist.
        """
        with self._store.writing("record the generation") as connection:
            return _keep(connection, record)

    def generation(self, generation: int) -> GenerationRecord:
        """Return one generation; raises UnknownNameError where there is none."""
        with self._store.reading("read the generation") as connection:
            return GenerationRecord(
                **_row(connection, schema.generations, "generation", generation)
            )

    def generations(self, segmentation: str) -> list[GenerationRecord]:
        """Return the generations of a segmentation, newest first."""
        table = schema.generations
        query = (
            select(table).where(table.c.segmentation == segmentation).order_by(table.c.id.desc())
        )
        with self._store.reading("read the generations") as connection:
            return [GenerationRecord(**row._mapping) for row in connection.execute(query)]

    # Serving

    def promote(self, segmentation: str, generation: int, run: int) -> None:
        """Move the one pointer that readers follow, and keep a row of its history.

        Promoting what already serves changes nothing.

        Raises:
            UnknownNameError: there is no such run or generation.
            RegistryError: run or generation belong to another segmentation.
        """
        with self._store.writing("promote the generation") as connection:
            self._point(connection, segmentation, generation, run)

    def publish(
        self,
        run: int,
        generation: int | GenerationRecord,
        *,
        inputs: str,
        as_of: datetime,
        outcome: str,
        metrics: Mapping[str, Any],
        segments: Sequence[SegmentRecord] = (),
        ledger: Sequence[LedgerRecord] = (),
    ) -> int:
        """End a run well and let it serve, all or nothing; return the id of its generation.

        A `GenerationRecord` is kept as well: a process that dies leaves no generation behind
        that never served. So are `segments` with their identities, and what the `ledger` says
        of them.

        Raises:
            UnknownNameError: there is no such run or generation.
            RegistryError: the run is not running, or what it names does not belong to it.
        """
        with self._store.writing("publish the run") as connection:
            if isinstance(generation, GenerationRecord):
                generation = _keep(connection, generation)
            segmentation = str(_row(connection, schema.runs, "run", run)["segmentation"])
            self._point(connection, segmentation, generation, run)
            _end(
                connection,
                run,
                status="done",
                inputs=inputs,
                as_of=as_of,
                generation=generation,
                outcome=_storable(outcome),
                metrics=dict(metrics),
            )
            record_segments(connection, segments, ledger)
            return generation

    def serving(self, segmentation: str) -> ServingRecord | None:
        """Return the generation that serves and the run whose memberships it has, or None."""
        with self._store.reading("read what serves") as connection:
            return _serving(connection, segmentation)

    def promotions(self, segmentation: str) -> list[ServingRecord]:
        """Return every pointer that ever served a segmentation, newest first."""
        table = schema.promotions
        query = (
            select(table.c.segmentation, table.c.generation, table.c.run, table.c.at.label("since"))
            .where(table.c.segmentation == segmentation)
            .order_by(table.c.id.desc())
        )
        with self._store.reading("read the promotions") as connection:
            return [ServingRecord(**row._mapping) for row in connection.execute(query)]

    def _point(self, connection: Connection, segmentation: str, generation: int, run: int) -> None:
        _check_segmentation(connection, schema.generations, "generation", generation, segmentation)
        _check_segmentation(connection, schema.runs, "run", run, segmentation)
        pointer = ServingRecord(segmentation, generation, run, _now())
        current = _serving(connection, segmentation)
        if current is not None and replace(current, since=pointer.since) == pointer:
            return
        self._store.upsert(connection, schema.serving, [pointer])
        moved = {"segmentation": segmentation, "generation": generation, "run": run}
        connection.execute(insert(schema.promotions).values(at=pointer.since, **moved))


def _keep(connection: Connection, record: GenerationRecord) -> int:
    given = _next_generation(connection)
    if record.id not in (0, given):
        raise RegistryError(f"Generation {record.id} cannot be recorded: the next one is {given}.")
    connection.execute(insert(schema.generations).values(vars(replace(record, id=given))))
    return given


def _end(connection: Connection, run: int, **values: Any) -> None:
    table = schema.runs
    ending = update(table).where(table.c.id == run, table.c.status == "running")
    if connection.execute(ending.values(finished_at=_now(), **values)).rowcount != 1:
        status = _row(connection, table, "run", run)["status"]
        raise RegistryError(f"Run {run} cannot end: it is {status}, not running.")


def _now() -> datetime:
    return datetime.now(UTC)


def _storable(words: str) -> str:
    # Neither database keeps lone surrogates (from file names), and PostgreSQL no NUL.
    return words.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def _added_up(file: FileRecord) -> FileRecord:
    if file.read != file.kept + file.filtered + file.quarantined + file.deduplicated:
        raise RegistryError(
            f"The rows of {file.path} do not add up: read {file.read}, but kept {file.kept}, "
            f"filtered {file.filtered}, quarantined {file.quarantined}, "
            f"deduplicated {file.deduplicated}."
        )
    return file


def _row(connection: Connection, table: Table, kind: str, number: int) -> dict[str, Any]:
    row = connection.execute(select(table).where(table.c.id == number)).one_or_none()
    if row is None:
        known = connection.scalars(select(table.c.id).order_by(table.c.id.desc()).limit(12))
        raise UnknownNameError(kind, str(number), map(str, known))
    return row._asdict()


def _check_segmentation(
    connection: Connection, table: Table, kind: str, number: int, segmentation: str
) -> None:
    found = _row(connection, table, kind, number)["segmentation"]
    if found != segmentation:
        raise RegistryError(
            f"{kind.capitalize()} {number} belongs to the segmentation '{found}', "
            f"not to '{segmentation}'."
        )


def _next_generation(connection: Connection) -> int:
    last = connection.scalar(select(func.max(schema.generations.c.id)))
    return (last or 0) + 1


def _serving(connection: Connection, segmentation: str) -> ServingRecord | None:
    table = schema.serving
    row = connection.execute(
        select(table).where(table.c.segmentation == segmentation)
    ).one_or_none()
    return ServingRecord(**row._mapping) if row else None

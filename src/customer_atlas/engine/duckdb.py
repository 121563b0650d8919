"""The one door to DuckDB: it alone executes, and wraps each failure once."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self, TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from customer_atlas.config import ColumnType
from customer_atlas.engine.sql import literal, quoted, sql_type
from customer_atlas.errors import EngineError
from customer_atlas.side_by_side import processors, side_by_side

__all__ = ["Connection", "DuckDB"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_BATCH_ROWS = 122_880  # a row group of DuckDB's


class Connection:
    """An in-memory database of its own; a context manager that closes it."""

    def __init__(self, threads: int, memory: str, scratch: Path) -> None:
        self._connection = duckdb.connect(
            config={
                "threads": threads,
                "memory_limit": memory,
                "temp_directory": str(scratch),
                "preserve_insertion_order": True,
                "enable_external_file_cache": False,
                "autoinstall_known_extensions": False,
            }
        )
        self._connection.execute("SET TimeZone = 'UTC'")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and free what it holds."""
        self._connection.close()

    def run(self, sql: str, *, step: str, parameters: Sequence[Any] | None = None) -> None:
        """Execute a statement and read nothing.

        Raises:
            EngineError: the statement failed; says in which step and why.
        """
        self._execute(sql, step, parameters)

    def arrow(self, sql: str, *, step: str, parameters: Sequence[Any] | None = None) -> pa.Table:
        """Execute a query and return its rows as an Arrow table.

        Raises:
            EngineError: the query failed; says in which step and why.
        """
        try:
            # A relation hands its columns over; the result of `execute` would copy them.
            return self._connection.sql(sql, params=parameters).to_arrow_table()
        except duckdb.Error as error:
            raise EngineError(step, sql, error) from error

    def write_parquet(
        self,
        sql: str,
        path: Path,
        *,
        step: str,
        made: Callable[[pa.Table], pa.Table] = lambda rows: rows,
    ) -> None:
        """Execute a query and write its rows to a Parquet file, in their order.

        `made` turns some of the rows into what is written of them.

        Every column may hold nulls, whatever its rows hold: so the files of all buckets have one
        schema. (DuckDB's own COPY marks a column as required where it can prove that no null is
        in it, which differs from bucket to bucket.)

        Raises:
            EngineError: the query failed; says in which step and why.
        """
        try:
            reader = self._connection.sql(sql).to_arrow_reader(_BATCH_ROWS)
            first = made(reader.schema.empty_table()).schema
            schema = pa.schema([field.with_nullable(True) for field in first])
            # Plain and by LZ4: features differ from person to person, so dictionaries of their
            # values take longer than they save, and the files are read several times.
            plain = {"compression": "lz4", "use_dictionary": False}
            with pq.ParquetWriter(path, schema, **plain) as writer:
                for batch in reader:
                    writer.write_table(made(pa.Table.from_batches([batch])).cast(schema))
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise EngineError(step, sql, error) from error

    def rows(
        self, sql: str, *, step: str, parameters: Sequence[Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Execute a query and return its rows as tuples.

        Raises:
            EngineError: the query failed; says in which step and why.
        """
        result = self._execute(sql, step, parameters)
        try:
            return result.fetchall()
        except duckdb.Error as error:
            raise EngineError(step, sql, error) from error

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under `name`."""
        self._connection.register(name, table)

    def view_parquet(
        self, name: str, files: Sequence[str], columns: Mapping[str, ColumnType]
    ) -> None:
        """Make Parquet files readable under `name`, with exactly `columns`.

        A column that a file lacks is null in its rows; no files make an empty view.
        """
        empty = "SELECT {} WHERE false".format(
            ", ".join(f"NULL::{sql_type(kind)} AS {quoted(name)}" for name, kind in columns.items())
        )
        body = empty
        if files:
            listed = ", ".join(literal(file) for file in files)
            read = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
            complete = self._has_all(read, columns)
            rows = read if complete else f"({empty} UNION ALL BY NAME SELECT * FROM {read})"
            body = f"SELECT {', '.join(quoted(column) for column in columns)} FROM {rows}"
        self.run(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {body}", step=f"open {name}")

    def _has_all(self, relation: str, columns: Mapping[str, ColumnType]) -> bool:
        described = self.rows(f"DESCRIBE SELECT * FROM {relation}", step="describe files")
        present = {row[0]: row[1] for row in described}
        return all(present.get(column) == sql_type(kind) for column, kind in columns.items())

    def _execute(
        self, sql: str, step: str, parameters: Sequence[Any] | None
    ) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(sql, parameters)
        except duckdb.Error as error:
            raise EngineError(step, sql, error) from error


class DuckDB:
    """Makes connections that share the machine fairly.

    `threads` defaults to the processors at hand, `memory` (such as ``4GB``) to half of the
    machine's, `scratch` (where large queries spill) to the system's temporary folder.

    >>> with DuckDB().connect() as connection:
    ...     connection.rows("SELECT 6 * 7", step="multiply")
    [(42,)]
    """

    def __init__(
        self, threads: int | None = None, memory: str | None = None, scratch: Path | None = None
    ) -> None:
        self.threads = threads or processors()
        self._bytes = _bytes(memory) if memory else _machine_bytes() // 2
        self._scratch = scratch or Path(tempfile.gettempdir()) / "customer-atlas"

    def connect(self) -> Connection:
        """Open a connection that may use all threads and all memory allowed."""
        return Connection(self.threads, f"{self._bytes}B", self._scratch)

    def map(
        self, task: Callable[[Connection, Item], Result], items: Sequence[Item]
    ) -> Iterator[Result]:
        """Run `task` for each item and yield the results in the order of the items.

        Workers run side by side, each on a one-thread connection of its own: what one task
        computes never depends on how many there are, to the last bit.
        """
        workers = max(1, min(self.threads, len(items)))
        local = threading.local()
        opened: list[Connection] = []

        def work(item: Item) -> Result:
            if not hasattr(local, "connection"):
                local.connection = Connection(1, f"{self._bytes // workers}B", self._scratch)
                opened.append(local.connection)
            return task(local.connection, item)

        try:
            yield from side_by_side(work, items, workers)
        finally:
            for connection in opened:
                connection.close()


_UNITS = {"K": 10, "M": 20, "G": 30, "T": 40}


def _bytes(text: str) -> int:
    """Read a size such as ``1.5GB``; both GB and GiB mean 2**30.

    >>> _bytes("1.5 GB")
    1610612736
    """
    number = text.rstrip("iBKMGT ")
    unit = text[len(number) :].strip()[0]
    return int(float(number) * (1 << _UNITS[unit]))


def _machine_bytes() -> int:
    """Ask DuckDB, which knows every system and a container's limit; it takes 80 % of them."""
    with closing(duckdb.connect()) as connection:
        (limit,) = connection.sql("SELECT current_setting('memory_limit')").fetchall()[0]
    return int(_bytes(limit) / 0.8)

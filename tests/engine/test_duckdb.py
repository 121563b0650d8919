"""The engine runs what it is told, in order, on one thread a task, and wraps failures once."""

from __future__ import annotations

import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from customer_atlas.config import ColumnType
from customer_atlas.engine import Connection, DuckDB, literal, quoted
from customer_atlas.errors import EngineError


def test_a_failed_query_says_step_query_and_cause() -> None:
    with DuckDB().connect() as connection, pytest.raises(EngineError) as raised:
        connection.rows("SELECT missing FROM nowhere", step="count the orders")
    assert raised.value.step == "count the orders"
    assert "nowhere" in raised.value.query
    assert str(raised.value).startswith("count the orders failed: ")


def test_results_come_in_the_order_of_the_items_whatever_ends_first() -> None:
    first_may_end = threading.Event()

    def task(connection: Connection, item: int) -> int:
        if item == 0:
            first_may_end.wait(10)
        if item == 1:
            first_may_end.set()
        return int(connection.rows(f"SELECT {item} * 2", step="double")[0][0])

    assert list(DuckDB(threads=2).map(task, range(6))) == [0, 2, 4, 6, 8, 10]


def test_a_failing_task_fails_the_whole() -> None:
    def task(connection: Connection, item: int) -> int:
        connection.run(f"SELECT 1 / {item} FROM nowhere_{item}", step=f"item {item}")
        return item

    with pytest.raises(EngineError, match="item 0 failed"):
        list(DuckDB(threads=2).map(task, range(4)))


def test_sums_do_not_depend_on_the_number_of_threads() -> None:
    query = "SELECT sum(hash(i) / 1e19) FROM range(300000) t(i)"

    def task(connection: Connection, _: int) -> float:
        return float(connection.rows(query, step="sum")[0][0])

    assert len({*DuckDB(threads=1).map(task, [0]), *DuckDB(threads=4).map(task, range(8))}) == 1


def test_parquet_files_with_other_columns_read_as_one_table_with_nulls(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["x"], "b": [1.0]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": ["y"], "c": [True]}), tmp_path / "2.parquet")
    files = [str(tmp_path / "1.parquet"), str(tmp_path / "2.parquet")]
    columns = {
        "a": ColumnType.TEXT,
        "b": ColumnType.NUMBER,
        "never": ColumnType.TIMESTAMP,
    }
    with DuckDB().connect() as connection:
        connection.view_parquet("rows", files, columns)
        assert connection.rows("FROM rows ORDER BY a", step="read") == [
            ("x", 1.0, None),
            ("y", None, None),
        ]


def test_a_table_without_files_is_empty_but_typed() -> None:
    with DuckDB().connect() as connection:
        connection.view_parquet("none", [], {"seen": ColumnType.TIMESTAMP, "n": ColumnType.NUMBER})
        assert connection.rows("SELECT max(seen), sum(n), count(*) FROM none", step="read") == [
            (None, None, 0)
        ]


def test_names_and_texts_with_quotes_are_only_names_and_texts() -> None:
    name, text = 'a "b"; --', "it's'; --"
    with DuckDB().connect() as connection:
        found = connection.arrow(f"SELECT {literal(text)} AS {quoted(name)}", step="read")
    assert found.to_pylist() == [{name: text}]


def test_parquet_files_of_any_rows_have_one_schema_and_keep_their_order(tmp_path: Path) -> None:
    query = "SELECT i AS a, coalesce(nullif(i, 3), 0.0) AS b FROM range({}) t(i) ORDER BY i DESC"
    with DuckDB().connect() as connection:
        for rows in (0, 300_000):
            path = tmp_path / f"{rows}.parquet"
            connection.write_parquet(query.format(rows), path, step="write")
        with pytest.raises(EngineError, match="write nothing failed"):
            connection.write_parquet("SELECT nothing", tmp_path / "x", step="write nothing")
    empty, full = (pq.read_table(tmp_path / f"{rows}.parquet") for rows in (0, 300_000))
    assert empty.schema == full.schema
    assert full["a"].to_pylist() == list(range(299_999, -1, -1))


def test_processors_and_memory_are_known_where_the_system_does_not_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.delattr("os.sysconf", raising=False)
    with DuckDB().connect() as connection:
        assert connection.rows("SELECT current_setting('threads')", step="ask")[0][0] >= 1

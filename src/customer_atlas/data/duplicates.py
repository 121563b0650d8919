"""Duplicates: rows that a source declares to be one, found by a key across all its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from customer_atlas.config import ProjectFile, Role
from customer_atlas.data.batch import Chunk
from customer_atlas.data.checks import KEPT
from customer_atlas.data.files import file_literal
from customer_atlas.data.judgement import Judgement
from customer_atlas.data.lake import DataFile, LakeTable
from customer_atlas.data.lake_columns import LakeColumn
from customer_atlas.engine import Connection, DuckDB, literal, quoted
from customer_atlas.errors import ConfigError, nearest

__all__ = ["count_look_alikes", "find_duplicates", "key_columns"]

# From so many rows on, buckets are looked at by themselves.
_MANY = 100_000


def key_columns(
    file: ProjectFile, source: str, columns: Mapping[str, LakeColumn]
) -> list[LakeColumn]:
    """Return the lake's columns that make rows one; none where nothing is declared.

    Raises:
        ConfigError: a declared column that is not there.
    """
    declared = file.project.sources[source]
    if declared.deduplicate == "rows":
        return [column for column in columns.values() if column.origin is not None]
    if declared.deduplicate is None:
        is_events = declared.role is Role.EVENTS and "event_id" in columns
        return [columns["event_id"]] if is_events else []
    by_name = {column.origin: column for column in columns.values() if column.origin}
    by_name |= dict(columns)
    unknown = [name for name in declared.deduplicate if name not in by_name]
    if unknown:
        place = file.where("sources", source, "deduplicate")
        raise ConfigError(
            [f"{place}: found the column '{name}'.{nearest(name, by_name)}" for name in unknown]
        )
    return [by_name[name] for name in declared.deduplicate]


def find_duplicates(
    engine: DuckDB,
    key: Sequence[LakeColumn],
    judged: Sequence[Judgement],
    accepted: tuple[LakeTable, Sequence[str]] | None,
    order: Sequence[str],
    scratch: Path,
) -> tuple[Path, dict[str, int]]:
    """Find the rows whose key an accepted row, or an earlier row, has already.

    Args:
        engine: where queries run.
        key: columns of the lake; rows without any value in them are nobody's duplicate.
        judged: the new rows.
        accepted: the table as it was, and the ids of files whose rows are leaving it.
        order: ids of the files being read, the first first.
        scratch: a folder for what is found.

    Returns:
        Parquet with `__file` and `__row` of the duplicates, and their count by file id.
    """
    written = [
        path
        for number, one in enumerate(judged)
        for path in _write_keys(engine, key, one, scratch, number)
    ]
    target = scratch / "duplicates.parquet"
    listed = ", ".join(map(file_literal, written))
    with engine.connect() as connection:
        places = ", ".join(f"({literal(one)}, {place})" for place, one in enumerate(order))
        old = "SELECT NULL::UHUGEINT AS key WHERE false"
        if accepted is not None:
            old = _accepted_keys(connection, key, *accepted)
        connection.run(
            "CREATE TEMP TABLE duplicates AS "
            f"WITH fresh AS (SELECT keys.*, place FROM read_parquet([{listed}]) AS keys "
            f"JOIN (VALUES {places}) AS files(file, place) ON keys.__file = files.file "
            "WHERE key IS NOT NULL), "
            "ranked AS (SELECT __file, __row, key, "
            "row_number() OVER (PARTITION BY key ORDER BY place, __row) AS rank FROM fresh) "
            f"SELECT __file, __row FROM ranked WHERE rank > 1 OR key IN ({old})",
            step="find duplicates",
        )
        connection.run(
            f"COPY (SELECT * FROM duplicates ORDER BY __file, __row) TO {literal(str(target))} "
            "(FORMAT parquet)",
            step="keep duplicates",
        )
        counts = connection.rows(
            "SELECT __file, count(*) FROM duplicates GROUP BY __file ORDER BY __file",
            step="count duplicates",
        )
    return target, dict(counts)


def count_look_alikes(
    engine: DuckDB, table: LakeTable, files: Iterable[DataFile], key: Sequence[LakeColumn]
) -> int:
    """Count the rows of data files that equal an earlier one of them in every column.

    Rows alike belong to one customer, so they lie in one bucket; small buckets are looked at
    together. The count compares 64-bit hashes: within a million rows one in 30 million counts is
    one too high.
    """
    buckets: dict[int, list[DataFile]] = {}
    for file in files:
        buckets.setdefault(file.bucket, []).append(file)
    parts: list[list[str]] = []
    rows = _MANY
    for bucket in sorted(buckets):
        if rows >= _MANY:
            parts.append([])
            rows = 0
        parts[-1] += [str(table.folder / file.path) for file in buckets[bucket]]
        rows += sum(file.rows for file in buckets[bucket])
    types = {column.name: column.type for column in key}
    hashed = f"hash({', '.join(quoted(name) for name in types)})"

    def count(connection: Connection, paths: list[str]) -> int:
        connection.view_parquet("fresh", paths, types)
        hashes = connection.arrow(f"SELECT {hashed} AS hash FROM fresh", step="hash rows")["hash"]
        ordered = np.sort(hashes.to_numpy())  # takes half as long as telling them apart
        return int(np.count_nonzero(ordered[1:] == ordered[:-1]))

    return sum(engine.map(count, parts)) if types else 0


def _write_keys(
    engine: DuckDB,
    key: Sequence[LakeColumn],
    judgement: Judgement,
    scratch: Path,
    number: int,
) -> list[Path]:
    batch = judgement.batch
    places = {column.name: f"__{place}" for place, column in enumerate(batch.columns)}
    sql = _key([places.get(column.name, "NULL") for column in key])

    def write(connection: Connection, item: tuple[int, Chunk]) -> Path:
        place, chunk = item
        batch.guard(connection)
        path = scratch / f"keys-{number}-{place}.parquet"
        connection.run(
            f"COPY (SELECT {sql} AS key, __file, __row FROM {batch.rows(chunk)} "
            f"WHERE __verdict = {KEPT}) TO {literal(str(path))} (FORMAT parquet)",
            step="write keys",
        )
        return path

    return list(engine.map(write, list(enumerate(judgement.chunks))))


def _accepted_keys(
    connection: Connection, key: Sequence[LakeColumn], table: LakeTable, leaving: Sequence[str]
) -> str:
    present = table.columns()
    types = {"_file": present["_file"]} | {column.name: column.type for column in key}
    connection.view_parquet("accepted", table.files(), types)
    gone = ", ".join(literal(one) for one in leaving) or "''"
    sql = _key([quoted(column.name) for column in key])
    return f"SELECT {sql} AS key FROM accepted WHERE _file NOT IN ({gone})"


def _key(values: Sequence[str]) -> str:
    """Return the SQL of a key: 128 bits of the values' text, null where all values are."""
    texts = ", ".join(f"CAST({value} AS VARCHAR)" for value in values)
    filled = " OR ".join(f"{value} IS NOT NULL" for value in values)
    return f"CASE WHEN {filled} THEN md5_number(CAST(to_json([{texts}]) AS VARCHAR)) END::UHUGEINT"

"""Writing: rows of batches become Parquet files of the lake and of its quarantine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from customer_atlas.config import Role
from customer_atlas.data.batch import Chunk
from customer_atlas.data.buckets import BUCKET_SQL
from customer_atlas.data.checks import KEPT
from customer_atlas.data.files import file_literal
from customer_atlas.data.judgement import Judgement
from customer_atlas.data.lake import DataFile, LakeTable
from customer_atlas.data.staging import Staged
from customer_atlas.engine import Connection, DuckDB, literal, quoted
from customer_atlas.errors import EngineError, LakeError

__all__ = ["rewrite", "write_file", "write_ragged", "write_refused", "write_rows"]

_KEPT = f"__verdict = {KEPT}"
# Large dictionaries and strong compression take a tenth of the time each, and save a twentieth and
# a fifth of the space.
_OPTIONS = (
    "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL -1, DICTIONARY_SIZE_LIMIT 1000, "
    "RETURN_FILES true"
)
# Rows of one chunk that wait for their buckets; more of them no longer fit the cache.
_WAITING = 100_000


def write_rows(
    engine: DuckDB,
    table: LakeTable,
    judgement: Judgement,
    role: Role,
    stem: str,
    losers: Path | None,
) -> list[DataFile]:
    """Write the accepted rows, one file a chunk and bucket, in the order of file and row.

    Args:
        engine: where queries run.
        table: the table whose folder receives the files; nothing is committed.
        judgement: whose rows.
        role: products have no customer and lie in bucket 0.
        stem: how the names of the files begin.
        losers: Parquet with `__file` and `__row` of duplicates to leave out.
    """
    batch = judgement.batch
    columns = "".join(
        f", __{place} AS {quoted(column.name)}" for place, column in enumerate(batch.columns)
    )
    names = [column.name for column in batch.columns]
    bucket = "0"
    if role is not Role.PRODUCTS:
        key = f"__{names.index('customer_id')}"
        bucket = BUCKET_SQL.format(customer_id=key, buckets=table.lake.buckets)
    incoming = table.folder / "_incoming"

    def write(connection: Connection, item: tuple[int, Chunk, bool]) -> list[DataFile]:
        number, chunk, whole = item
        batch.guard(connection)
        # Rows that all pass need not be judged again.
        rows = batch.rows(chunk, judged=not whole) + ("" if whole else f" WHERE {_KEPT}")
        if losers is not None:
            # A join may turn its sides around, and with them the order of the rows.
            rows = (
                f"{batch.rows(chunk)} AS mapped ANTI JOIN read_parquet({file_literal(losers)}) "
                f"AS lost ON mapped.__file = lost.__file AND mapped.__row = lost.__row "
                f"WHERE {_KEPT} ORDER BY __file, __row"
            )
        folder = incoming / f"{stem}-{number:05d}"
        folder.mkdir(parents=True)
        connection.run(
            f"SET partitioned_write_max_open_files = {table.lake.buckets + 1}; "
            f"SET partitioned_write_flush_threshold = {_WAITING}",
            step="open buckets",
        )
        written = connection.rows(
            f"COPY (SELECT __file AS _file, __row AS _row{columns}, {bucket} AS bucket "
            f"FROM {rows}) TO {literal(str(folder))} ({_OPTIONS}, PARTITION_BY (bucket))",
            step="write rows",
        )
        return _moved(table, written[0][1], folder)

    shutil.rmtree(incoming, ignore_errors=True)
    items = [
        (number, chunk, whole)
        for number, (chunk, whole) in enumerate(zip(judgement.chunks, judgement.whole, strict=True))
    ]
    files = [file for written in engine.map(write, items) for file in written]
    shutil.rmtree(incoming, ignore_errors=True)
    return files


def write_refused(
    engine: DuckDB, table: LakeTable, judgement: Judgement, stem: str
) -> list[DataFile]:
    """Write the refused rows to the quarantine's folder, with reason and raw row."""
    batch = judgement.batch
    reasons = ", ".join(literal(check.reason) for check in batch.checks)
    columns = ", ".join(literal(check.column) for check in batch.checks)

    def write(connection: Connection, item: tuple[int, Chunk]) -> DataFile:
        number, chunk = item
        batch.guard(connection)
        rows = (
            f"SELECT __file AS _file, __row AS _row, [{reasons}][__verdict - 1] AS reason, "
            f'[{columns}][__verdict - 1] AS "column", __found AS found, __record AS record '
            f"FROM {batch.refused(chunk)}"
        )
        return write_file(connection, table, rows, 0, f"{stem}-{number:05d}")

    return list(engine.map(write, list(enumerate(judgement.refused))))


def write_ragged(
    engine: DuckDB,
    table: LakeTable,
    files: Sequence[Staged],
    hidden: Sequence[Staged],
    stem: str,
) -> list[DataFile]:
    """Write the rows that could not be taken apart; their numbers follow those of the others.

    Of `hidden` files, whose rows hold contacts, only the numbers are kept.
    """
    ragged = [file for file in files if file.ragged_path]
    if not ragged:
        return []
    parts = " UNION ALL ".join(
        f"SELECT {literal(file.file.file_id)} AS _file, "
        f"({file.rows} + row_number() OVER () - 1)::BIGINT AS _row, 'ragged_row' AS reason, "
        "NULL::VARCHAR AS \"column\", left('line ' || line || ': ' || found, 200) AS found, "
        f"{'NULL' if file in hidden else 'to_json(record)'}::VARCHAR AS record "
        f"FROM read_parquet({file_literal(file.ragged_path)})"
        for file in ragged
        if file.ragged_path
    )
    with engine.connect() as connection:
        return [write_file(connection, table, f"{parts} ORDER BY _file, _row", 0, stem)]


def rewrite(
    engine: DuckDB, table: LakeTable, file_ids: Iterable[str], stem: str
) -> tuple[list[DataFile], list[str]]:
    """Write the data files that hold rows of source files again, without these rows.

    Returns:
        The new data files, and the paths of those that they replace.
    """
    ids = ", ".join(literal(file_id) for file_id in file_ids)
    present = {str(table.folder / file.path): file for file in table.data_files()}
    if not ids or not present:
        return [], []

    def write(connection: Connection, item: tuple[int, str]) -> tuple[str, DataFile | None]:
        number, path = item
        rest = (
            f"SELECT * FROM read_parquet({file_literal(Path(path))}, hive_partitioning = false) "
            f"WHERE _file NOT IN ({ids})"
        )
        try:
            left = connection.rows(f"SELECT count(*) FROM ({rest})", step="count rows that stay")
        except EngineError as error:
            raise LakeError(
                f"{present[path].path} of the table {table.folder.name} is damaged or missing. "
                f"Restore {table.lake.root} from a copy, or delete it to read all files anew."
            ) from error
        if left[0][0] == present[path].rows:
            return path, present[path]
        if left[0][0] == 0:
            return path, None
        name = f"{stem}-{number:05d}"
        return path, write_file(connection, table, rest, present[path].bucket, name)

    results = list(engine.map(write, list(enumerate(sorted(present)))))
    touched = [(path, file) for path, file in results if file != present[path]]
    return (
        [file for _, file in touched if file is not None],
        [present[path].path for path, _ in touched],
    )


def write_file(
    connection: Connection, table: LakeTable, query: str, bucket: int, name: str
) -> DataFile:
    """Write the rows of a query, in their order, as one data file of a bucket."""
    path = f"bucket={bucket}/{name}.parquet"
    target = table.folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.run(f"COPY ({query}) TO {literal(str(target))} ({_OPTIONS})", step="write rows")
    return _data_file(table, path, bucket)


def _moved(table: LakeTable, written: Sequence[str], folder: Path) -> list[DataFile]:
    files = []
    for source in map(Path, sorted(written)):
        bucket = int(source.parent.name.removeprefix("bucket="))
        path = f"bucket={bucket}/{folder.name}-{source.stem.removeprefix('data_'):0>3}.parquet"
        (table.folder / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, table.folder / path)
        files.append(_data_file(table, path, bucket))
    return files


def _data_file(table: LakeTable, path: str, bucket: int) -> DataFile:
    # From the footer: DuckDB's own statistics take longer than the writing for very many columns.
    target = table.folder / path
    footer = pq.read_metadata(target)
    times = list(_timestamps(footer))
    return DataFile(
        path,
        bucket,
        footer.num_rows,
        target.stat().st_size,
        min(times).isoformat(timespec="microseconds") if times else None,
        max(times).isoformat(timespec="microseconds") if times else None,
    )


def _timestamps(footer: pq.FileMetaData) -> Iterator[datetime]:
    """Yield the first and last timestamp of each row group; nothing where one is not known."""
    names = footer.schema.names
    if "timestamp" not in names:
        return
    place = names.index("timestamp")
    found = []
    for group in range(footer.num_row_groups):
        statistics = footer.row_group(group).column(place).statistics
        if statistics is None or not statistics.has_min_max:
            return
        try:
            found += [statistics.min, statistics.max]
        except (ValueError, OverflowError):  # beyond the years of Python
            return
    if all(isinstance(one, datetime) for one in found):  # customers may have any such column
        yield from found

"""Staging: each file of a source as one Parquet file that every later step reads alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from customer_atlas.config import ReadOptions
from customer_atlas.data.delimited import (
    detect_dialect,
    safe_name,
    stage_delimited,
    unique_names,
)
from customer_atlas.data.documents import stage_json
from customer_atlas.data.encoding import is_binary, readable_text, unpacked
from customer_atlas.data.files import SourceFile, file_literal
from customer_atlas.engine import Connection, DuckDB, literal, quoted
from customer_atlas.errors import EngineError, SourceError

__all__ = ["Staged", "refuse_damaged", "stage_files"]

# Below it a file is not worth all threads, and several are read side by side.
_SMALL = 32 << 20


@dataclass(frozen=True)
class Staged:
    """A file ready to be queried.

    `columns` are raw SQL types by name (text for everything that was text); `rows` those that
    could be taken apart, `ragged` those that could not, kept in `ragged_path`.
    """

    file: SourceFile
    parquet: Path | None
    columns: tuple[tuple[str, str], ...] = ()
    rows: int = 0
    ragged: int = 0
    ragged_path: Path | None = None
    notes: tuple[str, ...] = ()


def stage_files(
    engine: DuckDB, files: Sequence[SourceFile], options: ReadOptions, scratch: Path
) -> list[Staged]:
    """Stage files, small ones side by side; the result is in the order of `files`.

    Raises:
        SourceError: a file is missing, damaged or not what its name says.
    """
    small = [file for file in files if file.size < _SMALL]
    staged = dict(
        zip(
            small,
            engine.map(lambda connection, file: _stage(connection, file, options, scratch), small),
            strict=True,
        )
    )
    for file in files:
        if file not in staged:
            with engine.connect() as connection:
                staged[file] = _stage(connection, file, options, scratch)
    return [staged[file] for file in files]


def _stage(connection: Connection, file: SourceFile, options: ReadOptions, scratch: Path) -> Staged:
    plain = unpacked(file, scratch)
    try:
        if file.format == "parquet":
            return _stage_parquet(connection, plain, file, scratch)
        if plain.stat().st_size == 0:
            return _empty(file)
        if file.format == "json":
            return _stage_json(connection, plain, file, options, scratch)
        return _stage_text(connection, plain, file, options, scratch)
    except EngineError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: SourceFile, error: EngineError) -> SourceError:
    kind = {"delimited": "delimited text", "json": "JSON", "parquet": "Parquet"}[file.format]
    reason = str(error.__cause__ or error).splitlines()[0]
    return SourceError(
        f"{file.path} cannot be read as {kind}: {reason} "
        "Write the file again, or leave it out of the source's path."
    )


def _empty(file: SourceFile) -> Staged:
    return Staged(file, None, notes=(f"{file.path} holds no rows",))


def refuse_damaged(engine: DuckDB, files: Sequence[Staged]) -> None:
    """Read Parquet files of a source to their ends, to name the one that made a query fail.

    Raises:
        SourceError: a file is damaged.
    """
    for one in files:
        if one.file.format != "parquet" or one.parquet is None:
            continue
        counted = ", ".join(f"max(hash({quoted(name)}))" for name, _ in one.columns)
        try:
            with engine.connect() as connection:
                read = f"read_parquet({file_literal(one.parquet)}, hive_partitioning = false)"
                connection.rows(f"SELECT {counted} FROM {read}", step="look for damage")
        except EngineError as error:
            raise _unreadable(one.file, error) from error


def _stage_parquet(connection: Connection, plain: Path, file: SourceFile, scratch: Path) -> Staged:
    read = f"read_parquet({file_literal(plain)}, hive_partitioning = false)"
    rows = connection.rows(f"SELECT count(*) FROM {read}", step=f"open {file.path}")[0][0]
    columns = _described(connection, read)
    if rows == 0:
        return _empty(file)
    if any(safe_name(name) != name for name, _ in columns):
        plain = _renamed(connection, read, columns, scratch / f"{file.file_id}.parquet")
        columns = _described(connection, f"read_parquet({file_literal(plain)})")
    return Staged(file, plain, columns, rows)


def _renamed(
    connection: Connection, read: str, columns: Sequence[tuple[str, str]], target: Path
) -> Path:
    names = unique_names([name for name, _ in columns])
    connection.run(
        f"COPY (SELECT * FROM {read} AS given({', '.join(map(quoted, names))})) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION lz4_raw)",
        step="rename columns",
    )
    return target


def _stage_text(
    connection: Connection, plain: Path, file: SourceFile, options: ReadOptions, scratch: Path
) -> Staged:
    readable = readable_text(plain, file, options.encoding, scratch)
    if is_binary(readable.path):
        raise SourceError(
            f"{file.path} is no delimited text: it holds binary data. Save it as CSV (a workbook: "
            "by its program), or leave it out of the source's path."
        )
    dialect = detect_dialect(readable.path, options.delimiter)
    if dialect is None:
        return _empty(file)
    target, ragged = scratch / f"{file.file_id}.parquet", scratch / f"{file.file_id}.ragged"
    rows, lost = stage_delimited(connection, readable.path, dialect, target, ragged)
    notes = list(readable.notes)
    if rows + lost == 0:
        notes.append(f"{file.path} holds a header and no rows")
    if not dialect.header:
        notes.append(f"{file.path} has no header; its columns are {', '.join(dialect.names[:6])}")
    columns = tuple((name, "VARCHAR") for name in dialect.names)
    return Staged(
        file,
        target if rows else None,
        columns,
        rows,
        lost,
        ragged if lost else None,
        tuple(notes),
    )


def _stage_json(
    connection: Connection, plain: Path, file: SourceFile, options: ReadOptions, scratch: Path
) -> Staged:
    readable = readable_text(plain, file, options.encoding, scratch)
    target, ragged = scratch / f"{file.file_id}.parquet", scratch / f"{file.file_id}.ragged"
    names, rows, lost = stage_json(connection, readable.path, target, ragged)
    if rows + lost == 0:
        return _empty(file)
    columns = tuple((name, "VARCHAR") for name in names)
    return Staged(
        file,
        target if rows else None,
        columns,
        rows,
        lost,
        ragged if lost else None,
        readable.notes,
    )


def _described(connection: Connection, relation: str) -> tuple[tuple[str, str], ...]:
    described = connection.rows(f"DESCRIBE SELECT * FROM {relation}", step="describe a file")
    return tuple((row[0], row[1]) for row in described)

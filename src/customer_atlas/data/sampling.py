"""Sampling: the beginning of some files, typed as ingestion would type it, without a lake."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from customer_atlas.config import ColumnType, ReadOptions
from customer_atlas.data.casts import RawColumn, cast_columns
from customer_atlas.data.encoding import beginning
from customer_atlas.data.files import SourceFile, file_literal
from customer_atlas.data.staging import Staged, stage_files
from customer_atlas.engine import DuckDB, quoted
from customer_atlas.errors import EngineError, SourceError

__all__ = ["Sample", "sample_file"]

_BYTES = 16 << 20
_ROWS = 200_000
_CELLS = 20_000_000


@dataclass(frozen=True)
class Sample:
    """The first rows of a file: `rows` has its columns by their names, typed as the lake's.

    `whole` says that these are all its rows; `total` is how many it has, where that is known.
    """

    rows: pa.Table
    types: dict[str, ColumnType]
    whole: bool
    total: int | None
    notes: tuple[str, ...]


def sample_file(engine: DuckDB, file: SourceFile, options: ReadOptions, scratch: Path) -> Sample:
    """Read the beginning of a file: 16 MB of text, or 200,000 rows.

    Args:
        engine: where queries run.
        file: the file, of any format that ingestion reads.
        options: how it is written, where that is known.
        scratch: a folder for copies, which the caller removes.

    Raises:
        SourceError: it is damaged, holds no row, or is not what its name says.
    """
    head, cut = beginning(file, _BYTES, scratch)
    (staged,) = stage_files(engine, [head], options, scratch)
    if staged.parquet is None or staged.rows == 0:
        why = "; ".join(staged.notes) or f"{file.path} holds no usable row"
        raise SourceError(f"{why}.")
    limit = min(_ROWS, max(100, _CELLS // len(staged.columns)))
    try:
        rows, types, notes = _typed(engine, staged, options, limit)
    except EngineError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise SourceError(f"{file.path} cannot be looked at: {reason}") from error
    return Sample(
        rows,
        types,
        whole=not cut and staged.rows <= limit,
        total=None if cut else staged.rows + staged.ragged,
        notes=(*staged.notes, *notes),
    )


def _typed(
    engine: DuckDB, staged: Staged, options: ReadOptions, limit: int
) -> tuple[pa.Table, dict[str, ColumnType], list[str]]:
    names = [name for name, _ in staged.columns]
    assert staged.parquet is not None
    relation = (
        f"(SELECT CAST(file_row_number AS BIGINT) AS __row, {', '.join(map(quoted, names))} "
        f"FROM read_parquet({file_literal(staged.parquet)}, hive_partitioning = false) "
        f"WHERE file_row_number < {limit})"
    )
    with engine.connect() as connection:
        raw = [RawColumn(name, kind) for name, kind in staged.columns]
        rows = min(staged.rows, limit)
        casts = cast_columns(connection, relation, rows, raw, options, "UTC")
        listed = ", ".join(f"{cast.sql} AS {quoted(cast.column.name)}" for cast in casts)
        table = connection.arrow(f"SELECT {listed} FROM {relation}", step="sample rows")
    notes = [note for cast in casts for note in cast.notes]
    return table, {cast.column.name: cast.type for cast in casts}, notes

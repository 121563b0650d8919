"""Upkeep of the lake: small files merged, and old ones deleted after a stated retention."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from customer_atlas.config import ColumnType
from customer_atlas.data.lake import DataFile, Lake, LakeTable
from customer_atlas.data.writing import write_file
from customer_atlas.engine import Connection, DuckDB, quoted
from customer_atlas.errors import LakeError
from customer_atlas.registry import Registry

__all__ = ["compact", "compact_table", "vacuum"]

_TARGET_BYTES = 128 << 20


def compact(lake: Lake, registry: Registry, engine: DuckDB) -> dict[str, int]:
    """Merge the small files of every pinned table, and pin the new versions together.

    Rows and their order stay as they are. The caller holds `registry.exclusive`.

    Returns:
        How many files fewer each source has; 0 where there was nothing to merge.
    """
    merged, pins = {}, []
    for source, pin in registry.sources().items():
        table, quarantine = lake.table(source), lake.quarantine(source)
        table.restore(pin.version)
        quarantine.restore(pin.quarantine_version)
        version, fewer = compact_table(table, engine, pin.version)
        refused = pin.quarantine_version
        if refused is not None:
            refused, others = compact_table(quarantine, engine, refused)
            fewer += others
        merged[source] = fewer
        if fewer:
            pins.append(replace(pin, version=version, quarantine_version=refused))
    if pins:
        registry.record_ingestion(pins, [])
    return merged


def compact_table(
    table: LakeTable, engine: DuckDB, version: int, target_bytes: int = _TARGET_BYTES
) -> tuple[int, int]:
    """Merge the small files of each bucket in one transaction.

    Returns:
        The version to read from now on, and how many files fewer it has.
    """
    latest = table.version()
    if latest is None:
        raise LakeError(f"There is no table {table.folder.name} in the lake; run `atlas ingest`.")
    present = table.data_files(version)
    groups = [group for group in _groups(present, target_bytes) if len(group) > 1]
    if not groups:
        return version, 0
    columns = table.columns(version)

    def merge(connection: Connection, item: tuple[int, Sequence[DataFile]]) -> DataFile:
        number, group = item
        paths = [str(table.folder / file.path) for file in group]
        wanted = {name: kind for name, kind in columns.items() if name != "_row"}
        connection.view_parquet("parts", paths, wanted | {"_row": ColumnType.NUMBER})
        listed = ", ".join(
            "CAST(_row AS BIGINT) AS _row" if name == "_row" else quoted(name) for name in columns
        )
        query = f"SELECT {listed} FROM parts ORDER BY _file, _row"
        return write_file(
            connection, table, query, group[0].bucket, f"{latest + 1:08d}-merged-{number:05d}"
        )

    added = list(engine.map(merge, list(enumerate(groups))))
    removed = [file.path for group in groups for file in group]
    return table.commit(added, removed), len(removed) - len(added)


def vacuum(
    lake: Lake, registry: Registry, retention_hours: int, keep: Iterable[tuple[str, int]] = ()
) -> dict[str, int]:
    """Delete the files that neither a pinned version nor one within the retention needs.

    Args:
        lake: where tables are.
        registry: which versions are pinned.
        retention_hours: how long a file that left a table stays readable.
        keep: source and version of further tables to keep, such as those of generations.

    Returns:
        How many files of each source were deleted.
    """
    kept: dict[str, list[int]] = {}
    for source, version in keep:
        kept.setdefault(source, []).append(version)
    deleted = {}
    for source, pin in registry.sources().items():
        table = lake.table(source)
        deleted[source] = len(table.vacuum(retention_hours, [pin.version, *kept.get(source, [])]))
        if pin.quarantine_version is not None:
            quarantine = lake.quarantine(source)
            deleted[source] += len(quarantine.vacuum(retention_hours, [pin.quarantine_version]))
    return deleted


def _groups(files: Sequence[DataFile], target_bytes: int) -> list[list[DataFile]]:
    """Group the files of each bucket, in order, up to the target size."""
    groups: list[list[DataFile]] = []
    for file in sorted(files, key=lambda file: (file.bucket, file.path)):
        last = groups[-1] if groups else []
        fits = last and last[0].bucket == file.bucket
        if fits and sum(one.size for one in last) + file.size <= target_bytes:
            last.append(file)
        else:
            groups.append([file])
    return groups

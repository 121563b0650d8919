"""What became of the rows of each source, and examples of what was refused, without the record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

import pyarrow.parquet as pq

from customer_atlas.config import ROLES, ColumnType
from customer_atlas.data import Counts, reasons_of
from customer_atlas.pipeline import Workspace
from customer_atlas.registry import SourceRecord
from customer_atlas.report.masking import masked

__all__ = ["Example", "SourceQuality", "quality_of"]

_EXAMPLES = 5
_SHOWN = ["_file", "_row", "reason", "column", "found"]  # never the record
_LINE = re.compile(r"line \d+")


@dataclass(frozen=True)
class Example:
    """A refused row: where it is, in which column, and what was found there, `masked`."""

    reason: str
    file: str
    place: str
    column: str
    found: str


@dataclass(frozen=True)
class SourceQuality:
    """What became of a source's rows, all its files together, as of the last ingestion."""

    source: str
    role: str
    files: int
    counts: Counts
    look_alikes: int
    reasons: Mapping[str, int]
    notes: tuple[str, ...]
    examples: tuple[Example, ...]


def quality_of(work: Workspace) -> tuple[SourceQuality, ...]:
    """Return the quality of every source of the project that has been ingested."""
    pins = work.registry.sources()
    declared = work.file.project.sources
    return tuple(_source(work, pins[name]) for name in declared if name in pins)


def _source(work: Workspace, pin: SourceRecord) -> SourceQuality:
    files = work.registry.files(pin.source)
    reasons = reasons_of(files.values())
    names = {file.file_id: PurePath(path).name for path, file in files.items()}
    return SourceQuality(
        pin.source,
        str(work.file.project.sources[pin.source].role),
        len(files),
        Counts.of(files.values()),
        pin.look_alikes,
        reasons,
        pin.notes,
        tuple(_examples(work, pin, reasons, names)),
    )


def _examples(
    work: Workspace, pin: SourceRecord, reasons: Mapping[str, int], names: Mapping[str, str]
) -> list[Example]:
    """Return up to five examples of each reason, the first in the order of the table's files."""
    if pin.quarantine_version is None or not reasons:
        return []
    kinds = _kinds(work, pin)
    wanted = Counter({reason: min(count, _EXAMPLES) for reason, count in reasons.items()})
    found: list[Example] = []
    for row in _refused(work.lake.quarantine(pin.source).files(pin.quarantine_version)):
        if wanted[row["reason"]] > 0:
            wanted[row["reason"]] -= 1
            found.append(_example(row, names, kinds))
        if not wanted.total():
            break
    order = list(reasons)
    return sorted(found, key=lambda one: order.index(one.reason))


def _refused(paths: list[str]) -> Iterator[dict[str, str]]:
    for path in paths:
        with pq.ParquetFile(Path(path)) as file:
            for batch in file.iter_batches(columns=_SHOWN):
                yield from batch.to_pylist()


def _kinds(work: Workspace, pin: SourceRecord) -> Mapping[str, ColumnType]:
    """Return the type of each column that may be shown: what is protected never is."""
    project = work.file.project
    kept = work.lake.table(pin.source).columns(pin.version)
    kinds = kept | dict(ROLES[project.sources[pin.source].role].types)
    return {
        name: kind for name, kind in kinds.items() if name.casefold() not in project.never_features
    }


def _example(
    row: Mapping[str, str], names: Mapping[str, str], kinds: Mapping[str, ColumnType]
) -> Example:
    file, column = names.get(row["_file"], ""), row["column"] or ""
    line = _LINE.match(row["found"] or "") if row["reason"] == "ragged_row" else None
    if line:  # the rest repeats what stands in the row
        return Example(row["reason"], file, line[0], "", "not as many fields as there are columns")
    place = f"row {int(row['_row']) + 1:,}"
    return Example(row["reason"], file, place, column, masked(row["found"], kinds.get(column)))

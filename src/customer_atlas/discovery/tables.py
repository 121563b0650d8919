"""Tables: the files of a folder, those of one make together, each looked at by a sample."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from glob import escape, glob
from pathlib import Path

import pyarrow as pa

from customer_atlas.config import ReadOptions
from customer_atlas.data import Sample, SourceFile, data_files, find_files, sample_file
from customer_atlas.discovery.facts import ColumnFacts, column_facts
from customer_atlas.discovery.vocabulary import words_of
from customer_atlas.engine import DuckDB
from customer_atlas.errors import SourceError

__all__ = ["LeftOut", "Table", "is_copy", "look_at"]

_WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")
_UNTOLD = (".dat", ".data", ".tab", ".psv", ".feather", ".avro", ".orc", ".bz2", ".zst", ".7z")
_COPIED = 0.9
_UNNUMBERED = re.compile(r"(?<=[^\W\d_])[-_. ]?[\d\W_]*$")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class LeftOut:
    """Files that no source is made of, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Table:
    """Files with the same columns, as one table.

    `paths` are the patterns that name them from the project's folder; `sample` are typed rows of
    the first of them.
    """

    name: str
    paths: tuple[str, ...]
    files: int
    sample: pa.Table
    columns: tuple[ColumnFacts, ...]
    whole: bool
    total: int | None
    notes: tuple[str, ...]

    @cached_property
    def said(self) -> tuple[str, ...]:
        """The words of its name."""
        return words_of(self.name)

    def column(self, name: str) -> ColumnFacts:
        """Return the facts of a column."""
        return next(column for column in self.columns if column.name == name)


def look_at(
    place: Path, folder: Path, progress: Callable[[str, int, int], None]
) -> tuple[list[Table], list[LeftOut]]:
    """Look at the files below `place`, or at the one file that it is.

    Args:
        place: a folder or a file.
        folder: where the project file will be; paths are relative to it.
        progress: told what is looked at.

    Raises:
        SourceError: there is nothing at `place`.
    """
    if not place.exists():
        raise SourceError(f"There is no folder or file '{place}'. Name the one with your files.")
    left_out = list(_unread(place, folder))
    files = []
    for path in [place] if place.is_file() else data_files(place):
        try:
            files += find_files([escape(str(path.absolute()))], folder)[0]
        except SourceError as error:
            left_out.append(LeftOut(_shown(path, folder), str(error)))
    groups: dict[str, list[SourceFile]] = {}
    for file in files:
        groups.setdefault(_make(file), []).append(file)
    tables: list[Table] = []
    for number, series in enumerate(groups.values()):
        progress("look at files", number, len(groups))
        try:
            tables.append(_table(series, folder, tables))
        except SourceError as error:
            left_out.append(LeftOut(_shown(series[0].file, folder), str(error)))
    return _merged(tables, folder, left_out), left_out


def is_copy(small: pa.Table, large: pa.Table) -> bool:
    """Say whether a table holds nearly all rows of a smaller one, whose columns are its own."""
    with DuckDB().connect() as connection:
        connection.register("small", small)
        connection.register("large", large)
        ((missing,),) = connection.rows(
            "SELECT count(*) FROM (FROM small EXCEPT ALL FROM large)", step="compare tables"
        )
    return bool(missing <= (1 - _COPIED) * small.num_rows)


def _make(file: SourceFile) -> str:
    """What files of one series have in common: orders-2024-01.csv and orders-2024-02.csv."""
    if file.member is not None:
        return str(file.file)
    return str(file.file.parent / _DIGITS.sub("0", file.file.name))


def _table(files: Sequence[SourceFile], folder: Path, known: Sequence[Table]) -> Table:
    samples = [_sampled(file) for file in dict.fromkeys((files[0], files[-1]))]
    first = samples[0]
    if len({tuple(sample.types) for sample in samples}) > 1:
        shown = ", ".join(file.path for file in (files[0], files[-1]))
        raise SourceError(f"{shown} are named alike and have different columns; name them apart.")
    columns = tuple(
        column_facts(name, kind, first.rows[name]) for name, kind in first.types.items()
    )
    one = len(files) == 1
    return Table(
        _name(files[0].file, {table.name for table in known}),
        _pattern(list(dict.fromkeys(_shown(file.file, folder) for file in files)), folder),
        len(files),
        first.rows,
        columns,
        first.whole and one,
        first.total if one else None,
        first.notes,
    )


def _sampled(file: SourceFile) -> Sample:
    with tempfile.TemporaryDirectory(prefix="atlas-init-") as scratch:
        return sample_file(DuckDB(), file, ReadOptions(), Path(scratch))


def _merged(tables: Sequence[Table], folder: Path, left_out: list[LeftOut]) -> list[Table]:
    """Make one table of those that lie in one folder and have the same columns.

    One whose rows another has already goes to `left_out`: they would count twice.
    """
    merged: dict[tuple[str, tuple[str, ...]], Table] = {}
    for table in sorted(tables, key=lambda table: -table.sample.num_rows):
        parent = os.path.dirname(table.paths[0])
        key = parent, tuple(column.name for column in table.columns)
        first = merged.get(key)
        if first and table.whole and is_copy(table.sample, first.sample):
            reason = f"its rows are those of {first.name}, which would count twice"
            left_out.append(LeftOut(", ".join(table.paths), reason))
        elif first:
            merged[key] = Table(
                first.name,
                _pattern((*first.paths, *table.paths), folder),
                first.files + table.files,
                first.sample,
                first.columns,
                whole=False,
                total=None,
                notes=first.notes,
            )
        else:
            merged[key] = table
    return sorted(merged.values(), key=lambda table: table.name)


def _pattern(paths: Sequence[str], folder: Path) -> tuple[str, ...]:
    """Return one pattern that names exactly what these paths and patterns name, or all of them."""
    if len(paths) == 1:
        return (paths[0],)
    # Letter by letter: the names differ within a part of the path.
    start = os.path.commonprefix(paths)  # noqa: RUF071
    end = os.path.commonprefix([path[::-1] for path in paths])[::-1]  # noqa: RUF071
    named = {found for path in paths for found in glob(path, root_dir=folder)}
    # Without its digits a pattern fits the files of next month and next year too.
    broad = f"{_UNNUMBERED.sub('', start)}*{end.lstrip('*0123456789')}"
    for pattern in (broad, f"{start.rstrip('*')}*{end.lstrip('*')}"):
        if set(glob(pattern, root_dir=folder)) == named:
            return (pattern,)
    return tuple(paths)


def _shown(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()


def _name(path: Path, taken: set[str]) -> str:
    """Return a source's name from that of its file: letters, digits and underscores."""
    stem = path.name.split(".")[0]
    stem = re.sub(r"[\d\W_]+$", "", stem) or stem
    plain = re.sub(r"\W+", "_", stem, flags=re.ASCII).strip("_").lower()
    plain = plain if plain[:1].isalpha() else f"table_{plain}".rstrip("_")
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    return name


def _unread(place: Path, folder: Path) -> list[LeftOut]:
    """Return the files of a folder that may hold tables and are not read by their names."""
    told = dict.fromkeys(_WORKBOOKS, "a workbook; save its sheets as CSV files") | dict.fromkeys(
        _UNTOLD, "its format is not known by its name; save it as .csv, .jsonl or .parquet"
    )
    files = sorted(place.rglob("*")) if place.is_dir() else []
    return [
        LeftOut(_shown(file, folder), told[file.suffix.lower()])
        for file in files
        if file.suffix.lower() in told and not file.name.startswith(("~", "."))
    ]

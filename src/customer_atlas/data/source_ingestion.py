"""One source: its changed files read, judged, written and committed to the lake's two tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from customer_atlas.config import ColumnType, ProjectFile, Role
from customer_atlas.data.batch import prepare_batch
from customer_atlas.data.changes import Changes, definition_of
from customer_atlas.data.checks import FILTERED, KEPT
from customer_atlas.data.contacts import Contacts
from customer_atlas.data.duplicates import count_look_alikes, find_duplicates, key_columns
from customer_atlas.data.files import file_literal
from customer_atlas.data.judgement import Judgement, judge
from customer_atlas.data.lake import DataFile, Lake, LakeTable
from customer_atlas.data.lake_columns import LakeColumn
from customer_atlas.data.mapping import ROW_NUMBER, bind
from customer_atlas.data.parsing import is_date_format
from customer_atlas.data.staging import Staged, refuse_damaged, stage_files
from customer_atlas.data.writing import (
    rewrite,
    write_ragged,
    write_refused,
    write_rows,
)
from customer_atlas.engine import DuckDB
from customer_atlas.errors import ConfigError, EngineError, LakeError, SourceError
from customer_atlas.registry import FileRecord, SourceRecord

__all__ = ["Ingested", "SourceIngestion"]

_QUARANTINE = {
    "_file": ColumnType.TEXT,
    "_row": ColumnType.NUMBER,
    "reason": ColumnType.TEXT,
    "column": ColumnType.TEXT,
    "found": ColumnType.TEXT,
    "record": ColumnType.TEXT,
}


@dataclass(frozen=True)
class Ingested:
    """What the ingestion of one source made: the record to pin, and those of the files read."""

    source: SourceRecord
    files: tuple[FileRecord, ...]


class SourceIngestion:
    """Reads what changed in one source; raises SourceError, ConfigError and LakeError.

    Nothing of it counts until the registry pins the versions that it returns.
    """

    def __init__(
        self,
        file: ProjectFile,
        source: str,
        lake: Lake,
        engine: DuckDB,
        scratch: Path,
        contacts: Contacts,
        progress: Callable[[str], None],
    ) -> None:
        self.file, self.source, self.engine, self.scratch = file, source, engine, scratch
        self.lake, self.contacts, self.progress = lake, contacts, progress
        self.declared = file.project.sources[source]
        self.table, self.quarantine = lake.table(source), lake.quarantine(source)

    def run(
        self,
        changes: Changes,
        known: Mapping[str, FileRecord],
        now: datetime,
    ) -> Ingested:
        """Read, write and commit; `known` are the records of the files that were read before."""
        self.progress(f"{self.source}: reading {_count(len(changes.read), 'file')}")
        self._check_dates()
        staged = stage_files(self.engine, changes.read, self.declared.read, self.scratch)
        columns = {} if changes.anew else self._lake_columns()
        try:
            judged = self._judged(staged, columns, now)
        except EngineError as error:
            self._refuse(staged, error)
        key = key_columns(self.file, self.source, columns) if judged else []
        losers, lost = self._duplicates(key, judged, changes)
        records = self._records(staged, judged, lost, changes)
        self._refuse_unusable(staged, records, known, changes)
        self.progress(f"{self.source}: writing {sum(record.kept for record in records)} rows")
        try:
            version, added = self._commit_rows(judged, columns, losers, changes)
            self._check_written(added, records)
            self.progress(f"{self.source}: rows committed")
            quarantine_version = self._commit_refused(staged, judged, changes)
        except EngineError as error:
            self._refuse(staged, error)
        self.progress(f"{self.source}: quarantine committed")
        alike = 0
        if not key:
            files = self.table.data_files(version)
            alike = count_look_alikes(self.engine, self.table, files, _visible(columns))
        notes = [note for one in staged for note in one.notes]
        notes += [note for one in judged for note in one.batch.notes]
        notes += self._row_number_note(judged)
        record = SourceRecord(
            self.source,
            definition_of(self.file, self.source, self.lake.buckets, self.contacts),
            version,
            quarantine_version,
            alike,
            tuple(dict.fromkeys((*changes.notes, *notes))),
            now,
        )
        return Ingested(record, tuple(records))

    def _refuse(self, staged: Sequence[Staged], error: EngineError) -> NoReturn:
        """Say which file, disk or setting made a query fail over the rows of this source."""
        reason = str(error.__cause__).splitlines()[0]
        if type(error.__cause__).__name__ in ("IOException", "OutOfMemoryException"):
            raise LakeError(
                f"The step '{error.step}' of the source {self.source} could not write below "
                f"{self.lake.root}: {reason} Make room there, and run again."
            ) from error
        refuse_damaged(self.engine, staged)
        # What the engine says may show values of people.
        raise SourceError(
            f"{self.file.where('sources', self.source)}: the step '{error.step}' failed over "
            f"its rows ({type(error.__cause__).__name__}). Check `columns`, `where` and "
            "`read`, or leave the file out that was added last."
        ) from error

    def _lake_columns(self) -> dict[str, LakeColumn]:
        if self.table.version() is None:
            return {}
        details = self.table.details()
        return {
            name: LakeColumn(name, kind, details[name].get("origin"), details[name].get("recipe"))
            for name, kind in self.table.columns().items()
            if name not in ("_file", "_row")
        }

    def _check_dates(self) -> None:
        """Refuse a format of dates that the engine does not know; raises ConfigError."""
        form = self.declared.read.dates
        if form is not None and not is_date_format(self.engine, form):
            place = self.file.where("sources", self.source, "read", "dates")
            raise ConfigError(
                [
                    f"{place}: found '{form}', which is no format of dates; allowed are day-first, "
                    "month-first, and strptime formats such as %d/%m/%Y or %Y-%m-%d %H:%M"
                ]
            )

    def _judged(
        self, staged: Sequence[Staged], columns: dict[str, LakeColumn], now: datetime
    ) -> list[Judgement]:
        """Judge every batch; `columns` gains what the batches add to the lake."""
        groups: dict[tuple[tuple[str, str], ...], list[Staged]] = {}
        for one in staged:
            if one.parquet is not None:
                groups.setdefault(one.columns, []).append(one)
        origins = [column.origin for column in columns.values() if column.origin]
        names = [*origins, *(name for group in groups for name, _ in group)]
        judged = []
        for group, files in groups.items():
            taken = {name.casefold() for name, _ in group}
            others = {name.casefold(): name for name in names if name.casefold() not in taken}
            batch = prepare_batch(
                self.engine,
                self.file,
                self.source,
                sorted(files, key=lambda one: one.file.file_id),
                columns,
                list(others.values()),
                self.contacts,
                now,
            )
            for column in batch.columns:
                columns.setdefault(column.name, column)
            judged.append(judge(self.engine, batch))
        self._refuse_shared_numbers(judged)
        return judged

    def _duplicates(
        self, key: Sequence[LakeColumn], judged: Sequence[Judgement], changes: Changes
    ) -> tuple[Path | None, dict[str, int]]:
        if not key:
            return None, {}
        before = None
        if not changes.anew and self.table.version() is not None:
            before = self.table, changes.replaced
        return find_duplicates(
            self.engine,
            key,
            judged,
            before,
            [one.file_id for one in changes.read],
            self.scratch,
        )

    def _records(
        self,
        staged: Sequence[Staged],
        judged: Sequence[Judgement],
        lost: Mapping[str, int],
        changes: Changes,
    ) -> list[FileRecord]:
        verdicts: dict[str, Counter[int]] = {}
        reasons: dict[str, Counter[str]] = {}
        for judgement in judged:
            for (file_id, verdict), number in sorted(judgement.total.items()):
                verdicts.setdefault(file_id, Counter())[min(verdict, 2)] += number
                if verdict > 1:
                    reason = judgement.batch.checks[verdict - 2].reason
                    reasons.setdefault(file_id, Counter())[reason] += number
        records = []
        for one in staged:
            found = verdicts.get(one.file.file_id, Counter())
            why = reasons.get(one.file.file_id, Counter())
            if one.ragged:
                why["ragged_row"] += one.ragged
            duplicates = lost.get(one.file.file_id, 0)
            records.append(
                FileRecord(
                    self.source,
                    one.file.path,
                    one.file.file_id,
                    one.file.size,
                    one.file.modified_ns,
                    changes.digests[one.file.path],
                    one.rows + one.ragged,
                    found[KEPT] - duplicates,
                    found[FILTERED],
                    found[2] + one.ragged,
                    duplicates,
                    dict(why),
                )
            )
        return records

    def _refuse_unusable(
        self,
        staged: Sequence[Staged],
        records: Sequence[FileRecord],
        known: Mapping[str, FileRecord],
        changes: Changes,
    ) -> None:
        leaving = {one.path for one in (*records, *changes.dropped)}
        staying = [] if changes.anew else [one for one in known.values() if one.path not in leaving]
        if any(one.kept for one in (*records, *staying)):
            return
        place = self.file.where("sources", self.source)
        read = sum(one.read for one in records)
        if read == 0:
            notes = "; ".join(note for one in staged for note in one.notes)
            raise SourceError(
                f"{place}: there is no row to use: {notes or 'no file is left'}. "
                "Put files with rows there, or take the source out of the project file."
            )
        reasons: Counter[str] = Counter(
            {"left out by `where`": sum(one.filtered for one in records)}
        )
        for record in records:
            reasons.update(record.reasons)
        listed = ", ".join(
            f"{number} {reason}" for reason, number in reasons.most_common() if number
        )
        raise SourceError(
            f"{place}: none of {read} rows can be used: {listed}. "
            "Correct `columns`, `where` or `read`, or the files."
        )

    def _commit_rows(
        self,
        judged: Sequence[Judgement],
        columns: Mapping[str, LakeColumn],
        losers: Path | None,
        changes: Changes,
    ) -> tuple[int, list[DataFile]]:
        wanted = {"_file": ColumnType.TEXT, "_row": ColumnType.NUMBER}
        wanted |= {column.name: column.type for column in columns.values()}
        details = {column.name: _details(column) for column in columns.values()}
        self._shape(self.table, wanted, details, anew=changes.anew)
        stem = _stem(self.table)
        added = []
        for number, one in enumerate(judged):
            added += write_rows(
                self.engine,
                self.table,
                one,
                self.declared.role,
                f"{stem}-{number:03d}",
                losers,
            )
        kept, removed = rewrite(self.engine, self.table, changes.replaced, f"{stem}-kept")
        return self.table.commit([*added, *kept], removed), added

    def _commit_refused(
        self, staged: Sequence[Staged], judged: Sequence[Judgement], changes: Changes
    ) -> int | None:
        refused = any(one.refused for one in judged) or any(one.ragged for one in staged)
        if self.quarantine.version() is None and not refused:
            return None
        self._shape(self.quarantine, _QUARANTINE, {}, anew=changes.anew)
        stem = _stem(self.quarantine)
        mapping = self.declared.columns
        hidden = [
            one for one in staged if self.contacts.among((name for name, _ in one.columns), mapping)
        ]
        added = write_ragged(self.engine, self.quarantine, staged, hidden, f"{stem}-ragged")
        for number, one in enumerate(judged):
            added += write_refused(self.engine, self.quarantine, one, f"{stem}-{number:03d}")
        kept, removed = rewrite(self.engine, self.quarantine, changes.replaced, f"{stem}-kept")
        if not (added or removed):
            return self.quarantine.version()
        return self.quarantine.commit([*added, *kept], removed)

    def _shape(
        self,
        table: LakeTable,
        wanted: Mapping[str, ColumnType],
        details: Mapping[str, Mapping[str, str]],
        *,
        anew: bool,
    ) -> None:
        if anew or table.version() is None:
            table.create(wanted, details)
            return
        present = table.columns()
        table.add_columns(
            {name: kind for name, kind in wanted.items() if name not in present}, details
        )

    def _check_written(self, added: Sequence[DataFile], records: Sequence[FileRecord]) -> None:
        """Compare the rows in the new data files with those that the checks let pass."""
        written: dict[str, int] = {}
        if added:
            paths = ", ".join(file_literal(self.table.folder / one.path) for one in added)
            with self.engine.connect() as connection:
                written = dict(
                    connection.rows(
                        f"SELECT _file, count(*) FROM read_parquet([{paths}], "
                        "hive_partitioning = false) GROUP BY _file",
                        step="count rows",
                    )
                )
        for one in records:
            found = written.get(one.file_id, 0)
            accounted = one.kept + one.filtered + one.quarantined + one.deduplicated
            if found != one.kept or one.read != accounted:
                raise LakeError(
                    f"The rows of {one.path} do not add up: {one.read} read, {accounted} accounted "
                    f"for, {one.kept} to keep, {found} written. Did the file change meanwhile? "
                    "Run again."
                )

    def _refuse_shared_numbers(self, judged: Sequence[Judgement]) -> None:
        files = sum(len(one.batch.files) for one in judged)
        if files > 1 and self._is_numbered(judged):
            place = self.file.where("sources", self.source, "columns")
            raise ConfigError(
                [
                    f"{place}: 'customer_id' is required when a source of customers has more than "
                    "one file: row numbers would name different people alike."
                ]
            )

    def _is_numbered(self, judged: Sequence[Judgement]) -> bool:
        if self.declared.role is not Role.CUSTOMERS or not judged:
            return False
        names = [name for name, _ in judged[0].batch.files[0].columns]
        return bind(self.file, self.source, names).computed.get("customer_id") == ROW_NUMBER

    def _row_number_note(self, judged: Sequence[Judgement]) -> list[str]:
        note = "no column holds an id: each customer's id is the number of its row, from 0"
        return [note] if self._is_numbered(judged) else []


def _visible(columns: Mapping[str, LakeColumn]) -> list[LakeColumn]:
    return [column for column in columns.values() if column.origin is not None]


def _details(column: LakeColumn) -> dict[str, str]:
    found = {"origin": column.origin, "recipe": column.recipe}
    return {key: text for key, text in found.items() if text is not None}


def _stem(table: LakeTable) -> str:
    # Versions only grow, so no name is ever taken by a file that a reader may want.
    return f"{(table.version() or 0) + 1:08d}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"

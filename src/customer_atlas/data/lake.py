"""The lake: Delta tables bucketed by customer, changed by one transaction at a time."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, Field, Schema
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.schema import PrimitiveType
from deltalake.transaction import AddAction, RemoveAction

from customer_atlas.config import ColumnType
from customer_atlas.errors import LakeError

__all__ = ["DataFile", "Lake", "LakeTable"]

_DELTA = {
    ColumnType.TEXT: "string",
    ColumnType.NUMBER: "double",
    ColumnType.TIMESTAMP: "timestamp_ntz",
    ColumnType.BOOLEAN: "boolean",
}
_TYPES = {name: kind for kind, name in _DELTA.items()} | {"long": ColumnType.NUMBER}
_METADATA = "atlas."


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a table: its path below the table's folder, bucket, rows and bytes.

    `earliest` and `latest` are ISO texts of its timestamps, where it has any.
    """

    path: str
    bucket: int
    rows: int
    size: int
    earliest: str | None = None
    latest: str | None = None


class Lake:
    """The folder of all tables.

    The count of buckets is fixed when the lake is first written.

    Raises:
        LakeError: the lake was made with another count of buckets.

    >>> import tempfile
    >>> Lake(Path(tempfile.mkdtemp()), 4).table("orders").version() is None
    True
    """

    def __init__(self, root: Path, buckets: int) -> None:
        self.root, self.buckets = root, buckets
        stored = _stored_buckets(root)
        if stored is not None and stored != buckets:
            raise LakeError(
                f"The lake in {root} has {stored} buckets, and the project file asks for "
                f"{buckets}. Write `buckets: {stored}` under `state`, or name another folder as "
                "`state.lake` to read all sources anew."
            )

    def table(self, source: str) -> LakeTable:
        """Return the table of a source's accepted rows."""
        return LakeTable(self, self.root / "tables" / source)

    def quarantine(self, source: str) -> LakeTable:
        """Return the table of a source's refused rows."""
        return LakeTable(self, self.root / "quarantine" / source)

    def settle(self) -> None:
        """Store the count of buckets, before the first table is written."""
        path = self.root / "lake.json"
        if path.exists():
            return
        self.root.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"buckets": self.buckets}) + "\n")
        os.replace(fresh, path)


class LakeTable:
    """One Delta table, partitioned by `bucket`; readers name the version that they read."""

    def __init__(self, lake: Lake, folder: Path) -> None:
        self.lake, self.folder = lake, folder

    def version(self) -> int | None:
        """Return the latest version, or None where there is no table."""
        table = self._find()
        return table.version() if table else None

    def columns(self, version: int | None = None) -> dict[str, ColumnType]:
        """Return the columns with their types, without `bucket`; `_row` is a whole number."""
        fields = self._open(version).schema().fields
        return {f.name: _TYPES[f.type.type] for f in fields if f.name != "bucket"}

    def details(self, version: int | None = None) -> dict[str, dict[str, str]]:
        """Return what was kept of each column when it was made."""
        fields = self._open(version).schema().fields
        return {
            f.name: {
                key.removeprefix(_METADATA): str(value)
                for key, value in f.metadata.items()
                if key.startswith(_METADATA)
            }
            for f in fields
        }

    def files(
        self, version: int | None = None, buckets: Collection[int] | None = None
    ) -> list[str]:
        """Return the absolute paths of the data files, sorted; of some buckets or of all."""
        return [
            str(self.folder / file.path)
            for file in self.data_files(version)
            if buckets is None or file.bucket in buckets
        ]

    def data_files(self, version: int | None = None) -> list[DataFile]:
        """Return the data files with what is known of them, sorted by path."""
        # Not by `pa.table`, which loads pandas to see whether it was given a data frame.
        found = self._open(version).get_add_actions(flatten=True)
        actions = pa.RecordBatchReader.from_stream(found).read_all().to_pylist()
        files = [
            DataFile(
                action["path"],
                int(action["partition.bucket"]),
                int(action["num_records"]),
                int(action["size_bytes"]),
                _iso(action.get("min.timestamp")),
                _iso(action.get("max.timestamp")),
            )
            for action in actions
        ]
        return sorted(files, key=lambda file: file.path)

    def row_count(self, version: int | None = None) -> int:
        """Return the count of rows, without reading any."""
        return sum(file.rows for file in self.data_files(version))

    def create(
        self, columns: Mapping[str, ColumnType], details: Mapping[str, Mapping[str, str]]
    ) -> None:
        """Make the table without rows; one that exists becomes empty, its versions stay."""
        self.lake.settle()
        fields = [_field(name, kind, details.get(name, {})) for name, kind in columns.items()]
        DeltaTable.create(
            self.folder,
            Schema([*fields, Field("bucket", PrimitiveType("integer"))]),
            mode="overwrite" if self._find() else "error",
            partition_by=["bucket"],
        )

    def add_columns(
        self, columns: Mapping[str, ColumnType], details: Mapping[str, Mapping[str, str]]
    ) -> None:
        """Add columns, which are null in the rows that are there."""
        fields = [_field(name, kind, details.get(name, {})) for name, kind in columns.items()]
        if fields:
            self._open(None).alter.add_columns(fields)

    def commit(self, added: Sequence[DataFile], removed: Iterable[str] = ()) -> int:
        """Add and remove data files in one transaction, and return the new version.

        Args:
            added: files that lie in the table's folder already.
            removed: paths below the table's folder.

        Raises:
            LakeError: the transaction was refused.
        """
        table = self._open(None)
        now = time.time_ns() // 1_000_000
        timed = self.columns().get("timestamp") is ColumnType.TIMESTAMP
        present = {file.path: file for file in self.data_files()}
        actions: list[AddAction | RemoveAction] = [
            *(
                AddAction(
                    file.path,
                    file.size,
                    {"bucket": str(file.bucket)},
                    now,
                    True,
                    _statistics(file, timed=timed),
                )
                for file in added
            ),
            *(
                RemoveAction(
                    path,
                    True,
                    deletion_timestamp=now,
                    size=present[path].size,
                    partition_values={"bucket": str(present[path].bucket)},
                )
                for path in removed
            ),
        ]
        try:
            table.create_write_transaction(
                actions, "append", table.schema(), partition_by=["bucket"]
            )
        except DeltaError as error:
            raise LakeError(f"The table {self.folder.name} refused a change: {error}") from error
        return self._open(None).version()

    def restore(self, version: int | None) -> None:
        """Make the latest version hold what `version` holds; None forgets the table."""
        latest = self.version()
        if latest is None or latest == version:
            return
        if version is None:
            shutil.rmtree(self.folder)
        elif self._content(latest) != self._content(version):
            self._open(None).restore(version)

    def vacuum(self, retention_hours: int, keep_versions: Sequence[int] = ()) -> list[str]:
        """Delete files that no version younger than the retention needs; return their paths."""
        table = self._open(None)
        return table.vacuum(
            retention_hours=retention_hours,
            dry_run=False,
            enforce_retention_duration=False,
            keep_versions=sorted(set(keep_versions)) or None,
        )

    def _content(self, version: int) -> tuple[object, ...]:
        # The schema's JSON lists the details of a column in no fixed order.
        return self.files(version), self.columns(version), self.details(version)

    def _find(self) -> DeltaTable | None:
        try:
            return DeltaTable(self.folder)
        except TableNotFoundError:
            return None
        except DeltaError as error:
            raise LakeError(
                f"The log of the table {self.folder.name} is damaged "
                f"({str(error).splitlines()[0]}). Restore {self.lake.root} from a copy, or delete "
                "it to read all files anew."
            ) from error

    def _open(self, version: int | None) -> DeltaTable:
        try:
            return DeltaTable(self.folder, version=version)
        except TableNotFoundError:
            raise LakeError(
                f"There is no table {self.folder.name} in the lake; run `atlas ingest` first."
            ) from None
        except DeltaError as error:
            raise LakeError(
                f"Version {version} of the table {self.folder.name} cannot be read: {error}"
            ) from error


def _stored_buckets(root: Path) -> int | None:
    path = root / "lake.json"
    try:
        return int(json.loads(path.read_text())["buckets"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise LakeError(f"{path} is damaged ({error}); restore it from a copy.") from error


def _field(name: str, kind: ColumnType, details: Mapping[str, str]) -> Field:
    delta = "long" if name == "_row" else _DELTA[kind]
    return Field(
        name,
        PrimitiveType(delta),
        metadata={_METADATA + key: text for key, text in details.items()},
    )


def _statistics(file: DataFile, *, timed: bool) -> str:
    # Customers may have a column of this name that holds something else.
    least = {"timestamp": file.earliest} if timed and file.earliest else {}
    most = {"timestamp": file.latest} if timed and file.latest else {}
    return json.dumps(
        {"numRecords": file.rows, "minValues": least, "maxValues": most, "nullCount": {}}
    )


def _iso(value: datetime | None) -> str | None:
    return value.isoformat(timespec="microseconds") if value else None

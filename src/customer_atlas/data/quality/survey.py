"""The survey: every source's table opened at its pinned version, looked at and profiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import accumulate

from customer_atlas.config import ROLES, ColumnType, Project, Role, rests_on
from customer_atlas.data.lake import DataFile, Lake
from customer_atlas.data.quality.profile import SourceProfile
from customer_atlas.data.quality.profiling import AskedColumn, names_people, profile_columns
from customer_atlas.data.report import Counts, reasons_of
from customer_atlas.engine import Connection, literal, quoted
from customer_atlas.registry import FileRecord, SourceRecord

__all__ = ["Days", "Survey", "TopCustomer", "shared_view_of", "survey", "view_of"]

_ROWS = 500_000
"""As many rows are looked at, in whole buckets of customers; at least one bucket."""

# A copy in memory is read faster than many files again and again, where it is small or wide.
_SMALL, _WIDE = 50_000, 60
_KEYS = ("customer_id", "order_id", "event_id", "session_id")
_HOT = 0.02  # of all rows: what a bucket may hold above the usual before it is looked into


@dataclass(frozen=True)
class Days:
    """Rows, and the sum of the amounts above 0, of each day that has rows, in order."""

    days: tuple[date, ...]
    rows: tuple[int, ...]
    amounts: tuple[float, ...] | None


@dataclass(frozen=True)
class TopCustomer:
    """The customer with the most rows, and how many that are."""

    customer_id: str
    rows: int


@dataclass(frozen=True)
class Survey:
    """What is known of a source: its profile, and what is not kept of it.

    `opposed` counts rows whose quantity and amount have opposite signs.
    """

    profile: SourceProfile
    counts: Counts
    reasons: Mapping[str, int]
    look_alikes: int
    days: Days | None
    top: TopCustomer | None
    opposed: int


def view_of(source: str) -> str:
    """Return the name under which the rows that are looked at are open."""
    return f"check_{source}"


def shared_view_of(source: str) -> str:
    """Return the name under which the rows are open whose customers every source is asked for."""
    return f"check_{source}_shared"


@dataclass(frozen=True)
class _Table:
    """A source's table with what the lake knows of it without reading rows."""

    source: str
    role: Role
    version: int
    columns: Mapping[str, ColumnType]
    origins: Mapping[str, str | None]
    files: Sequence[DataFile]

    def rows_by_bucket(self, buckets: int) -> list[int]:
        rows = [0] * buckets
        for file in self.files:
            rows[file.bucket] += file.rows
        return rows


def survey(
    connection: Connection,
    project: Project,
    lake: Lake,
    pins: Mapping[str, SourceRecord],
    files: Mapping[str, Mapping[str, FileRecord]],
) -> list[Survey]:
    """Look at every source that is pinned, and leave its rows open as `view_of` it.

    Of a large source some whole buckets of customers are looked at. These buckets of all sources
    of people are also open, as `shared_view_of` them, so that what one knows of a customer can be
    compared with what another does.
    """
    tables = [
        _table(project, lake, name, pins[name].version) for name in project.sources if name in pins
    ]
    buckets = _buckets([one for one in tables if one.role is not Role.PRODUCTS], lake.buckets)
    return [
        _survey(connection, project, lake, one, buckets, pins[one.source], files[one.source])
        for one in tables
    ]


def _table(project: Project, lake: Lake, source: str, version: int) -> _Table:
    table, declared = lake.table(source), project.sources[source]
    details = table.details(version)
    return _Table(
        source,
        declared.role,
        version,
        table.columns(version),
        {name: declared.columns.get(name, kept.get("origin")) for name, kept in details.items()},
        table.data_files(version),
    )


def _buckets(tables: Sequence[_Table], buckets: int) -> int:
    """Return how many buckets make about `_ROWS` rows of the largest table."""
    counted = [list(accumulate(one.rows_by_bucket(buckets))) for one in tables]
    fitting = (
        number for number in range(buckets, 1, -1) if all(c[number - 1] <= _ROWS for c in counted)
    )
    return next(fitting, 1)


def _survey(
    connection: Connection,
    project: Project,
    lake: Lake,
    table: _Table,
    buckets: int,
    pin: SourceRecord,
    files: Mapping[str, FileRecord],
) -> Survey:
    total = sum(one.rows for one in table.files)
    whole = table.role is Role.PRODUCTS or total <= _ROWS
    taken = lake.buckets if whole else buckets
    opened = [one for one in table.files if one.bucket < taken]
    looked_at = sum(one.rows for one in opened)
    view = _open(connection, lake, table, opened)
    _share(connection, lake, table, lake.buckets if table.role is Role.PRODUCTS else buckets)
    people = table.role is not Role.PRODUCTS
    customers, top = _customers(connection, view) if people else (None, None)
    if top and lake.buckets > taken:
        top = _hottest(connection, lake, table, taken) or top
    timed = "timestamp" in table.columns and "timestamp" in ROLES[table.role].names
    amounts = "amount" if table.columns.get("amount") is ColumnType.NUMBER else None
    profile = SourceProfile(
        source=table.source,
        role=table.role,
        version=table.version,
        rows=total,
        looked_at=looked_at,
        buckets=taken,
        customers=customers,
        first=_moment(min((f.earliest for f in table.files if f.earliest), default=None)),
        last=_moment(max((f.latest for f in table.files if f.latest), default=None)),
        files=tuple(sorted({one.file_id for one in files.values()})),
        columns=tuple(
            # The customers have been counted already, each of them.
            replace(one, distinct=customers, exact=True)
            if one.name == "customer_id" and customers is not None
            else one
            for one in profile_columns(connection, view, looked_at, _asked(project, table))
        ),
    )
    return Survey(
        profile,
        Counts.of(files.values()),
        reasons_of(files.values()),
        pin.look_alikes,
        _days(connection, view, amounts, project.timezone) if timed else None,
        top,
        _opposed(connection, view, table),
    )


def _open(connection: Connection, lake: Lake, table: _Table, opened: Sequence[DataFile]) -> str:
    view, folder = view_of(table.source), lake.table(table.source).folder
    paths = [str(folder / file.path) for file in opened]
    if len(table.columns) <= _WIDE and sum(file.rows for file in opened) > _SMALL:
        connection.view_parquet(view, paths, table.columns)
        return view
    connection.view_parquet(f"{view}_files", paths, table.columns)
    connection.run(
        f"CREATE OR REPLACE TEMP TABLE {quoted(view)} AS FROM {quoted(view + '_files')}",
        step=f"open {table.source}",
    )
    return view


def _share(connection: Connection, lake: Lake, table: _Table, buckets: int) -> None:
    keys = {
        name: table.columns[name] for name in ("customer_id", "product") if name in table.columns
    }
    folder = lake.table(table.source).folder
    paths = [str(folder / file.path) for file in table.files if file.bucket < buckets]
    connection.view_parquet(shared_view_of(table.source), paths, keys)


def _asked(project: Project, table: _Table) -> list[AskedColumn]:
    known = ROLES[table.role]
    declared = project.sources[table.source].columns
    contacts = project.privacy.contact

    def is_contact(name: str) -> bool:
        texts = (name, table.origins.get(name) or "", declared.get(name, ""))
        listed = any(text and rests_on(text, contacts) for text in texts)
        return listed or any(map(names_people, texts))

    return [
        AskedColumn(
            name,
            kind,
            table.origins.get(name),
            standard=name in known.names,
            key=name in _KEYS and name in known.names,
            attribute=table.role is Role.CUSTOMERS and name not in known.names,
            # What people write may name anybody.
            contact=is_contact(name) or (table.role is Role.TEXTS and name == "text"),
        )
        for name, kind in table.columns.items()
        if name not in ("_file", "_row")
    ]


def _customers(connection: Connection, view: str) -> tuple[int, TopCustomer | None]:
    (found,) = connection.rows(
        "SELECT count(*), max_by(customer_id, (n, customer_id)), max(n) FROM "
        f"(SELECT customer_id, count(*) AS n FROM {quoted(view)} GROUP BY customer_id)",
        step="count customers",
    )
    return found[0], TopCustomer(found[1], found[2]) if found[0] else None


def _hottest(connection: Connection, lake: Lake, table: _Table, taken: int) -> TopCustomer | None:
    """Return the top customer of a bucket that nobody looks at and that holds far too much."""
    rows = table.rows_by_bucket(lake.buckets)
    hottest = max(range(taken, lake.buckets), key=lambda bucket: rows[bucket])
    usual = sorted(rows)[len(rows) // 2]
    if rows[hottest] - usual < _HOT * sum(rows):
        return None
    folder, view = lake.table(table.source).folder, f"{view_of(table.source)}_hottest"
    paths = [str(folder / file.path) for file in table.files if file.bucket == hottest]
    connection.view_parquet(view, paths, {"customer_id": ColumnType.TEXT})
    return _customers(connection, view)[1]


def _days(connection: Connection, view: str, amounts: str | None, zone: str) -> Days:
    time = "timestamp"
    if zone != "UTC":
        time = f"timezone({literal(zone)}, timezone('UTC', timestamp))"
    money = f"sum({quoted(amounts)}) FILTER ({quoted(amounts)} > 0)" if amounts else "NULL"
    found = connection.rows(
        f"SELECT CAST({time} AS DATE) AS day, count(*), {money} FROM {quoted(view)} "
        "WHERE timestamp IS NOT NULL GROUP BY day ORDER BY day",
        step="count rows by day",
    )
    sums = tuple(float(row[2] or 0.0) for row in found) if amounts else None
    return Days(tuple(row[0] for row in found), tuple(row[1] for row in found), sums)


def _opposed(connection: Connection, view: str, table: _Table) -> int:
    numbers = {name for name, kind in table.columns.items() if kind is ColumnType.NUMBER}
    if table.role is not Role.TRANSACTIONS or not {"amount", "quantity"} <= numbers:
        return 0
    opposite = "(amount > 0 AND quantity < 0) OR (amount < 0 AND quantity > 0)"
    ((found,),) = connection.rows(
        f"SELECT count(*) FILTER ({opposite}) FROM {quoted(view)}", step="compare signs"
    )
    return int(found)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=None) if text else None

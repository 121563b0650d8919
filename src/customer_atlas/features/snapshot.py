"""The lake as one run sees it: pinned versions of its tables, opened bucket by bucket."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import ibis
import ibis.expr.types as ir

from customer_atlas.config import ROLES, Project, Role
from customer_atlas.data import DataFile, Lake
from customer_atlas.engine import Connection, literal, quoted
from customer_atlas.features.roles import SourceTable, role_expressions

__all__ = ["Snapshot", "people_query"]

_MANY = 50_000


@dataclass(frozen=True)
class Snapshot:
    """Sources of the project at stated versions; later commits do not show."""

    lake: Lake
    sources: tuple[SourceTable, ...]
    versions: Mapping[str, int]

    @classmethod
    def of(cls, project: Project, lake: Lake, versions: Mapping[str, int]) -> Snapshot:
        """Return the project's sources as they are at `versions`."""
        sources = tuple(
            SourceTable(
                name, source.role, lake.table(name).columns(versions[name]), types=source.types
            )
            for name, source in project.sources.items()
            if name in versions
        )
        return cls(lake, sources, versions)

    @cached_property
    def _files(self) -> dict[str, list[DataFile]]:
        """The data files of each source: a version never changes, and its log is read once."""
        return {
            source.name: self.lake.table(source.name).data_files(self.versions[source.name])
            for source in self.sources
        }

    def parts(self) -> list[tuple[int, ...]]:
        """Return all buckets in order, small ones together with the next.

        What is done for a part takes its time however few rows it has.
        """
        rows = [0] * self.lake.buckets
        for source in self.sources:
            if source.role is not Role.PRODUCTS:
                for file in self._files[source.name]:
                    rows[file.bucket] += file.rows
        parts: list[tuple[int, ...]] = []
        held = 0
        for bucket, count in enumerate(rows):
            if not parts or held + count > _MANY:
                parts.append(())
                held = 0
            parts[-1] += (bucket,)
            held += count
        return parts

    def open(self, connection: Connection, part: Collection[int] | None = None) -> None:
        """Make each source readable under its view's name: some buckets of it, or all of it.

        Products belong to no customer: they are always whole.
        """
        for source in self.sources:
            buckets = None if source.role is Role.PRODUCTS else part
            folder = self.lake.table(source.name).folder
            files = [
                str(folder / file.path)
                for file in self._files[source.name]
                if buckets is None or file.bucket in buckets
            ]
            connection.view_parquet(source.view, files, source.readable)

    def role_queries(self, cutoff: datetime, used: Collection[str]) -> dict[Role, str]:
        """Return the SQL of each role's table: its rows before `cutoff`, of what is open.

        It has those of its columns that are named in `used`, computed ones included.
        """
        tables = role_expressions([source.narrowed(used) for source in self.sources], cutoff)
        return {role: self._query(role, table, used) for role, table in tables.items()}

    def _query(self, role: Role, table: ir.Table, used: Collection[str]) -> str:
        computed = {
            one.name: one
            for source in self.sources
            if source.role is role
            for one in source.computed
            if one.name in used
        }
        asked = [name for name in table.columns if name in used]
        read = {*asked, *(name for one in computed.values() for name in one.reads)}
        query = ibis.to_sql(table.select([n for n in table.columns if n in read]), dialect="duckdb")
        if not computed:
            return str(query)
        columns = [quoted(name) for name in asked]
        columns += [f"{one.sql} AS {quoted(name)}" for name, one in computed.items()]
        return f"SELECT {', '.join(columns)} FROM ({query})"

    def first_events(self, connection: Connection) -> dict[Role, datetime]:
        """Return the first timestamp of the rows of each role that has any."""
        self.open(connection)
        first: dict[Role, datetime] = {}
        for source in self.sources:
            if "timestamp" in ROLES[source.role].names:
                query = f"SELECT min(timestamp) FROM {quoted(source.view)}"
                ((found,),) = connection.rows(query, step="find the first event")
                if found is not None:
                    first[source.role] = min(found, first.get(source.role, found))
        return first

    def last_event(self, connection: Connection, now: datetime) -> datetime | None:
        """Return the last timestamp of any row, not beyond `now`; None where none has a time."""
        self.open(connection)
        timed = [source for source in self.sources if "timestamp" in ROLES[source.role].names]
        if not timed:
            return None
        latest = " UNION ALL ".join(
            f"SELECT max(timestamp) AS latest FROM {quoted(source.view)} "
            f"WHERE timestamp <= {literal(now.isoformat())}::TIMESTAMP"
            for source in timed
        )
        found = connection.rows(f"SELECT max(latest) FROM ({latest})", step="find the last event")
        return found[0][0] if found else None


def people_query(source: SourceTable, cutoff: datetime, used: Collection[str]) -> str:
    """Return the SQL of the people of one source as it is open: one row each, as of a time."""
    table = role_expressions([source.narrowed(used)], cutoff)[Role.CUSTOMERS]
    return str(ibis.to_sql(table, dialect="duckdb"))

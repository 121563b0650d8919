"""A project opened for work: its file, lake, registry and engine."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from customer_atlas.config import ProjectFile
from customer_atlas.data import Lake
from customer_atlas.engine import DuckDB
from customer_atlas.errors import AtlasError
from customer_atlas.features import Snapshot
from customer_atlas.registry import Registry, exclusive

__all__ = ["Workspace"]

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Workspace:
    """Everything that the steps of a run share; a context manager that closes the registry."""

    file: ProjectFile

    @classmethod
    def open(cls, path: str | Path) -> Workspace:
        """Read the project file; raises ConfigError where it cannot be used."""
        return cls(ProjectFile.load(path))

    @cached_property
    def root(self) -> Path:
        """The folder of the lake."""
        return self.file.folder / self.file.project.state.lake

    @cached_property
    def lake(self) -> Lake:
        """The tables that Atlas keeps."""
        return Lake(self.root, self.file.project.state.buckets)

    @cached_property
    def registry_url(self) -> str:
        """Where the registry is, secrets filled in from the environment."""
        return self.file.resolve(self.file.project.state.registry, "state", "registry")

    @cached_property
    def registry(self) -> Registry:
        """What Atlas knows of its own work."""
        return Registry.open(self.registry_url, self.file.folder)

    @cached_property
    def engine(self) -> DuckDB:
        """Where queries run."""
        declared = self.file.project.engine
        return DuckDB(declared.threads, declared.memory, self.root / "spill")

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold the project alone; raises BusyError at once where another process does."""
        return exclusive(self.registry_url, self.root.parent / "run.lock")

    def run_folder(self, run: int) -> Path:
        """Where a run keeps its features, members and, if it trained, its model."""
        return self.root / "runs" / f"{run:06d}"

    def snapshot(self) -> Snapshot:
        """Return the lake as the registry pins it now.

        Raises:
            AtlasError: nothing has been ingested yet.
        """
        pinned = self.registry.sources()
        versions = {
            name: pinned[name].version for name in self.file.project.sources if name in pinned
        }
        if not versions:
            raise AtlasError("Nothing has been ingested yet. Run: atlas run")
        return Snapshot.of(self.file.project, self.lake, versions)

    def cutoff(self, snapshot: Snapshot, as_of: datetime | None = None) -> datetime:
        """Return the instant (UTC, naive) that features look back from.

        It is `as_of`; by default the smallest instant after the last event, never beyond now;
        where no row has a time, the moment of the last ingestion.
        """
        if as_of is not None:
            return as_of
        now = datetime.now(UTC).replace(tzinfo=None)
        with self.engine.connect() as connection:
            last = snapshot.last_event(connection, now)
        if last is not None:
            return min(last + _TICK, now)
        pins = self.registry.sources()
        return max(pins[name].ingested_at for name in snapshot.versions).replace(tzinfo=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if "registry" in self.__dict__:
            self.registry.close()

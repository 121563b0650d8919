"""`Atlas`: the front door; it delegates."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import pyarrow as pa

    from customer_atlas.config import Project
    from customer_atlas.data import Readiness, SourceReport
    from customer_atlas.pipeline import (
        CustomerExplanation,
        CustomerView,
        Features,
        Outcome,
        Progress,
        Published,
        RunResult,
        RunView,
        Workspace,
    )
    from customer_atlas.registry import RunRecord
    from customer_atlas.report import ReportFile
    from customer_atlas.segments import Segment

__all__ = ["Atlas"]


class Atlas:
    """A project: its sources, its runs and what serves; a context manager.

    ::

        from customer_atlas import Atlas

        atlas = Atlas.open("atlas.yaml")
        atlas.run()
        print(atlas.explain("17850").reasons)
    """

    def __init__(self, workspace: Workspace) -> None:
        self._work = workspace

    @classmethod
    def open(cls, path: str | Path = "atlas.yaml") -> Atlas:
        """Open the project that a project file declares.

        Raises:
            ConfigError: it cannot be used; says where, what was found and what is allowed.
        """
        from customer_atlas.pipeline import Workspace

        return cls(Workspace.open(path))

    @property
    def project(self) -> Project:
        """What the project file declares."""
        return self._work.file.project

    @property
    def workspace(self) -> Workspace:
        """The parts that the project is made of: lake, registry, engine."""
        return self._work

    def ingest(self, progress: Progress | None = None) -> list[SourceReport]:
        """Bring new and changed files into the lake, and return the counts by source.

        Raises:
            SourceError: nothing in a source can be used.
            BusyError: another run holds the project.
        """
        from customer_atlas.pipeline import ingest_sources, silent

        with self._work.exclusive():
            return ingest_sources(self._work, progress or silent)

    def check(self, progress: Progress | None = None) -> Readiness:
        """Ingest, and say how ready the data is: what was found, the score, what to mend first."""
        from customer_atlas.pipeline import check_data, ingest_sources, silent

        with self._work.exclusive():
            ingest_sources(self._work, progress or silent)
            return check_data(self._work, progress or silent)

    def run(
        self,
        *,
        as_of: date | datetime | str | None = None,
        refit: bool = False,
        progress: Progress | None = None,
    ) -> list[RunResult]:
        """Ingest, compute features, train or assign, and publish; one result per segmentation.

        Args:
            as_of: run as if it were then: only rows before that instant count. A date means its
                first instant in the project's zone; by default, just after the last event.
            refit: train anew even where a generation serves.
            progress: told what is being done.

        Raises:
            AtlasError: what serves goes on serving.
        """
        from customer_atlas.pipeline import instant, run_project, silent

        cutoff = instant(as_of, self.project.timezone)
        with self._work.exclusive():
            return run_project(self._work, cutoff, refit=refit, progress=progress or silent)

    def published(self, segmentation: str = "main") -> Published:
        """Return what serves in a segmentation; raises AtlasError where nothing does yet."""
        from customer_atlas.pipeline import Published

        return Published.of(self._work, segmentation)

    def segments(self, segmentation: str = "main") -> list[Segment]:
        """Return the segments that serve, the most valuable first, each before those inside it."""
        return self.published(segmentation).every_segment

    def outcomes(self, segmentation: str = "main") -> list[Outcome]:
        """Return what the labels say of each segment beside everyone."""
        from customer_atlas.pipeline import outcomes_of

        return outcomes_of(self.published(segmentation))

    def members(self, segmentation: str = "main") -> pa.Table:
        """Return one row per customer and level: who is where, and how surely."""
        return self.published(segmentation).members()

    def features(self, segmentation: str = "main", progress: Progress | None = None) -> Features:
        """Return the features that a segmentation declares, to be told as of any time."""
        from customer_atlas.pipeline import Features, silent

        return Features.of(self._work, segmentation, progress or silent)

    def customer(self, customer_id: str, segmentation: str = "main") -> CustomerView:
        """Return a customer's segment and features; raises UnknownNameError."""
        return self.published(segmentation).customer(customer_id)

    def explain(self, customer_id: str, segmentation: str = "main") -> CustomerExplanation:
        """Return why a customer is where they are, and what would move them."""
        from customer_atlas.pipeline import Explainer

        return Explainer(self.published(segmentation)).customer(customer_id)

    def report(self, path: str | Path, segmentation: str = "main") -> ReportFile:
        """Write what serves as one HTML page; raises UsageError where it cannot be at `path`."""
        from customer_atlas.report import write_report

        return write_report(self.published(segmentation), Path(path))

    def run_view(self, number: int | None = None) -> RunView:
        """Return a run by its number, or the last one, with how its segments were chosen."""
        from customer_atlas.pipeline import view_run

        return view_run(self._work, number)

    def runs(self, limit: int = 20) -> list[RunRecord]:
        """Return the last runs, newest first."""
        return self._work.registry.runs(limit)

    def compact(self) -> dict[str, int]:
        """Merge small files of the lake; returns by source how many files fewer there are."""
        from customer_atlas.data import compact

        with self._work.exclusive():
            return compact(self._work.lake, self._work.registry, self._work.engine)

    def vacuum(self, retention_days: float) -> dict[str, int]:
        """Delete files that no version of the last days and no generation reads; by source."""
        from customer_atlas.data import vacuum

        work = self._work
        with work.exclusive():
            trained = (
                pin
                for name in self.project.segmentations
                for generation in work.registry.generations(name)
                for pin in generation.table_versions.items()
            )
            return vacuum(work.lake, work.registry, round(retention_days * 24), trained)

    def close(self) -> None:
        """Give back connections."""
        self.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._work.__exit__(kind, error, trace)

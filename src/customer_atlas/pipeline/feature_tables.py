"""Every declared feature of a segmentation, as of any time and at many of them."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import overload

import pyarrow as pa
import pyarrow.parquet as pq

from customer_atlas.config import FeatureDeclaration, ordered
from customer_atlas.errors import FeatureError, UnknownNameError, UsageError
from customer_atlas.features import Computation, FeatureInfo, Plan, compute_history
from customer_atlas.pipeline.computing import Asked, compute_features, is_current, plan_features
from customer_atlas.pipeline.moments import instant, instants
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.pipeline.published import Published
from customer_atlas.pipeline.run import ingest_sources
from customer_atlas.pipeline.workspace import Workspace

__all__ = ["Features"]

Moment = date | datetime | str
_ABANDONED = 86_400  # seconds after which nobody works on a folder any more


@dataclass(frozen=True)
class Features:
    """The declared features of a segmentation, before any is selected.

    They are told of the lake as it is; only where nothing was ever ingested, that is done first.
    What they need to know of everybody is learned of rows before the cutoff alone.
    """

    work: Workspace
    segmentation: str
    progress: Progress = silent

    @classmethod
    def of(
        cls, work: Workspace, segmentation: str = "main", progress: Progress = silent
    ) -> Features:
        """Return the features of a segmentation; raises UnknownNameError where there is none."""
        known = work.file.project.segmentations
        if segmentation not in known:
            raise UnknownNameError("segmentation", segmentation, known)
        return cls(work, segmentation, progress)

    def declaring(self, *declared: FeatureDeclaration) -> Features:
        """Return these features and others, as if the project file declared them.

        ::

            tea = FeatureDeclaration(name="tea", source="orders", sum="amount",
                                     where="category = 'tea'", window="90d")
            atlas.features().declaring(tea).table()

        Raises:
            ValueError: a name stands twice, or they are made of one another in a circle.
        """
        project = self.work.file.project
        mine = project.segmentations[self.segmentation]
        mine = mine.model_copy(update={"features": ordered((*mine.features, *declared))})
        segmentations = project.segmentations | {self.segmentation: mine}
        project = project.model_copy(update={"segmentations": segmentations})
        file = replace(self.work.file, project=project)
        return Features(Workspace(file), self.segmentation, self.progress)

    @property
    def infos(self) -> tuple[FeatureInfo, ...]:
        """What each feature is, in the order of the columns of `table()`."""
        asked = self.asked()
        if current := self.current(asked):
            return current.model.infos
        return plan_features(self.work, asked, None, self.progress).infos

    def table(self, as_of: Moment | None = None) -> pa.Table:
        """Return one row for each customer known by then: `customer_id` first, sorted by it.

        Without `as_of` the cutoff is just after the last event. Where that is what the run that
        serves looked at, of the same data and settings, these are the features behind its
        memberships, told by the ruler of its generation; else they are computed anew.

        Args:
            as_of: look at nothing from that moment on. A date means its first instant in the
                project's zone.

        Raises:
            UsageError: it is no date.
            FeatureError: nobody is known by then.
        """
        at = instant(as_of, self.work.file.project.timezone)
        asked = self.asked(at)
        current = self.current(asked) if at is None else None
        if current:
            return current.features()
        return self.computed(asked)[1]

    @overload
    def history(self, cutoffs: Iterable[Moment]) -> pa.Table: ...

    @overload
    def history(self, cutoffs: Iterable[Moment], folder: str | Path) -> list[Path]: ...

    def history(
        self, cutoffs: Iterable[Moment], folder: str | Path | None = None
    ) -> pa.Table | list[Path]:
        """Return a panel: a row for each cutoff and each customer known by then.

        The columns are `customer_id`, `cutoff` (UTC) and the features, the rows sorted by cutoff
        and customer. What is learned of everybody is learned before the first cutoff, so that one
        ruler holds for all, and knows nothing of any later time.

        Args:
            cutoffs: dates or moments in the project's zone, rising.
            folder: leave the panel there as Parquet files, each with all cutoffs of some of the
                customers, and return their paths. For panels larger than memory.

        Raises:
            UsageError: the cutoffs do not rise, or the folder holds something.
            FeatureError: nobody is known by the first.
        """
        ends = instants(cutoffs, self.work.file.project.timezone)
        if folder is not None:
            return self._into(Path(folder), ends)
        with self._scratch() as scratch:
            tables = [pq.read_table(path) for path in self._panel(ends, scratch)]
        panel = pa.concat_tables(tables)
        return panel.sort_by([("cutoff", "ascending"), ("customer_id", "ascending")])

    def asked(self, cutoff: datetime | None = None) -> Asked:
        """Return what is asked as of a cutoff, of the lake as it is now."""
        if not self.work.registry.sources().keys() & self.work.file.project.sources.keys():
            with self.work.exclusive():
                ingest_sources(self.work, self.progress)
        return Asked.of(self.work, self.segmentation, cutoff)

    def computed(self, asked: Asked) -> tuple[Plan, pa.Table]:
        """Learn and compute what is asked; return the plan, and the table sorted by customer."""
        plan = plan_features(self.work, asked, None, self.progress)
        computation = Computation(self.work.engine, asked.snapshot, plan, asked.cutoff)
        plan = computation.learn()
        with self._scratch() as folder:
            paths = compute_features(self.work, computation, folder, self.progress)
            table = pa.concat_tables([pq.read_table(path) for path in paths])
        return plan, table.sort_by("customer_id")

    def current(self, asked: Asked) -> Published | None:
        """Return what serves, where it was made of what is asked."""
        serving = self.work.registry.serving(self.segmentation)
        if serving and is_current(self.work, serving, asked.inputs):
            return Published(self.work, serving)
        return None

    def _into(self, folder: Path, ends: list[datetime]) -> list[Path]:
        """Write beside the folder and rename, so that no reader takes a part for the whole."""
        if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
            raise UsageError(f"{folder} is there already; name a new folder, or an empty one.")
        if not folder.absolute().parent.is_dir():
            raise UsageError(f"The folder {folder.absolute().parent} does not exist.")
        beside = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(beside, ignore_errors=True)
        try:
            names = [path.name for path in self._panel(ends, beside)]
            beside.replace(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return [folder / name for name in names]

    def _panel(self, ends: list[datetime], folder: Path) -> list[Path]:
        asked = self.asked(ends[0])
        plan = plan_features(self.work, asked, None, self.progress)
        self._somebody(asked)
        plan = Computation(self.work.engine, asked.snapshot, plan, asked.cutoff).learn()

        def told(done: int, total: int) -> None:
            self.progress("compute the history", done, total)

        return compute_history(self.work.engine, asked.snapshot, plan, ends, folder, told)

    def _somebody(self, asked: Asked) -> None:
        """Refuse a first cutoff before which there is nobody to learn anything of."""
        roles = asked.snapshot.role_queries(asked.cutoff, {"customer_id"}).values()
        with self.work.engine.connect() as connection:
            asked.snapshot.open(connection)
            found = (
                connection.rows(f"SELECT 1 FROM ({rows}) LIMIT 1", step="look for customers")
                for rows in roles
            )
            if not any(found):
                raise FeatureError(
                    f"Nobody is known before {asked.cutoff:%Y-%m-%d %H:%M:%S} UTC, the first "
                    "cutoff, and what holds for everybody is learned before it. Begin later."
                )

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """A folder under the project's state; those that killed processes left are removed."""
        parent = self.work.root / "scratch"
        parent.mkdir(parents=True, exist_ok=True)
        for left in parent.iterdir():
            if time.time() - left.stat().st_mtime > _ABANDONED:
                shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            yield Path(folder)

"""The run: features, fit or assign, publish; killed and started again, it ends the same."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from customer_atlas.data import SourceReport, ingest
from customer_atlas.errors import AtlasError
from customer_atlas.features import Plan, Population, Snapshot, compute_features, learn_population
from customer_atlas.pipeline.assign import assign_everyone, describe, read_segments
from customer_atlas.pipeline.definition import (
    definition_of,
    digest,
    inputs_of,
    library_versions,
)
from customer_atlas.pipeline.model import Model
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.registry import GenerationRecord, ServingRecord
from customer_atlas.segments import Segment

__all__ = ["RunResult", "ingest_sources", "run_segmentation"]

_KEPT_FEATURES = 2


@dataclass(frozen=True)
class RunResult:
    """What a run did: `changed` is false where there was nothing to do."""

    segmentation: str
    run: int
    generation: int
    as_of: datetime
    customers: int
    trained: bool
    changed: bool
    outcome: str
    segments: tuple[Segment, ...]
    sources: tuple[SourceReport, ...]
    seconds: float


def ingest_sources(work: Workspace, progress: Progress = silent) -> list[SourceReport]:
    """Bring new and changed files into the lake; the caller holds the project alone."""
    return ingest(work.file, work.lake, work.registry, work.engine, progress=progress)


def run_segmentation(
    work: Workspace,
    segmentation: str,
    reports: Sequence[SourceReport],
    *,
    as_of: datetime | None = None,
    refit: bool = False,
    progress: Progress = silent,
) -> RunResult:
    """Make the memberships of a segmentation as of a time, and let them serve.

    It trains where nothing serves, where the definition changed, or on `refit`; else everyone is
    assigned with the generation that serves. Where neither the data nor the definition changed
    since the run that serves, it does nothing. The caller holds the project alone.
    """
    step = _Step(work, segmentation, tuple(reports), progress, time.perf_counter())
    return step.run(as_of, refit)


@dataclass(frozen=True)
class _Step:
    work: Workspace
    segmentation: str
    reports: tuple[SourceReport, ...]
    progress: Progress
    started: float

    def run(self, as_of: datetime | None, refit: bool) -> RunResult:
        _clear_interrupted(self.work)
        snapshot = self.work.snapshot()
        cutoff = self.work.cutoff(snapshot, as_of)
        definition = definition_of(self.work.file.project, self.segmentation)
        inputs = inputs_of(digest(definition), snapshot.versions, cutoff)
        serving = self.work.registry.serving(self.segmentation)
        if serving and not refit and self._is_current(serving, inputs):
            return self._unchanged(serving, cutoff)
        run = self.work.registry.start_run(self.segmentation)
        try:
            return self._made(run, snapshot, cutoff, definition, inputs, serving, refit)
        except BaseException as error:
            self._failed(run, error)
            raise

    def _is_current(self, serving: ServingRecord, inputs: str) -> bool:
        last = self.work.registry.last_done_run(self.segmentation)
        return last is not None and last.inputs == inputs and serving.run == last.id

    def _unchanged(self, serving: ServingRecord, cutoff: datetime) -> RunResult:
        segments = read_segments(self.work.run_folder(serving.run))
        outcome = f"Nothing to do: no file and no setting has changed since run {serving.run}."
        return self._result(
            serving.run, serving.generation, cutoff, segments, outcome, changed=False
        )

    def _made(
        self,
        run: int,
        snapshot: Snapshot,
        cutoff: datetime,
        definition: dict[str, Any],
        inputs: str,
        serving: ServingRecord | None,
        refit: bool,
    ) -> RunResult:
        folder = self.work.run_folder(run)
        champion = None if refit or serving is None else self._champion(serving, digest(definition))
        population = champion.population if champion else self._population(snapshot, cutoff)
        plan = Plan.of(self._settings.packs, snapshot.sources, population)
        features = self._features(snapshot, plan, cutoff, folder / "features")
        if champion and serving:
            model, generation = champion, serving.generation
            earlier = read_segments(self.work.run_folder(serving.run))
        else:
            self.progress("find segments")
            model = Model.fit(features, plan.infos, population, self._settings)
            model.save(folder / "model")
            generation, earlier = self.work.registry.next_generation(), []
        members = assign_everyone(model, features, folder / "members", self.progress)
        self.progress("describe segments")
        segments = describe(model, features, members, f"g{generation}", folder, earlier)
        if not champion:
            self._keep_generation(generation, run, cutoff, definition, snapshot, model)
        return self._published(run, generation, cutoff, inputs, segments, trained=not champion)

    @property
    def _settings(self) -> Any:
        return self.work.file.project.segmentations[self.segmentation]

    def _champion(self, serving: ServingRecord, definition: str) -> Model | None:
        record = self.work.registry.generation(serving.generation)
        if record.definition != definition:
            return None
        return Model.load(self.work.root / record.artifacts)

    def _population(self, snapshot: Snapshot, cutoff: datetime) -> Population:
        self.progress("learn the population")
        with self.work.engine.connect() as connection:
            return learn_population(
                connection,
                snapshot,
                cutoff,
                packs=self._settings.packs,
                protected=self.work.file.project.protected,
            )

    def _features(
        self, snapshot: Snapshot, plan: Plan, cutoff: datetime, folder: Path
    ) -> list[Path]:
        total = self.work.lake.buckets
        return compute_features(
            self.work.engine,
            snapshot,
            plan,
            cutoff,
            folder,
            lambda done: self.progress("compute features", done, total),
        )

    def _keep_generation(
        self,
        generation: int,
        run: int,
        cutoff: datetime,
        definition: dict[str, Any],
        snapshot: Snapshot,
        model: Model,
    ) -> None:
        folder = self.work.run_folder(run) / "model"
        chosen = next((score for score in model.choice.curve if score.k == model.choice.k), None)
        self.work.registry.add_generation(
            GenerationRecord(
                id=generation,
                segmentation=self.segmentation,
                created_at=datetime.now(UTC),
                run=run,
                as_of=cutoff.replace(tzinfo=UTC),
                seed=self._settings.seed,
                definition=digest(definition),
                config=definition,
                table_versions=dict(snapshot.versions),
                metrics={
                    "segments": model.choice.k,
                    "reason": model.choice.reason,
                    "silhouette": chosen.silhouette if chosen else None,
                    "stability": chosen.stability if chosen else None,
                },
                artifacts=str(folder.relative_to(self.work.root)),
                libraries=library_versions(),
            )
        )

    def _published(
        self,
        run: int,
        generation: int,
        cutoff: datetime,
        inputs: str,
        segments: list[Segment],
        *,
        trained: bool,
    ) -> RunResult:
        customers = sum(segment.size for segment in segments)
        verb = "Found" if trained else "Refreshed"
        outcome = f"{verb} {len(segments)} segments of {customers:,} customers."
        registry = self.work.registry
        registry.promote(self.segmentation, generation, run)
        result = self._result(run, generation, cutoff, segments, outcome, trained=trained)
        registry.finish_run(
            run,
            inputs=inputs,
            as_of=cutoff.replace(tzinfo=UTC),
            generation=generation,
            outcome=outcome,
            metrics={
                "customers": customers,
                "segments": len(segments),
                "trained": trained,
                "seconds": round(result.seconds, 3),
            },
        )
        _forget_old_features(self.work, run)
        return result

    def _result(
        self,
        run: int,
        generation: int,
        cutoff: datetime,
        segments: Sequence[Segment],
        outcome: str,
        *,
        trained: bool = False,
        changed: bool = True,
    ) -> RunResult:
        return RunResult(
            self.segmentation,
            run,
            generation,
            cutoff,
            sum(segment.size for segment in segments),
            trained,
            changed,
            outcome,
            tuple(segments),
            self.reports,
            time.perf_counter() - self.started,
        )

    def _failed(self, run: int, error: BaseException) -> None:
        said = str(error) if isinstance(error, AtlasError) else type(error).__name__
        self.work.registry.fail_run(run, said)
        if run not in _served_runs(self.work):
            shutil.rmtree(self.work.run_folder(run), ignore_errors=True)


def _clear_interrupted(work: Workspace) -> None:
    """Remove what killed runs left, except what serves."""
    served = _served_runs(work)
    for run in work.registry.interrupt_stale_runs():
        if run not in served:
            shutil.rmtree(work.run_folder(run), ignore_errors=True)


def _served_runs(work: Workspace) -> set[int]:
    pointers = (work.registry.serving(name) for name in work.file.project.segmentations)
    return {pointer.run for pointer in pointers if pointer}


def _forget_old_features(work: Workspace, latest: int) -> None:
    """Keep the features of the last runs and of what serves; members and models stay."""
    served = _served_runs(work)
    folders = sorted((work.root / "runs").glob("*/features"))
    for folder in folders[:-_KEPT_FEATURES]:
        run = int(folder.parent.name)
        if run != latest and run not in served:
            shutil.rmtree(folder, ignore_errors=True)

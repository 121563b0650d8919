"""The run: features, fit or assign, publish; killed and started again, it ends the same."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from customer_atlas.data import Readiness, Severity, SourceReport, ingest
from customer_atlas.errors import AtlasError, nearest
from customer_atlas.features import Snapshot
from customer_atlas.pipeline.assign import (
    read_segments,
)
from customer_atlas.pipeline.computing import Asked, is_current
from customer_atlas.pipeline.declared import longer_than_history
from customer_atlas.pipeline.declared_rules import in_order
from customer_atlas.pipeline.dictionary import as_called, dictionary_of
from customer_atlas.pipeline.leftovers import (
    clear_interrupted,
    served_runs,
)
from customer_atlas.pipeline.making import Arrived, Done, Making, champion_of, customers_in
from customer_atlas.pipeline.outcomes import label_warnings
from customer_atlas.pipeline.progress import Progress, Timed, silent
from customer_atlas.pipeline.readiness import check_data, profile_path
from customer_atlas.pipeline.rule_segments import read_rule_segments
from customer_atlas.pipeline.scales import scale_warnings
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.registry import ServingRecord
from customer_atlas.segments import Segment

__all__ = ["RunResult", "ingest_sources", "run_project"]


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
    warnings: tuple[str, ...]
    seconds: float
    readiness: Readiness


def ingest_sources(work: Workspace, progress: Progress = silent) -> list[SourceReport]:
    """Bring new and changed files into the lake; the caller holds the project alone."""
    return ingest(work.file, work.lake, work.registry, work.engine, progress=progress)


def run_project(
    work: Workspace, as_of: datetime | None, *, refit: bool, progress: Progress
) -> list[RunResult]:
    """Do the whole job for every segmentation; the caller holds the project alone."""
    begun = time.perf_counter()
    reports = ingest_sources(work, progress)
    read = time.perf_counter()
    readiness = check_data(work, progress)
    checked = time.perf_counter()
    seconds = {"ingest": round(read - begun, 3), "check the data": round(checked - read, 3)}
    arrived = Arrived(tuple(reports), readiness, seconds)
    results = {
        name: _run_segmentation(work, name, arrived, as_of, refit=refit, progress=progress)
        for name in in_order(work)
    }
    return [results[name] for name in work.file.project.segmentations]


def _run_segmentation(
    work: Workspace,
    segmentation: str,
    arrived: Arrived,
    as_of: datetime | None,
    *,
    refit: bool,
    progress: Progress,
) -> RunResult:
    """Make the memberships of a segmentation as of a time, and let them serve.

    It trains where nothing serves, where the definition changed, or on `refit`; else everyone is
    assigned with the generation that serves. Where neither the data nor the definition changed
    since the run that serves, it does nothing. A new run keeps the profile of the data, for
    later ones to be compared with.
    """
    begun = time.perf_counter()
    clear_interrupted(work)
    asked = Asked.of(work, segmentation, as_of)
    serving = work.registry.serving(segmentation)
    if serving and not refit and is_current(work, serving, asked.inputs):
        outcome = f"Nothing to do: no file and no setting has changed since run {serving.run}."
        segments = read_segments(work.run_folder(serving.run))
        done = Done(serving.run, serving.generation, segments, outcome, trained=False)
    else:
        done = _run(work, asked, serving, arrived, Timed(progress), refit=refit)
    return RunResult(
        segmentation=segmentation,
        run=done.run,
        generation=done.generation,
        as_of=asked.cutoff,
        customers=customers_in(done.segments),
        trained=done.trained,
        changed=serving is None or serving.run != done.run,
        outcome=done.outcome,
        segments=tuple(as_called(done.segments, dictionary_of(work, segmentation))),
        sources=arrived.reports,
        warnings=(
            *_warnings(work, asked.snapshot),
            *longer_than_history(work, asked.snapshot, asked.declared, asked.cutoff),
            *label_warnings(work, asked.snapshot, asked.cutoff),
            *scale_warnings(work, done.generation),
            *_rule_warnings(work, done),
            *_serious(arrived.readiness),
        ),
        seconds=time.perf_counter() - begun + sum(arrived.seconds.values()),
        readiness=arrived.readiness,
    )


def _warnings(work: Workspace, snapshot: Snapshot) -> Iterator[str]:
    """Yield what a person should look at: a misspelt name would protect nothing, in silence."""
    project = work.file.project
    known = {column for source in snapshot.sources for column in source.columns}
    declared = {name for source in project.sources.values() for name in source.columns}
    texts = {text for source in project.sources.values() for text in source.columns.values()}
    folded = {name.casefold() for name in known | declared | texts}
    # A contact column that is dropped is in no table.
    contact = () if project.privacy.pseudonymise == "drop" else project.privacy.contact
    places = {("protected",): project.protected, ("privacy", "contact"): contact}
    for keys, names in places.items():
        for name in names:
            if name.casefold() not in folded:
                yield (
                    f"{work.file.where(*keys)}: no source has a column '{name}', so nothing is "
                    f"protected by it.{nearest(name, known)}"
                )


def _rule_warnings(work: Workspace, done: Done) -> list[str]:
    """Return what is wrong with rule segments: empty, too small or large, or the same people."""
    names = {one.id: one.name for one in done.segments}
    return read_rule_segments(work.run_folder(done.run)).warnings(names)


def _serious(readiness: Readiness) -> Iterator[str]:
    """Yield what does not hold in the data, and what to do."""
    for finding in readiness.findings:
        if finding.severity is Severity.BAD:
            yield f"{finding.place}: {finding.sentence} To mend it, {finding.action}."


def _run(
    work: Workspace,
    asked: Asked,
    serving: ServingRecord | None,
    arrived: Arrived,
    progress: Timed,
    *,
    refit: bool,
) -> Done:
    """Do the work of a new run after what is `serving`, whose model may be kept but on `refit`."""
    champion = None if refit else champion_of(work, serving, asked)
    run = work.registry.start_run(asked.segmentation)
    try:
        arrived.readiness.profile.write(profile_path(work, run))
        return Making(work, asked, serving, champion, run, arrived, progress).done()
    except BaseException as error:
        said = str(error) if isinstance(error, AtlasError) else type(error).__name__
        with suppress(AtlasError):  # what went wrong first is what people need to know
            work.registry.fail_run(run, said)
            if run not in served_runs(work):
                shutil.rmtree(work.run_folder(run), ignore_errors=True)
        raise

"""The run: features, fit or assign, publish; killed and started again, it ends the same."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from customer_atlas.data import Readiness, Severity, SourceReport, ingest
from customer_atlas.errors import AtlasError, nearest
from customer_atlas.features import Computation, Selection, Snapshot
from customer_atlas.pipeline.assign import assign_everyone, count_kinds, describe, read_segments
from customer_atlas.pipeline.certainty import say_doubts
from customer_atlas.pipeline.computing import Asked, compute_features, is_current, plan_features
from customer_atlas.pipeline.declared import longer_than_history
from customer_atlas.pipeline.declared_rules import in_order
from customer_atlas.pipeline.definition import digest, library_versions
from customer_atlas.pipeline.leftovers import (
    clear_interrupted,
    forget_old_features,
    forget_old_searches,
    served_runs,
)
from customer_atlas.pipeline.model import Model
from customer_atlas.pipeline.outcomes import label_warnings
from customer_atlas.pipeline.progress import Progress, Timed, silent
from customer_atlas.pipeline.readiness import check_data, profile_path
from customer_atlas.pipeline.rule_segments import Evaluation, read_rule_segments
from customer_atlas.pipeline.scales import scale_warnings
from customer_atlas.pipeline.searching import searcher
from customer_atlas.pipeline.segment_rules import read_segment_rules, tell_rules
from customer_atlas.pipeline.selecting import select
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.registry import GenerationRecord, ServingRecord
from customer_atlas.segments import Segment, SegmentRule
from customer_atlas.side_by_side import load_ahead

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
    arrived = _Arrived(tuple(reports), readiness, seconds)
    results = {
        name: _run_segmentation(work, name, arrived, as_of, refit=refit, progress=progress)
        for name in in_order(work)
    }
    return [results[name] for name in work.file.project.segmentations]


@dataclass(frozen=True)
class _Arrived:
    """What is in the lake before any segmentation runs, and how long it took to get there."""

    reports: tuple[SourceReport, ...]
    readiness: Readiness
    seconds: Mapping[str, float]


def _run_segmentation(
    work: Workspace,
    segmentation: str,
    arrived: _Arrived,
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
        done = _Done(serving.run, serving.generation, segments, outcome, trained=False)
    else:
        done = _run(work, asked, None if refit else serving, arrived, Timed(progress))
    return RunResult(
        segmentation=segmentation,
        run=done.run,
        generation=done.generation,
        as_of=asked.cutoff,
        customers=_customers(done.segments),
        trained=done.trained,
        changed=serving is None or serving.run != done.run,
        outcome=done.outcome,
        segments=tuple(done.segments),
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


@dataclass(frozen=True)
class _Done:
    run: int
    generation: int
    segments: list[Segment]
    outcome: str
    trained: bool


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


def _rule_warnings(work: Workspace, done: _Done) -> list[str]:
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
    arrived: _Arrived,
    progress: Timed,
) -> _Done:
    """Do the work of a new run; `serving` is what may be kept, or None to train anew."""
    run = work.registry.start_run(asked.segmentation)
    try:
        arrived.readiness.profile.write(profile_path(work, run))
        return _made(work, asked, serving, run, arrived, progress)
    except BaseException as error:
        said = str(error) if isinstance(error, AtlasError) else type(error).__name__
        with suppress(AtlasError):  # what went wrong first is what people need to know
            work.registry.fail_run(run, said)
            if run not in served_runs(work):
                shutil.rmtree(work.run_folder(run), ignore_errors=True)
        raise


def _made(
    work: Workspace,
    asked: Asked,
    serving: ServingRecord | None,
    run: int,
    arrived: _Arrived,
    progress: Timed,
) -> _Done:
    folder = work.run_folder(run)
    champion = _champion(work, serving, digest(asked.definition)) if serving else None
    if champion is None:
        load_ahead("sklearn.cluster", "lightgbm")
    plan = plan_features(work, asked, champion.population if champion else None, progress)
    computation = Computation(work.engine, asked.snapshot, plan, asked.cutoff)
    plan = computation.learn()
    rule_segments = Evaluation.of(work, asked, plan.infos)
    selecting: Future[Selection] = Future()
    with ThreadPoolExecutor(1) as beside:
        if champion is None:  # a few buckets tell, while all are computed
            selecting = beside.submit(select, work, computation, asked.settings)
        features = compute_features(work, computation, folder / "features", progress)
    earlier: list[Segment] = []
    rules: Mapping[str, SegmentRule] = {}
    generation: int | GenerationRecord
    if champion and serving:
        model, generation, number = champion, serving.generation, serving.generation
        earlier = read_segments(work.run_folder(serving.run))
        rules = read_segment_rules(work.run_folder(serving.run))
    else:
        progress("find segments")
        selection = selecting.result()
        search = searcher(work, asked, selection, progress)
        model = Model.fit(features, plan.infos, plan.population, asked.settings, selection, search)
        model.save(folder / "model")
        number = work.registry.next_generation()
        generation = _generation(work, asked, run, number, model)
    members = assign_everyone(model, features, folder / "members", progress)
    progress("describe segments")
    segments = describe(model, features, members, f"g{number}", folder, earlier)
    tell_rules(model, features, members, segments, folder, rules)
    rule_segments.write(features, members, segments, folder, progress)
    kinds = count_kinds(members)
    outcome = _outcome(segments, model, kinds, trained=champion is None)
    steps = dict(arrived.seconds) | progress.seconds()
    progress("publish")
    work.registry.publish(
        run,
        generation,
        inputs=asked.inputs,
        as_of=asked.cutoff.replace(tzinfo=UTC),
        outcome=outcome,
        metrics=_metrics(segments, kinds, steps, arrived) | {"trained": champion is None},
    )
    progress("published")
    forget_old_features(work, run)
    forget_old_searches(work)
    return _Done(run, number, segments, outcome, trained=champion is None)


def _metrics(
    segments: Sequence[Segment],
    kinds: Mapping[str, int],
    steps: Mapping[str, float],
    arrived: _Arrived,
) -> dict[str, Any]:
    """Return what the registry keeps of a run."""
    return {
        "customers": _customers(segments),
        "segments": sum(segment.level == 1 for segment in segments),
        "kinds": kinds,
        "seconds": round(sum(steps.values()), 3),
        "steps": steps,
        "readiness": arrived.readiness.summary(),
    }


def _champion(work: Workspace, serving: ServingRecord, definition: str) -> Model | None:
    record = work.registry.generation(serving.generation)
    if record.definition != definition:
        return None
    return Model.load(work.root / record.artifacts)


def _generation(
    work: Workspace, asked: Asked, run: int, number: int, model: Model
) -> GenerationRecord:
    folder = work.run_folder(run) / "model"
    chosen = next((entry for entry in model.search.leaderboard.entries if entry.chosen), None)
    return GenerationRecord(
        id=number,
        segmentation=asked.segmentation,
        created_at=datetime.now(UTC),
        run=run,
        as_of=asked.cutoff.replace(tzinfo=UTC),
        seed=asked.settings.seed,
        definition=digest(asked.definition),
        config=asked.definition,
        table_versions=dict(asked.snapshot.versions),
        metrics={
            "segments": model.clusters.n_clusters,
            "algorithm": chosen.title if chosen else None,
            "reason": model.search.reason,
            "structure_p": model.search.null.p_value,
            "silhouette": chosen.silhouette if chosen else None,
            "stability": chosen.stability if chosen else None,
        },
        artifacts=str(folder.relative_to(work.root)),
        libraries=library_versions(),
    )


def _outcome(
    segments: Sequence[Segment], model: Model, kinds: Mapping[str, int], *, trained: bool
) -> str:
    found = sum(segment.level == 1 for segment in segments)
    inside, people = len(segments) - found, _customers(segments)
    segments_said = f"{found} segment" if found == 1 else f"{found} segments"
    people_said = "1 customer" if people == 1 else f"{people:,} customers"
    if model.tiered:
        return f"No groups were found in {people_said}; they are in value tiers, by a rule."
    if inside:
        segments_said += f", {inside} sub-segments in them,"
    told = f"{'Found' if trained else 'Refreshed'} {segments_said} of {people_said}"
    doubts = say_doubts(kinds)
    return f"{told}; {doubts}." if doubts else f"{told}."


def _customers(segments: Sequence[Segment]) -> int:
    return sum(segment.size for segment in segments if segment.level == 1)

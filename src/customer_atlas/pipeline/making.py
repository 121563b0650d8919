"""One run in the making: features, fit or assign, describe, and all of it published at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from customer_atlas.clustering import Recipe
from customer_atlas.data import Readiness, SourceReport
from customer_atlas.errors import ArtifactError
from customer_atlas.features import Computation, Plan, Selection
from customer_atlas.pipeline.assign import (
    Known,
    assign_everyone,
    count_kinds,
    describe,
    read_segments,
)
from customer_atlas.pipeline.certainty import say_doubts
from customer_atlas.pipeline.changes import write_changes
from customer_atlas.pipeline.computing import Asked, compute_features, plan_features
from customer_atlas.pipeline.definition import digest, library_versions
from customer_atlas.pipeline.identity import Succession, succession
from customer_atlas.pipeline.leftovers import forget_old_features, forget_old_searches
from customer_atlas.pipeline.model import Model
from customer_atlas.pipeline.progress import Timed
from customer_atlas.pipeline.rule_segments import Evaluation
from customer_atlas.pipeline.searching import searcher
from customer_atlas.pipeline.segment_rules import read_segment_rules, tell_rules
from customer_atlas.pipeline.selecting import select
from customer_atlas.pipeline.stories import tell_stories
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.registry import GenerationRecord, ServingRecord
from customer_atlas.segments import Segment
from customer_atlas.side_by_side import load_ahead

__all__ = ["Arrived", "Done", "Making", "champion_of", "customers_in"]


@dataclass(frozen=True)
class Arrived:
    """What is in the lake before any segmentation runs, and how long it took to get there."""

    reports: tuple[SourceReport, ...]
    readiness: Readiness
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Done:
    """What came of a run."""

    run: int
    generation: int
    segments: list[Segment]
    outcome: str
    trained: bool


@dataclass(frozen=True)
class Making:
    """A new run after what is `serving`.

    The `champion` is the model that is kept; without one a model is trained.
    """

    work: Workspace
    asked: Asked
    serving: ServingRecord | None
    champion: Model | None
    run: int
    arrived: Arrived
    progress: Timed

    def done(self) -> Done:
        """Do it all, and let it serve."""
        features, plan, rules, selection = self._features()
        if self.champion and self.serving:
            model, number = self.champion, self.serving.generation
            return self._published(features, rules, model, number, number)
        model = self._trained(features, plan, selection)
        number = self.work.registry.next_generation()
        generation = _generation(self.work, self.asked, self.run, number, model)
        return self._published(features, rules, model, number, generation)

    @property
    def folder(self) -> Path:
        """Where all of it is written."""
        return self.work.run_folder(self.run)

    def _features(self) -> tuple[list[Path], Plan, Evaluation, Selection | None]:
        """Compute features, and select of them where a model is to be trained."""
        work, asked, champion = self.work, self.asked, self.champion
        if champion is None:
            load_ahead("sklearn.cluster", "lightgbm")
        known = champion.population if champion else None
        plan = plan_features(work, asked, known, self.progress)
        computation = Computation(work.engine, asked.snapshot, plan, asked.cutoff)
        plan = computation.learn()
        rules = Evaluation.of(work, asked, plan.infos)
        selecting: Future[Selection] | None = None
        with ThreadPoolExecutor(1) as beside:
            if champion is None:  # a few buckets tell, while all are computed
                selecting = beside.submit(select, work, computation, asked.settings)
            folder = self.folder / "features"
            features = compute_features(work, computation, folder, self.progress)
        return features, plan, rules, selecting.result() if selecting else None

    def _trained(self, features: list[Path], plan: Plan, selection: Selection | None) -> Model:
        self.progress("find segments")
        assert selection is not None  # what trains has selected
        search = searcher(self.work, self.asked, selection, self.progress, self._incumbent())
        settings = self.asked.settings
        model = Model.fit(features, plan.infos, plan.population, settings, selection, search)
        model.save(self.folder / "model")
        return model

    def _incumbent(self) -> Recipe | None:
        """Return how the segments that serve were found, where the same is asked for again."""
        try:
            champion = champion_of(self.work, self.serving, self.asked)
        except ArtifactError:  # it cannot be read, and may be why this run trains
            return None
        return champion.search.recipe if champion else None

    def _earlier(self) -> list[Segment]:
        """Return the segments that serve; none where what is trained anew cannot read them."""
        if self.serving is None:
            return []
        try:
            return read_segments(self.work.run_folder(self.serving.run))
        except ArtifactError:
            if self.champion:
                raise
            return []

    def _published(
        self, features: list[Path], rules: Evaluation, model: Model, number: int,
        generation: int | GenerationRecord,
    ) -> Done:  # fmt: skip
        work, asked, serving, trained = self.work, self.asked, self.serving, self.champion is None
        members = assign_everyone(model, features, self.folder / "members", self.progress)
        self.progress("describe segments")
        earlier, passed = self._earlier(), Succession()
        if trained:
            passed = succession(work, asked, serving, earlier, members)
        known = passed.known if trained else Known.of(earlier)
        segments = describe(model, features, members, f"g{number}", self.folder, known)
        told = [] if trained or not serving else read_segment_rules(work.run_folder(serving.run))
        tell_rules(model, features, members, segments, self.folder, told)
        tell_stories(segments, self.folder)
        rules.write(features, members, segments, self.folder, self.progress)
        if serving and earlier:
            then = work.run_folder(serving.run) / "members"
            write_changes(work.engine, then, earlier, members, segments, self.folder, new=trained)
        kinds = count_kinds(members)
        outcome = _outcome(segments, model, kinds, trained=trained)
        steps = dict(self.arrived.seconds) | self.progress.seconds()
        self.progress("publish")
        recorded = work.registry.identities.segments(asked.segmentation) if trained else []
        work.registry.publish(
            self.run,
            generation,
            inputs=asked.inputs,
            as_of=asked.cutoff.replace(tzinfo=UTC),
            outcome=outcome,
            metrics={
                "customers": customers_in(segments),
                "segments": sum(segment.level == 1 for segment in segments),
                "kinds": kinds,
                "trained": trained,
                "seconds": round(sum(steps.values()), 3),
                "steps": steps,
                "readiness": self.arrived.readiness.summary(),
            },
            segments=passed.records(recorded, asked.segmentation, number, segments)
            if trained
            else (),
            ledger=passed.ledger(asked, serving, self.run, number, segments) if trained else (),
        )
        self.progress("published")
        forget_old_features(work, self.run)
        forget_old_searches(work)
        return Done(self.run, number, segments, outcome, trained=trained)


def champion_of(work: Workspace, serving: ServingRecord | None, asked: Asked) -> Model | None:
    """Return the model that serves, where it is the one that is asked for.

    Raises:
        ArtifactError: it is, and cannot be read.
    """
    if serving is None:
        return None
    record = work.registry.generation(serving.generation)
    if record.definition != digest(asked.definition):
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
    inside, people = len(segments) - found, customers_in(segments)
    segments_said = f"{found} segment" if found == 1 else f"{found} segments"
    people_said = "1 customer" if people == 1 else f"{people:,} customers"
    if model.tiered:
        return f"No groups were found in {people_said}; they are in value tiers, by a rule."
    if inside:
        segments_said += f", {inside} sub-segments in them,"
    told = f"{'Found' if trained else 'Refreshed'} {segments_said} of {people_said}"
    doubts = say_doubts(kinds)
    return f"{told}; {doubts}." if doubts else f"{told}."


def customers_in(segments: Sequence[Segment]) -> int:
    """Return how many customers are in segments."""
    return sum(segment.size for segment in segments if segment.level == 1)

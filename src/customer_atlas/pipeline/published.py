"""What serves now: segments, members, features and single customers, read from the last run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from customer_atlas.clustering import UNDECIDED_BELOW, Choice, Search
from customer_atlas.data import bucket_of
from customer_atlas.errors import AtlasError, UnknownNameError
from customer_atlas.features import FeatureInfo
from customer_atlas.pipeline.assign import read_segments
from customer_atlas.pipeline.changes import Change, customer_history
from customer_atlas.pipeline.dictionary import as_called, dictionary_of, write_of_segment
from customer_atlas.pipeline.model import Model, level_column
from customer_atlas.pipeline.rule_scope import RULES
from customer_atlas.pipeline.rule_segments import read_rule_segments
from customer_atlas.pipeline.segment_rules import read_segment_rules
from customer_atlas.pipeline.stories import read_stories
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.registry import (
    GenerationRecord,
    LedgerRecord,
    RunRecord,
    SegmentRecord,
    ServingRecord,
)
from customer_atlas.segments import RuleSegments, Segment, SegmentRule, Story

__all__ = ["CustomerView", "Published"]


@dataclass(frozen=True)
class CustomerView:
    """One customer: the segment, how sure it is, and their features in real units.

    `deeper` are the sub-segments, level by level, each with its probability. The kind of the
    membership is learned, undecided, outlier or rule.
    """

    customer_id: str
    segment: Segment
    probability: float
    kind: str
    features: dict[str, float | str | None]
    infos: tuple[FeatureInfo, ...]
    deeper: tuple[tuple[Segment, float], ...] = ()


@dataclass(frozen=True)
class Published:
    """The memberships that serve in one segmentation."""

    work: Workspace
    pointer: ServingRecord

    @classmethod
    def of(cls, work: Workspace, segmentation: str = "main") -> Published:
        """Follow the pointer of a segmentation.

        Raises:
            UnknownNameError: the project has no such segmentation.
            AtlasError: nothing serves yet.
        """
        known = work.file.project.segmentations
        if segmentation not in known:
            raise UnknownNameError("segmentation", segmentation, known)
        pointer = work.registry.serving(segmentation)
        if pointer is None:
            raise AtlasError("There are no segments yet. Run: atlas run")
        return cls(work, pointer)

    @property
    def folder(self) -> Path:
        """The folder of the run whose memberships serve."""
        return self.work.run_folder(self.pointer.run)

    @cached_property
    def run(self) -> RunRecord:
        """The run whose memberships serve."""
        return self.work.registry.run(self.pointer.run)

    @cached_property
    def generation(self) -> GenerationRecord:
        """The generation that scored them."""
        return self.work.registry.generation(self.pointer.generation)

    @property
    def as_of(self) -> datetime:
        """The instant (UTC, naive) that the memberships look back from."""
        return (self.run.as_of or self.generation.as_of).replace(tzinfo=None)

    @cached_property
    def model(self) -> Model:
        """The trained model of that generation."""
        return Model.load(self.work.root / self.generation.artifacts)

    @cached_property
    def every_segment(self) -> list[Segment]:
        """The segments of all levels, the most valuable first, each before what is inside it.

        They are called what people call them.
        """
        return as_called(read_segments(self.folder), self.dictionary)

    @cached_property
    def stories(self) -> Mapping[str, Story]:
        """A paragraph about each segment, by its id."""
        return read_stories(self.every_segment, self.folder)

    @cached_property
    def dictionary(self) -> Mapping[str, SegmentRecord]:
        """What people say of each segment, by its id; those that ended are in it too."""
        return dictionary_of(self.work, self.pointer.segmentation)

    def annotate(
        self, segment: Segment, *, name: str | None, owner: str | None, note: str | None
    ) -> SegmentRecord:
        """Change what people say of a segment; raises UsageError where it cannot be said."""
        return write_of_segment(
            self.work, self.pointer.segmentation, segment, self.every_segment,
            name=name, owner=owner, note=note,
        )  # fmt: skip

    def told_of(self, segment: Segment) -> list[LedgerRecord]:
        """Return what the ledger tells of a segment."""
        return [one for one in self.ledger if segment.id in one.segments]

    @cached_property
    def ledger(self) -> list[LedgerRecord]:
        """What became of segments from generation to generation, in order."""
        return self.work.registry.identities.ledger(self.pointer.segmentation)

    def history(self, customer_id: str) -> list[Change]:
        """Return where a customer has been; raises UnknownNameError where nobody has that id."""
        found = customer_history(self.work, self.pointer.segmentation, customer_id)
        if not found:
            raise UnknownNameError("customer", customer_id)
        return found

    @cached_property
    def segments(self) -> list[Segment]:
        """The broad segments, the most valuable first."""
        return [segment for segment in self.every_segment if segment.level == 1]

    @cached_property
    def segment_rules(self) -> dict[str, SegmentRule]:
        """The rule that tells who is in a segment, by the segment's id, where there is one."""
        return {one.segment_id: one for one in self._rules if one.within is None}

    @cached_property
    def inside_rules(self) -> dict[str, SegmentRule]:
        """The rule that tells a sub-segment from the rest of its segment, by its own id."""
        return {one.segment_id: one for one in self._rules if one.within is not None}

    @cached_property
    def _rules(self) -> list[SegmentRule]:
        return read_segment_rules(self.folder)

    @cached_property
    def rule_segments(self) -> RuleSegments:
        """The rule segments, as declared, and what they share with others."""
        return read_rule_segments(self.folder)

    @property
    def search(self) -> Search:
        """Whether there is structure, and which algorithm and number of segments won."""
        return self.model.search

    @property
    def choice(self) -> Choice:
        """How the number of segments was chosen."""
        return self.model.choice

    @property
    def kinds(self) -> Mapping[str, int]:
        """How many memberships there are of each kind."""
        return dict(self.run.metrics.get("kinds", {}))

    def segment(self, identifier: str) -> Segment:
        """Return a segment by its id or its name; raises UnknownNameError."""
        for segment in self.every_segment:
            if identifier in (segment.id, segment.name):
                return segment
        names = [text for segment in self.every_segment for text in (segment.id, segment.name)]
        raise UnknownNameError("segment", identifier, names)

    def family(self, segment: Segment) -> tuple[Segment | None, list[Segment]]:
        """Return the segment that one is part of, None at level 1, and its sub-segments."""
        parent = [one for one in self.every_segment if one.id == segment.parent]
        return (parent[0] if parent else None), self.inside(segment)

    def inside(self, parent: Segment | None) -> list[Segment]:
        """Return the sub-segments of a segment; the broad segments where it is None."""
        whole = parent.id if parent else None
        return [one for one in self.every_segment if one.parent == whole]

    def why_inside(self, segment: Segment) -> str:
        """Return why a segment has sub-segments, or none; empty where nobody looked."""
        nodes = self.model.tree.at(segment.level)
        return "" if self.model.tiered else nodes[segment.cluster].reason

    def members(self) -> pa.Table:
        """Return one row per customer and level, sorted by both.

        A customer whose segment has sub-segments has a further row for each level below. Columns:
        customer_id, segmentation, segment_id, segment, kind, level, probability, generation, as_of
        (UTC). The kind is learned, undecided, outlier or rule; outliers are in the segment that
        they are nearest to.
        """
        table = self._table("members").sort_by("customer_id")
        depth = max((segment.level for segment in self.every_segment), default=1)
        levels = [self._members(table, level) for level in range(1, depth + 1)]
        if depth == 1:
            return levels[0]
        order = [("customer_id", "ascending"), ("level", "ascending")]
        return pa.concat_tables(levels).sort_by(order)

    def members_and_rules(self) -> pa.Table:
        """Return `members`, and a row of kind rule for each rule segment that a customer is in.

        Such a row has no level, and the rule's name as `segment_id` and `segment`. The rows are
        sorted by customer, the learned ones first.
        """
        members = self.members()
        tables = [members]
        for one in self.rule_segments.segments:
            files = sorted((self.folder / RULES).glob("bucket=*.parquet"))
            columns = ["customer_id", one.name]
            parts = [pq.read_table(path, columns=columns) for path in files]
            who = pa.concat_tables([part.filter(part[one.name]) for part in parts])
            tables.append(self._rule_members(who["customer_id"], one.name, members.schema))
        order = [("customer_id", "ascending"), ("level", "ascending"), ("segment", "ascending")]
        return pa.concat_tables(tables).sort_by(order)

    def _rule_members(self, customers: pa.ChunkedArray, name: str, schema: pa.Schema) -> pa.Table:
        said = {
            "segmentation": self.pointer.segmentation,
            "segment_id": name,
            "segment": name,
            "kind": "rule",
            "level": None,
            "probability": 1.0,
            "generation": self.pointer.generation,
            "as_of": self.as_of,
        }
        count = len(customers)
        columns = {
            field.name: customers
            if field.name == "customer_id"
            else pa.repeat(pa.scalar(said[field.name], field.type), count)
            for field in schema
        }
        return pa.table(columns).cast(schema)

    def _members(self, table: pa.Table, level: int) -> pa.Table:
        """Return the rows of one level, of those who are in a segment of it."""
        cluster = level_column("cluster", level)
        if level > 1:
            table = table.filter(pc.greater_equal(table[cluster], 0))
        count = table.num_rows
        by_cluster = {one.cluster: one for one in self.every_segment if one.level == level}
        size = max(by_cluster, default=-1) + 1
        ids = pa.array([by_cluster[i].id if i in by_cluster else None for i in range(size)])
        names = pa.array([by_cluster[i].name if i in by_cluster else None for i in range(size)])
        return pa.table(
            {
                "customer_id": table["customer_id"],
                "segmentation": pa.repeat(self.pointer.segmentation, count),
                "segment_id": pc.take(ids, table[cluster]),
                "segment": pc.take(names, table[cluster]),
                "kind": _kinds(table, level),
                "level": pa.repeat(pa.scalar(level, pa.int32()), count),
                "probability": table[level_column("probability", level)],
                "generation": pa.repeat(pa.scalar(self.pointer.generation, pa.int64()), count),
                "as_of": pa.repeat(pa.scalar(self.as_of, pa.timestamp("us", tz="UTC")), count),
            }
        )

    def features(self) -> pa.Table:
        """Return the features behind the memberships: customer_id first, sorted by it."""
        return self._table("features").sort_by("customer_id")

    def buckets(self) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Yield the features and the memberships of one bucket after the other."""
        members = self.paths("members")
        for left, right in zip(self.paths("features"), members, strict=True):
            yield pq.read_table(left), pq.read_table(right)

    def column(self, kind: Literal["features", "members"], name: str) -> pa.ChunkedArray:
        """Return one column; the customers of both kinds are in the same order."""
        tables = [pq.read_table(path, columns=[name]) for path in self.paths(kind)]
        return pa.concat_tables(tables)[name]

    def customer(self, customer_id: str) -> CustomerView:
        """Return one customer; raises UnknownNameError where nobody has that id."""
        written = customer_id.encode("utf-8", "replace").decode("utf-8")
        # What a terminal gives for bytes that are no text is no customer's id.
        member = self._row("members", customer_id) if written == customer_id else None
        if member is None:
            raise UnknownNameError("customer", customer_id)
        features = self._row("features", customer_id) or {}
        features.pop("customer_id", None)
        by_cluster = {segment.cluster: segment for segment in self.segments}
        return CustomerView(
            customer_id,
            by_cluster[member["cluster"]],
            member["probability"],
            member["kind"],
            features,
            self.model.infos,
            self._deeper(member),
        )

    def _deeper(self, member: Mapping[str, Any]) -> tuple[tuple[Segment, float], ...]:
        """Return the sub-segments of a customer's row of the memberships."""
        own = (
            (segment, member[level_column("probability", segment.level)])
            for segment in self.every_segment
            if segment.level > 1
            and member[level_column("cluster", segment.level)] == segment.cluster
        )
        return tuple(own)

    def paths(self, kind: Literal["features", "members"]) -> list[Path]:
        """Return the files of one kind, by bucket; raises AtlasError where they are gone."""
        paths = sorted((self.folder / kind).glob("bucket=*.parquet"))
        if not paths:
            raise AtlasError(
                f"The {kind} of run {self.pointer.run} are gone. Make them anew: atlas run --refit"
            )
        return paths

    def _row(self, kind: Literal["features", "members"], customer_id: str) -> dict[str, Any] | None:
        bucket = bucket_of(customer_id, self.work.lake.buckets)
        path = self.folder / kind / f"bucket={bucket:04d}.parquet"
        found = pq.read_table(path, filters=[("customer_id", "==", customer_id)]).to_pylist()
        return found[0] if found else None

    def _table(self, kind: Literal["features", "members"]) -> pa.Table:
        return pa.concat_tables([pq.read_table(path) for path in self.paths(kind)])


def _kinds(table: pa.Table, level: int) -> pa.ChunkedArray:
    """Return the kinds of the memberships at a level.

    Who is an outlier is one at every level. A sub-segment may be undecided where the segment is
    not.
    """
    kinds = table["kind"].cast(pa.string())
    if level == 1:
        return kinds
    unsure = pc.less(table[level_column("probability", level)], UNDECIDED_BELOW)
    moves = pc.and_(unsure, pc.equal(kinds, "learned"))
    return pc.if_else(moves, pa.scalar("undecided"), kinds)

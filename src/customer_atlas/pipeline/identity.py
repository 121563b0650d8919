"""Which segments of a new generation are known already: matched with those that served before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from customer_atlas.errors import ArtifactError
from customer_atlas.features import Computation
from customer_atlas.pipeline.assign import Known, read_segments
from customer_atlas.pipeline.computing import Asked, plan_features
from customer_atlas.pipeline.model import Model, level_column
from customer_atlas.pipeline.progress import silent
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.registry import LedgerRecord, SegmentRecord, ServingRecord
from customer_atlas.segments import Segment, Transition, match_segments, say_transition

__all__ = ["Succession", "succession"]

_CUSTOMERS = (
    50_000  # whom both generations are asked about: a share is then known to half a percent
)

_Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Succession:
    """How the segments of a generation follow from those `before`, level by level.

    `basis` says whom that rests on. `clusters` holds those of each level after, and `found` what
    became of the segments, by their places in `before` and in `clusters`.
    """

    before: Mapping[int, Sequence[Segment]] = field(default_factory=dict)
    clusters: Mapping[int, Sequence[int]] = field(default_factory=dict)
    found: Mapping[int, Sequence[Transition]] = field(default_factory=dict)
    basis: str = ""

    @property
    def known(self) -> Known:
        """The ids that go on, and the names that do as long as they are true."""
        ids: dict[tuple[int, int], str] = {}
        hoped: dict[tuple[int, int], str] = {}
        for level, transitions in self.found.items():
            for earlier, later in (one.heir for one in transitions if one.heir):
                cluster, segment = self.clusters[level][later], self.before[level][earlier]
                ids[level, cluster] = segment.id
                hoped[level, cluster] = segment.name
        return Known(ids, hoped=hoped)

    def ledger(
        self, asked: Asked, serving: ServingRecord | None, run: int, generation: int,
        segments: Sequence[Segment],
    ) -> list[LedgerRecord]:  # fmt: skip
        """Return what is to be told of the segments found, in words and figures."""
        as_of = asked.cutoff.replace(tzinfo=UTC)
        before = serving.generation if serving else None

        def record(
            level: int, kind: str, ids: Sequence[str], said: str, **proof: object
        ) -> LedgerRecord:
            return LedgerRecord(
                asked.segmentation, generation, before, run, as_of, level, kind, tuple(ids), said,
                proof,
            )  # fmt: skip

        if not self.before:
            return [
                record(one.level, "born", [one.id], f"{one.name} was found.") for one in segments
            ]
        told = []
        by_place = {(one.level, one.cluster): one for one in segments}
        for level, transitions in self.found.items():
            old = self.before[level]
            new = [by_place[level, cluster] for cluster in self.clusters[level]]
            for one in transitions:
                ids = [old[place].id for place in one.earlier]
                ids += [new[place].id for place in one.later if new[place].id not in ids]
                said = say_transition(one, [s.name for s in old], [s.name for s in new])
                links = [
                    {"before": old[link.earlier].id, "after": new[link.later].id}
                    | {"customers": link.customers, "kept": link.kept, "made": link.made}
                    for link in one.links
                ]
                heir = new[one.heir[1]].id if one.heir else None
                told.append(
                    record(level, one.kind, ids, said, links=links, heir=heir, basis=self.basis)
                )
        return told

    def records(
        self, known: Sequence[SegmentRecord], segmentation: str, generation: int,
        segments: Sequence[Segment],
    ) -> list[SegmentRecord]:  # fmt: skip
        """Return the segments as they are to be kept: those that serve, and those that ended.

        Notes go on: to the parts of what split, and to what others were merged into.
        """
        there = {one.id: one for one in known}
        serving = {one.id for one in segments}
        notes = {
            one.id: dict.fromkeys(there[one.id].notes if one.id in there else ())
            for one in segments
        }
        by_place = {(one.level, one.cluster): one for one in segments}
        for level, transitions in self.found.items():
            for one in transitions:
                if one.kind not in ("split", "merged"):
                    continue
                written = [
                    note
                    for place in one.earlier
                    if (old := there.get(self.before[level][place].id))
                    for note in old.notes
                ]
                for place in one.later:
                    notes[by_place[level, self.clusters[level][place]].id] |= dict.fromkeys(written)
        kept = [
            SegmentRecord(
                segmentation, one.id, one.level, one.parent, generation, None, one.name,
                notes=tuple(notes[one.id]),
            )
            for one in segments
        ]  # fmt: skip
        ended = [
            SegmentRecord(
                segmentation, one.id, one.level, one.parent, one.born, generation, one.name,
                one.given_name, one.owner, one.notes,
            )
            for one in known
            if one.ended is None and one.id not in serving
        ]  # fmt: skip
        return [*kept, *ended]


def succession(
    work: Workspace, asked: Asked, serving: ServingRecord | None, members: Sequence[Path]
) -> Succession:
    """Return how a new generation's segments, by its `members`, follow from those that serve.

    Both generations are asked about the same customers at the same time, up to 50,000 of them.
    Where what the earlier one looks at can no longer be computed, its last memberships count.
    """
    try:
        segments = read_segments(work.run_folder(serving.run)) if serving else []
    except ArtifactError:  # what was there cannot be read, and may be why this run trains
        segments = []
    if serving is None or not segments:
        return Succession()
    now = pa.concat_tables([pq.read_table(path) for path in members])
    then, basis = _scored_now(work, asked, serving) or _as_it_was(work, serving)
    both = now.join(then, "customer_id", join_type="inner", right_suffix=" then")
    depth = 1 + sum(name.startswith("cluster_") for name in now.column_names)
    before, clusters, found = {}, {}, {}
    for level in range(1, max(depth, *(one.level for one in segments)) + 1):
        name = level_column("cluster", level)
        before[level] = sorted((s for s in segments if s.level == level), key=lambda s: s.cluster)
        clusters[level] = _clusters(now, name)
        places = [one.cluster for one in before[level]]
        counts = _counts(both, name, places, clusters[level])
        found[level] = match_segments(counts)
    return Succession(before, clusters, found, f"{basis.format(both.num_rows)}")


def _scored_now(
    work: Workspace, asked: Asked, serving: ServingRecord
) -> tuple[pa.Table, str] | None:
    """Return the clusters that the earlier model gives customers at this time, if it can."""
    record = work.registry.generation(serving.generation)
    try:
        model = Model.load(work.root / record.artifacts)
    except ArtifactError:
        return None
    plan = plan_features(work, asked, model.population, silent)
    computation = Computation(work.engine, asked.snapshot, plan, asked.cutoff)
    looked_at = {info.name for info in model.infos}
    if not looked_at <= {info.name for info in computation.learn().infos}:
        return None
    features = computation.some(_CUSTOMERS)
    assigned = model.assign(features)
    keep = [name for name in assigned.column_names if name.startswith("cluster")]
    table = assigned.select(["customer_id", *keep])
    return table, "{:,} customers, whom both generations were asked about at this time"


def _as_it_was(work: Workspace, serving: ServingRecord) -> tuple[pa.Table, str]:
    files = sorted((work.run_folder(serving.run) / "members").glob("bucket=*.parquet"))
    nobody = pa.table(
        {"customer_id": pa.array([], pa.string()), "cluster": pa.array([], pa.int32())}
    )
    table = pa.concat_tables([pq.read_table(path) for path in files]) if files else nobody
    keep = [name for name in table.column_names if name.startswith("cluster")]
    when = "{:,} customers, by where they were in the last run: what it looked at is not known now"
    return table.select(["customer_id", *keep]), when


def _clusters(table: pa.Table, name: str) -> list[int]:
    """Return the numbers of the segments that somebody is in."""
    if name not in table.column_names:
        return []
    return [
        one for one in sorted(pc.unique(table[name]).to_pylist()) if one is not None and one >= 0
    ]


def _counts(both: pa.Table, name: str, before: Sequence[int], after: Sequence[int]) -> _Counts:
    """Count the customers (before, after) by segment then and now."""
    counts = np.zeros((len(before), len(after)))
    if {name, f"{name} then"} <= set(both.column_names) and counts.size:
        grouped = both.group_by([f"{name} then", name]).aggregate([([], "count_all")])
        rows = {place: at for at, place in enumerate(before)}
        columns = {place: at for at, place in enumerate(after)}
        for one in grouped.to_pylist():
            row, column = rows.get(one[f"{name} then"]), columns.get(one[name])
            if row is not None and column is not None:
                counts[row, column] = one["count_all"]
    return counts

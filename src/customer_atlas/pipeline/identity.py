"""Which segments of a new generation are known already: matched with those that served before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from customer_atlas.data import bucket_of
from customer_atlas.engine import Connection, DuckDB, literal
from customer_atlas.errors import ArtifactError
from customer_atlas.features import Computation
from customer_atlas.pipeline.assign import Known
from customer_atlas.pipeline.computing import Asked, plan_features
from customer_atlas.pipeline.model import Model, level_column
from customer_atlas.pipeline.progress import silent
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.registry import LedgerRecord, SegmentRecord, ServingRecord
from customer_atlas.segments import (
    Segment,
    Transition,
    match_segments,
    say_transition,
    tell_transition,
)

__all__ = ["Succession", "compare_members", "succession"]

_CUSTOMERS = (
    50_000  # whom both generations are asked about: a share is then known to half a percent
)

Counted = Counter[tuple[int, int, int]]  # of customers, by level, cluster then and now


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
        there = set(ids.values())
        ended = {s.name for level in self.before.values() for s in level if s.id not in there}
        return Known(ids, hoped=hoped, gone=ended - set(hoped.values()))

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
                proof = {"links": links, "heir": heir, "basis": self.basis}
                proof["story"] = tell_transition(one, old, new)
                told.append(record(level, one.kind, ids, said, **proof))
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
    work: Workspace, asked: Asked, serving: ServingRecord | None, segments: Sequence[Segment],
    members: Sequence[Path],
) -> Succession:  # fmt: skip
    """Return how a new generation's segments, by its `members`, follow from `segments`, that serve.

    Both generations are asked about the same customers at the same time, up to 50,000 of them.
    Where what the earlier one looks at can no longer be computed, its last memberships count.
    """
    if serving is None or not segments:
        return Succession()
    depth = max(_depth(members[0]), *(one.level for one in segments))
    scored = _scored_now(work, asked, serving, members)
    counted, basis = scored or _as_it_was(work, serving, members)
    before, clusters, found = {}, {}, {}
    for level in range(1, depth + 1):
        before[level] = sorted((s for s in segments if s.level == level), key=lambda s: s.cluster)
        clusters[level] = _clusters(members, level_column("cluster", level))
        counts = np.array(
            [
                [counted[level, one.cluster, cluster] for cluster in clusters[level]]
                for one in before[level]
            ],
            dtype=np.float64,
        ).reshape(len(before[level]), len(clusters[level]))
        found[level] = match_segments(counts)
    asked_of = sum(count for (level, *_), count in counted.items() if level == 1)
    return Succession(before, clusters, found, basis.format(asked_of))


def _scored_now(
    work: Workspace, asked: Asked, serving: ServingRecord, members: Sequence[Path]
) -> tuple[Counted, str] | None:
    """Count some customers by where both models put them at this time, if the earlier one can."""
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
    then = model.assign(computation.some(_CUSTOMERS))
    held = {bucket_of(one, work.lake.buckets) for one in then["customer_id"].to_pylist()}
    files = [path for path in members if int(path.stem.removeprefix("bucket=")) in held]
    now = pa.concat_tables([pq.read_table(path) for path in files])
    both = now.join(then, "customer_id", join_type="inner", right_suffix=" then")
    counted: Counted = Counter()
    for name in (one for one in now.column_names if one.startswith("cluster")):
        if f"{name} then" in both.column_names:
            level = int(name.removeprefix("cluster_")) if name != "cluster" else 1
            groups = both.group_by([f"{name} then", name]).aggregate([([], "count_all")])
            for row in groups.to_pylist():
                counted[level, row[f"{name} then"], row[name]] += row["count_all"]
    return counted, "{:,} customers, whom both generations were asked about at this time"


def _as_it_was(
    work: Workspace, serving: ServingRecord, members: Sequence[Path]
) -> tuple[Counted, str]:
    """Count all customers by where they were in the run that serves, and where they are."""
    counted = compare_members(work.engine, work.run_folder(serving.run) / "members", members)
    said = "{:,} customers, by where they were in the last run: what it looked at is not known now"
    return counted, said


def compare_members(engine: DuckDB, before: Path, members: Sequence[Path]) -> Counted:
    """Count customers by their clusters in the files of a folder, and in those of the same names.

    It goes bucket by bucket, and level by level as deep as both are.
    """

    def count(connection: Connection, path: Path) -> list[tuple[int, int, int, int]]:
        then = before / path.name
        if not then.exists():
            return []
        parts = " UNION ALL ".join(
            f"SELECT {level}, old.{name}, new.{name}, count(*) FROM "
            f"read_parquet({literal(str(then))}) AS old JOIN "
            f"read_parquet({literal(str(path))}) AS new USING (customer_id) GROUP BY ALL"
            for level in range(1, min(_depth(then), _depth(path)) + 1)
            for name in [level_column("cluster", level)]
        )
        return [
            (int(a), int(b), int(c), int(n))
            for a, b, c, n in connection.rows(parts, step="compare two generations")
        ]

    counted: Counted = Counter()
    for rows in engine.map(count, list(members)):
        for level, then, now, customers in rows:
            counted[level, then, now] += customers
    return counted


def _depth(path: Path) -> int:
    names: list[str] = pq.read_schema(path).names
    return 1 + sum(name.startswith("cluster_") for name in names)


def _clusters(members: Sequence[Path], name: str) -> list[int]:
    """Return the numbers of the segments that somebody is in."""
    found: set[int] = set()
    for path in members:
        if name in pq.read_schema(path).names:
            column = pq.read_table(path, columns=[name])[name]
            found |= set(pc.unique(column.drop_null()).to_pylist())
    return sorted(one for one in found if one >= 0)

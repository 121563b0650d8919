"""One pass that assigns everyone, bucket by bucket, and describes who ended up where."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from threadpoolctl import threadpool_limits

from customer_atlas.errors import ArtifactError
from customer_atlas.pipeline.model import Model, level_column
from customer_atlas.pipeline.progress import Progress
from customer_atlas.pipeline.tiers import TIERS
from customer_atlas.segments import Segment, describe_inside, describe_segments
from customer_atlas.side_by_side import side_by_side

__all__ = ["Known", "assign_everyone", "count_kinds", "describe", "read_segments"]


@dataclass(frozen=True)
class Known:
    """What is known of segments already, by level and cluster.

    `names` stay whatever is found; those that are `hoped` for stay as long as they are true, and
    those of segments that are `gone` are not given again.
    """

    ids: Mapping[tuple[int, int], str] = field(default_factory=dict)
    names: Mapping[tuple[int, int], str] = field(default_factory=dict)
    hoped: Mapping[tuple[int, int], str] = field(default_factory=dict)
    gone: Collection[str] = ()

    @classmethod
    def of(cls, segments: Sequence[Segment]) -> Known:
        """Return what is known where the generation is the one of these segments."""
        places = {(one.level, one.cluster): one for one in segments}
        ids = {place: one.id for place, one in places.items()}
        return cls(ids, {place: one.name for place, one in places.items()})


def assign_everyone(
    model: Model, features: Sequence[Path], folder: Path, progress: Progress
) -> list[Path]:
    """Write each bucket's members and return their paths, in the order of `features`."""
    folder.mkdir(parents=True, exist_ok=True)

    def write(path: Path) -> Path:
        pq.write_table(model.assign(pq.read_table(path)), folder / path.name, compression="zstd")
        return folder / path.name

    paths: list[Path] = []
    progress("assign everyone", 0, len(features))
    # Set around all threads: the first of them to be done would lift a limit of its own for all.
    with threadpool_limits(1):
        for path in side_by_side(write, features):
            paths.append(path)
            progress("assign everyone", len(paths), len(features))
    return paths


def count_kinds(members: Sequence[Path]) -> dict[str, int]:
    """Return how many memberships there are of each kind, in the order of the kinds' names.

    >>> count_kinds([])
    {}
    """
    counts: Counter[str] = Counter()
    for path in members:
        found = pc.value_counts(pq.read_table(path, columns=["kind"])["kind"])
        counts.update({one["values"]: one["counts"] for one in found.to_pylist()})
    return dict(sorted(counts.items()))


def describe(
    model: Model,
    features: Sequence[Path],
    members: Sequence[Path],
    prefix: str,
    folder: Path,
    known: Known,
) -> list[Segment]:
    """Describe the segments, keep them in `folder`, and return them, each before what is inside it.

    Those that are `known` keep their ids. The ids of others begin with `prefix`.
    """
    names = dict(enumerate(TIERS)) if model.tiered else _at(known.names, 1)
    segments = describe_segments(
        _tables(features, members),
        model.infos,
        prefix,
        ids=_at(known.ids, 1),
        names=names,
        hoped=_at(known.hoped, 1),
        gone=known.gone,
    )
    segments = [
        one
        for segment in segments
        for one in (segment, *_inside(model, segment, features, members, prefix, known))
    ]
    text = json.dumps([segment.to_dict() for segment in segments], indent=1, ensure_ascii=False)
    (folder / "segments.json").write_text(text + "\n", encoding="utf-8")
    return segments


def _at(texts: Mapping[tuple[int, int], str], level: int) -> dict[int, str]:
    return {cluster: text for (one, cluster), text in texts.items() if one == level}


def _inside(
    model: Model,
    parent: Segment,
    features: Sequence[Path],
    members: Sequence[Path],
    prefix: str,
    known: Known,
) -> Iterator[Segment]:
    """Yield the sub-segments of a segment, each before what is inside it."""
    if (parent.level, parent.cluster) not in model.tree.divisions:
        return
    level = parent.level + 1
    found = describe_inside(
        parent,
        _part(features, members, parent),
        model.infos,
        f"{prefix}-{level}",
        ids=_at(known.ids, level),
        names=_at(known.names, level),
    )
    for segment in found:
        yield segment
        yield from _inside(model, segment, features, members, prefix, known)


def _part(
    features: Sequence[Path], members: Sequence[Path], parent: Segment
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield the customers of a segment, their memberships those of the level below."""
    for table, whole in _tables(features, members):
        inside = pc.equal(whole[level_column("cluster", parent.level)], parent.cluster)
        columns = {"customer_id": whole["customer_id"]} | {
            name: whole[level_column(name, parent.level + 1)]
            for name in ("cluster", "probability", "distance")
        }
        if pc.any(inside).as_py():
            yield table.filter(inside), pa.table(columns).filter(inside)


def read_segments(folder: Path) -> list[Segment]:
    """Read the segments of all levels that `describe` kept; raises ArtifactError otherwise."""
    try:
        stored = json.loads((folder / "segments.json").read_text(encoding="utf-8"))
        return [Segment.from_dict(one) for one in stored]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"The segments in {folder} cannot be read ({error}). Train anew: atlas run --refit"
        ) from error


def _tables(
    features: Sequence[Path], members: Sequence[Path]
) -> Iterator[tuple[pa.Table, pa.Table]]:
    def read(pair: tuple[Path, Path]) -> tuple[pa.Table, pa.Table]:
        return pq.ParquetFile(pair[0]).read(), pq.ParquetFile(pair[1]).read()

    yield from side_by_side(read, zip(features, members, strict=True))

"""One pass that assigns everyone, bucket by bucket, and describes who ended up where."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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

__all__ = ["assign_everyone", "count_kinds", "describe", "read_segments"]


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
    earlier: Sequence[Segment] = (),
) -> list[Segment]:
    """Describe the segments, keep them in `folder`, and return them, each before what is inside it.

    `earlier` segments are of the same generation: ids and names stay, and the profile is new.
    """
    ids, names = _known(earlier, 1)
    if model.tiered:
        names = dict(enumerate(TIERS))
    segments = describe_segments(
        _tables(features, members), model.infos, prefix, ids=ids, names=names
    )
    segments = [
        one
        for segment in segments
        for one in (segment, *_inside(model, segment, features, members, earlier))
    ]
    text = json.dumps([segment.to_dict() for segment in segments], indent=1, ensure_ascii=False)
    (folder / "segments.json").write_text(text + "\n", encoding="utf-8")
    return segments


def _known(earlier: Sequence[Segment], level: int) -> tuple[Mapping[int, str], Mapping[int, str]]:
    """Return the ids and the names by cluster that segments of a level had before."""
    mine = [segment for segment in earlier if segment.level == level]
    return {one.cluster: one.id for one in mine}, {one.cluster: one.name for one in mine}


def _inside(
    model: Model,
    parent: Segment,
    features: Sequence[Path],
    members: Sequence[Path],
    earlier: Sequence[Segment],
) -> Iterator[Segment]:
    """Yield the sub-segments of a segment, each before what is inside it."""
    if (parent.level, parent.cluster) not in model.tree.divisions:
        return
    level = parent.level + 1
    ids, names = _known(earlier, level)
    found = describe_inside(
        parent, _part(features, members, parent), model.infos, ids=ids, names=names
    )
    for segment in found:
        yield segment
        yield from _inside(model, segment, features, members, earlier)


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

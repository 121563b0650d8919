"""What drives the segments that serve; what is measured stays with their run."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from customer_atlas.features import FeatureInfo
from customer_atlas.pipeline.model import level_column
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.pipeline.published import Published
from customer_atlas.segments import (
    Drivers,
    Sampled,
    Segment,
    Surrogate,
    group_contrasts,
    measure_drivers,
    profile_buckets,
)
from customer_atlas.side_by_side import side_by_side

__all__ = ["drivers_of", "forming", "keep_beside_run", "measure_files", "surrogate_of"]

_FILE, _TREES = "drivers.json", "surrogate.json"
_CUSTOMERS = 20_000
_A_SEGMENT = 1_500  # at least, where there are as many


def drivers_of(
    published: Published, progress: Progress = silent, within: Segment | None = None
) -> Drivers:
    """Return what drives the segments that serve, measured on a sample where they are many.

    Of the sub-segments `within` a segment it is what tells them from each other inside it.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        path = published.folder / _named(_FILE, within)
        return Drivers.from_dict(json.loads(path.read_text(encoding="utf-8")))
    return _measured(published, progress, within)[0]


def surrogate_of(published: Published, progress: Progress = silent) -> Surrogate | None:
    """Return the trees that tell of drivers; None where nothing drives the segments."""
    if drivers_of(published, progress).reason:
        return None
    with suppress(OSError, ValueError, KeyError, TypeError):
        facts = json.loads((published.folder / _TREES).read_text(encoding="utf-8"))
        return Surrogate.from_dict(facts, published.model.infos)
    return _measured(published, progress)[1]


def forming(published: Published) -> list[FeatureInfo]:
    """Return the features that form the segments."""
    used = {column.feature for column in published.model.matrix.fitted}
    return [info for info in published.model.infos if info.name in used and info.kind != "list"]


def keep_beside_run(published: Published, name: str, facts: Any) -> None:
    """Write facts as JSON into the folder of the run, so that no reader sees a part of them."""
    path = published.folder / name
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)


def _named(name: str, within: Segment | None) -> str:
    """Return the file of what is told of all broad segments, or of those inside one."""
    return name if within is None else name.replace(".", f"-{within.id}.")


def _measured(
    published: Published, progress: Progress, within: Segment | None = None
) -> tuple[Drivers, Surrogate | None]:
    model = published.model
    if model.tiered:
        said = "They are value tiers, a rule: the sum of the RFM scores, and nothing else."
        return Drivers((), reason=said), None
    progress("measure what drives the segments")
    infos, seed = forming(published), published.generation.seed
    segments = published.inside(within)
    level = 1 if within is None else within.level + 1
    ids = {segment.cluster: segment.id for segment in segments}
    paths = published.paths("features"), published.paths("members")
    drivers, trees = measure_files(*paths, infos, ids, seed, level)
    if trees and within is None:
        keep_beside_run(published, _TREES, trees.to_dict())
    keep_beside_run(published, _named(_FILE, within), drivers.to_dict())
    return drivers, trees


def measure_files(
    features: Sequence[Path],
    members: Sequence[Path],
    infos: Sequence[FeatureInfo],
    ids: Mapping[int, str],
    seed: int,
    level: int = 1,
) -> tuple[Drivers, Surrogate | None]:
    """Measure what drives segments on the files of all buckets, and return the trees besides.

    Effects are of all customers, contributions of a sample of each segment; `ids` are the
    segments' ids by cluster, at a `level`. Only who is in one of them counts.
    """
    buckets = _buckets(features, members, infos, ids, level)
    groups = group_contrasts(profile_buckets(buckets, infos), infos)
    sample = _sample(features, members, infos, ids, seed, level)
    return measure_drivers(sample, infos, groups, ids, seed)


def _buckets(
    features: Sequence[Path],
    members: Sequence[Path],
    infos: Sequence[FeatureInfo],
    ids: Collection[int],
    level: int,
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield the features that form segments, and the memberships, bucket by bucket."""
    columns = ["customer_id", *(info.name for info in infos)]
    whose = {name: level_column(name, level) for name in ("cluster", "probability", "distance")}

    def read(pair: tuple[Path, Path]) -> tuple[pa.Table, pa.Table]:
        found = pq.read_table(pair[1], columns=["customer_id", *whose.values()])
        found = found.rename_columns(["customer_id", *whose])
        counts = pc.is_in(found["cluster"], pa.array(list(ids), found["cluster"].type))
        return pq.read_table(pair[0], columns=columns).filter(counts), found.filter(counts)

    yield from side_by_side(read, zip(features, members, strict=True))


def _sample(
    features: Sequence[Path],
    members: Sequence[Path],
    infos: Sequence[FeatureInfo],
    ids: Collection[int],
    seed: int,
    level: int,
) -> Sampled:
    """Return as many customers of each segment, or all of it, weighted by its size."""
    column = level_column("cluster", level)
    clusters = [pq.read_table(one, columns=[column])[column].to_numpy() for one in members]
    everyone = np.concatenate(clusters).astype(np.int64)
    chosen, weights = _drawn(everyone, ids, seed)
    names = [info.name for info in infos]
    bounds = np.cumsum([0, *map(len, clusters)])

    def take(at: int) -> pa.Table:
        start, end = np.searchsorted(chosen, bounds[at : at + 2])
        table = pq.read_table(features[at], columns=names)
        return table.take(pa.array(chosen[start:end] - bounds[at]))

    table = pa.concat_tables(side_by_side(take, range(len(members))))
    return Sampled(table, everyone[chosen], weights)


def _drawn(
    clusters: NDArray[np.int64], among: Collection[int], seed: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the places of who is drawn, rising, and how many each stands for."""
    draw = np.random.default_rng(seed)
    present, sizes = np.unique(clusters[np.isin(clusters, list(among))], return_counts=True)
    most = max(_A_SEGMENT, _CUSTOMERS // len(present))
    weights = np.zeros(len(clusters))
    for cluster, size in zip(present, sizes, strict=True):
        members = draw.permutation(np.flatnonzero(clusters == cluster))[:most]
        weights[members] = size / len(members)
    chosen = np.flatnonzero(weights)
    return chosen, weights[chosen]

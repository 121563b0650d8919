"""What drives the segments that serve; what is measured stays with their run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from customer_atlas.features import FeatureInfo
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.pipeline.published import Published
from customer_atlas.segments import (
    Drivers,
    Sampled,
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


def drivers_of(published: Published, progress: Progress = silent) -> Drivers:
    """Return what drives the segments that serve, measured on a sample where they are many."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        facts = json.loads((published.folder / _FILE).read_text(encoding="utf-8"))
        return Drivers.from_dict(facts)
    return _measured(published, progress)[0]


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


def _measured(published: Published, progress: Progress) -> tuple[Drivers, Surrogate | None]:
    model = published.model
    if model.tiered:
        said = "They are value tiers, a rule: the sum of the RFM scores, and nothing else."
        return Drivers((), reason=said), None
    progress("measure what drives the segments")
    infos, seed = forming(published), published.generation.seed
    ids = {segment.cluster: segment.id for segment in published.segments}
    paths = published.paths("features"), published.paths("members")
    drivers, trees = measure_files(*paths, infos, ids, seed)
    if trees:
        keep_beside_run(published, _TREES, trees.to_dict())
    keep_beside_run(published, _FILE, drivers.to_dict())
    return drivers, trees


def measure_files(
    features: Sequence[Path],
    members: Sequence[Path],
    infos: Sequence[FeatureInfo],
    ids: Mapping[int, str],
    seed: int,
) -> tuple[Drivers, Surrogate | None]:
    """Measure what drives segments on the files of all buckets, and return the trees besides.

    Effects are of all customers, contributions of a sample of each segment; `ids` are the
    segments' ids by cluster.
    """
    buckets = _buckets(features, members, infos)
    groups = group_contrasts(profile_buckets(buckets, infos), infos)
    return measure_drivers(_sample(features, members, infos, seed), infos, groups, ids, seed)


def _buckets(
    features: Sequence[Path], members: Sequence[Path], infos: Sequence[FeatureInfo]
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield the features that form segments, and the memberships, bucket by bucket."""
    columns = ["customer_id", *(info.name for info in infos)]
    whose = ["customer_id", "cluster", "probability", "distance"]

    def read(pair: tuple[Path, Path]) -> tuple[pa.Table, pa.Table]:
        return pq.read_table(pair[0], columns=columns), pq.read_table(pair[1], columns=whose)

    yield from side_by_side(read, zip(features, members, strict=True))


def _sample(
    features: Sequence[Path], members: Sequence[Path], infos: Sequence[FeatureInfo], seed: int
) -> Sampled:
    """Return as many customers of each segment, or all of it, weighted by its size."""
    clusters = [pq.read_table(one, columns=["cluster"])["cluster"].to_numpy() for one in members]
    everyone = np.concatenate(clusters).astype(np.int64)
    chosen, weights = _drawn(everyone, seed)
    names = [info.name for info in infos]
    bounds = np.cumsum([0, *map(len, clusters)])

    def take(at: int) -> pa.Table:
        start, end = np.searchsorted(chosen, bounds[at : at + 2])
        table = pq.read_table(features[at], columns=names)
        return table.take(pa.array(chosen[start:end] - bounds[at]))

    table = pa.concat_tables(side_by_side(take, range(len(members))))
    return Sampled(table, everyone[chosen], weights)


def _drawn(clusters: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the places of who is drawn, rising, and how many each stands for."""
    draw = np.random.default_rng(seed)
    present, sizes = np.unique(clusters, return_counts=True)
    most = max(_A_SEGMENT, _CUSTOMERS // len(present))
    weights = np.zeros(len(clusters))
    for cluster, size in zip(present, sizes, strict=True):
        members = draw.permutation(np.flatnonzero(clusters == cluster))[:most]
        weights[members] = size / len(members)
    chosen = np.flatnonzero(weights)
    return chosen, weights[chosen]

"""A readable rule for each segment of a run: learned of a sample, measured on everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from customer_atlas.config import Condition
from customer_atlas.errors import ArtifactError
from customer_atlas.pipeline.model import Model, level_column
from customer_atlas.pipeline.tiers import tier_rules
from customer_atlas.segments import Place, Segment, SegmentRule, learn_rules, measured
from customer_atlas.side_by_side import side_by_side

__all__ = ["read_segment_rules", "tell_rules"]

_FILE = "rules.json"
_SAMPLE = 12_000


def tell_rules(
    model: Model,
    features: Sequence[Path],
    members: Sequence[Path],
    segments: Sequence[Segment],
    folder: Path,
    earlier: Sequence[SegmentRule],
) -> None:
    """Tell the segments by rules, and keep these in `folder`.

    Each has a rule that tells it from everybody else, and a sub-segment one that tells it from the
    rest of its segment besides. `earlier` rules are of the same generation: they stay, and are
    measured anew. A segment of everybody has none, nor has one that no feature tells.
    """
    conditions = {(one.segment_id, one.within): one.when for one in earlier}
    texts: dict[str, str] = {}
    if model.tiered:
        own = tier_rules(info.name for info in model.infos)
        conditions = {(one.id, None): own[one.cluster][0] for one in segments}
        texts = {one.id: own[one.cluster][1] for one in segments}
    found: list[SegmentRule] = []
    for within in dict.fromkeys([None, *(one.parent for one in segments)]):
        mine = [one for one in segments if within is None or one.parent == within]
        for level in sorted({one.level for one in mine}):
            same = [one for one in mine if one.level == level]
            if not all((one.id, within) in conditions for one in same):
                learned = _learned(model, features, members, same, within)
                new = {(one.id, within): learned.get(one.cluster) for one in same}
                conditions = {key: rule for key, rule in new.items() if rule} | conditions
        among = () if within is None else {one.cluster for one in mine}
        asked = {
            one.id: (Place(one.level, one.cluster, among), conditions[one.id, within])
            for one in mine
            if (one.id, within) in conditions
        }
        used = {one.feature for _, rule in asked.values() for _, one in rule.walk() if one.feature}
        buckets = _buckets(features, members, segments, used)
        rules = measured(asked, buckets, model.infos, texts)
        found += [replace(one, within=within) for one in rules]
    text = json.dumps([one.to_dict() for one in found], indent=1, ensure_ascii=False)
    (folder / _FILE).write_text(text + "\n", encoding="utf-8")


def read_segment_rules(folder: Path) -> list[SegmentRule]:
    """Read what `tell_rules` kept; nothing of a run that told none."""
    if not (folder / _FILE).exists():
        return []
    try:
        stored = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return [SegmentRule.from_dict(one) for one in stored]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"The rules in {folder} cannot be read ({error}). Train anew: atlas run --refit"
        ) from error


def _learned(
    model: Model,
    features: Sequence[Path],
    members: Sequence[Path],
    segments: Sequence[Segment],
    within: str | None,
) -> dict[int, Condition]:
    """Learn of so many customers of each segment of a level, evenly over the files.

    Where they are not `within` a segment, it is learned of those in none of them too.
    """
    column = level_column("cluster", segments[0].level)
    pairs = list(zip(features, members, strict=True))
    known = [one.cluster for one in segments]
    groups = [np.asarray(_column(path, column)).astype(np.int64) for path in members]
    groups = [np.where(np.isin(each, known), each, -1) for each in groups]
    places = max(one.cluster for one in segments) + 2  # the first is of who is in none
    counts = np.array([np.bincount(each + 1, minlength=places) for each in groups])
    sizes, before = counts.sum(axis=0), np.cumsum(counts, axis=0) - counts
    rates = np.minimum(1.0, max(1, _SAMPLE // places) / np.maximum(sizes, 1))
    rates[0] = rates[0] if within is None else 0.0

    def draw(number: int) -> tuple[pa.Table, NDArray[np.int64]]:
        own = groups[number] + 1
        ranks = before[number][own] + _rank_within(own)
        # Of ranks 0, 1, 2... so many in all that the share of those taken is the rate.
        taken = np.floor((ranks + 1) * rates[own]) > np.floor(ranks * rates[own])
        table = pq.ParquetFile(pairs[number][0]).read()
        return table.filter(pa.array(taken)), own[taken]

    parts = list(side_by_side(draw, range(len(pairs))))
    drawn = np.concatenate([part[1] for part in parts])
    weights = (sizes / np.maximum(np.bincount(drawn, minlength=places), 1))[drawn]
    table = pa.concat_tables([part[0] for part in parts])
    return learn_rules(table, drawn - 1, weights, model.infos)


def _rank_within(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return of each row how many of its group stand before it.

    >>> _rank_within(np.array([0, 1, 0, 0, 1])).tolist()
    [0, 0, 1, 2, 1]
    """
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups)
    starts = np.cumsum(sizes) - sizes
    ranks = np.empty(len(groups), np.int64)
    ranks[order] = np.arange(len(groups)) - starts[groups[order]]
    return ranks


def _buckets(
    features: Sequence[Path], members: Sequence[Path], segments: Sequence[Segment], used: set[str]
) -> Iterator[tuple[pa.Table, list[pa.ChunkedArray]]]:
    """Yield the features used, and the clusters of each level, of one bucket after the other."""
    depth = max((one.level for one in segments), default=1)

    def read(pair: tuple[Path, Path]) -> tuple[pa.Table, list[pa.ChunkedArray]]:
        columns = [_column(pair[1], level_column("cluster", n)) for n in range(1, depth + 1)]
        return pq.ParquetFile(pair[0]).read(["customer_id", *sorted(used)]), columns

    yield from side_by_side(read, list(zip(features, members, strict=True)))


def _column(path: Path, name: str) -> pa.ChunkedArray:
    return pq.ParquetFile(path).read([name])[name]

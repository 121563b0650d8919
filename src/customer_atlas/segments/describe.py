"""From feature tables and memberships to segments with names and reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from customer_atlas.features import FeatureInfo
from customer_atlas.segments.effects import Group, group_contrasts
from customer_atlas.segments.naming import Name, name_groups, people_of
from customer_atlas.segments.profile import profile_buckets
from customer_atlas.segments.segment import Segment
from customer_atlas.segments.sentence import plainest, segment_sentence
from customer_atlas.segments.telling import most_telling

__all__ = ["describe_segments", "segment_ids"]


def describe_segments(
    buckets: Iterable[tuple[pa.Table, pa.Table]],
    infos: Sequence[FeatureInfo],
    prefix: str,
    *,
    ids: Mapping[int, str] | None = None,
    names: Mapping[int, str] | None = None,
) -> list[Segment]:
    """Return the segments, the one with the largest revenue (else the most people) first.

    `buckets` yields, one at a time, a feature table (``customer_id`` and the columns of `infos`)
    and its membership table (``customer_id``, ``cluster``, ``probability``, ``distance``). A
    missing or negative cluster means none: such customers count among everybody else. Ids are
    derived from `prefix` and the cluster number, unless `ids` gives them by cluster. `names`
    holds names by cluster that stay, however their groups move. Raises ArtifactError where
    features and memberships do not belong together.
    """
    groups = group_contrasts(profile_buckets(buckets, infos), infos)
    given = segment_ids(prefix, [group.cluster for group in groups]) | dict(ids or {})
    named = name_groups(groups, keep=names)
    people = "visitors" if people_of(i.name for i in infos) == "visitors" else "customers"
    return [_segment(g, given[g.cluster], named[g.cluster], people) for g in groups]


def segment_ids(prefix: str, clusters: Iterable[int]) -> dict[int, str]:
    """Return short ids that look like nothing but themselves, by cluster number.

    >>> segment_ids("g1", [0, 1])
    {0: 'g1-a514', 1: 'g1-e3ab'}
    """
    numbers = sorted(clusters)
    for size in range(2, 20):
        ids = {n: f"{prefix}-{_digest(f'{prefix}:{n}', size)}" for n in numbers}
        if len(set(ids.values())) == len(numbers):
            return ids
    raise ValueError("cluster numbers must differ")


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def _segment(group: Group, identifier: str, name: Name, people: str) -> Segment:
    features = [claim.feature for claim in name.claims]
    telling = most_telling(group.contrasts, named=features)
    chosen = plainest(telling, features)
    return Segment(
        id=identifier,
        name=name.text,
        cluster=group.cluster,
        size=group.size,
        share=group.share,
        revenue_share=group.revenue_share,
        probability=group.probability,
        centroid=group.centroid,
        overall=group.overall,
        telling=telling,
        reasons=tuple(one.phrase for one in chosen),
        typical=group.typical,
        sentence=segment_sentence(group, chosen, people),
    )

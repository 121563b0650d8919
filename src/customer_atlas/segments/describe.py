"""From feature tables and memberships to segments with names and reasons."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from customer_atlas.features import FeatureInfo
from customer_atlas.segments.effects import Group, group_contrasts
from customer_atlas.segments.naming import Name, name_groups, people_of
from customer_atlas.segments.profile import profile_buckets
from customer_atlas.segments.segment import Segment
from customer_atlas.segments.sentence import plainest, segment_sentence
from customer_atlas.segments.telling import most_telling

__all__ = ["describe_inside", "describe_segments", "segment_ids"]


def describe_segments(
    buckets: Iterable[tuple[pa.Table, pa.Table]],
    infos: Sequence[FeatureInfo],
    prefix: str,
    *,
    ids: Mapping[int, str] | None = None,
    names: Mapping[int, str] | None = None,
    hoped: Mapping[int, str] | None = None,
    gone: Collection[str] = (),
) -> list[Segment]:
    """Return the segments, the one with the largest revenue (else the most people) first.

    `buckets` yields, one at a time, a feature table (``customer_id`` and the columns of `infos`)
    and its membership table (``customer_id``, ``cluster``, ``probability``, ``distance``). A
    missing or negative cluster means none: such customers count among everybody else. Ids are
    derived from `prefix` and the cluster number, unless `ids` gives them by cluster. `names`
    holds names by cluster that stay, however their groups move; those `hoped` for stay as long as
    they are true, and those of what is `gone` are given to nobody. Raises ArtifactError where
    features and memberships do not belong together.
    """
    groups = group_contrasts(profile_buckets(buckets, infos), infos)
    given = segment_ids(prefix, [group.cluster for group in groups]) | dict(ids or {})
    named = name_groups(groups, keep=names, hoped=hoped, gone=gone)
    people = _people(infos)
    return [_segment(g, given[g.cluster], named[g.cluster], people) for g in groups]


def describe_inside(
    parent: Segment,
    buckets: Iterable[tuple[pa.Table, pa.Table]],
    infos: Sequence[FeatureInfo],
    prefix: str,
    *,
    ids: Mapping[int, str] | None = None,
    names: Mapping[int, str] | None = None,
) -> list[Segment]:
    """Return the sub-segments of a segment, told apart from each other within it.

    `buckets` are as for `describe_segments`, of the customers of `parent` alone. A name is that of
    the parent and, after a stroke, what sets the sub-segment apart inside it.
    """
    groups = group_contrasts(profile_buckets(buckets, infos), infos)
    given = segment_ids(prefix, [group.cluster for group in groups]) | dict(ids or {})
    named = name_groups(groups)
    kept = dict(names or {})
    tails = {cluster: _tail(name) for cluster, name in named.items()}
    counts = Counter(tails.values())
    found = []
    for group in groups:
        name, tail = named[group.cluster], tails[group.cluster]
        # Of two tails that are the same, the names differ in what they call the people.
        tail = tail if counts[tail] == 1 else name.text[0].lower() + name.text[1:]
        one = _segment(group, given[group.cluster], name, _people(infos), parent.name)
        revenue = one.revenue_share
        if revenue is not None and parent.revenue_share is not None:
            revenue *= parent.revenue_share
        found.append(
            replace(
                one,
                name=kept.get(group.cluster, f"{parent.name} / {tail}"),
                share=one.share * parent.share,
                revenue_share=revenue,
                level=parent.level + 1,
                parent=parent.id,
            )
        )
    return found


def _tail(name: Name) -> str:
    """Return what a name says besides what the people are called."""
    text = " ".join(claim.text for claim in name.claims) or name.text
    return text[0].lower() + text[1:]


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


def _people(infos: Sequence[FeatureInfo]) -> str:
    return "visitors" if people_of(i.name for i in infos) == "visitors" else "customers"


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def _segment(group: Group, identifier: str, name: Name, people: str, whole: str = "") -> Segment:
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
        sentence=segment_sentence(group, chosen, people, whole),
    )

"""The record of a segment's rule: how it reads, and how well it tells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from customer_atlas.config import Condition
from customer_atlas.features import FeatureInfo
from customer_atlas.segments.numbers import say_share
from customer_atlas.segments.rules.holds import holds
from customer_atlas.segments.rules.saying import say_condition

__all__ = ["Place", "SegmentRule", "measured"]


@dataclass(frozen=True)
class SegmentRule:
    """A rule that people can read for who is in a segment, and how well it tells.

    Of `matched` customers of whom it holds, `inside` are in the segment, which has `size`. It is
    of everybody, or, where it is `within` a segment by that one's id, of that segment's customers.
    """

    segment_id: str
    when: Condition
    text: str
    matched: int
    inside: int
    size: int
    within: str | None = None

    @property
    def precision(self) -> float | None:
        """The share of those it holds of that are in the segment; None where it holds of nobody."""
        return self.inside / self.matched if self.matched else None

    @property
    def coverage(self) -> float | None:
        """The share of the segment that it holds of (recall); None where nobody is in it."""
        return self.inside / self.size if self.size else None

    @property
    def sentence(self) -> str:
        """The rule and its two figures, in words.

        >>> rule = SegmentRule("g1-a", Condition.of({"feature": "age", "below": 30}),
        ...                    "age below 30", 40, 30, 60)
        >>> rule.sentence
        'Age below 30. Of the customers like that 75% are in the segment, and 50% of it are so.'
        """
        said = f"{self.text[:1].upper()}{self.text[1:]}."
        if self.precision is None or self.coverage is None:
            return f"{said} No customer is like that now."
        whom = "the customers" if self.within is None else "the segment’s customers"
        where = "in the segment" if self.within is None else "in this part of it"
        return (
            f"{said} Of {whom} like that {say_share(self.precision)} are {where}, "
            f"and {say_share(self.coverage)} of it are so."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold, the two figures among them."""
        return {
            "segment_id": self.segment_id,
            "when": self.when.to_dict(),
            "text": self.text,
            "precision": self.precision,
            "coverage": self.coverage,
            "matched": self.matched,
            "inside": self.inside,
            "size": self.size,
            "within": self.within,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> SegmentRule:
        """Return the record that `to_dict` wrote; raises KeyError where a field is absent."""
        return cls(
            stored["segment_id"],
            Condition.of(stored["when"]),
            stored["text"],
            stored["matched"],
            stored["inside"],
            stored["size"],
            stored.get("within"),
        )


@dataclass(frozen=True)
class Place:
    """Where a segment is found in memberships: its level and cluster.

    `among` are the clusters of that level whose customers count; all do where it is empty.
    """

    level: int
    cluster: int
    among: Collection[int] = ()


def measured(
    rules: Mapping[str, tuple[Place, Condition]],
    buckets: Iterable[tuple[pa.Table, Sequence[pa.ChunkedArray]]],
    infos: Sequence[FeatureInfo],
    texts: Mapping[str, str] | None = None,
) -> list[SegmentRule]:
    """Return the rules of segments, measured on all customers who count.

    `rules` holds by the segment's id where it is found and the condition. `buckets` yields a table
    of features and, level by level from 1, the cluster of each of its rows. `texts` says what no
    condition says as well, by the segment's id.
    """
    known = {info.name: info for info in infos}
    counts = dict.fromkeys(rules, np.zeros(3, np.int64))
    for table, clusters in buckets:
        levels = [np.asarray(column) for column in clusters]
        for identifier, (place, condition) in rules.items():
            own = levels[place.level - 1]
            mask, inside = holds(condition, table, known), own == place.cluster
            if place.among:
                mask &= np.isin(own, list(place.among))
            row = [mask.sum(), (mask & inside).sum(), inside.sum()]
            counts[identifier] = counts[identifier] + np.array(row)
    return [
        SegmentRule(
            identifier,
            condition,
            (texts or {}).get(identifier) or say_condition(condition, known),
            matched=int(counts[identifier][0]),
            inside=int(counts[identifier][1]),
            size=int(counts[identifier][2]),
        )
        for identifier, (_, condition) in rules.items()
    ]

"""The record of a segment: what people and programs get to see of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

__all__ = ["Direction", "Segment", "Statistic", "Telling"]

Direction = Literal["higher", "lower"]
Statistic = Literal["median", "mean", "share"]


@dataclass(frozen=True)
class Telling:
    """A feature that sets a segment apart from everybody else.

    `effect` is Cohen's d (numbers, on a log scale where they are skewed) or Cohen's h (shares),
    from -10 to 10. The two values are in real units, by `statistic`: the median or mean of those
    for whom it is known, or a share from 0 to 1. `segment_text`, `overall_text` and `phrase` say
    them as people do.

    >>> t = Telling("recency_days", "days since the last order", -1.2, 3.1, 12.0, "lower",
    ...             "median", "days", "3.1", "12", "last ordered 3.1 days ago against 12")
    >>> Telling.from_dict(t.to_dict()) == t
    True
    """

    feature: str
    label: str
    effect: float
    segment_value: float
    overall_value: float
    direction: Direction
    statistic: Statistic
    unit: str
    segment_text: str
    overall_text: str
    phrase: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Telling:
        """Return the record that `to_dict` wrote; raises KeyError where a field is absent."""
        return cls(**{field.name: stored[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Segment:
    """A group of customers with a name, its profile and its reasons.

    `share` and `revenue_share` are from 0 to 1; the latter is None without money, or where all
    revenue together is not positive, and is negative where a segment returns more than it buys.
    `centroid` holds the typical customer in real units: the median of skewed features, the mean
    of others, the most frequent category; `overall` holds the same of all customers. Features
    that nobody in the group has a value for are left out. `typical` names the customers nearest
    to the middle. `reasons` says in a few words each what sets them apart, the plainest of
    `telling`, and `sentence` sums them up. `cluster` is the number that the model gives the group.

    A sub-segment has a `level` of 2 or more and the id of its `parent`. It is compared with that:
    `overall` is of the parent, and `telling`, `reasons` and `sentence` say what tells it from the
    rest of the parent. Its shares are of all customers and of all revenue.
    """

    id: str
    name: str
    cluster: int
    size: int
    share: float
    revenue_share: float | None
    probability: float
    centroid: Mapping[str, float | str]
    overall: Mapping[str, float | str]
    telling: tuple[Telling, ...]
    reasons: tuple[str, ...]
    typical: tuple[str, ...]
    sentence: str
    level: int = 1
    parent: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        return plain | {
            "centroid": dict(self.centroid),
            "overall": dict(self.overall),
            "telling": [one.to_dict() for one in self.telling],
            "reasons": list(self.reasons),
            "typical": list(self.typical),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Segment:
        """Return the record that `to_dict` wrote; raises KeyError where a field is absent.

        One that was written before there were sub-segments is broad.
        """
        whole = {"level": 1, "parent": None} | dict(stored)
        values = {field.name: whole[field.name] for field in fields(cls)}
        values["telling"] = tuple(Telling.from_dict(one) for one in stored["telling"])
        values["reasons"] = tuple(stored["reasons"])
        values["typical"] = tuple(stored["typical"])
        values["centroid"] = dict(stored["centroid"])
        values["overall"] = dict(stored["overall"])
        return cls(**values)

"""What an audit found: figures without the people behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from customer_atlas.segments.fairness.independence import Independence

__all__ = [
    "FEW",
    "FOUR_FIFTHS",
    "HIDDEN",
    "LEVEL",
    "AttributeAudit",
    "Cell",
    "Estimate",
    "FairnessReport",
    "FourFifths",
    "Group",
    "Holds",
    "Leakage",
    "Mean",
    "Mitigated",
    "Mitigation",
    "Parity",
    "Proxy",
    "Standing",
    "Told",
    "Treatment",
]

HIDDEN = 5
"""A group of fewer people is not shown: a figure of so few is about persons."""
FEW = 30
"""A group of fewer people is too small to judge."""
FOUR_FIFTHS = 0.8
LEVEL = 0.05

Standing = Literal["over", "under", "slight", "none", "few"]
Holds = Literal["holds", "unsure", "fails", "few"]


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Group:
    """A group of an attribute among all whose attribute is known."""

    label: str
    count: int
    share: float


@dataclass(frozen=True)
class Cell:
    """A group in a segment, against its share of all customers; None where that is hidden.

    `difference` is the share of the group in the segment less its share of all, `ratio` the one
    divided by the other. `standing` says what to make of it: ``over`` and ``under`` are
    differences of a fifth and more that chance does not make, ``slight`` ones are smaller,
    ``none`` may be chance, and of ``few`` nothing can be said.
    """

    group: str
    count: int | None
    share: float | None
    difference: Estimate | None
    ratio: Estimate | None
    standing: Standing


@dataclass(frozen=True)
class FourFifths:
    """The lowest rate at which a group is in a segment, divided by the highest.

    The interval holds for all pairs of groups at once. `holds` is ``fails`` where the ratio is
    under four fifths with certainty, counting all segments and attributes; `adjusted` is the
    p-value of that.
    """

    lowest: str
    highest: str
    ratio: Estimate | None
    holds: Holds
    adjusted: float


@dataclass(frozen=True)
class Parity:
    """A segment: who is in it.

    `known` counts those whose attribute is known, of its `size`; None where they are too few to
    show.
    """

    segment_id: str
    segment: str
    size: int
    known: int | None
    cells: tuple[Cell, ...]
    test: Independence
    four_fifths: FourFifths


@dataclass(frozen=True)
class Told:
    """How well something tells the attribute of customers held out: AUC, 0.5 by guessing.

    `p` is the chance of as much where it tells nothing.
    """

    auc: Estimate
    p: float


@dataclass(frozen=True)
class Proxy:
    """A feature that tells the attribute: alone, and as its `part` (0 to 1) of all features."""

    feature: str
    label: str
    alone: Told
    part: float


@dataclass(frozen=True)
class Leakage:
    """What can be known of the attribute without being told: from segments, and from features."""

    customers: int
    groups: tuple[str, ...]
    segments: Told
    features: Told
    proxies: tuple[Proxy, ...]


@dataclass(frozen=True)
class Mean:
    """A mean of the customers of a group; `within` is what it would be with everyone's segments."""

    group: str
    count: int
    mean: Estimate
    within: Estimate | None


@dataclass(frozen=True)
class Treatment:
    """What was done to the groups: a mean per customer, across and within segments.

    `p` and `within_p` are the chance of differences as large where there are none, adjusted for
    all that were looked at. `unit` is as in FeatureInfo.
    """

    name: str
    label: str
    unit: str
    groups: tuple[Mean, ...]
    p: float
    within_p: float


@dataclass(frozen=True)
class Mitigated:
    """A segmentation of some features: how clear-cut it is, and what it says of people.

    `silhouette` is how far it is separated in the space of its own features, `rand` its agreement
    with what serves (adjusted Rand), `stability` that between draws, `revenue` the share of the
    variance of revenue between its segments. `lines_tell` is what weighted sums of the features
    tell, `features_tell` what boosted trees do. `gap` is the largest difference between a group's
    share of a segment and of all, and `gap_of` that group; `effect` is Cramér's V.
    """

    name: str
    segments: int
    algorithm: str
    silhouette: float
    rand: float
    stability: float
    revenue: float | None
    segments_tell: Told
    lines_tell: Told
    features_tell: Told
    gap: float
    gap_of: str
    effect: float


@dataclass(frozen=True)
class Mitigation:
    """A segmentation without an attribute, beside the one that serves; it is not served.

    `note` says why the search has none of its own, where that is so.
    """

    attribute: str
    customers: int
    before: Mitigated
    after: tuple[Mitigated, ...]
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as JSON takes them."""
        return asdict(self)


@dataclass(frozen=True)
class AttributeAudit:
    """What was found of a protected attribute.

    `how` says how its groups were made, `hidden` counts groups that are too small to show. Where
    nothing could be looked at `reason` says why.
    """

    name: str
    how: str
    groups: tuple[Group, ...]
    unknown: float
    hidden: int
    test: Independence | None
    segments: tuple[Parity, ...]
    leakage: Leakage | None
    treatments: tuple[Treatment, ...]
    reason: str = ""


@dataclass(frozen=True)
class FairnessReport:
    """An audit of a segmentation; `skipped` says what could not be looked at, and why."""

    customers: int
    attributes: tuple[AttributeAudit, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def fails(self) -> list[tuple[AttributeAudit, Parity]]:
        """Where the four-fifths rule fails with certainty."""
        return [
            (one, parity)
            for one in self.attributes
            for parity in one.segments
            if parity.four_fifths.holds == "fails"
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> FairnessReport:
        """Return what `to_dict` gave, also after it has been JSON; ValueError if it is damaged."""
        from pydantic import TypeAdapter

        return TypeAdapter(cls).validate_python(facts)

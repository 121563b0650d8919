"""The record of what drives a segment: contributions, effects, and whether chance would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["Driver", "Drivers", "SegmentDrivers"]


@dataclass(frozen=True)
class Driver:
    """What one feature does for one segment.

    `contribution` is the mean over members of how strongly the feature moves their score for the
    segment, either way, and `signed` the mean with its sign; both in natural logarithms of odds,
    each with its standard error, which is None where there is one member. `part` is the share of
    all features' contributions. `chance` is what the largest contribution of any feature was when
    memberships were dealt out at random, and `lost` how much less likely (a natural logarithm)
    members become once the feature's values are shuffled, together with those of the features
    that tell the `same`.

    `effect` (Cohen's d or h) is of all members against all others, from `low` to `high` at 95 %,
    None where means and medians disagree on the side or too little is known; the texts say the
    two values in real units.
    """

    feature: str
    label: str
    contribution: float
    contribution_error: float | None
    signed: float
    signed_error: float | None
    part: float
    chance: float
    lost: float
    lost_error: float | None
    effect: float | None
    low: float | None
    high: float | None
    segment_text: str
    overall_text: str
    phrase: str
    same: tuple[str, ...] = ()

    @property
    def noise(self) -> bool:
        """Whether chance would do as much: two standard errors decide."""
        return bool(self.why_noise)

    @property
    def why_noise(self) -> str:
        """What it is not told from; empty where it is no noise."""
        if self.contribution_error is None or self.lost_error is None:
            return "of one member nothing can be told from chance"
        if self.contribution - 2 * self.contribution_error <= self.chance:
            return "features contribute as much where memberships are dealt at random"
        if self.lost - 2 * self.lost_error <= 0:
            return "members are told as well once values are shuffled"
        return ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self) | {"same": list(self.same), "noise": self.why_noise}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Driver:
        """Return the record that `to_dict` wrote; raises KeyError where a field is absent."""
        values = {field.name: stored[field.name] for field in fields(cls)}
        return cls(**values | {"same": tuple(stored["same"])})


@dataclass(frozen=True)
class SegmentDrivers:
    """What drives one segment, the largest contribution first.

    `found` is the share of its members held out whom the surrogate puts there too, `precise`
    the share of whom it puts there who are members, both of `held` members; None where too few
    could be held out. `chance` is the segment's share of all: what guessing would find.
    """

    segment: str
    found: float | None
    precise: float | None
    chance: float
    held: int
    drivers: tuple[Driver, ...]

    @property
    def told(self) -> tuple[Driver, ...]:
        """The drivers that are no noise."""
        return tuple(one for one in self.drivers if not one.noise)

    @property
    def together(self) -> tuple[tuple[Driver, ...], ...]:
        """The drivers that are no noise, those that tell the same together, the largest first."""
        groups: dict[frozenset[str], list[Driver]] = {}
        for one in self.told:
            groups.setdefault(frozenset((one.label, *one.same)), []).append(one)
        ranked = sorted(groups.values(), key=lambda group: -sum(one.part for one in group))
        return tuple(map(tuple, ranked))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self) | {"drivers": [one.to_dict() for one in self.drivers]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> SegmentDrivers:
        """Return the record that `to_dict` wrote; raises KeyError where a field is absent."""
        values = {field.name: stored[field.name] for field in fields(cls)}
        return cls(**values | {"drivers": tuple(map(Driver.from_dict, stored["drivers"]))})


@dataclass(frozen=True)
class Drivers:
    """What drives every segment, and how true the surrogate is that tells of it.

    `balanced` is the mean over segments of the share of members that the surrogate finds among
    customers held out, `guessing` what blind guessing would find, `agreement` the share of all
    customers whom it puts where the model does. `reason` says why there are none.
    """

    segments: tuple[SegmentDrivers, ...]
    balanced: float | None = None
    guessing: float | None = None
    agreement: float | None = None
    learned_from: int = 0
    held_out: int = 0
    reason: str = ""

    def of(self, segment: str) -> SegmentDrivers | None:
        """Return what drives a segment by its id; None where that is not told."""
        return next((one for one in self.segments if one.segment == segment), None)

    @property
    def fidelity(self) -> str:
        """How true the surrogate is, in a sentence."""
        if self.reason:
            return self.reason
        if self.balanced is None or self.agreement is None or self.guessing is None:
            return (
                f"Learned from {self.learned_from:,} customers: too few to hold some out, so how "
                "true this is cannot be said."
            )
        return (
            f"Of {self.held_out:,} customers held out, the trees that tell of drivers put "
            f"{self.agreement:.0%} where the segments do; of each segment they find "
            f"{self.balanced:.0%} on average, and blind guessing {self.guessing:.0%}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self) | {"segments": [one.to_dict() for one in self.segments]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Drivers:
        """Return the record that `to_dict` wrote; raises KeyError where a field is absent."""
        values = {field.name: stored[field.name] for field in fields(cls)}
        return cls(
            **values | {"segments": tuple(map(SegmentDrivers.from_dict, values["segments"]))}
        )

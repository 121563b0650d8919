"""The records of moves: what brings one customer into another segment, and how many of a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import sqrt
from typing import Any

from customer_atlas.features import Doing
from customer_atlas.segments.numbers import say_number, say_share

__all__ = ["Move", "Rung", "SegmentMoves", "Target", "say_doing"]


def say_doing(doing: Doing, usual: float | None = None) -> str:
    """Return what is done in words; `usual` is what a usual order comes to.

    >>> say_doing(Doing(orders=2), 34.5), say_doing(Doing(orders=1, size=1.5, visits=3))
    ('2 more orders of about 34 each', '1 more order 1.5 times as large as usual and 3 more visits')
    >>> say_doing(Doing())
    'nothing'
    """
    said = []
    if doing.orders:
        noun = "order" if doing.orders == 1 else "orders"
        each = "" if doing.orders == 1 else " each"
        worth = " like their usual one" if doing.size == 1.0 else ""
        if usual is not None:
            worth = f" of about {say_number(usual * doing.size, 'money')}{each}"
        if doing.size != 1.0:
            worth += f"{',' if usual is not None else ''} {doing.size:g} times as large as usual"
        said.append(f"{doing.orders} more {noun}{worth}")
    if doing.visits:
        said.append(f"{doing.visits} more {'visit' if doing.visits == 1 else 'visits'}")
    if doing.answers:
        noun = "message" if doing.answers == 1 else "messages"
        said.append(f"{doing.answers} {noun} opened and clicked")
    return " and ".join(said) or "nothing"


@dataclass(frozen=True)
class Move:
    """The cheapest acts that bring a customer into another segment.

    `cost` counts the acts, and `spend` is what the orders come to together, None without money.
    `probability` and `distance` are what the model says of the customer then: how sure the
    segment is, and how far its middle. It `stays` where it keeps the customer in their own
    segment, which they would leave by doing nothing.
    """

    segment: str
    name: str
    doing: Doing
    spend: float | None
    probability: float
    distance: float
    sentence: str
    stays: bool = False

    @property
    def cost(self) -> int:
        """How many acts it takes."""
        return self.doing.acts

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self) | {"cost": self.cost}


@dataclass(frozen=True)
class Rung:
    """The share of a sample that is in a segment after a doing."""

    doing: Doing
    share: float

    def interval(self, looked_at: int) -> tuple[float, float]:
        """Return the 95 % interval of the share (Wilson, 1927) for so many customers.

        >>> low, high = Rung(Doing(), 0.5).interval(100)
        >>> round(low, 3), round(high, 3)
        (0.404, 0.596)
        """
        z, n, p = 1.96, max(looked_at, 1), self.share
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        reach = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclass(frozen=True)
class Target:
    """How many customers of a segment come into another.

    `by_itself` is the share who do without acting, `rungs` the shares after so many usual acts of
    one kind, `best` the cheapest doing that brings nearly as many as any does (nine in ten of
    them), and `any` the share whom some doing brings.
    """

    segment: str
    name: str
    by_itself: float
    rungs: tuple[Rung, ...]
    best: Rung
    any: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Target:
        """Return the record that `to_dict` wrote; raises KeyError where a field is absent."""
        values = {field.name: stored[field.name] for field in fields(cls)}
        rungs = tuple(_rung(one) for one in stored["rungs"])
        return cls(**values | {"rungs": rungs, "best": _rung(stored["best"])})


@dataclass(frozen=True)
class SegmentMoves:
    """Where customers of a segment come by acting within some days, measured on `looked_at`.

    The segment itself is among the targets: acts may keep customers in it. `reason` says why
    nothing can be tried.
    """

    segment: str
    days: int
    looked_at: int
    targets: tuple[Target, ...]
    reason: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What acting does, target by target; that nothing does, where it is so."""
        if self.reason:
            return (self.reason,)
        return tuple(f"{one.name}: {self.say(one)}" for one in self.targets)

    def say(self, target: Target) -> str:
        """Return how many are in a target without acting, and after what many more."""
        alone, best = say_share(target.by_itself), target.best
        own = target.segment == self.segment
        if target.any == 0:
            return "nothing that was tried brings any of them there."
        said = f"{alone} {'stay ' if own else ''}without acting"
        if best.share <= target.by_itself:
            return f"{said}; no act brings more."
        low, high = map(say_share, best.interval(self.looked_at))
        return f"{said}; {say_share(best.share)} ({low} to {high}) after {say_doing(best.doing)}."

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self) | {"sentences": list(self.sentences)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> SegmentMoves:
        """Return the record that `to_dict` wrote; raises KeyError where a field is absent."""
        values = {field.name: stored[field.name] for field in fields(cls)}
        return cls(**values | {"targets": tuple(map(Target.from_dict, stored["targets"]))})


def _rung(stored: Mapping[str, Any]) -> Rung:
    return Rung(Doing(**stored["doing"]), stored["share"])

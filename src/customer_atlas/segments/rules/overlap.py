"""Rule segments as they came out: how large, how much, and how far they are the same people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from customer_atlas.segments.numbers import say_share

__all__ = ["TWINS", "RuleSegment", "RuleSegments", "Shared"]

TWINS = 0.9
"""The Jaccard index above which two segments are called the same people."""


@dataclass(frozen=True)
class RuleSegment:
    """A rule segment: everybody of whom a condition holds.

    `share` and `revenue_share` are from 0 to 1, the latter None without money. Where `problem`
    says why it cannot be evaluated, nobody is in it. `least` and `most` are the declared bounds:
    below 1 a share of the customers, else a count.
    """

    name: str
    text: str
    size: int
    share: float
    revenue_share: float | None
    when: Mapping[str, Any]
    description: str = ""
    owner: str = ""
    problem: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def warnings(self) -> Iterator[str]:
        """What is wrong with its size."""
        count = "1 customer" if self.size == 1 else f"{self.size:,} customers"
        said = f"The rule segment '{self.name}'"
        if self.problem:
            yield f"{said} is empty: {self.problem}"
            return
        if self.size == 0:
            yield f"{said} is empty: nobody fulfils its condition."
        elif self.share == 1:
            yield f"{said} is everybody: its condition tells nobody apart."
        for bound, word, beyond in (
            (self.least, "least", self._under(self.least)),
            (self.most, "most", self._over(self.most)),
        ):
            if bound is not None and beyond:
                limit = say_share(bound) if bound < 1 else f"{bound:,.0f}"
                yield f"{said} has {count} ({say_share(self.share)}); declared: at {word} {limit}."

    def _under(self, bound: float | None) -> bool:
        return bound is not None and (self.share if bound < 1 else self.size) < bound

    def _over(self, bound: float | None) -> bool:
        return bound is not None and (self.share if bound < 1 else self.size) > bound


@dataclass(frozen=True)
class Shared:
    """How many customers are in two segments at once.

    `one` is a rule segment; `other` is one too, or a learned segment by its id where `learned`.
    """

    one: str
    other: str
    learned: bool
    both: int
    of_one: int
    of_other: int

    @property
    def jaccard(self) -> float:
        """Those in both over those in any: from 0 to 1.

        >>> Shared("a", "b", False, 30, 40, 60).jaccard
        0.42857142857142855
        """
        every = self.of_one + self.of_other - self.both
        return self.both / every if every else 0.0

    @property
    def share_of_one(self) -> float:
        """The share of the first that is in the other too."""
        return self.both / self.of_one if self.of_one else 0.0

    @property
    def share_of_other(self) -> float:
        """The share of the other that is in the first too."""
        return self.both / self.of_other if self.of_other else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold, the shares among them."""
        return asdict(self) | {
            "jaccard": self.jaccard,
            "share_of_one": self.share_of_one,
            "share_of_other": self.share_of_other,
        }


@dataclass(frozen=True)
class RuleSegments:
    """The rule segments of a run, and what they share with each other and with learned ones."""

    segments: tuple[RuleSegment, ...] = ()
    shared: tuple[Shared, ...] = field(default=())

    def warnings(self, names: Mapping[str, str]) -> list[str]:
        """Return what to look at; `names` are those of learned segments by id."""
        found = [said for one in self.segments for said in one.warnings]
        for pair in self.shared:
            if pair.jaccard > TWINS:
                other = names.get(pair.other, pair.other) if pair.learned else pair.other
                kind = "segment" if pair.learned else "rule segment"
                found.append(
                    f"The rule segment '{pair.one}' and the {kind} '{other}' are nearly the same "
                    f"people: {say_share(pair.jaccard)} of those in any are in both."
                )
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return {
            "segments": [asdict(one) for one in self.segments],
            "shared": [one.to_dict() for one in self.shared],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> RuleSegments:
        """Return the record that `to_dict` wrote; raises KeyError where a field is absent."""
        names = [one.name for one in fields(Shared)]
        return cls(
            tuple(RuleSegment(**one) for one in stored["segments"]),
            tuple(Shared(**{name: one[name] for name in names}) for one in stored["shared"]),
        )

"""The score: 0 to 100 for each column, each source and the project, from what was found.

A column starts at 100 and loses what its findings say. A source has the mean of its columns,
weighted by how much they matter, less what the findings about the source as a whole say. The
project has the mean of its sources, weighted by role. While something does not hold, a source and
the project score at most `CAP`: a mean must not hide it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from customer_atlas.config import ROLES, Role
from customer_atlas.data.quality.findings import Finding, Severity
from customer_atlas.data.quality.profile import ColumnProfile, Profile, SourceProfile

__all__ = ["CAP", "Scores", "score", "with_gains"]

CAP = 59
"""The most that a source or project scores while a finding is bad."""

_ROLES = {
    Role.TRANSACTIONS: 3.0,
    Role.EVENTS: 2.0,
    Role.CUSTOMERS: 2.0,
    Role.PRODUCTS: 1.0,
    Role.MESSAGES: 1.0,
    Role.TEXTS: 1.0,
}
_REQUIRED, _STANDARD, _ATTRIBUTE, _OTHER = 4.0, 2.0, 1.0, 0.1
_ORDER = (Severity.BAD, Severity.WARNING, Severity.INFORMATION)


@dataclass(frozen=True)
class Scores:
    """Points from 0 to 100: of the project, by source, and by source and column."""

    project: int
    sources: Mapping[str, int]
    columns: Mapping[str, Mapping[str, int]]


def score(profile: Profile, findings: Sequence[Finding]) -> Scores:
    """Return the points of everything that was looked at, rounded down: 100 is without loss."""
    bad = {one.source for one in findings if one.severity is Severity.BAD}
    books = {one.source: _Book.of(one, findings) for one in profile.sources}
    sources = {
        name: min(int(book.points()), CAP if name in bad else 100) for name, book in books.items()
    }
    whole = _mean(
        [book.points() for book in books.values()], [book.weight for book in books.values()]
    )
    return Scores(
        min(int(whole), CAP if bad else 100),
        sources,
        {
            name: {column: int(book.column(column)) for column in book.weights}
            for name, book in books.items()
        },
    )


def with_gains(profile: Profile, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with what mending each would gain, the gravest and largest first."""
    books = {one.source: _Book.of(one, findings) for one in profile.sources}
    total = sum(book.weight for book in books.values())
    gained = [
        replace(one, gain=round(books[one.source].gain(one) * books[one.source].weight / total, 2))
        for one in findings
    ]
    return sorted(gained, key=lambda one: (_ORDER.index(one.severity), -one.gain))


@dataclass(frozen=True)
class _Book:
    """What a source and its columns lose, and how much each column weighs; None is the source."""

    weight: float
    weights: Mapping[str, float]
    lost: Mapping[str | None, float]

    @classmethod
    def of(cls, profile: SourceProfile, findings: Sequence[Finding]) -> _Book:
        lost: dict[str | None, float] = {}
        for one in findings:
            if one.source == profile.source:
                lost[one.column] = lost.get(one.column, 0.0) + one.loss
        weights = {column.name: _weight(profile, column) for column in profile.columns}
        return cls(_ROLES[profile.role], weights, lost)

    def column(self, name: str, mended: float = 0.0) -> float:
        return min(100.0, max(0.0, 100.0 - self.lost.get(name, 0.0) + mended))

    @cached_property
    def mean(self) -> float:
        """The mean of the columns."""
        return _mean([self.column(name) for name in self.weights], list(self.weights.values()))

    def points(self, won: float = 0.0) -> float:
        """Return the points of the source, after `won` points more before it is cut at 0."""
        return max(0.0, self.mean + won - self.lost.get(None, 0.0))

    def gain(self, finding: Finding) -> float:
        """Return the points that the source wins when a finding is mended."""
        won, name = finding.loss, finding.column
        if name is not None:
            risen = self.column(name, finding.loss) - self.column(name)
            won = risen * self.weights[name] / sum(self.weights.values())
        return self.points(won) - self.points()


def _weight(profile: SourceProfile, column: ColumnProfile) -> float:
    if column.name in ROLES[profile.role].required:
        return _REQUIRED
    if column.standard:
        return _STANDARD
    return _ATTRIBUTE if profile.role is Role.CUSTOMERS else _OTHER


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    # A loss is told with one digit; what is smaller is the arithmetic's own.
    mean = sum(v * w for v, w in zip(values, weights, strict=True)) / (sum(weights) or 1.0)
    return round(mean, 9)

"""Profiles: what the columns of the lake's tables hold, as records that a run can keep."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from customer_atlas.config import ColumnType, Role
from customer_atlas.errors import ArtifactError

__all__ = [
    "LEVELS",
    "PROBABILITIES",
    "ColumnProfile",
    "Level",
    "NumberProfile",
    "Profile",
    "SourceProfile",
    "TimeProfile",
]

LEVELS = 50
"""Columns of text with at most as many different values have their levels counted."""

PROBABILITIES = (0.01, *(step / 20 for step in range(1, 20)), 0.99)
"""The cumulative shares at which the quantiles of numbers are taken."""


@dataclass(frozen=True)
class NumberProfile:
    """The numbers of a column: quantiles at `PROBABILITIES`, and what is odd about their ends.

    Bin ``i`` counts the values above ``edges[i - 1]`` and up to ``edges[i]``; the last bin has no
    upper edge. `at_least`, `at_most` and `at_commonest` count the rows of the least, the most and
    the commonest value; `next_least` and `next_most` are the values next to the ends. `far`
    counts the values whose logarithm lies out of all proportion, and `far_share` is their part of
    the sum of all absolute values.
    """

    least: float
    most: float
    quantiles: tuple[float, ...]
    zeros: int
    negatives: int
    edges: tuple[float, ...]
    bins: tuple[int, ...]
    at_least: int
    at_most: int
    next_least: float | None
    next_most: float | None
    commonest: float
    at_commonest: int
    far: int
    far_share: float

    @property
    def median(self) -> float:
        """The middle value."""
        return self.quantiles[len(self.quantiles) // 2]


@dataclass(frozen=True)
class TimeProfile:
    """The first and last instant of a column, the rows before 1990, and those at an instant.

    `defaults` counts the rows at the midnights that systems write where they know no date.
    """

    first: datetime
    last: datetime
    early: int
    defaults: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Level:
    """One value of a column of text, and its rows."""

    value: str
    rows: int


@dataclass(frozen=True)
class ColumnProfile:
    """What a column holds among the rows that were looked at.

    `origin` is the column or expression of the source that it is. `distinct` is exact, or a
    sketch's estimate, as `exact` says. `levels` are the frequent values of a column of few
    values; it is empty for columns that could name a person. `unknown` counts the texts that
    mean that nothing is known, such as "N/A".
    """

    name: str
    type: ColumnType
    origin: str | None
    standard: bool
    filled: int
    distinct: int
    exact: bool
    numbers: NumberProfile | None = None
    times: TimeProfile | None = None
    levels: tuple[Level, ...] = ()
    unknown: int = 0
    numeric: int = 0


@dataclass(frozen=True)
class SourceProfile:
    """A source's table at a version.

    `rows` counts the whole table, `looked_at` the rows that the columns' profiles are of: those
    of `buckets` of its buckets of customers. `customers` is how many customers these rows have,
    or None for products; `files` are the ids of the files that the table's rows came from.
    """

    source: str
    role: Role
    version: int
    rows: int
    looked_at: int
    buckets: int
    customers: int | None
    first: datetime | None
    last: datetime | None
    files: tuple[str, ...]
    columns: tuple[ColumnProfile, ...]

    @property
    def sampled(self) -> bool:
        """Whether only a part of the rows was looked at."""
        return self.looked_at < self.rows

    def column(self, name: str) -> ColumnProfile | None:
        """Return a column by name, or None where there is none."""
        return next((one for one in self.columns if one.name == name), None)

    def scaled(self, rows: int) -> int:
        """Return how many rows of the whole table a count among those looked at stands for."""
        return round(rows * self.rows / self.looked_at) if self.looked_at else 0


@dataclass(frozen=True)
class Profile:
    """The profile of all sources, as a run keeps it beside what it made.

    >>> Profile(()).versions
    {}
    """

    sources: tuple[SourceProfile, ...]

    @property
    def versions(self) -> dict[str, int]:
        """The version of the lake's table by source."""
        return {one.source: one.version for one in self.sources}

    def source(self, name: str) -> SourceProfile | None:
        """Return a source by name, or None where there is none."""
        return next((one for one in self.sources if one.source == name), None)

    def write(self, path: Path) -> None:
        """Write it as JSON, all or nothing."""
        fresh = path.with_suffix(".new")
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(TypeAdapter(Profile).dump_json(self))
        os.replace(fresh, path)

    @classmethod
    def read(cls, path: Path) -> Profile:
        """Read what `write` wrote; raises ArtifactError where that is damaged."""
        try:
            return TypeAdapter(Profile).validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise ArtifactError(
                f"The profile {path} cannot be read ({type(error).__name__}). Delete it: the "
                "next run writes another."
            ) from error

"""A proposal: sources with their roles and columns, the reasons, and what is not sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from customer_atlas.config import Role
from customer_atlas.discovery.tables import LeftOut

__all__ = ["Answers", "Doubt", "Proposal", "ProposedLabel", "ProposedScale", "ProposedSource"]

Answers = Mapping[tuple[str, str], str]
"""What a person said: the choice by table and question."""


@dataclass(frozen=True)
class Doubt:
    """Something that the files do not say for sure: what was chosen, and what else it may be.

    `question` is its key among the answers; without `choices` there is nothing to choose.
    """

    table: str
    question: str
    sentence: str
    chosen: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProposedLabel:
    """A column that is held aside."""

    name: str
    column: str
    positive: str | None
    reason: str


@dataclass(frozen=True)
class ProposedScale:
    """Columns that hold the answers to a survey, each one of `points` from `lowest`."""

    name: str
    items: tuple[str, ...]
    points: int
    lowest: int


@dataclass(frozen=True)
class ProposedSource:
    """A source as the project file will have it; `reasons` by the key that they explain."""

    name: str
    paths: tuple[str, ...]
    role: Role
    columns: Mapping[str, str]
    reasons: Mapping[str, str]
    rows: int | None
    where: str | None = None
    labels: tuple[ProposedLabel, ...] = ()
    scales: tuple[ProposedScale, ...] = ()
    read: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """What `atlas.yaml` would hold, and what a person should know of it.

    `contact` and `protected` are columns by the reason for which they were taken for such.
    """

    project: str
    sources: tuple[ProposedSource, ...]
    contact: Mapping[str, str] = field(default_factory=dict)
    protected: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

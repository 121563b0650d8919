"""Everything that was tried, in order, each with its scores and why it won or lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Entry", "Leaderboard"]


@dataclass(frozen=True)
class Entry:
    """A candidate: an algorithm by its name on the door, its settings, and its scores.

    `score` is how many usable segments it makes, as the objective counts them. `stability` is
    the adjusted Rand index of models of different draws; `apart` and `back` are how many of the
    k segments stand apart from their neighbours and come back from other draws; `dissolving` is
    the share of the customers whose segment does not.
    """

    algorithm: str
    settings: dict[str, Any]
    title: str
    k: int
    score: float
    stability: float
    apart: float
    back: int
    dissolving: float
    smallest_share: float
    silhouette: float
    verdict: str

    @property
    def chosen(self) -> bool:
        """Whether it is the one that serves."""
        return self.verdict == "chosen"


@dataclass(frozen=True)
class Leaderboard:
    """The candidates, the chosen first and then by score; `objective` says what is scored."""

    entries: tuple[Entry, ...]
    objective: str

    @classmethod
    def of(cls, entries: Sequence[Entry], objective: str) -> Leaderboard:
        """Put candidates in order: stable ones first where scores are equal."""

        def rank(entry: Entry) -> tuple[bool, float, float, str]:
            return (
                not entry.chosen,
                -round(entry.score, 6),
                -round(entry.stability, 6),
                entry.title,
            )

        return cls(tuple(sorted(entries, key=rank)), objective)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Leaderboard:
        """Make a leaderboard of what `to_dict` returned."""
        return cls(tuple(Entry(**entry) for entry in facts["entries"]), facts["objective"])

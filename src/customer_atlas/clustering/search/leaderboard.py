"""Everything that was tried, in order, each with its scores and why it won or lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Budget", "Entry", "Leaderboard"]


@dataclass(frozen=True)
class Entry:
    """A candidate: an algorithm by its name on the door, its settings, and its scores.

    `score` is how many usable segments it makes, as the objective counts them. `stability` is
    the adjusted Rand index of models of different draws; `apart` and `back` are how many of the
    k segments stand apart from their neighbours and come back from other draws; `dissolving` is
    the share of the customers whose segment does not. `components` of a thorough search are the
    parts of its objective by name, each from 0 to 1, as far as the candidate got; the score is
    then their weighted mean, or 0 where a limit does not hold.
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
    components: dict[str, float] = field(default_factory=dict)

    @property
    def chosen(self) -> bool:
        """Whether it is the one that serves."""
        return self.verdict == "chosen"


@dataclass(frozen=True)
class Budget:
    """What a thorough search might spend, and spent: trials asked for and done.

    Of the trials done `repeated` were of a candidate tried before, and `stopped` were given up
    early; `minutes` is the cap on time, and `capped` whether it ended the search.
    """

    asked: int
    done: int
    repeated: int
    stopped: int
    minutes: float | None = None
    capped: bool = False

    @property
    def sentence(self) -> str:
        """Return it in words.

        >>> Budget(50, 50, 9, 20).sentence
        '50 trials: 41 different candidates, 20 of them stopped early.'
        """
        trials = f"{self.done} trial{'s' * (self.done != 1)}"
        if self.capped:
            trials = f"{self.done} of {self.asked} trials, ended by the cap of {self.minutes:g} min"
        return (
            f"{trials}: {self.done - self.repeated} different candidates,"
            f" {self.stopped} of them stopped early."
        )


@dataclass(frozen=True)
class Leaderboard:
    """The candidates, the chosen first and then by score; `objective` says what is scored."""

    entries: tuple[Entry, ...]
    objective: str
    budget: Budget | None = None

    @classmethod
    def of(
        cls, entries: Sequence[Entry], objective: str, budget: Budget | None = None
    ) -> Leaderboard:
        """Put candidates in order: stable ones first where scores are equal."""

        def rank(entry: Entry) -> tuple[bool, float, float, str]:
            return (
                not entry.chosen,
                -round(entry.score, 6),
                -round(entry.stability, 6),
                entry.title,
            )

        return cls(tuple(sorted(entries, key=rank)), objective, budget)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Leaderboard:
        """Make a leaderboard of what `to_dict` returned."""
        entries = tuple(Entry(**entry) for entry in facts["entries"])
        budget = facts.get("budget")
        return cls(entries, facts["objective"], Budget(**budget) if budget else None)

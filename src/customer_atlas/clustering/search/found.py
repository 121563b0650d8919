"""What a search found, kept with the generation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from customer_atlas.clustering.choice import Choice
from customer_atlas.clustering.search.leaderboard import Leaderboard
from customer_atlas.clustering.search.recipe import Recipe
from customer_atlas.clustering.structure_test import NullTest

__all__ = ["Search"]


@dataclass(frozen=True)
class Search:
    """What a search found: the recipe for everybody, or None where there is one segment.

    `choice` is what k-means alone says of the number of segments, with the curve of each
    criterion; `reason` says in a sentence why the recipe won, and `merged` which of its clusters
    are one segment, and why.
    """

    null: NullTest
    recipe: Recipe | None
    reason: str
    choice: Choice
    leaderboard: Leaderboard
    merged: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as JSON takes them."""
        return {
            "null": self.null.to_dict(),
            "recipe": [self.recipe.algorithm, dict(self.recipe.settings)] if self.recipe else None,
            "reason": self.reason,
            "choice": self.choice.to_dict(),
            "leaderboard": self.leaderboard.to_dict(),
            "merged": list(self.merged),
        }

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Search:
        """Make of it what `to_dict` returned."""
        recipe = facts["recipe"]
        return cls(
            NullTest.from_dict(facts["null"]),
            Recipe.of(recipe[0], **recipe[1]) if recipe else None,
            facts["reason"],
            Choice.from_dict(facts["choice"]),
            Leaderboard.from_dict(facts["leaderboard"]),
            tuple(facts.get("merged", ())),
        )

"""What customers think: scores on the scales of a survey that the project declares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from customer_atlas.features.declaration import Feature
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.packs.people_columns import ComputedAttribute
from customer_atlas.features.population import LearnedScale, Population

__all__ = ["ScaleScore", "features", "score_of"]


@dataclass(frozen=True)
class ScaleScore(ComputedAttribute):
    """The mean of the answers to the items of a scale, reversed ones turned around.

    An answer outside of `lowest` to `highest` is none. Where fewer than half of the items are
    answered, the score is unknown.
    """

    others: tuple[str, ...]
    reversed: frozenset[str]
    lowest: int
    highest: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The items."""
        return (self.column, *self.others)

    def answers(self, people: ir.Table) -> list[Any]:
        """Return the answer to each item, turned around where it is reversed; null where none."""
        return [self._answer(item, people[item]) for item in self.columns]

    def expression(self, people: ir.Table, cutoff: datetime) -> Any:
        """Return the score, from `lowest` to `highest`."""
        answers = self.answers(people)
        answered = sum(answer.notnull().cast("int64") for answer in answers)
        total = sum(ibis.coalesce(answer, 0.0) for answer in answers)
        enough = 2 * answered >= len(answers)
        return ibis.ifelse(enough, total / answered.nullif(0), ibis.null("float64"))

    def _answer(self, item: str, said: Any) -> Any:
        turned = self.lowest + self.highest - said if item in self.reversed else said
        return ibis.ifelse(said.between(self.lowest, self.highest), turned, ibis.null("float64"))


def features(population: Population) -> tuple[Feature, ...]:
    """Return a score per scale."""
    return tuple(_feature(name, scale) for name, scale in population.scales.items())


def score_of(scale: LearnedScale) -> ScaleScore:
    """Return the score of a scale."""
    first, *others = scale.items
    reversed_items = frozenset(scale.reversed)
    return ScaleScore(first, tuple(others), reversed_items, scale.lowest, scale.highest)


def _feature(name: str, scale: LearnedScale) -> Feature:
    said = (f"{item} (reversed)" if item in scale.reversed else item for item in scale.items)
    info = FeatureInfo(
        name, "psychographic", "score", name.replace("_", " "),
        formula=f"mean of {', '.join(said)}, from {scale.lowest} to {scale.highest}",
    )  # fmt: skip
    score = score_of(scale)
    return Feature(info, score, score.columns)

"""Who customers are: age, income, education, household and the like, where not protected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from customer_atlas.features.declaration import Feature
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.packs.attributes import attributes
from customer_atlas.features.packs.people_columns import ComputedAttribute
from customer_atlas.features.population import Population

__all__ = ["AgeYears", "features"]

_OLDEST = 120


@dataclass(frozen=True)
class AgeYears(ComputedAttribute):
    """Completed years from a birth date to the cutoff; of a birth year, the years between.

    Nobody is younger than 0 or older than 120 years: that is unknown.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """The date or year of birth."""
        return (self.column,)

    def expression(self, people: ir.Table, cutoff: datetime) -> Any:
        """Return the age."""
        born: Any = people[self.column]
        if born.type().is_timestamp():
            day = born.month() * 100 + born.day()
            to_come = (day > cutoff.month * 100 + cutoff.day).cast("int64")
            age = cutoff.year - born.year() - to_come
        else:
            age = cutoff.year - born
        return ibis.ifelse(age.between(0, _OLDEST), age.cast("float64"), ibis.null("float64"))


def features(population: Population) -> tuple[Feature, ...]:
    """Return an age per column of births, and a feature per other column."""
    return (
        *(Feature(_age(name), AgeYears(name)) for name in population.births),
        *attributes(population.of_theme("demographic"), "demographic"),
    )


def _age(column: str) -> FeatureInfo:
    return FeatureInfo(
        "age_years", "demographic", "number", "age in years",
        formula=f"years from column '{column}' to the cutoff",
    )  # fmt: skip

"""Attributes: the columns of a customers table that no other pack tells of, as at the cutoff."""

from __future__ import annotations

from collections.abc import Mapping

from customer_atlas.config import ColumnType
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Attribute
from customer_atlas.features.feature import FeatureInfo, Unit
from customer_atlas.features.population import Population

__all__ = ["attributes", "features"]


def features(population: Population) -> tuple[Feature, ...]:
    """Return a feature per column of no other theme."""
    return attributes(population.of_theme("attributes"))


def attributes(columns: Mapping[str, ColumnType], pack: str = "attributes") -> tuple[Feature, ...]:
    """Return a feature per column: a number, a category, or the days since a date."""
    return tuple(
        Feature(_info(name, kind, pack), Attribute(name)) for name, kind in columns.items()
    )


def _info(name: str, kind: ColumnType, pack: str) -> FeatureInfo:
    label = name.replace("_", " ")
    if kind is ColumnType.TEXT:
        return FeatureInfo(
            name, pack, "category", label, kind="category", formula=f"column '{name}'"
        )
    if kind is ColumnType.TIMESTAMP:
        return FeatureInfo(
            name, pack, "days", f"days since {label}", formula=f"cutoff - column '{name}'"
        )
    unit: Unit = "share" if kind is ColumnType.BOOLEAN else "number"
    return FeatureInfo(name, pack, unit, label, formula=f"column '{name}'")

"""Attributes: the columns of a customers table, as they were at the cutoff."""

from __future__ import annotations

from collections.abc import Mapping

from customer_atlas.config import ColumnType
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Attribute
from customer_atlas.features.feature import FeatureInfo, Unit

__all__ = ["attributes"]


def attributes(columns: Mapping[str, ColumnType]) -> tuple[Feature, ...]:
    """Return a feature per column: a number, a category, or the days since a date."""
    return tuple(Feature(_info(name, kind), Attribute(name)) for name, kind in columns.items())


def _info(name: str, kind: ColumnType) -> FeatureInfo:
    label = name.replace("_", " ")
    if kind is ColumnType.TEXT:
        return FeatureInfo(
            name, "attributes", "category", label, kind="category", formula=f"column '{name}'"
        )
    if kind is ColumnType.TIMESTAMP:
        return FeatureInfo(
            name, "attributes", "days", f"days since {label}", formula=f"cutoff - column '{name}'"
        )
    unit: Unit = "share" if kind is ColumnType.BOOLEAN else "number"
    return FeatureInfo(name, "attributes", unit, label, formula=f"column '{name}'")

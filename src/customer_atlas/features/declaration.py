"""A feature with its computation, and what it needs to be computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from customer_atlas.config import ROLES, Role
from customer_atlas.features.aggregates import Aggregate
from customer_atlas.features.derived import Attribute, Value, aggregates_of
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.grains import GRAINS

__all__ = ["Available", "Feature"]

Available = Mapping[Role, frozenset[str]]


@dataclass(frozen=True)
class Feature:
    """One declared, point-in-time value per customer.

    `needs` are columns of its role that it is not computed from but makes no sense without.
    Where there are `labels`, its value is the place of one of them.
    """

    info: FeatureInfo
    value: Value | Attribute
    needs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def role(self) -> Role:
        """The role whose rows it is computed from."""
        if isinstance(self.value, Attribute):
            return Role.CUSTOMERS
        return GRAINS[next(aggregates_of(self.value)).grain].role

    @property
    def aggregates(self) -> tuple[Aggregate, ...]:
        """What it is made of; nothing where it is a column of the customers."""
        return () if isinstance(self.value, Attribute) else tuple(aggregates_of(self.value))

    def fits(self, available: Available) -> bool:
        """Return whether the columns that it needs are there."""
        present = available.get(self.role)
        if present is None:
            return False
        needed = {*self.needs, *self.columns()}
        return needed <= present

    def columns(self) -> set[str]:
        """Return the columns of its role that it cannot be computed without."""
        if isinstance(self.value, Attribute):
            return {self.value.column}
        used: set[str] = set()
        for aggregate in aggregates_of(self.value):
            grain = GRAINS[aggregate.grain]
            known = set(ROLES[grain.role].names)
            for column in aggregate.columns:
                used |= known & set(grain.reads.get(column, (column,)))
        return used

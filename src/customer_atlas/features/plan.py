"""A plan: which features are computed, compiled to one Ibis expression per cutoff."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from customer_atlas.config import Role
from customer_atlas.errors import FeatureError
from customer_atlas.features.aggregates import Aggregate, Count
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Attribute, aggregates_of, value_expression
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.grains import GRAINS
from customer_atlas.features.packs import ComputedAttribute, declared_features
from customer_atlas.features.population import Population
from customer_atlas.features.roles import SourceTable, available_columns, role_table

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """The features of a segmentation over the sources at hand."""

    sources: tuple[SourceTable, ...]
    features: tuple[Feature, ...]

    @classmethod
    def of(
        cls, packs: Collection[str], sources: Sequence[SourceTable], population: Population
    ) -> Plan:
        """Return the plan of `packs`.

        Raises:
            FeatureError: no pack has a feature that these sources allow.
        """
        features = declared_features(packs, available_columns(sources), population)
        if not features:
            roles = ", ".join(sorted({source.role.value for source in sources}))
            unfit = "; ".join(f"'{name}': {why}" for name, why in population.left_out.items())
            raise FeatureError(
                f"No feature of the packs {', '.join(packs)} can be computed from the roles "
                f"{roles}. Add a source with the role transactions, events or customers, or the "
                "packs that belong to the roles you have."
                + (f" Attributes that cannot be used are {unfit}." if unfit else "")
            )
        return cls(tuple(sources), features)

    @property
    def infos(self) -> tuple[FeatureInfo, ...]:
        """What each feature is, in order."""
        return tuple(feature.info for feature in self.features)

    def expression(self, cutoff: datetime) -> ir.Table:
        """Return one row per customer known before `cutoff`: `customer_id`, then the features.

        It reads the tables of the roles, which hold no row at or after `cutoff`.
        """
        tables = {role: role_table(role, self.sources) for role in self._roles()}
        joined = self._customers(tables)
        values: dict[Aggregate, Any] = {}
        for number, (grain, aggregates) in enumerate(self._by_grain().items()):
            rows = GRAINS[grain].build(tables[GRAINS[grain].role])
            names = {aggregate: f"_{number}_{i}" for i, aggregate in enumerate(aggregates)}
            per_customer = rows.group_by(rows.customer_id.name(f"_{number}")).agg(
                **{name: each.expression(rows, cutoff) for each, name in names.items()}
            )
            joined = joined.left_join(
                per_customer, joined.customer_id == per_customer[f"_{number}"]
            )
            values |= {each: (name, joined) for each, name in names.items()}
        if Role.CUSTOMERS in tables:
            attributes = tables[Role.CUSTOMERS].rename(_customer="customer_id")
            joined = joined.left_join(attributes, joined.customer_id == attributes._customer)
        filled = {each: _filled(each, joined[name]) for each, (name, _) in values.items()}
        columns = [
            _column(feature, joined, filled, cutoff).name(feature.info.name)
            for feature in self.features
        ]
        return joined.select(joined.customer_id, *columns).order_by("customer_id")

    def _roles(self) -> list[Role]:
        present = {source.role for source in self.sources} - {Role.PRODUCTS}
        return [role for role in Role if role in present]

    def _customers(self, tables: Mapping[Role, ir.Table]) -> ir.Table:
        known = [table.select("customer_id") for table in tables.values()]
        return reduce(lambda left, right: left.union(right), known).distinct()

    def _by_grain(self) -> dict[str, list[Aggregate]]:
        grains: dict[str, list[Aggregate]] = {}
        for aggregate in dict.fromkeys(self._aggregates()):
            grains.setdefault(aggregate.grain, []).append(aggregate)
        return grains

    def _aggregates(self) -> Iterator[Aggregate]:
        for feature in self.features:
            if not isinstance(feature.value, Attribute):
                yield from aggregates_of(feature.value)


def _filled(aggregate: Aggregate, column: Any) -> Any:
    return ibis.coalesce(column, 0) if isinstance(aggregate, Count) else column


def _column(
    feature: Feature, joined: ir.Table, values: Mapping[Aggregate, Any], cutoff: datetime
) -> Any:
    if isinstance(feature.value, ComputedAttribute):
        return feature.value.expression(joined, cutoff)
    if isinstance(feature.value, Attribute):
        return _attribute(joined[feature.value.column], cutoff)
    value = value_expression(feature.value, values, cutoff).cast("float64")
    return ibis.coalesce(value, 0.0) if feature.info.zero else value


def _attribute(column: Any, cutoff: datetime) -> Any:
    if column.type().is_timestamp():
        return ibis.timestamp(cutoff).delta(column, unit="microsecond") / 86_400_000_000.0
    return column if column.type().is_string() else column.cast("float64")

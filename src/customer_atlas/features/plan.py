"""A plan: which features are computed, by one query per cutoff and arrays after it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, reduce
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from customer_atlas.config import RfmCuts, Role
from customer_atlas.errors import FeatureError
from customer_atlas.features.aggregates import Aggregate, Recent, TwoStep
from customer_atlas.features.declaration import Feature
from customer_atlas.features.declared import Declared
from customer_atlas.features.derived import Attribute, Derived, Values, aggregates_of
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.frozen import Learned, learned_parts
from customer_atlas.features.grains import GRAINS
from customer_atlas.features.monoids import Found
from customer_atlas.features.packs import ComputedAttribute, declared_features
from customer_atlas.features.population import Population
from customer_atlas.features.roles import SourceTable, available_columns, role_table

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """The features of a segmentation over the sources at hand.

    A query computes the aggregates of each customer, and the attributes; `finish` makes the
    features of these. So what is derived is written once, and is the same wherever the
    aggregates come from: a query, or states that were kept live.
    """

    sources: tuple[SourceTable, ...]
    features: tuple[Feature, ...]
    population: Population
    zone: str = "UTC"

    @classmethod
    def of(
        cls,
        packs: Collection[str],
        sources: Sequence[SourceTable],
        population: Population,
        zone: str = "UTC",
        declared: Declared | None = None,
        cuts: RfmCuts | None = None,
    ) -> Plan:
        """Return the plan of `packs`, and of what is `declared` besides; `cuts` part scores.

        Raises:
            FeatureError: no pack has a feature that these sources allow.
        """
        features = declared_features(packs, available_columns(sources), population, cuts)
        if declared:
            features = declared.joined(features)
        if not features:
            roles = ", ".join(sorted({source.role.value for source in sources}))
            unfit = "; ".join(f"'{name}': {why}" for name, why in population.left_out.items())
            raise FeatureError(
                f"No feature of the packs {', '.join(packs)} can be computed from the roles "
                f"{roles}. Add a source with the role transactions, events or customers, or the "
                "packs that belong to the roles you have."
                + (f" Attributes that cannot be used are {unfit}." if unfit else "")
            )
        return cls(tuple(sources), features, population, zone)

    @property
    def infos(self) -> tuple[FeatureInfo, ...]:
        """What each feature is, in order."""
        return tuple(feature.info for feature in self.features)

    @cached_property
    def aggregates(self) -> tuple[Aggregate, ...]:
        """The different aggregates that the features are made of."""
        return tuple(dict.fromkeys(self._aggregates()))

    @property
    def unlearned(self) -> tuple[Learned, ...]:
        """What has to be learned of everybody before the features can be finished, in order."""
        values = (one.value for one in self.features if isinstance(one.value, Derived))
        learned = (part for value in values for part in learned_parts(value))
        known = self.population.learned
        return tuple(one for one in dict.fromkeys(learned) if one.name not in known)

    @property
    def attributes(self) -> tuple[Feature, ...]:
        """The features that are columns of the customers table."""
        return tuple(one for one in self.features if isinstance(one.value, Attribute))

    def expression(self, cutoff: datetime) -> ir.Table:
        """Return one row per customer known before `cutoff`, in the order of their ids.

        The columns are `customer_id`, an `a0`, `a1`... for each aggregate, and a `c0`, `c1`...
        for each attribute. It reads the tables of the roles, which hold no row at or after
        `cutoff`.
        """
        tables = {role: self._read(role) for role in self._roles()}
        joined = self._customers(tables)
        for number, table in enumerate(self._per_customer(tables, cutoff)):
            table = table.rename({f"_{number}": "customer_id"})
            joined = joined.left_join(table, joined.customer_id == table[f"_{number}"])
        names = [f"a{i}" for i in range(len(self.aggregates))]
        if self.attributes:
            attributes = self.attributes_expression(cutoff).rename(_customer="customer_id")
            joined = joined.left_join(attributes, joined.customer_id == attributes._customer)
            names += [f"c{i}" for i in range(len(self.attributes))]
        return joined.select("customer_id", *names).order_by("customer_id")

    def attributes_expression(self, cutoff: datetime) -> ir.Table:
        """Return `customer_id` and each attribute as `c0`, `c1`... of the table of customers."""
        people = role_table(Role.CUSTOMERS, self.sources)
        columns = [
            _attribute(feature.value, people, cutoff).name(f"c{i}")
            for i, feature in enumerate(self.attributes)
            if isinstance(feature.value, Attribute)
        ]
        return people.select("customer_id", *columns)

    def learned_from(self, found: pa.Table, cutoff: datetime) -> dict[str, Any]:
        """Return all that is learned of everybody, given what the query found of a sample."""
        aggregates = {one: _found(found[f"a{i}"], one) for i, one in enumerate(self.aggregates)}
        learned = dict(self.population.learned)
        values = Values(aggregates, cutoff, learned)
        for one in self.unlearned:
            learned[one.name] = one.learn(values)
        return learned

    def finish(self, found: pa.Table, cutoff: datetime) -> pa.Table:
        """Return `customer_id` and the features of what the query of `expression` found."""
        aggregates = {one: _found(found[f"a{i}"], one) for i, one in enumerate(self.aggregates)}
        attributes = [found[f"c{i}"] for i in range(len(self.attributes))]
        return self.table(found["customer_id"], aggregates, attributes, cutoff)

    def table(
        self,
        customers: pa.Array,
        aggregates: Mapping[Aggregate, Found],
        attributes: Sequence[pa.Array],
        cutoff: datetime,
    ) -> pa.Table:
        """Return `customer_id` and the features of aggregates (n,) and attributes (n,)."""
        values = Values(aggregates, cutoff, self.population.learned)
        given = iter(attributes)
        columns = {
            feature.info.name: next(given)
            if isinstance(feature.value, Attribute)
            else _column(feature, values)
            for feature in self.features
        }
        return pa.table({"customer_id": customers, **columns})

    def _read(self, role: Role) -> ir.Table:
        """Return the table of a role with the columns that the aggregates are made of."""
        read = {"customer_id", "timestamp"}
        for one in self.aggregates:
            read |= GRAINS[one.grain].columns(one.columns)
        table = role_table(role, self.sources)
        return table.select([name for name in table.columns if name in read])

    def _per_customer(
        self, tables: Mapping[Role, ir.Table], cutoff: datetime
    ) -> Iterator[ir.Table]:
        """Yield tables of one row per customer, with the aggregates that one scan can give."""
        names = {one: f"a{i}" for i, one in enumerate(self.aggregates)}
        rows: dict[str, ir.Table] = {}
        together: dict[tuple[Any, ...], list[Aggregate]] = {}
        for one in self.aggregates:
            grain = GRAINS[one.grain]
            if one.grain not in rows:
                rows[one.grain] = grain.build(tables[grain.role], self.zone)
            step = (one.column, one.where, one.window) if isinstance(one, TwoStep) else None
            together.setdefault((one.grain, step), []).append(one)
        for (grain_name, two), members in together.items():
            table = rows[grain_name]
            if two:
                table = _keys(table, members, cutoff)
            yield table.group_by("customer_id").agg(
                **{names[one]: one.expression(table, cutoff) for one in members}
            )

    def _roles(self) -> list[Role]:
        present = {source.role for source in self.sources} - {Role.PRODUCTS}
        return [role for role in Role if role in present]

    def _customers(self, tables: Mapping[Role, ir.Table]) -> ir.Table:
        known = [table.select("customer_id") for table in tables.values()]
        return reduce(lambda left, right: left.union(right), known).distinct()

    def _aggregates(self) -> Iterator[Aggregate]:
        for feature in self.features:
            if not isinstance(feature.value, Attribute):
                yield from aggregates_of(feature.value)


def _keys(rows: ir.Table, members: Sequence[Aggregate], cutoff: datetime) -> ir.Table:
    """Return the first step of aggregates: each customer's values of a column, with counts."""
    first = next(one for one in members if isinstance(one, TwoStep))
    column = rows[first.column]
    condition = first.condition(rows, cutoff)
    known = column.notnull()
    rows = rows.filter(known if condition is None else known & condition)
    keys = rows.group_by("customer_id", key=rows[first.column]).agg(count=rows.count())
    if not any(isinstance(one, TwoStep) and one.gaps for one in members):
        return keys
    before = ibis.window(group_by=keys.customer_id, order_by=keys.key)
    return keys.mutate(gap=keys.key.delta(keys.key.lag().over(before), unit="day"))


def _found(column: pa.ChunkedArray, aggregate: Aggregate) -> Found:
    """Return a column of a query's as values are: numbers as float64, NaN where unknown."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us")).cast(pa.int64())
    elif pa.types.is_string(kind) or pa.types.is_list(kind):
        return column.combine_chunks()
    numbers = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    if column.null_count and not np.isnan(aggregate.empty):
        return np.where(np.isnan(numbers), aggregate.empty, numbers)
    return np.asarray(numbers)


def _column(feature: Feature, values: Values) -> pa.Array:
    if isinstance(feature.value, Aggregate):
        found = values.aggregates[feature.value]
        if isinstance(feature.value, Recent):
            kind = pa.list_(pa.string() if feature.value.texts else pa.float64())
            return found.cast(kind) if isinstance(found, pa.Array) else pa.nulls(len(found), kind)
        if isinstance(found, pa.Array):
            return found
        if feature.info.kind == "category" and not feature.labels:
            return pa.nulls(len(found), pa.string())  # states of nobody have no texts
    numbers = values.of(feature.value)  # type: ignore[arg-type]
    if feature.info.zero:
        numbers = np.where(np.isnan(numbers), 0.0, numbers)
    if feature.labels:
        places = pa.array(np.nan_to_num(numbers).astype(np.int64), mask=np.isnan(numbers))
        return pa.array(feature.labels, pa.string()).take(places)
    return pa.array(numbers, pa.float64(), from_pandas=bool(np.isnan(numbers).any()))


def _attribute(attribute: Attribute, people: ir.Table, cutoff: datetime) -> Any:
    if isinstance(attribute, ComputedAttribute):
        return attribute.expression(people, cutoff)
    column: Any = people[attribute.column]
    if column.type().is_timestamp():
        return ibis.timestamp(cutoff).delta(column, unit="microsecond") / 86_400_000_000.0
    return column if column.type().is_string() else column.cast("float64")

"""The table of each role, as Ibis: its sources side by side, up to a cutoff."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from customer_atlas.config import ROLES, ColumnType, Role
from customer_atlas.features.monoids import Rows, Vocabulary

__all__ = [
    "Computed",
    "SourceTable",
    "available_columns",
    "ibis_type",
    "role_expressions",
    "role_table",
    "rows_of",
]

_IBIS_TYPES = {
    ColumnType.TEXT: "string",
    ColumnType.NUMBER: "float64",
    ColumnType.TIMESTAMP: "timestamp",
    ColumnType.BOOLEAN: "boolean",
}
_ORIGIN = {"_file": ColumnType.TEXT, "_row": ColumnType.NUMBER}


@dataclass(frozen=True)
class Computed:
    """A column that a declared feature computes of the columns of a role's table.

    `sql` reads the columns in `reads`.
    """

    name: str
    sql: str
    type: ColumnType
    reads: frozenset[str]


@dataclass(frozen=True)
class SourceTable:
    """A source in the lake: what its rows are, and the columns it has there.

    `computed` are what declared features make of its rows, and `types` gives the source's own
    types of events the names that the project knows them by.
    """

    name: str
    role: Role
    columns: Mapping[str, ColumnType]
    computed: tuple[Computed, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def view(self) -> str:
        """The name under which an engine opens it; never that of a role's table."""
        return f"source_{self.name}"

    def narrowed(self, used: Collection[str]) -> SourceTable:
        """Return it with the columns that are used; people may have thousands."""
        if self.role is not Role.CUSTOMERS:
            return self
        known = {*used, *ROLES[self.role].names, *_ORIGIN}
        return replace(self, columns={k: v for k, v in self.columns.items() if k in known})

    @property
    def readable(self) -> Mapping[str, ColumnType]:
        """The columns that features may read: of people all, else standard and declared ones."""
        if self.role is Role.CUSTOMERS:
            return self.columns
        known = {*ROLES[self.role].types, *(name for one in self.computed for name in one.reads)}
        return {name: kind for name, kind in self.columns.items() if name in known}

    def expression(self) -> ir.Table:
        """Return its rows as an unbound Ibis table."""
        return ibis.table(
            {name: ibis_type(kind) for name, kind in self.columns.items()}, name=self.view
        )


def ibis_type(kind: ColumnType) -> str:
    """Return the Ibis type that holds a lake type."""
    return _IBIS_TYPES[kind]


def available_columns(sources: Sequence[SourceTable]) -> dict[Role, frozenset[str]]:
    """Return the columns that each role has; products lend transactions their category."""
    columns: dict[Role, set[str]] = {}
    for source in sources:
        own = {name for name in source.columns if not name.startswith("_")}
        columns.setdefault(source.role, set()).update(own)
    bought = columns.get(Role.TRANSACTIONS, set())
    if "product" in bought and "category" in columns.get(Role.PRODUCTS, set()):
        bought.add("category")
    return {role: frozenset(names) for role, names in columns.items()}


def role_table(role: Role, sources: Sequence[SourceTable]) -> ir.Table:
    """Return the unbound table that `role_expressions` computes for `role`."""
    computed = {
        one.name: one.type for source in sources if source.role is role for one in source.computed
    }
    columns = _columns(role, sources) | computed
    return ibis.table({name: ibis_type(kind) for name, kind in columns.items()}, name=role.value)


def role_expressions(sources: Sequence[SourceTable], cutoff: datetime) -> dict[Role, ir.Table]:
    """Return the table of each role of people: no row at or after `cutoff` is in it."""
    present = {source.role for source in sources} - {Role.PRODUCTS}
    build = {Role.CUSTOMERS: _customers, Role.TRANSACTIONS: _transactions}
    return {role: build.get(role, _rows)(role, sources, cutoff) for role in Role if role in present}


def _columns(role: Role, sources: Sequence[SourceTable]) -> dict[str, ColumnType]:
    columns = dict(ROLES[role].types)
    for source in sources:
        if source.role is role:
            own = {k: v for k, v in source.readable.items() if not k.startswith("_")}
            columns = own | columns
    return columns


def _union(role: Role, sources: Sequence[SourceTable], extra: Mapping[str, ColumnType]) -> ir.Table:
    wanted = _columns(role, sources) | dict(extra)
    tables = [
        _typed(_selected(source.expression(), wanted), source.types).mutate(
            _source=ibis.literal(index)
        )
        for index, source in enumerate(sources)
        if source.role is role
    ]
    return reduce(lambda left, right: left.union(right), tables)


def _selected(table: ir.Table, wanted: Mapping[str, ColumnType]) -> ir.Table:
    # By position: a column may have the name of one of the method's own arguments.
    return table.select(
        [
            (
                _as(table[name], ibis_type(kind))
                if name in table.columns
                else ibis.null(ibis_type(kind))
            ).name(name)
            for name, kind in wanted.items()
        ]
    )


def _typed(rows: ir.Table, types: Mapping[str, str]) -> ir.Table:
    """Return events with the types that their source's names stand for; others stay."""
    return rows.mutate(type=rows.type.cases(*types.items(), else_=rows.type)) if types else rows


def _as(column: Any, kind: str) -> Any:
    """Return a column as a type; what another source means by the name may be none."""
    fits = column.type() == ibis.dtype(kind) or column.type().is_null()
    return column.cast(kind) if fits else column.try_cast(kind)


def _rows(role: Role, sources: Sequence[SourceTable], cutoff: datetime) -> ir.Table:
    rows = _union(role, sources, {})
    return rows.filter(rows.timestamp < ibis.timestamp(cutoff))


def _transactions(role: Role, sources: Sequence[SourceTable], cutoff: datetime) -> ir.Table:
    rows = _rows(role, sources, cutoff)
    available = available_columns(sources)
    if "amount" in available[role]:
        # Where amounts are known, a row without one is no row of positive amount.
        rows = rows.mutate(_amount=rows.amount, amount=rows.amount.fill_null(0.0))
    if "category" not in available.get(Role.PRODUCTS, frozenset()):
        return rows
    listed = _union(Role.PRODUCTS, sources, {})
    products = listed.group_by(listed["product"].name("listed")).agg(
        listed_category=listed.category.max()
    )
    joined: Any = rows.left_join(products, rows["product"] == products.listed)
    return joined.mutate(category=ibis.coalesce(joined.category, joined.listed_category)).drop(
        "listed", "listed_category"
    )


def _customers(role: Role, sources: Sequence[SourceTable], cutoff: datetime) -> ir.Table:
    """The latest known value of each column: by valid_from, then in the order of reading."""
    rows = _union(role, sources, _ORIGIN)
    at = ibis.timestamp(cutoff)
    known = rows.filter(
        (rows.valid_from.isnull() | (rows.valid_from < at))
        & (rows.valid_to.isnull() | (rows.valid_to >= at))
    )
    newest = ibis.window(
        order_by=[
            known.valid_from.asc(nulls_first=True), known._source, known._file, known._row,
        ]
    )  # fmt: skip
    ranked = known.mutate(_rank=ibis.row_number().over(newest))
    own = {name: kind for name, kind in _columns(role, sources).items() if name != "customer_id"}
    return ranked.group_by("customer_id").agg(
        [
            _MAX_BY[kind](ranked[name], ranked._rank, where=ranked[name].notnull()).name(name)
            for name, kind in own.items()
        ]
    )


def _max_by(value: Any, rank: Any) -> Any:
    """Return the value of the highest rank: the engine's own function."""


# Not `argmax`, of which ibis makes a sorted list for each customer and column on DuckDB.
_MAX_BY: dict[ColumnType, Any] = {
    kind: ibis.udf.agg.builtin(
        _max_by, name="max_by", signature=((ibis_type(kind), "int64"), ibis_type(kind))
    )
    for kind in ColumnType
}


def rows_of(role: Role, table: pa.Table, customers: Vocabulary, words: Vocabulary) -> Rows:
    """Return rows of a role's table as arrays; a standard column that it lacks is unknown."""
    for name, kind in ROLES[role].types.items():
        if name not in table.column_names:
            arrow = pa.string() if kind is ColumnType.TEXT else pa.float64()
            table = table.append_column(name, pa.nulls(table.num_rows, arrow))
    return Rows.of(table, customers, words)

"""The rows that a declared feature is computed of, and the columns and conditions on them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Self, cast

from customer_atlas.config import (
    ROLES,
    ColumnType,
    FeatureDeclaration,
    Role,
    bind_expression,
    comparisons,
    expression_columns,
)
from customer_atlas.engine import Connection, quoted, sql_type
from customer_atlas.errors import ConfigError, EngineError, nearest
from customer_atlas.features.clock import CLOCK
from customer_atlas.features.grains import GRAINS
from customer_atlas.features.monoids import Where
from customer_atlas.features.monoids.conditions import Operator
from customer_atlas.features.roles import Computed, SourceTable

__all__ = ["RowsOf"]

_ACTING = tuple(role for role in Role if role.value in GRAINS)
_SOURCE = "_source"
# Who a customer is tells nothing of them; a day is a date in a query and a number in arrays; and
# packs take an amount that is unknown for 0.
_NOT_AT_HAND = ("customer_id", "day", "amount")
_KINDS = {"VARCHAR": ColumnType.TEXT, "BOOLEAN": ColumnType.BOOLEAN}
_TIMES = ("TIMESTAMP", "DATE", "TIME")


@dataclass
class RowsOf:
    """The rows of a source, or of all sources of a role, that a feature is computed of.

    `tables` are all sources; what is computed of a column is added to those of the role.
    """

    place: str
    role: Role
    source: SourceTable | None
    tables: tuple[SourceTable, ...]
    connection: Connection
    never: Collection[str]
    _own: Mapping[str, ColumnType] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        declared: FeatureDeclaration,
        tables: tuple[SourceTable, ...],
        connection: Connection,
        *,
        place: str,
        never: Collection[str],
    ) -> Self:
        """Return the rows that a declaration names under `from`.

        Raises:
            ConfigError: there is no such source or role, or it is not clear which is meant.
        """
        acting = [table for table in tables if table.role in _ACTING]
        names = [table.name for table in acting]
        roles = sorted({table.role.value for table in acting})
        named = declared.source
        if named is None and len(acting) == 1:
            named = names[0]
        if named is None:
            raise ConfigError([f"{place}: needs `from`: one of {', '.join((*names, *roles))}"])
        source = next((table for table in acting if table.name == named), None)
        if source is None and named not in roles:
            known = (*names, *roles)
            raise ConfigError([f"{place}.from: found '{named}'.{nearest(named, known)}"])
        role = source.role if source else Role(named)
        alike = [table for table in tables if table.role is role]
        own = {
            name: kind
            for table in ([source] if source else alike)
            for name, kind in table.columns.items()
            if not name.startswith("_")
        }
        alone = source if len(alike) > 1 else None
        return cls(place, role, alone, tables, connection, never, own | ROLES[role].types)

    @property
    def grain(self) -> str:
        """The grain of its rows."""
        return self.role.value

    def column(self, text: str, *, numbers: bool) -> tuple[str, bool]:
        """Return the column that a name or an expression means, and whether it is of texts."""
        if text in self._at_hand:
            self._refuse_hidden([text])
            kind = self._at_hand[text]
            self._check(text, kind, numbers=numbers)
            return text, kind is ColumnType.TEXT
        computed = self._compute(text, "", numbers=numbers)
        self._check(text, computed.type, numbers=numbers)
        return computed.name, computed.type is ColumnType.TEXT

    def conditions(self, text: str | None, *, or_own: bool = False) -> tuple[Where, ...]:
        """Return the conditions that `text` and the source set; with `or_own` that of `text`."""
        found: tuple[Where, ...] = ()
        if self.source and not or_own:
            found = (Where(self._add(f"{_SOURCE} = {self._number}", (_SOURCE,)).name, "=="),)
        if text is None:
            return found
        simple = comparisons(text, where=self.place)
        if simple and all(self._fits(*one) for one in simple):
            self._refuse_hidden([name for name, _, _ in simple])
            return found + tuple(Where(n, cast(Operator, sign), v) for n, sign, v in simple)
        computed = self._compute(text, " as a condition")
        if computed.type is not ColumnType.BOOLEAN:
            raise ConfigError(
                [f"{self.place}: found '{text}', which is {computed.type}; a condition is needed"]
            )
        return (*found, Where(computed.name, "=="))

    @property
    def _at_hand(self) -> Mapping[str, ColumnType]:
        """The standard columns, and those that the rows get besides."""
        clock = dict.fromkeys(CLOCK, ColumnType.NUMBER) | {"season": ColumnType.TEXT}
        made = dict.fromkeys(GRAINS[self.grain].reads, ColumnType.TEXT)
        if "complaint" in made:
            made["complaint"] = ColumnType.NUMBER
        known = ROLES[self.role].types | clock | made
        return {name: kind for name, kind in known.items() if name not in _NOT_AT_HAND}

    @property
    def _number(self) -> int:
        return next(i for i, table in enumerate(self.tables) if table is self.source)

    def _fits(self, name: str, sign: str, value: float | str | bool | tuple[str, ...]) -> bool:
        """Return whether states can be told by it: texts have no order there."""
        if isinstance(value, str | tuple):
            return self._at_hand.get(name) is ColumnType.TEXT and sign in ("==", "in")
        return self._at_hand.get(name) is ColumnType.NUMBER and not isinstance(value, bool)

    def _refuse_hidden(self, names: Collection[str]) -> None:
        hidden = [name for name in names if name.casefold() in self.never]
        if hidden:
            raise ConfigError([f"{self.place}: '{hidden[0]}' is never read for features"])

    def _compute(self, text: str, used: str, *, numbers: bool = False) -> Computed:
        columns = (*self._own, *CLOCK)
        reads = expression_columns(text, columns, where=f"{self.place}{used}")
        if "customer_id" in reads:
            raise ConfigError([f"{self.place}: found '{text}'; who a customer is, is no feature"])
        self._refuse_hidden(reads)
        late = [name for name in reads if name not in self._own or name == "action"]
        if late:
            raise ConfigError(
                [
                    f"{self.place}: found '{text}'; '{late[0]}' can only be compared with a "
                    "constant, such as hour >= 18, and such comparisons be joined by AND"
                ]
            )
        sql = bind_expression(text, tuple(self._own), where=self.place)
        if "amount" in reads:  # as it was read: packs take an unknown amount for 0
            sql = sql.replace('"amount"', '"_amount"')
            reads = tuple("_amount" if name == "amount" else name for name in reads)
        return self._add(sql, reads, text, numbers=numbers)

    def _add(
        self, sql: str, reads: Collection[str], text: str = "TRUE", *, numbers: bool = False
    ) -> Computed:
        """Return the computed column, and enter it with every source of the role."""
        kind = ColumnType.BOOLEAN if _SOURCE in reads else self._type(sql, text)
        name = "_" + hashlib.blake2b(f"{self.grain} {sql}".encode(), digest_size=6).hexdigest()
        if numbers and kind is ColumnType.BOOLEAN:
            kind, name = ColumnType.NUMBER, f"{name}n"
        made = f"TRY(CAST({sql} AS {sql_type(kind)}))"  # what fails for a row is unknown there
        if kind is ColumnType.NUMBER:
            made = f"CASE WHEN isfinite({made}) THEN {made} END"
        computed = Computed(name, made, kind, frozenset(reads))
        self.tables = tuple(
            replace(table, computed=(*table.computed, computed))
            if table.role is self.role and computed not in table.computed
            else table
            for table in self.tables
        )
        if self.source:
            self.source = next(one for one in self.tables if one.name == self.source.name)
        return computed

    def _type(self, sql: str, text: str) -> ColumnType:
        empty = ", ".join(
            f"NULL::{sql_type(kind)} AS {quoted(name)}"
            for name, kind in {**self._own, "_amount": ColumnType.NUMBER}.items()
        )
        try:
            described = self.connection.rows(
                f"DESCRIBE SELECT {sql} AS found FROM (SELECT {empty})", step="read an expression"
            )
        except EngineError as error:
            raise ConfigError([f"{self.place}: found '{text}': {_first_line(error)}"]) from None
        found = str(described[0][1])
        if found.startswith(_TIMES):
            return ColumnType.TIMESTAMP
        return _KINDS.get(found, ColumnType.NUMBER)

    def _check(self, text: str, kind: ColumnType, *, numbers: bool) -> None:
        fit = (ColumnType.NUMBER, ColumnType.BOOLEAN) if numbers else (*ColumnType,)
        if kind not in fit or kind is ColumnType.TIMESTAMP:
            raise ConfigError(
                [f"{self.place}: found '{text}', which is {kind.value}; numbers are needed"]
            )


def _first_line(error: EngineError) -> str:
    return str(error.__cause__).splitlines()[0]

"""Conditions on a row, for a query and for arrays alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from customer_atlas.features.monoids.rows import Rows

__all__ = ["Operator", "Where", "conjunction"]

_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "==": eq, ">": gt, "<": lt, ">=": ge, "<=": le,
}  # fmt: skip
Operator = Literal[">", "<", ">=", "<=", "==", "in", "known"]


@dataclass(frozen=True)
class Where:
    """A condition on one column: null never satisfies it. What a value is ``in`` are texts."""

    column: str
    operator: Operator
    value: float | str | bool | tuple[str, ...] = True

    def expression(self, table: ir.Table) -> Any:
        """Return the condition over `table`."""
        column: Any = table[self.column]
        if self.operator == "known":
            return column.notnull()
        if self.operator == "in":
            return column.isin(self.value)
        return _COMPARED[self.operator](column, self.value)

    def satisfied(self, rows: Rows) -> NDArray[np.bool_]:
        """Return which rows satisfy it."""
        column = rows.column(self.column)
        if isinstance(self.value, str):
            return np.equal(column, rows.words.code(self.value))
        if self.operator == "known":
            return ~np.isnan(column)
        if isinstance(self.value, tuple):
            return np.isin(column, [rows.words.code(each) for each in self.value])
        return np.asarray(_COMPARED[self.operator](column, self.value))


def conjunction(conditions: Iterable[Where], rows: Rows) -> NDArray[np.bool_] | None:
    """Return which rows satisfy all conditions; None where there are none."""
    masks = [each.satisfied(rows) for each in conditions]
    return reduce(and_, masks) if masks else None

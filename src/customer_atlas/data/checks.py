"""Checks: the SQL that judges each row, and the reason for which it is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from customer_atlas.config import ROLES, ColumnType, Role
from customer_atlas.data.casts import Cast
from customer_atlas.engine import literal

__all__ = ["FILTERED", "KEPT", "REASONS", "Check", "judged", "misfit_reason", "value_checks"]

KEPT, FILTERED = 0, 1
"""Verdicts of rows that are kept or filtered; higher ones number the checks from 2."""

REASONS = (
    "missing_customer",
    "missing_product",
    "missing_campaign",
    "missing_action",
    "missing_timestamp",
    "unparsable_timestamp",
    "impossible_timestamp",
    "unparsable_number",
    "impossible_number",
    "not_finite",
    "ragged_row",
    "type_changed",
)
"""Why a row can be quarantined."""

_MISSING = {
    "customer_id": "missing_customer",
    "product": "missing_product",
    "campaign": "missing_campaign",
    "action": "missing_action",
}
_EARLIEST = "TIMESTAMP '1970-01-02'"
# No amount, price or quantity of a business is larger; beyond 1e150 a square is no number.
_LARGEST, _LARGEST_OF_OTHERS = "1e15", "1e150"


@dataclass(frozen=True)
class Check:
    """A condition under which a row is refused; `found` is the SQL of what to show."""

    reason: str
    column: str
    condition: str
    found: str = "NULL"


def judged(before: Sequence[Check], where: str | None, after: Sequence[Check]) -> str:
    """Return the SQL of the verdict: checks, then the filter, then checks; the first wins.

    >>> judged([], None, [Check("missing_customer", "customer_id", "c IS NULL")])
    'CASE WHEN c IS NULL THEN 2 ELSE 0 END'
    """
    cases = [(check.condition, 2 + place) for place, check in enumerate(before)]
    if where is not None:
        cases.append((f"({where}) IS NOT TRUE", FILTERED))
    start = 2 + len(before)
    cases += [(check.condition, start + place) for place, check in enumerate(after)]
    if not cases:
        return str(KEPT)
    listed = " ".join(f"WHEN {condition} THEN {verdict}" for condition, verdict in cases)
    return f"CASE {listed} ELSE {KEPT} END"


def misfit_reason(cast: Cast, *, fixed_by_role: bool) -> str:
    """Return why a value that does not fit its cast is refused."""
    changed = cast.column.type is not None and not fixed_by_role
    if changed or cast.type is ColumnType.BOOLEAN:
        return "type_changed"
    return "unparsable_number" if cast.type is ColumnType.NUMBER else "unparsable_timestamp"


def value_checks(
    role: Role, columns: Sequence[tuple[str, ColumnType, str]], latest: str
) -> tuple[list[Check], list[Check]]:
    """Return the checks of mapped values: those of the key, and those after the misfits.

    Args:
        role: what the rows are.
        columns: name, type and SQL of each column of the lake.
        latest: ISO text of the latest possible timestamp, UTC.
    """
    sql = {name: expression for name, _, expression in columns}
    keys, values = [], []
    for name in ROLES[role].required:
        if ROLES[role].types[name] is ColumnType.TEXT:
            keys.append(Check(_MISSING[name], name, f"{sql[name]} IS NULL"))
        else:
            time = sql[name]
            # An infinite timestamp cannot be shown by Python.
            impossible = f"NOT ({time} BETWEEN {_EARLIEST} AND TIMESTAMP {literal(latest)})"
            values.append(Check("missing_timestamp", name, f"{time} IS NULL"))
            values.append(
                Check("impossible_timestamp", name, impossible, f"CAST({time} AS VARCHAR)")
            )
    for name, kind, number in columns:
        if kind is ColumnType.NUMBER:
            found = f"CAST({number} AS VARCHAR)"
            largest = _LARGEST if name in ROLES[role].types else _LARGEST_OF_OTHERS
            values.append(Check("not_finite", name, f"NOT isfinite({number})", found))
            values.append(Check("impossible_number", name, f"abs({number}) > {largest}", found))
    return keys, values

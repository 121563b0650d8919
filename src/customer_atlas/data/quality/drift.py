"""Drift: whether columns hold today what they held in the profile of an earlier run.

Shares are compared by the population stability index, ``sum((p - q) * log(p / q))`` over bins,
which credit scoring has used since the 1990s (Siddiqi, "Credit Risk Scorecards", 2006: below 0.1
no change, above 0.25 a large one). Samples of n and m from one population give it a mean of
``(bins - 1) * (1 / n + 1 / m)``, distributed as chi-squared times ``1 / n + 1 / m`` (Yurdakul,
"Statistical Properties of the Population Stability Index", 2018). What chance explains once in a
hundred is therefore taken off before it is judged; n and m count customers, since the rows of one
customer are alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from customer_atlas.data.quality.profile import ColumnProfile, SourceProfile
from customer_atlas.data.quality.survey import view_of
from customer_atlas.engine import Connection, literal, quoted

__all__ = ["ColumnDrift", "SourceDrift", "drift_of", "excess_psi", "psi"]

_CHANCE = 0.01


@dataclass(frozen=True)
class ColumnDrift:
    """A column now beside a column then.

    `psi` is the population stability index beyond what chance explains; `null_then` and
    `null_now` are shares; `added` are levels that were not there and `gone` those that are no
    longer; `certain` says that the shares of nulls differ by more than chance.
    """

    column: str
    psi: float
    null_then: float
    null_now: float
    certain: bool
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceDrift:
    """A source now beside a source then.

    With `arrived`, `columns` compares the rows of the files that came since with the rows that
    were there; without, all rows with all rows. `rows` and `customers` count what was compared.
    """

    source: str
    arrived: bool
    rows: int
    customers: int
    rows_then: int
    rows_now: int
    columns: tuple[ColumnDrift, ...]
    new_columns: tuple[str, ...]
    lost_columns: tuple[str, ...]


def psi(then: ArrayLike, now: ArrayLike) -> float:
    """Return the population stability index of two rows of counts over the same bins.

    Half a row is added to each bin, so that an empty one has a logarithm.

    >>> psi([10, 20, 30], [100, 200, 300]) < 1e-3
    True
    >>> round(psi([500, 500], [300, 700]), 2)
    0.17
    """
    p, q = (np.asarray(counts, dtype=float) + 0.5 for counts in (then, now))
    p, q = p / p.sum(), q / q.sum()
    return float(((p - q) * np.log(p / q)).sum())


def excess_psi(then: ArrayLike, now: ArrayLike, n: float, m: float) -> float:
    """Return the index less what chance explains between samples of n and m; never below 0.

    >>> excess_psi([500, 500], [300, 700], 10, 10)
    0.0
    """
    from scipy.special import chdtri

    bins = int((np.asarray(then) + np.asarray(now) > 0).sum())
    if bins < 2 or min(n, m) < 1:
        return 0.0
    chance = float(chdtri(bins - 1, _CHANCE)) * (1 / n + 1 / m)
    return max(0.0, psi(then, now) - chance)


def drift_of(connection: Connection, now: SourceProfile, then: SourceProfile) -> SourceDrift | None:
    """Compare a source, whose rows are open, with its profile of an earlier run.

    Where files came since then, their rows are compared with what was there: among all rows, a
    hundredth that is wrong would not show. None where there is nothing to compare.
    """
    arrived = bool(set(now.files) - set(then.files))
    listed = ", ".join(literal(one) for one in then.files) or "''"
    rows = f"SELECT * FROM {quoted(view_of(now.source))}"
    if arrived:
        rows += f" WHERE _file NOT IN ({listed})"
    compared = [
        (column, before)
        for column in now.columns
        if (before := then.column(column.name)) and before.type is column.type
    ]
    key = "product" if now.customers is None else "customer_id"
    count, units, values = _tallied(connection, rows, key, compared)
    if not count or not then.looked_at:
        return None
    names_now, names_then = ({c.name for c in one.columns} for one in (now, then))
    units_then = then.customers if then.customers is not None else then.looked_at
    return SourceDrift(
        source=now.source,
        arrived=arrived,
        rows=now.scaled(count),
        customers=units,
        rows_then=then.rows,
        rows_now=now.rows,
        columns=tuple(
            _column_drift(column, before, found, then.looked_at, count, units_then, units)
            for (column, before), found in zip(compared, values, strict=True)
        ),
        new_columns=tuple(sorted(names_now - names_then)),
        lost_columns=tuple(sorted(names_then - names_now)),
    )


def _tallied(
    connection: Connection,
    rows: str,
    key: str,
    compared: Sequence[tuple[ColumnProfile, ColumnProfile]],
) -> tuple[int, int, list[dict[str, Any]]]:
    """Count rows, customers, and the values of each column over the bins that it had then."""
    measures = ["count(*)", f"approx_count_distinct({quoted(key)})"]
    for column, before in compared:
        measures += [f"count({quoted(column.name)})", _tally_sql(before)]
    (row,) = connection.rows(
        f"SELECT {', '.join(measures)} FROM ({rows})", step="compare with the last run"
    )
    values = [
        {"filled": filled, "tally": tally}
        for filled, tally in zip(row[2::2], row[3::2], strict=True)
    ]
    return row[0], min(row[0], row[1]), values


def _tally_sql(before: ColumnProfile) -> str:
    name = quoted(before.name)
    if before.numbers is not None and before.numbers.edges:
        return _histogram(name, before.numbers.edges)
    if before.levels:
        known = ", ".join(literal(level.value) for level in before.levels)
        return f"histogram(CASE WHEN {name} IN ({known}) THEN {name} END)"
    return "NULL"


def _histogram(column: str, edges: Sequence[float]) -> str:
    # With an exponent a literal is of double precision; without, a decimal.
    listed = ", ".join(f"{edge:.17e}" for edge in edges)
    return f"histogram({column}, [{listed}])"


def _binned(histogram: Mapping[float, int], edges: Sequence[float]) -> list[int]:
    """Return DuckDB's histogram over edges as counts, the last one of what lies above them."""
    return [int(histogram.get(edge, 0)) for edge in (*edges, math.inf)]


def _column_drift(
    column: ColumnProfile,
    before: ColumnProfile,
    found: Mapping[str, Any],
    rows_then: int,
    rows_now: int,
    n: int,
    m: int,
) -> ColumnDrift:
    counted = found["tally"] or {}
    moved = 0.0
    if before.numbers is not None and before.numbers.edges:
        moved = excess_psi(before.numbers.bins, _binned(counted, before.numbers.edges), n, m)
    elif before.levels:
        was = [level.rows for level in before.levels]
        now = [counted.get(level.value, 0) for level in before.levels]
        others = before.filled - sum(was), found["filled"] - sum(now)
        moved = excess_psi([*was, others[0]], [*now, others[1]], n, m)
    null_then, null_now = 1 - before.filled / rows_then, 1 - found["filled"] / rows_now
    return ColumnDrift(
        column.name,
        moved,
        null_then,
        null_now,
        _differ(null_then, n, null_now, m),
        tuple(sorted(_levels_of(column) - _levels_of(before))) if before.levels else (),
        tuple(
            sorted(
                level.value
                for level in before.levels
                if not counted.get(level.value) and level.rows / before.filled * m > 10
            )
        ),
    )


def _levels_of(column: ColumnProfile) -> set[str]:
    return {level.value for level in column.levels}


def _differ(p: float, n: int, q: float, m: int) -> bool:
    """Say whether two shares differ by more than three standard errors (pooled)."""
    pooled = (p * n + q * m) / (n + m)
    error = float(np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m)))
    return abs(p - q) > 3 * error and abs(p - q) > 0

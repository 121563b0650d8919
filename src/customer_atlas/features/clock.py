"""The clock on the wall: day, hour, weekday, month and season of a row in the project's zone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from customer_atlas.features.monoids import Rows, local_time

__all__ = ["CLOCK", "SEASONS", "on_the_clock", "with_clock"]

CLOCK = ("day", "hour", "weekday", "month", "season")
SEASONS = ("Dec-Feb", "Mar-May", "Jun-Aug", "Sep-Nov")
"""By their months, since summer is not at the same time everywhere."""

_HOUR = 3_600_000_000  # microseconds
_DAY = 24 * _HOUR


@cache
def _timezone() -> Any:
    """Return the engine's own function from an instant to the local time of a zone."""
    return ibis.udf.scalar.builtin(
        lambda zone, at: None,
        name="timezone",
        signature=(("string", "timestamp('UTC')"), "timestamp"),
    )


def with_clock(rows: ir.Table, zone: str) -> ir.Table:
    """Return the rows with `day` (a date), `hour`, `weekday` (0 is Monday), `month`, `season`."""
    local: Any = rows.timestamp
    if zone != "UTC":
        local = _timezone()(zone, local.cast("timestamp('UTC')"))
    month = local.month()
    return rows.mutate(
        day=local.date(),
        hour=local.hour(),
        weekday=local.day_of_week.index(),
        month=month,
        season=(month % 12 // 3).cases(*enumerate(SEASONS), else_=ibis.null("string")),
    )


def on_the_clock(rows: Rows, zone: str, used: frozenset[str]) -> Rows:
    """Return the rows with those of the same columns that are `used`, a day as its number."""
    if not used & set(CLOCK):
        return rows
    local = local_time(rows.timestamp, zone)
    day = local // _DAY
    made: dict[str, Any] = {"day": day}
    if "hour" in used:
        made["hour"] = (local - day * _DAY) // _HOUR
    if "weekday" in used:
        made["weekday"] = (day + 3) % 7  # 1970-01-01 was a Thursday
    if used & {"month", "season"}:
        month = local.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) % 12 + 1
        made["month"] = month
        if "season" in used:
            codes = np.array([rows.words.code(name) for name in SEASONS])
            made["season"] = codes[month % 12 // 3]
    texts = rows.texts | ({"season"} & made.keys())
    return replace(rows, columns={**rows.columns, **made}, texts=texts)

"""Lines of a project file that would declare a feature much like one that is there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from customer_atlas.config import ROLES, ColumnType
from customer_atlas.engine import literal
from customer_atlas.features import aggregates as made
from customer_atlas.features.aggregates import Aggregate, OfColumn
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import (
    Attribute,
    Difference,
    Enough,
    Ratio,
    Trend,
    Value,
    aggregates_of,
)
from customer_atlas.features.frozen import Above, PercentileRank, Score
from customer_atlas.features.grains import GRAINS
from customer_atlas.features.monoids import Where

__all__ = ["declared_like"]

Line = dict[str, Any]

_KEYS: dict[type[Aggregate], str] = {
    made.Sum: "sum", made.Mean: "mean", made.Min: "min", made.Max: "max", made.Std: "std",
    made.First: "first", made.Last: "last", made.Distinct: "distinct", made.Top: "top",
    made.TopShare: "top_share", made.Entropy: "entropy", made.DecayedSum: "decayed_sum",
    made.Quantile: "quantile", made.Recent: "recent",
}  # fmt: skip
_OF_DAYS: dict[type[Aggregate], str] = {made.GapMean: "gap_mean", made.GapStd: "gap_std"}
# What stands in the rows for a row of a grain, and for its columns.
_THINGS = {"orders": "order_id", "sessions": "session_id"}
_IN_ROWS = {"items": "quantity"}


def declared_like(feature: Feature) -> tuple[Line, ...]:
    """Return lines for `features` of a segmentation, the one to look at last.

    They may say less than the feature does, and are always accepted; there is none for a column of
    the customers.

    >>> from customer_atlas.features.packs.windows import FEATURES
    >>> declared_like(FEATURES[1])
    ({'name': 'my_spend_30d', 'sum': 'amount', 'from': 'transactions', 'window': '30d'},)
    """
    name = "my_" + re.sub("[^a-z0-9_]", "_", feature.info.name.lower())
    return () if isinstance(feature.value, Attribute) else tuple(_lines(feature.value, name))


def _lines(value: Value, name: str) -> list[Line]:
    match value:
        case Enough(value=inner):
            return _lines(inner, name)
        case Ratio(above=left, below=right):
            return _pair("ratio", left, right, name)
        case Difference(of=left, less=right):
            return _pair("difference", left, right, name)
        case Trend(now=now) if isinstance(now, Aggregate) and now.window:
            return [*_lines(now, f"{name}_now"), {"name": name, "trend": f"{name}_now"}]
        case PercentileRank(value=inner):
            return [*_lines(inner, f"{name}_of"), {"name": name, "percentile_rank": f"{name}_of"}]
        case Score(value=inner):
            return [*_lines(inner, f"{name}_of"), {"name": name, "score": f"{name}_of"}]
        case Above(value=inner, share=share):
            line = {"name": name, "above": f"{name}_of", "percentile": round(100 * share, 6)}
            return [*_lines(inner, f"{name}_of"), line]
        case _:
            return [_line(next(aggregates_of(value)), name)]


def _pair(kind: str, left: Value, right: Value, name: str) -> list[Line]:
    names = [f"{name}_a", f"{name}_b"]
    made_of = [*_lines(left, names[0]), *_lines(right, names[1])]
    return [*made_of, {"name": name, kind: names}]


def _line(aggregate: Aggregate, name: str) -> Line:
    role = GRAINS[aggregate.grain].role
    line = {"name": name, **_computed(aggregate), "from": role.value}
    where = [text for one in aggregate.where if (text := _condition(aggregate, one))]
    if where:
        line["where"] = " AND ".join(where)
    if aggregate.window:
        line["window"] = _length(aggregate.window.length)
    return line


def _computed(aggregate: Aggregate) -> Line:
    if type(aggregate) in _OF_DAYS:
        return {_OF_DAYS[type(aggregate)]: "days"}
    key = _KEYS.get(type(aggregate))
    own = aggregate.column if isinstance(aggregate, OfColumn) else ""
    column = _IN_ROWS.get(own, own)
    kind = ROLES[GRAINS[aggregate.grain].role].types.get(column)
    if key is None or kind not in (ColumnType.NUMBER, ColumnType.TEXT):
        thing = _THINGS.get(aggregate.grain)
        return {"distinct": thing} if thing else {"count": "rows"}
    line: Line = {key: column}
    match aggregate:
        case made.DecayedSum(half_life=length):
            line["half_life"] = _length(length)
        case made.Quantile(probability=probability):
            line["probability"] = probability
        case made.Recent(most=most):
            line["most"] = most
    return line


def _condition(aggregate: Aggregate, where: Where) -> str:
    if where.column == "paid":
        return "amount > 0"
    known = ROLES[GRAINS[aggregate.grain].role].types
    if where.column not in known:
        return ""
    if where.operator == "known":
        return f"{where.column} IS NOT NULL"
    sign = "=" if where.operator == "==" else where.operator
    if isinstance(where.value, tuple):
        return f"{where.column} IN ({', '.join(map(literal, where.value))})"
    if isinstance(where.value, str):
        return f"{where.column} {sign} {literal(where.value)}"
    return f"{where.column} {sign} {where.value:g}"


def _length(length: timedelta) -> str:
    for unit, size in (("d", timedelta(days=1)), ("h", timedelta(hours=1))):
        if not length % size:
            return f"{length // size}{unit}"
    return f"{length // timedelta(minutes=1)}m"

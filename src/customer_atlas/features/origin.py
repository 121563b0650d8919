"""Where a feature comes from: the sources and columns, the stretches of time, what was learned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from customer_atlas.config import Role
from customer_atlas.features.aggregates import Window
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Attribute, Value, aggregates_of
from customer_atlas.features.frozen import learned_parts
from customer_atlas.features.likeness import declared_like
from customer_atlas.features.packs import ComputedAttribute
from customer_atlas.features.plan import Plan

__all__ = ["Origin", "Stretch", "origin_of"]

# What the rows of a grain are made of, beyond the columns that an aggregate cannot do without.
_MADE_OF = {
    ("orders", "timestamp"): ("order_id",),
    ("orders", "paid"): ("amount",),
    ("orders", "items"): ("quantity",),
    ("sessions", "timestamp"): ("session_id",),
}


@dataclass(frozen=True)
class Stretch:
    """A stretch of time in words, and the first instant in it and after it (UTC, naive).

    `start` is None where it reaches back to the first row.
    """

    words: str
    start: datetime | None
    end: datetime


@dataclass(frozen=True)
class Origin:
    """What a feature is computed from, as of a cutoff.

    `sources` names the columns that are read of each source, `learned` holds what a frozen
    feature rests on, by name, as JSON values. `like` are lines of a project file that would
    declare something much like it.
    """

    role: Role
    sources: Mapping[str, tuple[str, ...]]
    stretches: tuple[Stretch, ...]
    learned: Mapping[str, Any]
    like: tuple[dict[str, Any], ...]


def origin_of(plan: Plan, name: str, cutoff: datetime) -> Origin | None:
    """Return where a feature of a plan comes from; None where the plan has no such feature."""
    feature = next((one for one in plan.features if one.info.name == name), None)
    if feature is None:
        return None
    learned: dict[str, Any] = {}
    stretches: tuple[Stretch, ...] = ()
    if not isinstance(feature.value, Attribute):
        known = plan.population.learned
        parts = learned_parts(feature.value)
        learned = {part.name: known[part.name] for part in parts if part.name in known}
        if feature.info.liveness == "frozen" and not learned:
            learned = _chosen(plan, feature)
        stretches = tuple(dict.fromkeys(_stretches(feature.value, cutoff)))
    return Origin(feature.role, _sources(plan, feature), stretches, learned, declared_like(feature))


def _chosen(plan: Plan, feature: Feature) -> dict[str, Any]:
    """Return the values of everybody that got a feature each, of which this is one."""
    if feature.role is Role.TRANSACTIONS:
        return {"categories": list(plan.population.categories)}
    if feature.role is Role.EVENTS:
        return {"event types": list(plan.population.event_types)}
    return {}


def _stretches(value: Value, cutoff: datetime) -> Iterator[Stretch]:
    for aggregate in aggregates_of(value):
        if aggregate.window:
            start, end = aggregate.window.bounds(cutoff)
            yield Stretch(_words(aggregate.window), start, end)
        else:
            yield Stretch("all rows before the cutoff", None, cutoff)


def _words(window: Window) -> str:
    count, rest = divmod(window.length, timedelta(days=1))
    unit = "day"
    if rest:
        count, unit = round(window.length / timedelta(hours=1)), "hour"
    said = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"the {said} before the last {said}" if window.previous else f"the last {said}"


def _sources(plan: Plan, feature: Feature) -> dict[str, tuple[str, ...]]:
    read = _columns(feature)
    used = {column for aggregate in feature.aggregates for column in aggregate.columns}
    for source in plan.sources:
        made = (name for one in source.computed if one.name in used for name in one.reads)
        read.update("amount" if name == "_amount" else name for name in made)
    found: dict[str, tuple[str, ...]] = {}
    for source in plan.sources:
        if source.role is feature.role:
            columns = [name for name in source.columns if name in read]
        elif source.role is Role.PRODUCTS and {"category", "product"} <= {*source.columns} & read:
            columns = ["product", "category"]
        else:
            continue
        if columns:
            found[source.name] = tuple(columns)
    return found


def _columns(feature: Feature) -> set[str]:
    """Return all columns that are read, the optional ones too."""
    read = {*feature.columns(), *feature.needs, "customer_id"}
    if isinstance(feature.value, Attribute):
        value = feature.value
        return read | {*value.columns} if isinstance(value, ComputedAttribute) else read
    read.add("timestamp")
    for aggregate in aggregates_of(feature.value):
        for column in {*aggregate.columns, "timestamp"}:
            read.update(_MADE_OF.get((aggregate.grain, column), ()))
    # A product belongs to the category that the products say, where the row does not.
    return read | {"product"} if "category" in read else read

"""Learn of the columns of customers: which are usable, what they tell of, how scales agree."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from customer_atlas.config import PEOPLE_PACKS, ROLES, ColumnType, Geography, Role, Scale
from customer_atlas.engine import Connection
from customer_atlas.features.packs.demographic import AgeYears
from customer_atlas.features.packs.geographic import DistanceKm
from customer_atlas.features.packs.people_columns import (
    ComputedAttribute,
    coordinates,
    is_birth,
    is_postcode,
    theme_of,
)
from customer_atlas.features.packs.psychographic import score_of
from customer_atlas.features.population import LearnedScale, Place, Population
from customer_atlas.features.roles import role_expressions
from customer_atlas.features.snapshot import Snapshot

__all__ = ["MAX_ATTRIBUTES", "MAX_LEVELS", "PeopleAsked", "learn_people"]

MAX_LEVELS = 50
MAX_ATTRIBUTES = 500
_TOO_MANY = f"one of more than {MAX_ATTRIBUTES} attributes, and known of fewer people than others"
_AT_ONCE = 50  # columns; a count of different values holds memory for each
_FEW = 10  # from here, values that mostly differ from person to person tell who somebody is
_IDENTIFIER = re.compile(
    r"(?i:(^|_)(id|uuid|guid|key|number|no|nr|phone|mobile|fax)$)|[a-z](Id|ID|No|Nr|Phone)$"
)


@dataclass(frozen=True)
class PeopleAsked:
    """What is declared of the columns of customers.

    Columns named in `never`, in lower case, are no features, nor what is computed from them, for
    the reasons given there. The items of `scales` are named as the lake names them.
    """

    packs: Collection[str]
    never: Mapping[str, str]
    geography: Geography
    scales: Mapping[str, Scale]

    @property
    def themed(self) -> bool:
        """Whether columns are told apart: "attributes" alone means all columns as they are."""
        return bool({*self.packs} & {*PEOPLE_PACKS} - {"attributes"})


def learn_people(
    connection: Connection, snapshot: Snapshot, cutoff: datetime, asked: PeopleAsked
) -> Population:
    """Return the part of the population that is of customers, from the snapshot as it is open."""
    columns = _own_columns(snapshot)
    left_out = {
        name: asked.never[name.casefold()] for name in columns if name.casefold() in asked.never
    }
    free = {name: kind for name, kind in columns.items() if name not in left_out}
    people = _People(connection, snapshot, cutoff)
    if not asked.themed:
        usable, unfit = _attributes(people, free)
        return Population(attributes=usable, left_out=left_out | unfit)
    found = Population(left_out=left_out)
    for learn in (_scales, _place, _births):
        found, free = learn(people, asked, free, found)
    themes = {name: theme_of(name) for name in free}
    told, wanted = dict(found.left_out), {}
    for name, kind in free.items():
        if themes[name] not in asked.packs:
            told[name] = f"of the pack {themes[name]}, which is not asked for"
        elif kind is ColumnType.NUMBER and is_postcode(name):
            told[name] = "a postcode as a number measures nothing; map it as text, cut to an area"
        else:
            wanted[name] = kind
    usable, unfit = _attributes(people, wanted)
    return replace(
        found,
        attributes=usable,
        themes={name: themes[name] for name in usable if themes[name] != "attributes"},
        left_out=told | unfit,
    )


@dataclass(frozen=True)
class _People:
    """The customers table as it was at the cutoff, asked for some of its columns at a time."""

    connection: Connection
    snapshot: Snapshot
    cutoff: datetime

    def table(self, names: Collection[str]) -> ir.Table:
        sources = [source.narrowed(names) for source in self.snapshot.sources]
        return role_expressions(sources, self.cutoff)[Role.CUSTOMERS]

    def measured(self, table: ir.Table, measures: Sequence[Any], step: str) -> Sequence[Any]:
        named = [one.name(str(place)) for place, one in enumerate(measures)]
        (row,) = self.connection.rows(ibis.to_sql(table.agg(named), dialect="duckdb"), step=step)
        return row

    def known(self, value: ComputedAttribute) -> int:
        """Return of how many customers a computed value is known."""
        table = self.table(value.columns)
        (count,) = self.measured(
            table, [value.expression(table, self.cutoff).count()], "count computed values"
        )
        return int(count)


_Free = dict[str, ColumnType]


def _scales(
    people: _People, asked: PeopleAsked, free: _Free, found: Population
) -> tuple[Population, _Free]:
    """Score the scales whose items may be used; no item is an attribute by itself."""
    folded = {name.casefold(): name for name in (*free, *found.left_out)}
    scales, left_out = {}, dict(found.left_out)
    items: set[str] = set()
    for name, scale in asked.scales.items():
        named = {item.casefold(): folded.get(item.casefold(), item) for item in scale.items}
        items.update(named.values())
        if "psychographic" not in asked.packs:
            left_out[name] = "of the pack psychographic, which is not asked for"
        elif unfit := _unfit_items(named.values(), free, found.left_out):
            left_out[name] = unfit
        else:
            turned = tuple(named[item.casefold()] for item in scale.reversed)
            learned = LearnedScale(tuple(named.values()), turned, scale.lowest, scale.highest)
            scales[name] = _with_alpha(people, learned)
    rest = {name: kind for name, kind in free.items() if name not in items}
    return replace(found, scales=scales, left_out=left_out), rest


def _unfit_items(items: Collection[str], free: _Free, left_out: Mapping[str, str]) -> str:
    for item in items:
        if item not in free:
            return f"its item '{item}' is never a feature ({left_out.get(item, 'not there')})"
        if free[item] is not ColumnType.NUMBER:
            return f"its item '{item}' holds no numbers"
    return ""


def _with_alpha(people: _People, scale: LearnedScale) -> LearnedScale:
    """Return the scale with Cronbach's alpha of those who answered every item.

    k / (k - 1) (1 - sum of the items' variances / variance of their sum) (L. J. Cronbach,
    "Coefficient alpha and the internal structure of tests", Psychometrika 16, 1951). The sums
    are of whole numbers, so that no order of the rows changes a bit.
    """
    table = people.table(scale.items)
    answers = score_of(scale).answers(table)
    complete = ibis.and_(*(answer.notnull() for answer in answers))
    total = sum(ibis.coalesce(answer, 0.0) for answer in answers)
    sums = [
        one.sum(where=complete) for answer in (*answers, total) for one in (answer, answer * answer)
    ]
    said = sum(table[item].count() for item in scale.items)
    taken = sum(answer.count() for answer in answers)
    count, outside, *found = people.measured(
        table, [complete.sum(), said - taken, *sums], "measure how a scale's items agree"
    )
    complete_answers = int(count or 0)
    alpha = None
    if complete_answers > 1:
        *variances, whole = (
            (complete_answers * square - one * one) / (complete_answers * (complete_answers - 1))
            for one, square in zip(found[::2], found[1::2], strict=True)
        )
        k = len(scale.items)
        alpha = k / (k - 1) * (1 - sum(variances) / whole) if whole > 0 else None
    return replace(scale, alpha=alpha, complete=complete_answers, outside=int(outside))


def _place(
    people: _People, asked: PeopleAsked, free: _Free, found: Population
) -> tuple[Population, _Free]:
    """Find where distances are measured; coordinates are no attributes by themselves."""
    pair = coordinates(free)
    if pair is None:
        return found, free
    rest = {name: kind for name, kind in free.items() if name not in pair}
    origin = asked.geography.origin
    if "geographic" not in asked.packs:
        reason = "of the pack geographic, which is not asked for"
    elif origin is None:
        reason = "a coordinate: declare `geography: {origin: [latitude, longitude]}`"
    elif not people.known(DistanceKm(*pair, origin)):
        reason = "a coordinate, and nobody has both a latitude and a longitude in degrees"
    else:
        return replace(found, place=Place(*pair, origin, asked.geography.bands_km)), rest
    return replace(found, left_out={**found.left_out, **dict.fromkeys(pair, reason)}), rest


def _births(
    people: _People, asked: PeopleAsked, free: _Free, found: Population
) -> tuple[Population, _Free]:
    """Find the columns that ages are computed from."""
    if "demographic" not in asked.packs:
        return found, free
    born = [name for name, kind in free.items() if is_birth(name, kind)]
    known = [name for name in born if people.known(AgeYears(name))]
    unfit = {name: "nobody is 0 to 120 years old by it" for name in born if name not in known}
    rest = {name: kind for name, kind in free.items() if name not in born}
    return replace(found, births=tuple(known), left_out={**found.left_out, **unfit}), rest


def _attributes(people: _People, columns: _Free) -> tuple[dict[str, ColumnType], dict[str, str]]:
    """Return the columns that tell customers apart, and why the others do not."""
    asked = list(columns)
    left_out: dict[str, str] = {}
    filled: dict[str, int] = {}
    for first in range(0, len(asked), _AT_ONCE):
        group = asked[first : first + _AT_ONCE]
        for name, (known, distinct) in _counted(people, group).items():
            reason = _unfit(name, columns[name], known, distinct)
            if reason:
                left_out[name] = reason
            else:
                filled[name] = known
    fullest = set(sorted(filled, key=lambda name: -filled[name])[:MAX_ATTRIBUTES])
    left_out |= {name: _TOO_MANY for name in filled if name not in fullest}
    return {name: columns[name] for name in filled if name in fullest}, left_out


def _counted(people: _People, names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return of each column of people how many values are known, and how many differ."""
    table = people.table(names)
    measures = [one for name in names for one in (table[name].count(), table[name].nunique())]
    found = people.measured(table, measures, "count attribute values")
    return dict(zip(names, zip(found[::2], found[1::2], strict=True), strict=True))


def _own_columns(snapshot: Snapshot) -> Mapping[str, ColumnType]:
    columns: dict[str, Any] = {}
    for source in snapshot.sources:
        if source.role is Role.CUSTOMERS:
            columns |= source.columns
    reserved = ROLES[Role.CUSTOMERS].names
    return {k: v for k, v in columns.items() if k not in reserved and not k.startswith("_")}


def _unfit(name: str, kind: ColumnType, known: int, distinct: int) -> str:
    if distinct < 2:
        return "one value only" if known else "never known"
    if kind is ColumnType.TEXT and (distinct > MAX_LEVELS or 2 * distinct > known >= _FEW):
        return f"{distinct} different values: an identifier or free text"
    if kind is ColumnType.NUMBER and distinct == known and _IDENTIFIER.search(name):
        return "every value is different: an identifier"
    return ""

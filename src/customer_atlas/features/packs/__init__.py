"""Packs: features that belong together, on where their role is present."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import count

from customer_atlas.config import ACTS, RfmCuts, Role
from customer_atlas.features.declaration import Available, Feature
from customer_atlas.features.packs import (
    attributes,
    basket,
    calendar,
    categories,
    demographic,
    engagement,
    geographic,
    intent,
    lifecycle,
    psychographic,
    responsiveness,
    rfm,
    rhythm,
    texts,
    windows,
)
from customer_atlas.features.packs.people_columns import ComputedAttribute
from customer_atlas.features.population import Population

__all__ = ["ComputedAttribute", "declared_features"]

_FIXED = {
    "rfm": rfm.features(RfmCuts()),
    "windows": windows.FEATURES,
    "rhythm": rhythm.FEATURES,
    "calendar": calendar.FEATURES,
    "basket": basket.FEATURES,
    "lifecycle": lifecycle.FEATURES,
    "engagement": engagement.FEATURES,
    "responsiveness": responsiveness.FEATURES,
    "texts": texts.FEATURES,
}

_OF_PEOPLE = {
    "geographic": geographic.features,
    "demographic": demographic.features,
    "psychographic": psychographic.features,
    "attributes": attributes.features,
}

_NAMES = frozenset(
    {feature.info.name for pack in _FIXED.values() for feature in pack}
    | {feature.info.name for feature in categories.breadth("category")}
    | {feature.info.name for feature in intent.features(ACTS)}
    | {"customer_id"}
)


def declared_features(
    packs: Collection[str],
    available: Available,
    population: Population,
    cuts: RfmCuts | None = None,
) -> tuple[Feature, ...]:
    """Return the features of `packs` that the available columns allow, each name once.

    Where a pack declares a name twice, the first declaration whose columns are there counts. A
    category, a type or an attribute whose name is taken gets it with a number behind it.
    """
    chosen: dict[str, Feature] = {}
    taken = set(_NAMES)
    for pack in dict.fromkeys(packs):
        learned = (_distinctly_named(each, taken) for each in _learned(pack, available, population))
        fixed = (
            rfm.features(cuts) if cuts and pack == "rfm" else _fixed(pack, available, population)
        )
        for feature in (*fixed, *learned):
            if feature.fits(available):
                chosen.setdefault(feature.info.name, feature)
    return tuple(chosen.values())


def _fixed(pack: str, available: Available, population: Population) -> tuple[Feature, ...]:
    if pack == "categories":
        bought = available.get(Role.TRANSACTIONS, frozenset())
        return categories.breadth("category" if "category" in bought else "product")
    if pack == "intent":
        return intent.features(population.acts)
    return _FIXED.get(pack, ())


def _learned(pack: str, available: Available, population: Population) -> tuple[Feature, ...]:
    if pack == "categories":
        money = "amount" in available.get(Role.TRANSACTIONS, frozenset())
        return categories.shares(population.categories, money=money)
    if pack == "engagement":
        return engagement.type_shares(population.event_types)
    if pack in _OF_PEOPLE:
        return _OF_PEOPLE[pack](population)
    return ()


def _distinctly_named(feature: Feature, taken: set[str]) -> Feature:
    """Return the feature under a name that is not `taken`; engines ignore the case of names."""
    name = feature.info.name
    tries = (name if number == 1 else f"{name}_{number}" for number in count(1))
    free = next(one for one in tries if one.casefold() not in taken)
    taken.add(free.casefold())
    return replace(feature, info=replace(feature.info, name=free))

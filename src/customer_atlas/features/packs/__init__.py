"""Packs: features that belong together, on where their role is present."""

from __future__ import annotations

from collections.abc import Collection

from customer_atlas.config import Role
from customer_atlas.features.declaration import Available, Feature
from customer_atlas.features.packs import (
    attributes,
    basket,
    categories,
    engagement,
    lifecycle,
    rfm,
    rhythm,
    windows,
)
from customer_atlas.features.population import Population

__all__ = ["declared_features"]

_FIXED = {
    "rfm": rfm.FEATURES,
    "windows": windows.FEATURES,
    "rhythm": rhythm.FEATURES,
    "basket": basket.FEATURES,
    "lifecycle": lifecycle.FEATURES,
    "engagement": engagement.FEATURES,
}


def declared_features(
    packs: Collection[str], available: Available, population: Population
) -> tuple[Feature, ...]:
    """Return the features of `packs` that the available columns allow, each name once.

    Where a pack declares a name twice, the first declaration whose columns are there counts.
    """
    chosen: dict[str, Feature] = {}
    for feature in (feature for pack in packs for feature in _of(pack, available, population)):
        if feature.fits(available):
            chosen.setdefault(feature.info.name, feature)
    return tuple(chosen.values())


def _of(pack: str, available: Available, population: Population) -> tuple[Feature, ...]:
    fixed = _FIXED.get(pack, ())
    if pack == "categories":
        bought = available.get(Role.TRANSACTIONS, frozenset())
        grain = "categories" if "category" in bought else "products"
        return categories.breadth(grain) + categories.shares(
            population.categories, money="amount" in bought
        )
    if pack == "engagement":
        return fixed + engagement.type_shares(population.event_types)
    if pack == "attributes":
        return attributes.attributes(population.attributes)
    return fixed

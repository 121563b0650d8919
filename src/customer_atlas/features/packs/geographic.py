"""Where customers are: their regions, and the distance from a declared origin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import ibis
import ibis.expr.types as ir

from customer_atlas.features.declaration import Feature
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.packs.attributes import attributes
from customer_atlas.features.packs.people_columns import ComputedAttribute
from customer_atlas.features.population import Place, Population

__all__ = ["DistanceBand", "DistanceKm", "features"]

_RADIUS_KM = 6371.0088
"""The mean radius of the earth (Moritz, "Geodetic Reference System 1980", 2000)."""


@dataclass(frozen=True)
class DistanceKm(ComputedAttribute):
    """Kilometres from `origin` along the surface of the earth, by the haversine formula.

    `column` is the latitude, in degrees. Coordinates that are on no globe are unknown (R. W.
    Sinnott, "Virtues of the Haversine", Sky and Telescope 68, 1984).
    """

    longitude: str
    origin: tuple[float, float]

    @property
    def columns(self) -> tuple[str, ...]:
        """The latitude and the longitude."""
        return self.column, self.longitude

    def expression(self, people: ir.Table, cutoff: datetime) -> Any:
        """Return the distance, at most half the way around the earth."""
        latitude: Any = people[self.column]
        longitude: Any = people[self.longitude]
        on_earth = latitude.between(-90, 90) & longitude.between(-180, 180)
        here, there = ibis.literal(self.origin[0]).radians(), latitude.radians()
        north = ((latitude - self.origin[0]) / 2).radians().sin()
        east = ((longitude - self.origin[1]) / 2).radians().sin()
        haversine = north * north + here.cos() * there.cos() * east * east
        # Rounding may carry the half of a circle beyond 1, where no angle has that sine.
        angle = ibis.least(haversine.sqrt(), 1.0).asin()
        return ibis.ifelse(on_earth, 2 * _RADIUS_KM * angle, ibis.null("float64"))


@dataclass(frozen=True)
class DistanceBand(DistanceKm):
    """The band that the distance is in; one that ends where the next begins is below that end."""

    bands_km: tuple[float, ...]

    def expression(self, people: ir.Table, cutoff: datetime) -> Any:
        """Return the band as people say it, such as "5 to 20 km"."""
        distance = super().expression(people, cutoff)
        *names, beyond = _names(self.bands_km)
        within = [(distance < end, name) for end, name in zip(self.bands_km, names, strict=True)]
        return ibis.cases(*within, (distance.notnull(), beyond))


def features(population: Population) -> tuple[Feature, ...]:
    """Return the distance and its band, where they are declared, and a feature per region."""
    place = population.place
    return (
        *(_distances(place) if place else ()),
        *attributes(population.of_theme("geographic"), "geographic"),
    )


def _distances(place: Place) -> Iterator[Feature]:
    latitude, longitude = place.origin
    formula = f"haversine of {place.latitude}, {place.longitude} from ({latitude:g}, {longitude:g})"
    distance = DistanceKm(place.latitude, place.longitude, place.origin)
    info = FeatureInfo("distance_km", "geographic", "number", "distance in km", formula=formula)
    yield Feature(info, distance, distance.columns)
    band = DistanceBand(place.latitude, place.longitude, place.origin, place.bands_km)
    # It says what the distance says, which already forms segments.
    info = FeatureInfo(
        "distance_band", "geographic", "category", "distance band", kind="category",
        describes=True, formula=", ".join(_names(place.bands_km)),
    )  # fmt: skip
    yield Feature(info, band, band.columns)


def _names(bands: tuple[float, ...]) -> list[str]:
    """Return what people call the bands that end at `bands`, and the one beyond.

    >>> _names((5, 20))
    ['under 5 km', '5 to 20 km', 'over 20 km']
    """
    between = [f"{low:g} to {high:g} km" for low, high in pairwise(bands)]
    return [f"under {bands[0]:g} km", *between, f"over {bands[-1]:g} km"]

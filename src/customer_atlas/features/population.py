"""What features need to know of everybody: frozen in the generation that is trained with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from customer_atlas.config import ColumnType

__all__ = ["LearnedScale", "Place", "Population"]


@dataclass(frozen=True)
class Place:
    """The columns that say where customers are, and from where distances are measured."""

    latitude: str
    longitude: str
    origin: tuple[float, float]
    bands_km: tuple[float, ...]


@dataclass(frozen=True)
class LearnedScale:
    """A scale of survey items, and how well they agree.

    `alpha` is Cronbach's over the `complete` customers who answered every item; None where it
    cannot be told. `outside` counts the answers that are no points of the scale.
    """

    items: tuple[str, ...]
    reversed: tuple[str, ...]
    lowest: int
    highest: int
    alpha: float | None = None
    complete: int = 0
    outside: int = 0


@dataclass(frozen=True)
class Population:
    """The categories and event types that get a feature, and what is used of the customers.

    `attributes` are the usable columns, each of the pack that `themes` names; of "attributes"
    where it names none. Ages are computed from `births`, the distance from `place`, scores from
    `scales`. `left_out` says of each column, or scale, that is not used why not, `learned` what
    frozen features rest on, by their names, as JSON values, and `acts` which of the standard acts
    any event is.
    """

    categories: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    attributes: Mapping[str, ColumnType] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    themes: Mapping[str, str] = field(default_factory=dict)
    births: tuple[str, ...] = ()
    place: Place | None = None
    scales: Mapping[str, LearnedScale] = field(default_factory=dict)
    learned: Mapping[str, Any] = field(default_factory=dict)
    acts: tuple[str, ...] = ()

    def of_theme(self, pack: str) -> dict[str, ColumnType]:
        """Return the usable columns that belong to a pack.

        >>> kinds = {"city": ColumnType.TEXT, "plan": ColumnType.TEXT}
        >>> list(Population(attributes=kinds, themes={"city": "geographic"}).of_theme("attributes"))
        ['plan']
        """
        return {
            name: kind
            for name, kind in self.attributes.items()
            if self.themes.get(name, "attributes") == pack
        }

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "categories": list(self.categories),
            "event_types": list(self.event_types),
            "attributes": {name: str(kind) for name, kind in self.attributes.items()},
            "left_out": dict(self.left_out),
            "themes": dict(self.themes),
            "births": list(self.births),
            "place": asdict(self.place) if self.place else None,
            "scales": {name: asdict(scale) for name, scale in self.scales.items()},
            "learned": dict(self.learned),
            "acts": list(self.acts),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Population:
        """Return what `to_dict` gave, also after it has been JSON.

        >>> population = Population(categories=("tea",), attributes={"age": ColumnType.NUMBER})
        >>> Population.from_dict(population.to_dict()) == population
        True
        """
        place = values["place"]
        return cls(
            tuple(values["categories"]),
            tuple(values["event_types"]),
            {name: ColumnType(kind) for name, kind in values["attributes"].items()},
            dict(values["left_out"]),
            dict(values["themes"]),
            tuple(values["births"]),
            Place(**_with_tuples(place)) if place else None,
            {name: LearnedScale(**_with_tuples(one)) for name, one in values["scales"].items()},
            dict(values["learned"]),
            tuple(values["acts"]),
        )


def _with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(one) if isinstance(one, list) else one for key, one in values.items()}

"""What features need to know of everybody: frozen in the generation that is trained with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from customer_atlas.config import ColumnType

__all__ = ["Population"]


@dataclass(frozen=True)
class Population:
    """The categories and event types that get a feature, and the usable attribute columns.

    `left_out` says of each attribute column that is not used why not, `learned` what frozen
    features rest on, by their names, as JSON values, and `acts` which of the standard acts any
    event is.
    """

    categories: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    attributes: Mapping[str, ColumnType] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    learned: Mapping[str, Any] = field(default_factory=dict)
    acts: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "categories": list(self.categories),
            "event_types": list(self.event_types),
            "attributes": {name: str(kind) for name, kind in self.attributes.items()},
            "left_out": dict(self.left_out),
            "learned": dict(self.learned),
            "acts": list(self.acts),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Population:
        """Return what `to_dict` gave.

        >>> population = Population(categories=("tea",), attributes={"age": ColumnType.NUMBER})
        >>> Population.from_dict(population.to_dict()) == population
        True
        """
        return cls(
            tuple(values["categories"]),
            tuple(values["event_types"]),
            {name: ColumnType(kind) for name, kind in values["attributes"].items()},
            dict(values["left_out"]),
            dict(values["learned"]),
            tuple(values["acts"]),
        )

"""What a thorough search looks for: five components, each from 0 to 1, and their weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from customer_atlas.errors import ClusteringError, nearest

__all__ = ["Components", "Objective"]


@dataclass(frozen=True)
class Objective:
    """How much each component counts: 0 or more, at least one of them positive.

    >>> Objective.of({"stability": 2, "future": 0}).future
    0.0
    """

    stability: float = 1.0
    separation: float = 1.0
    size: float = 1.0
    simplicity: float = 0.25
    future: float = 1.0

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> Objective:
        """Return the objective of these weights; what is not named counts as it does by default.

        Raises `ClusteringError` for a name that is no component, and for weights that are none.
        """
        known = [one.name for one in fields(cls)]
        for name, weight in weights.items():
            if name not in known:
                raise ClusteringError(
                    f"'{name}' is no part of the objective.{nearest(name, known)}"
                )
            if not 0 <= weight < float("inf"):
                raise ClusteringError(
                    f"The weight of {name} must be 0 or more and finite; found {weight}."
                )
        objective = cls(**{name: float(weight) for name, weight in weights.items()})
        if not any(objective.weights.values()):
            raise ClusteringError("At least one weight of the objective must be above 0.")
        return objective

    @property
    def weights(self) -> dict[str, float]:
        """The weights by name."""
        return asdict(self)

    def total(self, components: Components) -> float:
        """Return the weighted mean of the components that are known; 0 where none counts."""
        known = components.known
        weight = sum(self.weights[name] for name in known)
        if weight == 0:
            return 0.0
        return sum(self.weights[name] * value for name, value in known.items()) / weight

    def worst(self, components: Components, best: Components) -> str:
        """Return the name of the component that costs most against those of the best."""
        mine, theirs = components.known, best.known
        shared = [name for name in mine if name in theirs]
        return max(shared, key=lambda name: self.weights[name] * (theirs[name] - mine[name]))

    def sentence(self, foretold: str) -> str:
        """Return it in words; `foretold` says what is known of the future, if it counts."""
        told = ", ".join(f"{name} {weight:g}" for name, weight in self.weights.items() if weight)
        said = f"The highest weighted mean of the components, each from 0 to 1: {told}."
        return f"{said} {foretold}" if self.future and foretold else said


@dataclass(frozen=True)
class Components:
    """What a candidate reaches, each from 0 to 1; `future` is None where nothing is known of it.

    * `stability`: half the adjusted Rand index with which models of different draws of the
      customers agree (Hubert and Arabie, 1985), half the Jaccard similarity with which segments
      come back in them, by their size (Hennig, 2007).
    * `separation`: the share of the customers whose segments stand apart from their neighbours
      and hold no gap themselves (see `separations`).
    * `size`: the smallest segment's share over the least that is allowed, at most 1; times 1, or,
      where one segment holds more than half of the customers, twice the share of the others.
    * `simplicity`: half for few segments (2 have 1, as many as are allowed 0), half for what it
      takes to say who is where: centres 1, a mixture 2/3, a student 1/3; a sixth less after
      preprocessing.
    * `future`: how much of what can be foretold of later behaviour the segments tell (see
      `Future`).
    """

    stability: float
    separation: float
    size: float
    simplicity: float
    future: float | None = None

    @property
    def known(self) -> dict[str, float]:
        """The components by name, without what is not known."""
        return {name: value for name, value in asdict(self).items() if value is not None}

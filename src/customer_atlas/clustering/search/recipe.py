"""What is tried: an algorithm with its settings, before it has seen everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from customer_atlas.clustering import algorithms
from customer_atlas.clustering.algorithms import Clusterer

__all__ = ["Recipe"]


@dataclass(frozen=True)
class Recipe:
    """An algorithm by its name on the door, and its settings in order.

    >>> recipe = Recipe.of("GaussianMixture", n_clusters=3, covariance="full")
    >>> recipe.title
    'a mixture of Gaussians (n_clusters 3, covariance full)'
    """

    algorithm: str
    settings: tuple[tuple[str, Any], ...]

    @classmethod
    def of(cls, algorithm: str, **settings: Any) -> Recipe:
        """Return the recipe of an algorithm with these settings."""
        return cls(algorithm, tuple(settings.items()))

    @property
    def title(self) -> str:
        """The algorithm and its settings, for people."""
        told = ", ".join(f"{name} {value}" for name, value in self.settings)
        title = getattr(algorithms, self.algorithm).title
        return f"{title} ({told})" if told else str(title)

    def clusterer(self, seed: int) -> Clusterer:
        """Return the algorithm, ready to be fitted to everybody."""
        kind: type[Clusterer] = getattr(algorithms, self.algorithm)
        return kind(**dict(self.settings), random_state=seed)

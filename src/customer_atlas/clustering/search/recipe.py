"""What is tried: an algorithm with its settings, before it has seen everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from customer_atlas.clustering.algorithms import Clusterer

__all__ = ["Recipe"]

# What a title tells of the settings; the number of clusters stands beside it.
_TOLD = {
    "linkage": "{}",
    "covariance": "{}",
    "neighbours": "{} neighbours",
    "height": "{:.3g} errors high",
    "min_cluster_size": "clusters from {:.2%}",
}


@dataclass(frozen=True)
class Recipe:
    """An algorithm by its name on the door, and its settings in order.

    The settings `preprocessing` and `variance` are those of `Preprocessed`, which then comes
    before the algorithm.

    >>> recipe = Recipe.of("GaussianMixture", n_clusters=3, covariance="full")
    >>> recipe.title
    'a mixture of Gaussians (full)'
    """

    algorithm: str
    settings: tuple[tuple[str, Any], ...]

    @classmethod
    def of(cls, algorithm: str, **settings: Any) -> Recipe:
        """Return the recipe of an algorithm with these settings."""
        return cls(algorithm, tuple(settings.items()))

    @property
    def title(self) -> str:
        """The algorithm and what tells it from its like, for people."""
        told = [str(_TOLD[name].format(value)) for name, value in self.settings if name in _TOLD]
        title = self._kind().title
        title = f"{title} ({', '.join(told)})" if told else title
        way = dict(self.settings).get("preprocessing")
        return f"{title} after {self._seen(way)}" if way else title

    def clusterer(self, seed: int) -> Clusterer:
        """Return the algorithm, ready to be fitted to everybody."""
        settings = dict(self.settings)
        way, variance = settings.pop("preprocessing", None), settings.pop("variance", 1.0)
        model = self._kind()(**settings, random_state=seed)
        if way is None:
            return model
        from customer_atlas.clustering.algorithms import Preprocessed

        return Preprocessed(model, way, variance=variance, random_state=seed)

    def _seen(self, way: str) -> str:
        share = dict(self.settings).get("variance", 1.0)
        of = f" of {share:.0%} of the variance" if share < 1 else ""
        return {"robust": "robust scaling", "pca": f"PCA{of}"}.get(way, f"whitening{of}")

    def _kind(self) -> type[Clusterer]:
        # Loaded here, with scikit-learn, which what only scores does without.
        from customer_atlas.clustering import algorithms

        kind: type[Clusterer] = getattr(algorithms, self.algorithm)
        return kind

"""What may be tried: preprocessing, algorithm, its settings and the number of segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customer_atlas.clustering.search.mixtures import FLOOR
from customer_atlas.clustering.search.recipe import Recipe

if TYPE_CHECKING:
    from optuna import Trial

__all__ = ["Space"]

_WAYS = ("none", "robust", "pca", "whitening")
_SHARES = (0.8, 0.9, 0.95, 0.99, 1.0)
_COVARIANCES = ("full", "diagonal", "tied", "spherical")
_OWN_COVARIANCES = ("full", "diagonal", "spherical")  # of a Dirichlet-process mixture
_WIDEST_HILLS = 10  # columns in which neighbours are near
_NUMBERED = ("KMeans", "GaussianMixture", "Agglomerative", "Birch", "Spectral")
_STEPS = 300  # of a Dirichlet-process mixture, whose groups empty slowly


@dataclass(frozen=True)
class Space:
    """The candidates for rows of so many `columns`, of `most` segments each at the utmost."""

    columns: int
    most: int

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms by their names on the door."""
        dense = ("HDBSCAN", "Hills") if self.columns <= _WIDEST_HILLS else ("HDBSCAN",)
        return (*_NUMBERED, "BayesianMixture", *dense)

    def suggested(self, trial: Trial) -> Recipe:
        """Return the recipe that a trial is to try."""
        settings: dict[str, Any] = {}
        algorithm = trial.suggest_categorical("algorithm", self.algorithms)
        if algorithm in _NUMBERED:
            settings["n_clusters"] = trial.suggest_int("n_clusters", 2, self.most, log=True)
        settings |= self._own(str(algorithm), trial)
        way = trial.suggest_categorical("preprocessing", _WAYS)
        if way in ("pca", "whitening"):
            share = trial.suggest_categorical("variance", _SHARES)
            settings |= {"preprocessing": str(way), "variance": share}
        elif way == "robust":
            settings["preprocessing"] = way
        return Recipe.of(str(algorithm), **settings)

    def _own(self, algorithm: str, trial: Trial) -> dict[str, Any]:
        if algorithm == "GaussianMixture":
            return {
                "covariance": trial.suggest_categorical("covariance", _COVARIANCES),
                "floor": FLOOR,
            }
        if algorithm == "BayesianMixture":
            return {
                "max_clusters": self.most,
                "covariance": trial.suggest_categorical("own_covariance", _OWN_COVARIANCES),
                "concentration": trial.suggest_float("concentration", 1e-3, 10.0, log=True),
                "max_iter": _STEPS,
            }
        if algorithm == "Agglomerative":
            return {"linkage": trial.suggest_categorical("linkage", ("ward", "average"))}
        if algorithm == "HDBSCAN":
            size = trial.suggest_float("min_cluster_size", 5e-4, 0.1, log=True)
            return {"min_cluster_size": float(f"{size:.2g}"), "everyone": True}
        if algorithm == "Hills":
            return {
                "neighbours": trial.suggest_int("hill_neighbours", 10, 40),
                "height": trial.suggest_float("height", 2.5, 8.0, step=0.25),
            }
        if algorithm == "Spectral":
            return {"neighbours": trial.suggest_int("neighbours", 5, 20)}
        return {}

    def parameters(self, recipe: Recipe) -> dict[str, Any]:
        """Return what a trial must be told for `suggested` to give this recipe."""
        found: dict[str, Any] = {"algorithm": recipe.algorithm, "preprocessing": "none"}
        renamed = {"neighbours": "hill_neighbours"} if recipe.algorithm == "Hills" else {}
        for name, value in recipe.settings:
            if name not in ("floor", "everyone"):
                found[renamed.get(name, name)] = value
        return found

    def first(
        self, found: Recipe | None, others: Iterator[Recipe], means: int, white: int
    ) -> list[Recipe]:
        """Return what is tried first: what the quick search `found`, and what is unlike it.

        `others` are its other candidates, the best first; `means` and `white` are the numbers of
        segments that the rule for k-means chooses, of the columns as they are and whitened.
        """
        white = max(white, 2)
        recipes = [
            Recipe.of("KMeans", n_clusters=max(means, 2)),
            Recipe.of("KMeans", n_clusters=white, preprocessing="whitening", variance=1.0),
            Recipe.of("GaussianMixture", n_clusters=white, covariance="tied", floor=FLOOR),
            *(one for _, one in zip(range(2), others, strict=False)),
        ]
        recipes = [*([found] if found else []), *(one for one in recipes if self._holds(one))]
        return list(dict.fromkeys(recipes))

    def _holds(self, recipe: Recipe) -> bool:
        number = dict(recipe.settings).get("n_clusters", 2)
        return recipe.algorithm in self.algorithms and number <= self.most

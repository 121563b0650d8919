"""The surrogate: boosted trees that learn who is where, whose every output adds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.features import FeatureInfo
from customer_atlas.segments.drivers.encoding import Encoding, Floats
from customer_atlas.segments.drivers.likeness import tell_the_same

__all__ = ["Surrogate", "fit_trees", "trees_contributions"]

_TREES = 50
_SETTINGS: dict[str, Any] = {
    "objective": "multiclass",
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "verbose": -1,
    "max_bin": 63,
    "num_leaves": 12,
    "max_depth": 5,
    "learning_rate": 0.2,
    "min_data_in_leaf": 10,
    "lambda_l2": 1.0,
}


@dataclass(frozen=True)
class Surrogate:
    """What tells segments from each other, learned from features in real units.

    `text` is a LightGBM model of `clusters`, in their order. Its scores are centred: that of a
    segment is the logarithm of its share against the geometric mean of all shares, so that the
    difference of two of them is the logarithm of how many times likelier one is than the other.
    `same` are the places of features that tell the same, each feature in one group.
    """

    encoding: Encoding
    clusters: tuple[int, ...]
    text: str
    same: tuple[tuple[int, ...], ...]

    @classmethod
    def fit(
        cls,
        table: pa.Table,
        clusters: NDArray[np.int64],
        weights: Floats,
        infos: Sequence[FeatureInfo],
        seed: int = 0,
    ) -> Self:
        """Learn the clusters (n,) of rows that count as weights (n,); two differ at least."""
        encoding = Encoding.of(table, infos)
        present = np.unique(clusters)
        codes = np.searchsorted(present, clusters)
        matrix = encoding.matrix(table)
        model = fit_trees(matrix, codes, weights, encoding.categories, seed)
        same = tuple(tuple(group) for group in tell_the_same(matrix, encoding.categories))
        return cls(encoding, tuple(present.tolist()), model.model_to_string(), same)

    def matrix(self, table: pa.Table) -> Floats:
        """Return the rows as the trees read them (n, d)."""
        return self.encoding.matrix(table)

    def scores(self, matrix: Floats) -> Floats:
        """Return the centred score (n, k) of each cluster."""
        raw = self._trees.predict(matrix, raw_score=True, num_threads=1)
        return _centred(np.asarray(raw, np.float64), axis=1)

    def predict(self, matrix: Floats) -> NDArray[np.int64]:
        """Return the cluster (n,) of the highest score; the lower number where two tie."""
        return np.asarray(np.asarray(self.clusters)[self.scores(matrix).argmax(axis=1)])

    def contributions(self, matrix: Floats) -> Floats:
        """Return what each feature adds to each score (n, k, d + 1); the last is for everybody.

        These are exact Shapley values of the trees (Lundberg et al., "From local explanations to
        global understanding with explainable AI for trees", Nature Machine Intelligence 2, 2020):
        over the last axis they add up to `scores`.
        """
        return trees_contributions(self._trees, matrix, len(self.clusters))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            **self.encoding.to_dict(),
            "clusters": list(self.clusters),
            "same": [list(group) for group in self.same],
            "trees": self.text,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any], infos: Sequence[FeatureInfo]) -> Self:
        """Return what `to_dict` wrote; raises KeyError where something is absent."""
        encoding = Encoding.from_dict(stored, infos)
        same = tuple(tuple(group) for group in stored["same"])
        return cls(encoding, tuple(stored["clusters"]), stored["trees"], same)

    @cached_property
    def _trees(self) -> Any:
        import lightgbm

        return lightgbm.Booster(model_str=self.text)


def fit_trees(
    matrix: Floats, codes: NDArray[np.int64], weights: Floats, categories: Sequence[int], seed: int
) -> Any:
    """Return boosted trees of the codes (n,), from 0 below their number, for rows (n, d)."""
    import lightgbm

    settings = {**_SETTINGS, "num_class": int(codes.max()) + 1, "seed": seed % 2**31}
    data = lightgbm.Dataset(
        matrix,
        codes,
        weight=weights / weights.mean(),
        categorical_feature=list(categories),
        params=settings,
    )
    return lightgbm.train(settings, data, _TREES)


def trees_contributions(trees: Any, matrix: Floats, k: int) -> Floats:
    """Return what each feature adds to each centred score of trees of k clusters (n, k, d + 1)."""
    flat = trees.predict(matrix, pred_contrib=True, num_threads=1)
    return _centred(np.asarray(flat, np.float64).reshape(len(matrix), k, -1), axis=1)


def _centred(scores: Floats, axis: int) -> Floats:
    return np.asarray(scores - scores.mean(axis=axis, keepdims=True))

"""The one door to LightGBM: what features tell of outcomes, measured on customers held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.selection.association import area_under_curve, ranks
from customer_atlas.features.selection.customers import Array

__all__ = ["FOLDS", "HeldOut", "Target", "half_told", "held_out"]

FOLDS = 5
_TREES = 50
_SHUFFLED = 2_000
_SETTINGS: dict[str, Any] = {
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "verbose": -1,
    "max_bin": 63,
    "num_leaves": 6,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
}


@dataclass(frozen=True)
class Target:
    """An outcome to foretell: its values (n,), 0 and 1 where it is `binary`."""

    name: str
    values: Array
    binary: bool

    def score(self, foretold: Array, rows: NDArray[np.bool_]) -> float:
        """Return AUC, or R² against the variance of everybody, over the customers at `rows`."""
        actual = self.values[rows]
        if self.binary:
            if np.ptp(actual) == 0:
                return self.chance
            return area_under_curve(ranks(foretold), actual > 0)
        return 1 - float(np.mean((actual - foretold) ** 2)) / float(np.var(self.values))

    @property
    def chance(self) -> float:
        """The score of somebody who knows nothing."""
        return 0.5 if self.binary else 0.0


@dataclass(frozen=True)
class HeldOut:
    """The score of each target in each fold (folds, targets), and what each feature adds to it.

    `lost` (folds, targets, features) is by how much the score falls when that feature's values
    are shuffled among (at most 2,000) customers of the fold.
    """

    scores: Array
    lost: Array

    def of(self, targets: Sequence[int]) -> HeldOut:
        """Return what was measured of some of the targets, by their places."""
        return HeldOut(self.scores[:, list(targets)], self.lost[:, list(targets)])


def held_out(
    matrix: Array, categories: Sequence[int], targets: Sequence[Target], fold: NDArray[np.int64],
    seed: int,
) -> HeldOut:  # fmt: skip
    """Fit boosted trees to four folds of five, and judge them on the fifth, each in turn.

    Importance is by permutation on the fold held out (Breiman, "Random forests", 2001), not the
    gain of the splits: gain is counted on the customers that the trees were fitted to, where a
    column of many values always finds something to split. The same shuffle is used for
    every feature.
    """
    import lightgbm

    settings = {**_SETTINGS, "seed": seed % 2**31}
    whole = lightgbm.Dataset(
        matrix, categorical_feature=list(categories), params=settings, free_raw_data=False
    ).construct()
    scores = np.zeros((FOLDS, len(targets)))
    lost = np.zeros((FOLDS, len(targets), matrix.shape[1]))
    for held in range(FOLDS):
        rest, rows = np.flatnonzero(fold != held), fold == held
        shuffle = np.random.default_rng([seed % 2**63, held])
        few = _some(rows, _SHUFFLED)
        order = shuffle.permutation(int(few.sum()))
        for number, target in enumerate(targets):
            part = whole.subset(rest.tolist())
            part.construct().set_label(target.values[rest])
            objective = "binary" if target.binary else "regression"
            model = lightgbm.train({**settings, "objective": objective}, part, _TREES)
            scores[held, number] = target.score(_foretold(model, matrix[rows]), rows)
            lost[held, number] = _lost(model, matrix, target, few, order)
    return HeldOut(scores, lost)


def half_told(matrix: Array, values: Array, half: NDArray[np.int64], seed: int) -> float:
    """Return the share of the variance of `values` (n,) that is told of customers held out.

    Boosted trees are fitted to one `half` (n,), 0 or 1, and foretell the other, both ways; the
    mean is returned, below 0 where they do worse than the mean value of the half that they saw.
    Of customers whose value is NaN nothing is learned or asked.
    """
    import lightgbm

    known = ~np.isnan(values)
    settings = {**_SETTINGS, "seed": seed % 2**31, "objective": "regression"}
    shares = []
    for seen in (0, 1):
        learn, judge = known & (half == seen), known & (half != seen)
        if not learn.any() or not judge.any():
            return 0.0
        part = lightgbm.Dataset(matrix[learn], values[learn], params=settings)
        foretold = _foretold(lightgbm.train(settings, part, _TREES), matrix[judge])
        total = float(((values[judge] - values[learn].mean()) ** 2).sum())
        left = float(((values[judge] - foretold) ** 2).sum())
        shares.append(1 - left / total if total > 0 else 0.0)
    return float(np.mean(shares))


def _some(rows: NDArray[np.bool_], most: int) -> NDArray[np.bool_]:
    """Return the first of the rows, at most so many: they are in the order of a hash."""
    return rows & (np.cumsum(rows) <= most)


def _lost(
    model: Any, matrix: Array, target: Target, rows: NDArray[np.bool_], order: NDArray[np.int64]
) -> Array:
    """Return by how much the score at `rows` falls with each feature shuffled (features,)."""
    part = matrix[rows]
    score = target.score(_foretold(model, part), rows)
    lost = np.zeros(matrix.shape[1])
    for feature in np.flatnonzero(model.feature_importance("split")):
        kept = part[:, feature].copy()
        part[:, feature] = kept[order]
        lost[feature] = score - target.score(_foretold(model, part), rows)
        part[:, feature] = kept
    return lost


def _foretold(model: Any, matrix: Array) -> Array:
    return np.asarray(model.predict(matrix, num_threads=1), dtype=np.float64)

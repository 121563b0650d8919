"""How well scores tell groups apart: the area under the ROC curve, with its error and chance."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from customer_atlas.segments.fairness.intervals import normal_quantile
from customer_atlas.segments.fairness.report import Estimate, Told

__all__ = ["FOLDS", "told"]

FOLDS = 5

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def told(scores: Array, codes: Codes, folds: Codes) -> Told:
    """Return how well scores (n, g) of customers held out tell their groups `codes` (n,).

    The area under the ROC curve is that of each group against all others, the mean over groups
    and over `folds` (n,), so that 0.5 is chance however many and however large the groups are.
    Its error is that of DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more
    correlated receiver operating characteristic curves", 1988; it counts the customers who were
    judged, not what other customers would have taught. The chance is that of the groups shuffled
    among the customers of a fold, by the mean and the variance of all shuffles (W. Hoeffding,
    "A combinatorial central limit theorem", 1951).

    >>> import numpy as np
    >>> scores = np.array([[0.9, 0.1], [0.6, 0.4], [0.4, 0.6], [0.1, 0.9]] * 20)
    >>> found = told(scores, np.tile([0, 0, 1, 1], 20), np.zeros(80, dtype=np.int64))
    >>> found.auc.value, found.p < 1e-9
    (1.0, True)
    """
    areas, error, chance = [], 0.0, 0.0
    for fold in np.unique(folds):
        rows = folds == fold
        area, squares, shuffled = _fold(scores[rows], codes[rows])
        areas.append(area)
        error, chance = error + squares, chance + shuffled
    value, count = float(np.mean(areas)), len(areas)
    reach = normal_quantile(0.95) * sqrt(error) / count
    z = (value - 0.5) * count / sqrt(chance) if chance > 0 else 0.0
    ends = Estimate(value, max(0.0, value - reach), min(1.0, value + reach))
    return Told(ends, NormalDist().cdf(-z))


def _fold(scores: Array, codes: Codes) -> tuple[float, float, float]:
    """Return the mean area of a fold, its variance, and its variance by shuffling."""
    from scipy.stats import rankdata

    people, groups = scores.shape
    areas, parts = [], np.zeros(people)
    shuffles = np.zeros((people, groups))
    counts = np.bincount(codes, minlength=groups)
    judged = [at for at in range(groups) if 0 < counts[at] < people]
    if not judged:
        return 0.5, 0.0, 0.0
    for at in judged:
        own = codes == at
        mine, others = int(counts[at]), people - int(counts[at])
        ranks = rankdata(scores[:, at])
        area = float((ranks[own].sum() - mine * (mine + 1) / 2) / (mine * others))
        areas.append(area)
        above = (ranks[own] - rankdata(scores[own, at])) / others
        below = 1 - (ranks[~own] - rankdata(scores[~own, at])) / mine
        parts[own] += (above - area) / mine
        parts[~own] += (below - area) / others
        shuffles[:, at] = ranks / (mine * others)
    parts, shuffles = parts / len(judged), shuffles / len(judged)
    centred = shuffles - shuffles.mean(axis=0) - (shuffles @ counts / people)[:, None]
    centred += shuffles.mean(axis=0) @ counts / people
    shuffled = float((centred**2 @ counts).sum()) / (people - 1)
    return float(np.mean(areas)), float(parts @ parts), shuffled

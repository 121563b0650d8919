"""How many segments: every candidate judged, one chosen by a stated rule, the others told why."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from customer_atlas.clustering.candidates import measure, resample_size
from customer_atlas.clustering.checks import checked_matrix, checked_weights, distinct_rows
from customer_atlas.clustering.criteria import Curve
from customer_atlas.clustering.curves import curves_of
from customer_atlas.clustering.lloyd import Array, one_thread
from customer_atlas.clustering.narrowing import narrowed
from customer_atlas.clustering.regions import Regions
from customer_atlas.clustering.rule import KScore, decide
from customer_atlas.errors import ClusteringError

__all__ = ["Choice", "choose_k"]


@dataclass(frozen=True)
class Choice:
    """The chosen number of segments, why, the curve of all candidates, and each criterion's."""

    k: int
    reason: str
    curve: tuple[KScore, ...]
    curves: tuple[Curve, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the choice as plain values, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Choice:
        """Make a choice of what `to_dict` returned."""
        curve = tuple(KScore(**score) for score in facts["curve"])
        curves = tuple(Curve.from_dict(one) for one in facts["curves"])
        return cls(facts["k"], facts["reason"], curve, curves)


def choose_k(
    X: Array, weights: Array | None = None, *, min_share: float = 0.01, max_segments: int = 20,
    seed: int = 0, regions: Regions | None = None,
) -> Choice:  # fmt: skip
    """Choose how many segments k-means should make of the rows of `X` (n, d).

    Candidates are 2 to `max_segments`, as far as segments of `min_share` of the weight fit.
    `decide` states the rule. The rows count in their order: sort them before. Where all rows
    are alike or fewer than five, k is 1. Raises `ClusteringError` for an empty table, values
    that are not finite, or limits that leave nothing to choose.

    >>> import numpy as np
    >>> draw = np.random.default_rng(0)
    >>> centers = np.repeat([[0, 0], [9, 0], [0, 9], [9, 9]], 50, axis=0)
    >>> choose_k(draw.normal(size=(200, 2)) + centers, max_segments=8).k
    4
    """
    X = checked_matrix(X)
    weights = checked_weights(weights, len(X))
    if max_segments < 2 or not 0 < min_share < 1:
        raise ClusteringError(
            f"max_segments must be at least 2 and min_share between 0 and 1;"
            f" found {max_segments} and {min_share}."
        )
    distinct = distinct_rows(X, max_segments)
    if distinct == 1:
        one = "one customer is" if len(X) == 1 else f"all {len(X)} customers are"
        return Choice(1, f"One segment: {one} the same in every column.", ())
    if resample_size(len(X)) < 4:
        return Choice(1, f"One segment: {len(X)} customers are too few to divide.", ())
    largest = min(
        max_segments, distinct, math.floor(1 / min_share + 1e-9), resample_size(len(X)) // 2
    )
    with one_thread():
        evidence = measure(narrowed(X), weights, range(2, largest + 1), seed=seed, regions=regions)
    curves = curves_of(evidence, min_share=min_share)
    k, reason, curve = decide(evidence.candidates, curves, min_share=min_share)
    return Choice(k, reason, curve, curves)

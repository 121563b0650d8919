"""How clear-cut each cluster is: the silhouettes of some of its customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria import distance_matrix, silhouette_values
from customer_atlas.clustering.lloyd import Array, one_thread
from customer_atlas.clustering.pictures.sampling import even_rows

__all__ = ["Silhouettes", "silhouettes_of"]

_MOST = 2_000
_LEAST = 15  # of each cluster, so that fifty clusters stay below the most


@dataclass(frozen=True)
class Silhouettes:
    """Silhouettes of a sample of customers, by cluster.

    `values` holds for each of the k clusters those of its sampled members, the highest first.
    `means`, their standard `errors` and the share of `negative` ones are (k,), NaN where a
    cluster has no member; `mean` and `error` are everybody's, each customer counting for as
    many as it stands for.
    """

    values: tuple[Array, ...]
    means: Array
    errors: Array
    negative: Array
    mean: float
    error: float

    @property
    def drawn(self) -> int:
        """How many customers were looked at."""
        return sum(map(len, self.values))


def silhouettes_of(
    X: Array, labels: NDArray[np.integer], k: int, sizes: NDArray[np.integer] | None = None,
    most: int = _MOST,
) -> Silhouettes | None:  # fmt: skip
    """Return the silhouettes (Rousseeuw, 1987) of about `most` of the rows of `X` (n, d).

    `labels` (n,) are 0 to k - 1; rows below 0 belong nowhere and take no part. `sizes` (k,) are
    how many customers the clusters have in all, where `X` holds but a part of them. None where
    fewer than two clusters have members.

    >>> X = np.array([[0.0], [0.0], [9.0], [9.0]])
    >>> silhouettes_of(X, np.array([0, 0, 1, 1]), 2).means.tolist()
    [1.0, 1.0]
    """
    inside = np.flatnonzero(labels >= 0)
    inside = inside[even_rows(labels[inside], most, _LEAST)]
    own = labels[inside]
    drawn = np.bincount(own, minlength=k)
    if (drawn > 0).sum() < 2:
        return None
    sizes = np.bincount(labels[labels >= 0], minlength=k) if sizes is None else sizes
    weights = (sizes / np.maximum(drawn, 1))[own]
    with one_thread():
        found = silhouette_values(distance_matrix(X[inside]), own, weights)
    values = tuple(np.sort(found[own == one])[::-1] for one in range(k))
    mean = float(np.average(found, weights=weights))
    return Silhouettes(
        values,
        _each(values, np.mean),
        _each(values, lambda of: of.std() / np.sqrt(len(of))),
        _each(values, lambda of: (of < 0).mean()),
        mean,
        float(np.sqrt(((weights * (found - mean)) ** 2).sum()) / weights.sum()),
    )


def _each(values: Sequence[Array], measure: Callable[[Array], Any]) -> Array:
    return np.array([measure(of) if len(of) else np.nan for of in values])

"""What is known of one division of the customers: does it come back, and does it separate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria import adjusted_rand, stability
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.search.recipe import Recipe

__all__ = ["VALID", "Tried", "ramp", "tried"]

VALID = 0.75  # Hennig's bar for the Jaccard similarity of a segment under resampling
_AGAIN = 0.05  # models of two draws differ by more than one of them and that of everybody


@dataclass(frozen=True)
class Tried:
    """A recipe and its division of the sample into k segments.

    `stability` is the adjusted Rand index with which models of other draws agree, the lower of
    the agreement with this one and with each other; `jaccard` (k,), how far each segment comes
    back (Hennig, 2007); `apart` (k,), from 0 to 1, how clearly it is separated from the
    neighbour that it is least separated from; `shares` (k,) of the customers; `clean`, whether
    all borders are gaps; `depth`, how empty they are on average; `fits`, whether it is the
    likeliest mixture, and its components are what it says, Gaussian; `bic`, Schwarz's criterion
    of a mixture.
    """

    recipe: Recipe
    k: int
    stability: float
    error: float
    jaccard: Array
    apart: Array
    shares: Array
    silhouette: float
    depth: float = 0.0
    clean: bool = False
    fits: bool = False
    bic: float = 0.0

    @property
    def dissolving(self) -> float:
        """The share of the customers whose segments do not come back from other draws."""
        return float(self.shares[self.jaccard < VALID].sum())


def tried(
    recipe: Recipe, labels: NDArray[np.integer], judged: NDArray[np.int64],
    others: Sequence[NDArray[np.integer]], apart: Array, *, silhouette: float, depth: float = 0.0,
    clean: bool = False, fits: bool = False, bic: float = 0.0, masses: Array | None = None,
) -> Tried:  # fmt: skip
    """Compare the labels (n,) of a division with those of refits for the `judged` rows.

    Rows stand for `masses` (n,) of customers, or for one each.
    """
    k, reference = int(labels.max()) + 1, labels[judged]
    masses = np.ones(len(labels)) if masses is None else masses
    found = stability(reference, others, masses[judged], k)
    agreement = float(np.mean([adjusted_rand(reference, one, masses[judged]) for one in others]))
    return Tried(
        recipe, k, min(agreement, found.mean + _AGAIN), found.error, found.jaccard, apart,
        np.bincount(labels, masses, k) / masses.sum(), silhouette, depth, clean, fits, bic,
    )  # fmt: skip


def ramp(values: Array | float, low: float, high: float) -> Array:
    """Return how far values are on the way from `low`, which counts nothing, to `high`: 0 to 1.

    >>> ramp(np.array([0.0, 0.5, 3.0]), 0.0, 2.0).tolist(), round(float(ramp(0.5, 0.8, 0.4)), 2)
    ([0.0, 0.25, 1.0], 0.75)
    """
    return np.asarray(np.clip((np.asarray(values) - low) / (high - low), 0.0, 1.0))

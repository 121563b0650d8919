"""The forms that clusters are served in: arrays that score a matrix, the same everywhere."""

from __future__ import annotations

from customer_atlas.clustering.served.calibrated import (
    KINDS,
    UNDECIDED_BELOW,
    Calibrated,
    Judged,
    unmerged,
)
from customer_atlas.clustering.served.centroids import (
    Centroids,
    nearest_centers,
    spread_along,
    squared_distances,
)
from customer_atlas.clustering.served.merged import Merged
from customer_atlas.clustering.served.mixed_centroids import MixedCentroids
from customer_atlas.clustering.served.mixture import Mixture
from customer_atlas.clustering.served.projected import Projected
from customer_atlas.clustering.served.prototypes import Prototypes
from customer_atlas.clustering.served.served import (
    MOST_MARGIN,
    UNUSUAL,
    Assignment,
    Served,
    margins,
)
from customer_atlas.clustering.served.stored import load_served, save_served
from customer_atlas.clustering.served.trees import Trees, single

__all__ = [
    "KINDS",
    "MOST_MARGIN",
    "UNDECIDED_BELOW",
    "UNUSUAL",
    "Assignment",
    "Calibrated",
    "Centroids",
    "Judged",
    "Merged",
    "MixedCentroids",
    "Mixture",
    "Projected",
    "Prototypes",
    "Served",
    "Trees",
    "load_served",
    "margins",
    "nearest_centers",
    "save_served",
    "single",
    "spread_along",
    "squared_distances",
    "unmerged",
]

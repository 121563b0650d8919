"""What tells how many segments there are: one criterion a file, for any algorithm's partitions.

Each gives a `Curve`: its values by the number of segments, what it alone would pick, and a
sentence that says so in plain words.
"""

from __future__ import annotations

from customer_atlas.clustering.criteria.bic import bic, bic_curve, kmeans_bic, kmeans_log_likelihood
from customer_atlas.clustering.criteria.calinski_harabasz import (
    calinski_harabasz,
    calinski_harabasz_curve,
)
from customer_atlas.clustering.criteria.curve import Curve
from customer_atlas.clustering.criteria.davies_bouldin import davies_bouldin, davies_bouldin_curve
from customer_atlas.clustering.criteria.dirichlet import dirichlet_curve, dirichlet_weights
from customer_atlas.clustering.criteria.elbow import elbow
from customer_atlas.clustering.criteria.gap import box_reference, gap_curve, ward_log_inertia
from customer_atlas.clustering.criteria.jackknife import jackknife
from customer_atlas.clustering.criteria.partition import Partition
from customer_atlas.clustering.criteria.prediction_strength import (
    mean_prediction_strength,
    prediction_strength,
    prediction_strength_curve,
)
from customer_atlas.clustering.criteria.silhouette import (
    distance_matrix,
    silhouette,
    silhouette_curve,
    silhouette_values,
)
from customer_atlas.clustering.criteria.stability import (
    adjusted_rand,
    contingency,
    jaccard,
    stability,
    stability_curve,
)

__all__ = [
    "Curve",
    "Partition",
    "adjusted_rand",
    "bic",
    "bic_curve",
    "box_reference",
    "calinski_harabasz",
    "calinski_harabasz_curve",
    "contingency",
    "davies_bouldin",
    "davies_bouldin_curve",
    "dirichlet_curve",
    "dirichlet_weights",
    "distance_matrix",
    "elbow",
    "gap_curve",
    "jaccard",
    "jackknife",
    "kmeans_bic",
    "kmeans_log_likelihood",
    "mean_prediction_strength",
    "prediction_strength",
    "prediction_strength_curve",
    "silhouette",
    "silhouette_curve",
    "silhouette_values",
    "stability",
    "stability_curve",
    "ward_log_inertia",
]

"""The algorithms, one file each, under one contract."""

from __future__ import annotations

from customer_atlas.clustering.algorithms.birch import Birch
from customer_atlas.clustering.algorithms.clusterer import Clusterer, Description, Found
from customer_atlas.clustering.algorithms.k_prototypes import KPrototypes
from customer_atlas.clustering.algorithms.kmeans import KMeans
from customer_atlas.clustering.algorithms.mini_batch_kmeans import MiniBatchKMeans
from customer_atlas.clustering.algorithms.online_kmeans import OnlineKMeans

__all__ = [
    "Birch",
    "Clusterer",
    "Description",
    "Found",
    "KMeans",
    "KPrototypes",
    "MiniBatchKMeans",
    "OnlineKMeans",
]

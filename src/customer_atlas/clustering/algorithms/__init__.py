"""The algorithms, one file each, under one contract."""

from __future__ import annotations

from customer_atlas.clustering.algorithms.agglomerative import Agglomerative
from customer_atlas.clustering.algorithms.bayesian_mixture import BayesianMixture
from customer_atlas.clustering.algorithms.birch import Birch
from customer_atlas.clustering.algorithms.clusterer import Clusterer, Description, Found
from customer_atlas.clustering.algorithms.dbscan import DBSCAN
from customer_atlas.clustering.algorithms.gaussian_mixture import GaussianMixture
from customer_atlas.clustering.algorithms.hdbscan import HDBSCAN
from customer_atlas.clustering.algorithms.hills import Hills
from customer_atlas.clustering.algorithms.k_prototypes import KPrototypes
from customer_atlas.clustering.algorithms.kmeans import KMeans
from customer_atlas.clustering.algorithms.mini_batch_kmeans import MiniBatchKMeans
from customer_atlas.clustering.algorithms.online_kmeans import OnlineKMeans
from customer_atlas.clustering.algorithms.preprocessed import Preprocessed
from customer_atlas.clustering.algorithms.single_linkage import SingleLinkage
from customer_atlas.clustering.algorithms.spectral import Spectral

__all__ = [
    "DBSCAN",
    "HDBSCAN",
    "Agglomerative",
    "BayesianMixture",
    "Birch",
    "Clusterer",
    "Description",
    "Found",
    "GaussianMixture",
    "Hills",
    "KMeans",
    "KPrototypes",
    "MiniBatchKMeans",
    "OnlineKMeans",
    "Preprocessed",
    "SingleLinkage",
    "Spectral",
]

"""The algorithms, one file each, under one contract."""

from __future__ import annotations

from customer_atlas.clustering.algorithms.bayesian_mixture import BayesianMixture
from customer_atlas.clustering.algorithms.clusterer import Clusterer, Description, Found
from customer_atlas.clustering.algorithms.gaussian_mixture import GaussianMixture
from customer_atlas.clustering.algorithms.kmeans import KMeans

__all__ = ["BayesianMixture", "Clusterer", "Description", "Found", "GaussianMixture", "KMeans"]

"""Clustering: a sample, the number of segments, k-means, and one pass that assigns everyone."""

from __future__ import annotations

from customer_atlas.clustering.choice import Choice, choose_k
from customer_atlas.clustering.criteria import adjusted_rand
from customer_atlas.clustering.kmeans import Assignment, KMeansModel
from customer_atlas.clustering.rule import KScore
from customer_atlas.clustering.sample import stratified_sample

__all__ = [
    "Assignment",
    "Choice",
    "KMeansModel",
    "KScore",
    "adjusted_rand",
    "choose_k",
    "stratified_sample",
]

"""Clustering: a null test, a sample, the number of segments, k-means, one pass for everyone."""

from __future__ import annotations

from customer_atlas.clustering.choice import Choice, choose_k
from customer_atlas.clustering.kmeans import Assignment, KMeansModel
from customer_atlas.clustering.null_test import DipPart, InertiaPart, NullTest, null_test
from customer_atlas.clustering.rule import KScore
from customer_atlas.clustering.sample import stratified_sample
from customer_atlas.clustering.stability import adjusted_rand

__all__ = [
    "Assignment",
    "Choice",
    "DipPart",
    "InertiaPart",
    "KMeansModel",
    "KScore",
    "NullTest",
    "adjusted_rand",
    "choose_k",
    "null_test",
    "stratified_sample",
]

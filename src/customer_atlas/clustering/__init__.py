"""Clustering: is there structure, how many groups, by which algorithm, and who is where.

The estimators load scikit-learn, which takes a second; what only scores does without it. So
they are loaded when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from customer_atlas.clustering.choice import Choice, choose_k
from customer_atlas.clustering.criteria import Curve, adjusted_rand
from customer_atlas.clustering.rule import KScore
from customer_atlas.clustering.sample import stratified_sample
from customer_atlas.clustering.served import (
    UNUSUAL,
    Assignment,
    Centroids,
    Served,
    load_served,
    save_served,
)
from customer_atlas.clustering.structure_test import DipPart, InertiaPart, NullTest, null_test

if TYPE_CHECKING:
    from customer_atlas.clustering.algorithms import Clusterer, Description, KMeans

__all__ = [
    "UNUSUAL",
    "Assignment",
    "Centroids",
    "Choice",
    "Clusterer",
    "Curve",
    "Description",
    "DipPart",
    "InertiaPart",
    "KMeans",
    "KScore",
    "NullTest",
    "Served",
    "adjusted_rand",
    "choose_k",
    "load_served",
    "null_test",
    "save_served",
    "stratified_sample",
]

_ESTIMATORS = dict.fromkeys(("Clusterer", "Description", "KMeans"), "algorithms")


def __getattr__(name: str) -> Any:
    if name not in _ESTIMATORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ESTIMATORS[name]}"), name)

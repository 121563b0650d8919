"""Clustering: is there structure, how many groups, by which algorithm, and who is where.

The estimators load scikit-learn, which takes a second; what only scores does without it. So
they are loaded when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from customer_atlas.clustering.calibration import Reliability, calibrate
from customer_atlas.clustering.choice import Choice, choose_k
from customer_atlas.clustering.criteria import Curve, adjusted_rand
from customer_atlas.clustering.onnx import Scored, served_nodes, to_onnx
from customer_atlas.clustering.rule import KScore
from customer_atlas.clustering.sample import stratified_sample
from customer_atlas.clustering.search import Entry, Leaderboard, Recipe, Search
from customer_atlas.clustering.served import (
    KINDS,
    UNUSUAL,
    Assignment,
    Calibrated,
    Centroids,
    Judged,
    MixedCentroids,
    Mixture,
    Prototypes,
    Served,
    Trees,
    load_served,
    save_served,
)
from customer_atlas.clustering.structure_test import DipPart, InertiaPart, NullTest, null_test

if TYPE_CHECKING:
    from customer_atlas.clustering.algorithms import (
        DBSCAN,
        HDBSCAN,
        Agglomerative,
        BayesianMixture,
        Birch,
        Clusterer,
        Description,
        GaussianMixture,
        Hills,
        KMeans,
        KPrototypes,
        MiniBatchKMeans,
        OnlineKMeans,
        Spectral,
    )
    from customer_atlas.clustering.auto_clusterer import AutoClusterer
    from customer_atlas.clustering.pictures import (
        DENSE,
        Components,
        Grid,
        NeighbourMethod,
        Silhouettes,
        Tree,
        can_umap,
        even_rows,
        neighbour_maps,
        silhouettes_of,
        tree_of,
    )
    from customer_atlas.clustering.search.quick import quick_search

__all__ = [
    "DBSCAN",
    "DENSE",
    "HDBSCAN",
    "KINDS",
    "UNUSUAL",
    "Agglomerative",
    "Assignment",
    "AutoClusterer",
    "BayesianMixture",
    "Birch",
    "Calibrated",
    "Centroids",
    "Choice",
    "Clusterer",
    "Components",
    "Curve",
    "Description",
    "DipPart",
    "Entry",
    "GaussianMixture",
    "Grid",
    "Hills",
    "InertiaPart",
    "Judged",
    "KMeans",
    "KPrototypes",
    "KScore",
    "Leaderboard",
    "MiniBatchKMeans",
    "MixedCentroids",
    "Mixture",
    "NeighbourMethod",
    "NullTest",
    "OnlineKMeans",
    "Prototypes",
    "Recipe",
    "Reliability",
    "Scored",
    "Search",
    "Served",
    "Silhouettes",
    "Spectral",
    "Tree",
    "Trees",
    "adjusted_rand",
    "calibrate",
    "can_umap",
    "choose_k",
    "even_rows",
    "load_served",
    "neighbour_maps",
    "null_test",
    "quick_search",
    "save_served",
    "served_nodes",
    "silhouettes_of",
    "stratified_sample",
    "to_onnx",
    "tree_of",
]

_ESTIMATORS = dict.fromkeys(
    (
        "Agglomerative",
        "BayesianMixture",
        "Birch",
        "Clusterer",
        "DBSCAN",
        "Description",
        "GaussianMixture",
        "Hills",
        "HDBSCAN",
        "KMeans",
        "KPrototypes",
        "MiniBatchKMeans",
        "OnlineKMeans",
        "Spectral",
    ),
    "algorithms",
)
_PICTURES = dict.fromkeys(
    (
        "DENSE",
        "Components",
        "Grid",
        "NeighbourMethod",
        "Silhouettes",
        "Tree",
        "can_umap",
        "even_rows",
        "neighbour_maps",
        "silhouettes_of",
        "tree_of",
    ),
    "pictures",
)
_SEARCH = {"AutoClusterer": "auto_clusterer", "quick_search": "search.quick"}
_LATER = _ESTIMATORS | _PICTURES | _SEARCH


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)

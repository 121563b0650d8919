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
from customer_atlas.clustering.levels import Cut, Division, Joined, Node, SegmentTree
from customer_atlas.clustering.onnx import Scored, served_nodes, to_onnx, tree_nodes
from customer_atlas.clustering.rule import KScore
from customer_atlas.clustering.sample import stratified_sample
from customer_atlas.clustering.search import Entry, Leaderboard, Recipe, Search
from customer_atlas.clustering.served import (
    KINDS,
    UNDECIDED_BELOW,
    UNUSUAL,
    Assignment,
    Calibrated,
    Centroids,
    Judged,
    Merged,
    MixedCentroids,
    Mixture,
    Projected,
    Prototypes,
    Served,
    Trees,
    load_served,
    save_served,
)
from customer_atlas.clustering.stability import (
    PROBES,
    Leaving,
    Probe,
    ProbeKind,
    StabilityReport,
    Trial,
    say_leaving,
    say_probe,
    steadiness,
)
from customer_atlas.clustering.structure_test import (
    DipPart,
    GapPart,
    InertiaPart,
    NullTest,
    null_test,
)

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
        Preprocessed,
        SingleLinkage,
        Spectral,
    )
    from customer_atlas.clustering.auto_clusterer import AutoClusterer
    from customer_atlas.clustering.levels.dividing import Limits, divide
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
    from customer_atlas.clustering.search.thorough import (
        Future,
        FutureOutcome,
        Objective,
        thorough_search,
    )
    from customer_atlas.clustering.stability.probing import (
        Window,
        stability_over_time,
        stability_report,
    )

__all__ = [
    "DBSCAN",
    "DENSE",
    "HDBSCAN",
    "KINDS",
    "PROBES",
    "UNDECIDED_BELOW",
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
    "Cut",
    "Description",
    "DipPart",
    "Division",
    "Entry",
    "Future",
    "FutureOutcome",
    "GapPart",
    "GaussianMixture",
    "Grid",
    "Hills",
    "InertiaPart",
    "Joined",
    "Judged",
    "KMeans",
    "KPrototypes",
    "KScore",
    "Leaderboard",
    "Leaving",
    "Limits",
    "Merged",
    "MiniBatchKMeans",
    "MixedCentroids",
    "Mixture",
    "NeighbourMethod",
    "Node",
    "NullTest",
    "Objective",
    "OnlineKMeans",
    "Preprocessed",
    "Probe",
    "ProbeKind",
    "Projected",
    "Prototypes",
    "Recipe",
    "Reliability",
    "Scored",
    "Search",
    "SegmentTree",
    "Served",
    "Silhouettes",
    "SingleLinkage",
    "Spectral",
    "StabilityReport",
    "Tree",
    "Trees",
    "Trial",
    "Window",
    "adjusted_rand",
    "calibrate",
    "can_umap",
    "choose_k",
    "divide",
    "even_rows",
    "load_served",
    "neighbour_maps",
    "null_test",
    "quick_search",
    "save_served",
    "say_leaving",
    "say_probe",
    "served_nodes",
    "silhouettes_of",
    "stability_over_time",
    "stability_report",
    "steadiness",
    "stratified_sample",
    "thorough_search",
    "to_onnx",
    "tree_nodes",
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
        "Preprocessed",
        "SingleLinkage",
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
_SEARCH = {
    "AutoClusterer": "auto_clusterer",
    "Limits": "levels.dividing",
    "divide": "levels.dividing",
    "quick_search": "search.quick",
}
_STABILITY = dict.fromkeys(
    ("Window", "stability_over_time", "stability_report"), "stability.probing"
)
_THOROUGH = dict.fromkeys(
    ("Future", "FutureOutcome", "Objective", "thorough_search"), "search.thorough"
)
_LATER = _ESTIMATORS | _PICTURES | _SEARCH | _STABILITY | _THOROUGH


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)

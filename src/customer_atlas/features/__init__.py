"""Features: declared once, computed as of any time, made into numbers for distances."""

from __future__ import annotations

from customer_atlas.features.acting import Acting, Doing, Past
from customer_atlas.features.compute import Computation
from customer_atlas.features.declared import Declared, declare
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.followed import FollowedRows
from customer_atlas.features.history import compute_history
from customer_atlas.features.learning import learn_population
from customer_atlas.features.matrix import DesignMatrix, matrix_nodes
from customer_atlas.features.origin import Origin, Stretch, origin_of
from customer_atlas.features.plan import Plan
from customer_atlas.features.population import LearnedScale, Population
from customer_atlas.features.roles import SourceTable
from customer_atlas.features.selection import (
    CurvePoint,
    Dropped,
    Ranked,
    Selection,
    half_told,
    select_features,
)
from customer_atlas.features.snapshot import Snapshot, people_query

__all__ = [
    "Acting",
    "Computation",
    "CurvePoint",
    "Declared",
    "DesignMatrix",
    "Doing",
    "Dropped",
    "FeatureInfo",
    "FollowedRows",
    "LearnedScale",
    "Origin",
    "Past",
    "Plan",
    "Population",
    "Ranked",
    "Selection",
    "Snapshot",
    "SourceTable",
    "Stretch",
    "compute_history",
    "declare",
    "half_told",
    "learn_population",
    "matrix_nodes",
    "origin_of",
    "people_query",
    "select_features",
]

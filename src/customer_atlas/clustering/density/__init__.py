"""Where customers lie densely: neighbours, the hills of the density, and the gaps between."""

from __future__ import annotations

from customer_atlas.clustering.density.gaps import Gaps, gaps_of
from customer_atlas.clustering.density.modes import EDGES, modes, prominences
from customer_atlas.clustering.density.neighbours import (
    DIMENSION_FROM,
    Neighbours,
    joined,
    nearest_label,
)

__all__ = [
    "DIMENSION_FROM",
    "EDGES",
    "Gaps",
    "Neighbours",
    "gaps_of",
    "joined",
    "modes",
    "nearest_label",
    "prominences",
]

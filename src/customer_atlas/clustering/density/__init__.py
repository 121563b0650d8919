"""Where customers lie densely: neighbours, and the hills of the density."""

from __future__ import annotations

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
    "Neighbours",
    "joined",
    "modes",
    "nearest_label",
    "prominences",
]

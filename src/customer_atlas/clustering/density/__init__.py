"""Where customers lie densely: neighbours, and the hills of the density."""

from __future__ import annotations

from customer_atlas.clustering.density.modes import EDGES, modes
from customer_atlas.clustering.density.neighbours import Neighbours

__all__ = ["EDGES", "Neighbours", "modes"]

"""Pictures of clusters: what they are drawn from, and how a notebook shows them.

The maps by t-SNE and UMAP are for the eye: nothing is ever learnt from them.
"""

from __future__ import annotations

from customer_atlas.clustering.pictures.components import Components
from customer_atlas.clustering.pictures.density import Grid
from customer_atlas.clustering.pictures.map_picture import DENSE, MapMethod
from customer_atlas.clustering.pictures.neighbours import (
    NeighbourMethod,
    can_umap,
    neighbour_maps,
)
from customer_atlas.clustering.pictures.plot import Kind, plot
from customer_atlas.clustering.pictures.sampling import even_rows
from customer_atlas.clustering.pictures.seen import Crowd, Seen
from customer_atlas.clustering.pictures.silhouettes import Silhouettes, silhouettes_of
from customer_atlas.clustering.pictures.tree import Branch, Tree, tree_of

__all__ = [
    "DENSE",
    "Branch",
    "Components",
    "Crowd",
    "Grid",
    "Kind",
    "MapMethod",
    "NeighbourMethod",
    "Seen",
    "Silhouettes",
    "Tree",
    "can_umap",
    "even_rows",
    "neighbour_maps",
    "plot",
    "silhouettes_of",
    "tree_of",
]

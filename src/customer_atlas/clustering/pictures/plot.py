"""The pictures of a fitted model, for a notebook, by kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

from customer_atlas.clustering.pictures.cluster_pictures import (
    centroids_picture,
    silhouette_picture,
    sizes_picture,
)
from customer_atlas.clustering.pictures.curves_picture import curves_picture
from customer_atlas.clustering.pictures.map_picture import MapMethod, map_picture
from customer_atlas.clustering.pictures.seen import Seen
from customer_atlas.clustering.pictures.tree_picture import tree_picture
from customer_atlas.errors import ClusteringError

__all__ = ["Kind", "plot"]

Kind = Literal["map", "silhouette", "sizes", "centroids", "dendrogram", "k"]

_PICTURES: dict[str, Callable[[Seen], Any]] = {
    "silhouette": silhouette_picture,
    "sizes": sizes_picture,
    "centroids": centroids_picture,
    "dendrogram": tree_picture,
    "k": curves_picture,
}


def plot(seen: Seen, kind: Kind, *, dims: int = 2, method: MapMethod = "pca") -> Any:
    """Return the plotly figure of a kind. Raises `ClusteringError` where it cannot be drawn."""
    if kind not in get_args(Kind):
        raise ClusteringError(
            f"Found the kind {kind!r}; a picture is of a kind among {', '.join(get_args(Kind))}."
        )
    if seen.names and len(seen.names) != len(seen.shares):
        raise ClusteringError(
            f"Found {len(seen.names)} names for {len(seen.shares)} clusters; give each one."
        )
    return map_picture(seen, dims, method) if kind == "map" else _PICTURES[kind](seen)

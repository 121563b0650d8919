"""Where customers and segments lie: computed once, for the pictures that show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.clustering import (
    Grid,
    NeighbourMethod,
    Silhouettes,
    Tree,
    can_umap,
    neighbour_maps,
    silhouettes_of,
    tree_of,
)
from customer_atlas.features import DesignMatrix
from customer_atlas.report.people import Array, People
from customer_atlas.report.projection import Projection, project
from customer_atlas.segments import Segment

__all__ = ["Geometry", "NeighbourMap", "Shading", "geometry_of", "shading_of"]

_MAPPED = 4_000
_NEIGHBOURS = 1_500  # t-SNE and UMAP take seconds for so many
_LEAST = 15

Bucket = tuple[pa.Table, pa.Table]


@dataclass(frozen=True)
class Shading:
    """How many of all customers of each segment lie in each cell of the map (k, up, right)."""

    grid: Grid
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class NeighbourMap:
    """The customers at `rows` as points (n, 2), by a method that keeps neighbours together."""

    method: NeighbourMethod
    rows: NDArray[np.int64]
    points: Array


@dataclass(frozen=True)
class Geometry:
    """The map, its shading where customers are very many, maps of neighbours, silhouettes, tree.

    Leaves of the tree are places in the list of segments. What cannot be is None: the maps where
    customers are all alike, silhouettes and tree of a single segment.
    """

    projection: Projection | None
    shading: Shading | None
    neighbours: tuple[NeighbourMap, ...]
    silhouettes: Silhouettes | None
    tree: Tree | None


def geometry_of(
    people: People, matrix: DesignMatrix, segments: Sequence[Segment],
    shade: Iterable[Bucket] = (), places: Mapping[int, int] | None = None,
) -> Geometry:  # fmt: skip
    """Look at the customers in the matrix that the segments were found in.

    `shade` are the buckets of all customers, where there are too many to draw, and `places` is
    that of each cluster in the list of segments.
    """
    design = matrix.transform(people.features)
    sizes = np.array([one.size for one in segments])
    projection = project(design, matrix, people.sample(_MAPPED))
    shading = None
    if projection is not None and len(projection.explained) > 1:
        shading = shading_of(projection, design, matrix, shade, places or {})
    return Geometry(
        projection,
        shading,
        _neighbours(design, people) if projection is not None else (),
        silhouettes_of(design, people.segment, len(segments), sizes),
        _tree(design, people.segment, sizes),
    )


def shading_of(
    projection: Projection, design: Array, matrix: DesignMatrix, buckets: Iterable[Bucket],
    places: Mapping[int, int],
) -> Shading | None:  # fmt: skip
    """Count all customers on the map, a bucket at a time; None of no buckets.

    The cells lie over what is known of `design` (n, d); who lies beyond counts at the border.
    """
    grid = Grid.around(projection.components.place(design)[:, :2])
    counts: NDArray[np.int64] | None = None
    of_cluster = pa.array(list(places))
    for features, members in buckets:
        at = pc.index_in(members["cluster"].cast(of_cluster.type), of_cluster)
        segment = np.array(list(places.values()), dtype=np.int64)[np.asarray(at)]
        points = projection.components.place(matrix.transform(features))[:, :2]
        here = grid.count(points, segment, len(places))
        counts = here if counts is None else counts + here
    return None if counts is None else Shading(grid, counts)


def _neighbours(design: Array, people: People) -> tuple[NeighbourMap, ...]:
    rows = people.sample(_NEIGHBOURS, _LEAST)
    methods: list[NeighbourMethod] = ["tsne", "umap"] if can_umap() else ["tsne"]
    found = neighbour_maps(design[rows], methods) or []
    return tuple(
        NeighbourMap(method, rows, points) for method, points in zip(methods, found, strict=False)
    )


def _tree(design: Array, segment: NDArray[np.int64], sizes: NDArray[np.int64]) -> Tree | None:
    """Return how the segments merge; those without a customer in the sample are left out."""
    here = np.unique(segment)
    centers = np.array([design[segment == place].mean(axis=0) for place in here])
    tree = tree_of(centers, sizes[here].astype(np.float64))
    return tree.renamed(here.tolist()) if tree is not None else None

"""Customers as points, coloured by cluster; of very many, a sample over the density of all."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.pictures.components import Components
from customer_atlas.clustering.pictures.density import Grid
from customer_atlas.clustering.pictures.neighbours import neighbour_maps
from customer_atlas.clustering.pictures.sampling import even_rows
from customer_atlas.clustering.pictures.seen import Crowd, Seen
from customer_atlas.clustering.pictures.style import GRID, INK, axis, colour, figure, marker, wash
from customer_atlas.errors import ClusteringError

__all__ = ["DENSE", "MapMethod", "map_picture"]

MapMethod = Literal["pca", "tsne", "umap"]

DENSE = 100_000
"""Of more customers, the density of all is drawn behind the sample."""
_DRAWN = {"pca": 4_000, "tsne": 2_000, "umap": 2_000}
_TITLES = {"pca": "principal components", "tsne": "t-SNE", "umap": "UMAP"}


def map_picture(seen: Seen, dims: int, method: MapMethod) -> Any:
    """Return the map of the customers in two or three dimensions."""
    if method not in _DRAWN or dims not in (2, 3):
        raise ClusteringError(
            f"Found the method {method!r} in {dims} dimensions; a map is by pca, tsne or umap, in"
            " 2 or 3."
        )
    crowd = seen.people("map")
    rows = even_rows(crowd.labels, _DRAWN[method])
    components = Components.fit(crowd.points)
    points = _points(crowd, components, rows, dims, method)
    if components is None or points is None:
        raise ClusteringError(
            f"There is nothing to spread out on a map: {len(crowd)} customers"
            + (" are all alike." if components is None else " are too few for this method.")
        )
    dense = method == "pca" and dims == 2 and len(crowd) > DENSE and points.shape[1] == 2
    shading = _shading(crowd, components, len(seen.shares)) if dense else []
    titles = [
        f"Component {at + 1}: {share:.0%} of what differs"
        for at, share in enumerate(components.explained)
    ]
    titles = [*titles, "", ""][:3] if method == "pca" else ["", "", ""]
    if points.shape[1] < dims:  # spread out, so that customers do not hide each other
        spread = np.arange(len(points)) * 0.618 % 1 - 0.5
        points = np.column_stack([points, *[spread] * (dims - points.shape[1])])
    return figure(
        [*shading, *_marks(seen, points, crowd.labels[rows], faint=dense)],
        f"Customers by {_TITLES[method]}",
        _under(crowd, rows, method, dense=dense),
        560,
        showlegend=True,
        legend={"itemsizing": "constant", "font": {"size": 12}},
        **_axes(titles, dims),
    )


def _points(
    crowd: Crowd, components: Components | None, rows: NDArray[np.int64], dims: int,
    method: MapMethod,
) -> Array | None:  # fmt: skip
    if components is None:
        return None
    some = crowd.points[rows]
    if method == "pca":
        return components.place(some)[:, :dims]
    found = neighbour_maps(some, [method], dims)
    return found[0] if found else None


def _marks(
    seen: Seen, points: Array, labels: NDArray[np.int32], *, faint: bool
) -> list[dict[str, Any]]:
    deep = points.shape[1] == 3
    return [
        {
            "type": "scatter3d" if deep else "scatter",
            "mode": "markers",
            "name": seen.name(number),
            **{
                name: points[labels == number, at]
                for at, name in enumerate("xyz"[: points.shape[1]])
            },
            "hoverinfo": "name",
            "marker": {
                "color": colour(number),
                "symbol": marker(number),
                "size": 2.6 if deep else 4 if faint else 6,
                "opacity": 0.85 if deep else 0.5 if faint else 0.7,
                "line": {"width": 0 if deep else 0.4, "color": "#ffffff"},
            },
        }
        for number in np.unique(labels).tolist()
    ]


def _shading(crowd: Crowd, components: Components, k: int) -> list[dict[str, Any]]:
    placed = components.place(crowd.points)[:, :2]
    inside = crowd.labels >= 0
    grid = Grid.around(placed)
    counts = np.sqrt(grid.count(placed[inside], crowd.labels[inside], k))
    right, up = grid.middles
    return [
        {
            "type": "heatmap",
            "x": right,
            "y": up,
            "z": counts[number],
            "zmin": 0,
            "zmax": counts.max(),
            "zsmooth": "best",
            "colorscale": [[0, wash(colour(number), 0)], [1, wash(colour(number), 0.75)]],
            "showscale": False,
            "hoverinfo": "skip",
        }
        for number in range(k)
    ]


def _under(crowd: Crowd, rows: NDArray[np.int64], method: MapMethod, *, dense: bool) -> str:
    some = len(rows) < len(crowd)
    who = f"{len(rows):,} of {len(crowd):,} customers" if some else f"{len(crowd):,} customers"
    shaded = "; the shading counts all of them" if dense else ""
    means = (
        "the closer, the more alike"
        if method == "pca"
        else "near neighbours are alike; how far groups lie apart, and how wide they are, says"
        " nothing"
    )
    return f"{who}{shaded}; {means}."


def _axes(titles: list[str], dims: int) -> dict[str, Any]:
    if dims == 2:
        quiet = {"showticklabels": False}
        return {"xaxis": axis(titles[0], **quiet), "yaxis": axis(titles[1], **quiet)}
    box = {"showticklabels": False, "gridcolor": GRID, "showbackground": False, "zeroline": False}
    return {
        "scene": {
            f"{name}axis": box | {"title": {"text": title, "font": {"size": 11, "color": INK}}}
            for name, title in zip("xyz", titles, strict=True)
        }
        | {"aspectmode": "cube"}
    }

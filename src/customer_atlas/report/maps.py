"""Customers as points in two and three dimensions, coloured by segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.report.figure import (
    CARD,
    GRID,
    INK,
    QUIET,
    Figure,
    axis,
    clear,
    colour,
    layout,
    numbers,
    strong,
    symbol,
    written,
)
from customer_atlas.report.geometry import NeighbourMap, Shading
from customer_atlas.report.people import Array, People
from customer_atlas.report.projection import Projection
from customer_atlas.segments import Segment, say_share

__all__ = ["map_figure", "neighbours_figure", "space_figure"]

_METHODS = {"tsne": "t-SNE", "umap": "UMAP"}
_IN_SPACE = {"circle", "square", "diamond", "cross", "x"}


def map_figure(
    projection: Projection, shading: Shading | None, people: People, segments: Sequence[Segment]
) -> Figure:
    """Return the map of the first two components, over the shading; of one component, a strip."""
    points = projection.points[:, :2]
    flat = points.shape[1] == 1
    if flat:  # spread out, so that customers do not hide each other
        points = np.column_stack([points, np.arange(len(points)) * 0.618 % 1 - 0.5])
    titles = [_title(projection, at) for at in range(len(projection.explained[:2]))]
    shaded = ", over the density of all" if shading else ""
    return Figure(
        "map",
        f"Map of {len(projection.rows):,} customers on two principal components, coloured by"
        f" segment{shaded}; each segment's number stands in its middle.",
        [*_shades(shading), *_marks(points, people.segment[projection.rows], segments, shading)],
        _flat_layout(
            points,
            people.segment[projection.rows],
            (titles[0], "spread out to be seen; no meaning" if flat else titles[1]),
            len(segments),
        ),
        520,
    )


def neighbours_figure(found: NeighbourMap, people: People, segments: Sequence[Segment]) -> Figure:
    """Return the map on which near neighbours are kept together."""
    owners, name = people.segment[found.rows], _METHODS[found.method]
    return Figure(
        found.method,
        f"Map of {len(found.rows):,} customers by {name}, near neighbours together, coloured by"
        " segment; each segment's number stands in its middle.",
        _marks(found.points, owners, segments, None),
        _flat_layout(found.points, owners, ("", ""), len(segments)),
        560,
        {"layout.height": 420},
    )


def _marks(
    points: Array, owners: NDArray[np.int64], segments: Sequence[Segment], shading: Shading | None
) -> list[dict[str, Any]]:
    """Return the points by segment; `meta` is the place of the segment that a chip switches."""
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": written(segment.name, 40),
            "meta": place,
            "x": numbers(points[owners == place, 0], 3),
            "y": numbers(points[owners == place, 1], 3),
            "hoverinfo": "name",
            "marker": {
                "color": colour(place),
                "symbol": symbol(place),
                "size": 4 if shading else 6,
                "opacity": 0.5 if shading else 0.65,
                "line": {"width": 0.4, "color": CARD},
            },
        }
        for place, segment in enumerate(segments)
    ]


def _shades(shading: Shading | None) -> list[dict[str, Any]]:
    """Return for each segment how dense it is; roots, so that thin crowds can be seen too."""
    if shading is None:
        return []
    right, up = shading.grid.middles
    roots = np.sqrt(shading.counts / shading.counts.max())
    return [
        {
            "type": "heatmap",
            "meta": place,
            "x": numbers(right),
            "y": numbers(up),
            "z": [numbers(row, 2) for row in one],
            "zmin": 0,
            "zmax": 1,
            "zsmooth": "best",
            "colorscale": [[0, clear(place)], [1, strong(place)]],
            "showscale": False,
            "hoverinfo": "skip",
        }
        for place, one in enumerate(roots)
    ]


def _flat_layout(
    points: Array, owners: NDArray[np.int64], titles: tuple[str, str], count: int
) -> dict[str, Any]:
    quiet = {"showticklabels": False, "zeroline": False, "ticks": ""}
    return layout(
        xaxis=axis(title=titles[0], **quiet),
        yaxis=axis(title=titles[1], **quiet),
        annotations=_middles(points, owners, count),
        hoverlabel={"namelength": -1, "bgcolor": CARD, "font": {"color": INK}},
    )


def space_figure(projection: Projection, people: People, segments: Sequence[Segment]) -> Figure:
    """Return the map in three dimensions, which turns under the pointer."""
    owners, points = people.segment[projection.rows], projection.points
    data = [
        {
            "type": "scatter3d",
            "mode": "markers",
            "meta": place,
            "name": written(segment.name, 40),
            **{name: numbers(points[owners == place, at], 3) for at, name in enumerate("xyz")},
            "hoverinfo": "name",
            "marker": {
                "color": colour(place),
                "size": 2.6,
                "opacity": 0.85,
                "symbol": symbol(place) if symbol(place) in _IN_SPACE else "circle",
                "line": {"width": 0},
            },
        }
        for place, segment in enumerate(segments)
    ]
    box: dict[str, Any] = {
        "showticklabels": False,
        "gridcolor": GRID,
        "zeroline": False,
        "showbackground": False,
        "showspikes": False,
        "linecolor": GRID,
    }
    return Figure(
        "space",
        f"The same {len(projection.rows):,} customers on three principal components.",
        data,
        layout(
            dragmode="orbit",
            margin={"l": 0, "r": 0, "t": 0, "b": 0},
            scene={
                f"{name}axis": box
                | {
                    "title": {
                        "text": f"{at + 1} · {say_share(projection.explained[at])}",
                        "font": {"size": 11, "color": QUIET},
                    }
                }
                for at, name in enumerate("xyz")
            }
            | {
                "aspectmode": "cube",
                "camera": {
                    "center": {"x": 0, "y": 0, "z": -0.1},
                    "eye": {"x": 1.5, "y": 1.5, "z": 0.75},
                },
            },
            hoverlabel={"namelength": -1, "bgcolor": CARD, "font": {"color": INK}},
        ),
        520,
        space=True,
    )


def _title(projection: Projection, at: int) -> str:
    return f"Component {at + 1}: {say_share(projection.explained[at])} of what differs"


def _middles(points: Array, owners: NDArray[np.int64], count: int) -> list[dict[str, Any]]:
    """Return each segment's number at the median of its points."""
    return [
        {
            "x": middle[0],
            "y": middle[1],
            "text": f"<b>{place + 1}</b>",
            "showarrow": False,
            "bgcolor": CARD,
            "bordercolor": colour(place),
            "borderwidth": 2,
            "borderpad": 3,
            "font": {"size": 13, "color": INK},
        }
        for place in range(count)
        if (owners == place).any()
        for middle in [numbers(np.median(points[owners == place], axis=0))]
    ]

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
    colour,
    layout,
    numbers,
    symbol,
    written,
)
from customer_atlas.report.people import Array, People
from customer_atlas.report.projection import Projection
from customer_atlas.segments import Segment, say_share

__all__ = ["map_figure", "space_figure"]

_IN_SPACE = {"circle", "square", "diamond", "cross", "x"}


def map_figure(projection: Projection, people: People, segments: Sequence[Segment]) -> Figure:
    """Return the map of the first two components; of one, a strip."""
    points = projection.points
    if points.shape[1] == 1:  # spread out, so that customers do not hide each other
        points = np.column_stack([points, np.arange(len(points)) * 0.618 % 1 - 0.5])
    owners = people.segment[projection.rows]
    data = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": written(segment.name, 40),
            "x": numbers(points[owners == place, 0], 3),
            "y": numbers(points[owners == place, 1], 3),
            "hoverinfo": "name",
            "marker": {
                "color": colour(place),
                "symbol": symbol(place),
                "size": 6,
                "opacity": 0.65,
                "line": {"width": 0.4, "color": CARD},
            },
        }
        for place, segment in enumerate(segments)
    ]
    flat = projection.points.shape[1] == 1
    return Figure(
        "map",
        f"Map of {len(projection.rows):,} customers on two principal components, coloured by"
        " segment; each segment's number stands in its middle.",
        data,
        layout(
            xaxis=axis(title=_title(projection, 0), showticklabels=False, zeroline=False),
            yaxis=axis(
                title="spread out to be seen; no meaning" if flat else _title(projection, 1),
                showticklabels=False,
                zeroline=False,
            ),
            annotations=_middles(points, owners, len(segments)),
            hoverlabel={"namelength": -1, "bgcolor": CARD, "font": {"color": INK}},
        ),
        520,
    )


def space_figure(projection: Projection, people: People, segments: Sequence[Segment]) -> Figure:
    """Return the map in three dimensions, which turns under the pointer."""
    owners, points = people.segment[projection.rows], projection.points
    data = [
        {
            "type": "scatter3d",
            "mode": "markers",
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

"""How far each segment lies from everyone, trait by trait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from customer_atlas.report.figure import CARD, Figure, axis, layout, marked, number, only_numbers, written
from customer_atlas.report.figure import QUIET
from customer_atlas.report.standing import Standing
from customer_atlas.segments import Segment

__all__ = ["SHOWN", "heatmap_figure"]

SHOWN = 24
_FARTHEST = 2.0
_ROOM = 8  # more segments leave no room for the values in the cells


def heatmap_figure(standing: Standing, segments: Sequence[Segment]) -> Figure:
    """Return a map of the traits that differ most by segments; colours are centred at everyone."""
    rows = standing.strongest(SHOWN)
    labels = [standing.traits[at].label for at in rows]
    places = range(len(segments))
    roomy = len(segments) <= _ROOM
    return Figure(
        "heatmap",
        f"Map of {len(rows)} traits by {len(segments)} segments: how far each segment lies from"
        " everyone, in standard deviations. The table of segments above tells the strongest.",
        [
            {
                "type": "heatmap",
                "x": list(places),
                "y": list(range(len(rows))),
                "z": [[number(standing.differences[p, at]) for p in places] for at in rows],
                "text": [[standing.values[p][at] for p in places] for at in rows],
                "texttemplate": "%{text}" if roomy else "",
                "textfont": {"size": 11},
                "hovertext": [[_told(standing, segments, p, at) for p in places] for at in rows],
                "hoverinfo": "text",
                "hoverongaps": False,
                "zmin": -_FARTHEST,
                "zmid": 0,
                "zmax": _FARTHEST,
                "xgap": 2,
                "ygap": 2,
                "colorscale": [[0, "var(--less)"], [0.5, "var(--even)"], [1, "var(--more)"]],
                "colorbar": _legend(),
            }
        ],
        layout(
            xaxis=axis(
                side="top", tickvals=list(places), showgrid=False, zeroline=False, tickangle=0,
                ticktext=[marked(p, one, 16).replace("  ", "<br>", 1) for p, one in enumerate(segments)]
                if roomy else only_numbers(segments),
                tickfont={"size": 11, "color": "var(--ink)"},
            ),
            yaxis=axis(
                tickvals=list(range(len(rows))), autorange="reversed", showgrid=False,
                ticktext=[written(label, 42, 2) for label in labels], zeroline=False,
                tickfont={"size": 12, "color": "var(--ink)"}, ticklabelstandoff=6,
            ),
        ),
        110 + 28 * len(rows),
        {
            "xaxis.ticktext": only_numbers(segments),
            "yaxis.ticktext": [written(label, 19, 2) for label in labels],
            "yaxis.tickfont.size": 10,
        },
    )  # fmt: skip


def _legend() -> dict[str, Any]:
    return {
        "orientation": "h", "y": 0, "yanchor": "top", "x": 0.5, "xanchor": "center", "len": 0.9,
        "thickness": 8, "outlinewidth": 0, "tickvals": [-2, -1, 0, 1, 2],
        "ticktext": ["much less", "less", "like everyone", "more", "much more"],
        "tickfont": {"size": 11, "color": QUIET}, "bgcolor": CARD,
    }  # fmt: skip


def _told(standing: Standing, segments: Sequence[Segment], place: int, at: int) -> str:
    difference = standing.differences[place, at]
    if np.isnan(difference):
        return f"{written(standing.traits[at].label, 40)}<br>{written(segments[place].name, 40)}: unknown"
    return (
        f"<b>{written(standing.traits[at].label, 40)}</b><br>"
        f"{written(segments[place].name, 40)}: {standing.values[place][at]}<br>"
        f"Everyone: {standing.overall[at]}<br>{difference:+.1f} standard deviations"
    )

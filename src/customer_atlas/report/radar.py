"""Each segment's profile: where its members rank among all customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from customer_atlas.report.figure import (
    GRID,
    INK,
    QUIET,
    Figure,
    colour,
    faint,
    layout,
    number,
    written,
)
from customer_atlas.report.standing import Standing
from customer_atlas.segments import Segment

__all__ = ["LEAST", "radar_figures"]

LEAST, _MOST = 3, 8


def radar_figures(standing: Standing, segments: Sequence[Segment]) -> list[Figure]:
    """Return one radar a segment on the same traits; none where there are fewer than three."""
    chosen = sorted(standing.telling[:_MOST])
    if len(chosen) < LEAST:
        return []
    return [_radar(standing, chosen, place, one) for place, one in enumerate(segments)]


def _radar(standing: Standing, chosen: Sequence[int], place: int, segment: Segment) -> Figure:
    angles = [360 * i / len(chosen) for i in range(len(chosen))]
    ranks = [number(standing.ranks[place, at], 3) for at in chosen]
    labels = [standing.traits[at].label for at in chosen]
    told = [
        f"<b>{written(label, 40)}</b><br>{standing.values[place][at]}, everyone"
        f" {standing.overall[at]}<br>" + ("unknown" if rank is None else f"rank {rank:.0f} of 100")
        for label, at, rank in zip(labels, chosen, ranks, strict=True)
    ]
    ring = [i * 5 for i in range(73)]
    return Figure(
        f"radar-{place + 1}",
        f"Profile of {segment.name}: "
        + "; ".join(
            f"{label} {'unknown' if rank is None else round(rank)}"
            for label, rank in zip(labels, ranks, strict=True)
        ),
        [
            {
                "type": "scatterpolar",
                "mode": "lines",
                "r": [50] * len(ring),
                "theta": ring,
                "line": {"color": QUIET, "width": 1.2, "dash": "dot"},
                "hoverinfo": "skip",
            },
            {
                "type": "scatterpolar",
                "mode": "lines+markers",
                "r": [*ranks, ranks[0]],
                "theta": [*angles, angles[0]],
                "fill": "toself",
                "hoveron": "points",
                "fillcolor": faint(place),
                "hovertext": [*told, told[0]],
                "hoverinfo": "text",
                "line": {"color": colour(place), "width": 2.2},
                "marker": {"size": 6},
            },
        ],
        layout(polar=_polar(angles, labels), margin={"l": 110, "r": 110, "t": 48, "b": 48}),
        340,
        {
            "layout.height": 240,
            "layout.margin.t": 36,
            "layout.margin.b": 36,
            "layout.margin.l": 80,
            "layout.margin.r": 80,
            "layout.polar.angularaxis.tickfont.size": 10,
            "layout.polar.angularaxis.ticktext": [written(label, 13, 3) for label in labels],
        },
    )


def _polar(angles: Sequence[float], labels: Sequence[str]) -> dict[str, Any]:
    return {
        "bgcolor": "rgba(0,0,0,0)",
        "radialaxis": {
            "range": [0, 100],
            "tickvals": [25, 50, 75, 100],
            "showticklabels": False,
            "gridcolor": GRID,
            "showline": False,
            "ticks": "",
        },
        "angularaxis": {
            "tickvals": list(angles),
            "ticktext": [written(label, 16, 3) for label in labels],
            "direction": "clockwise",
            "rotation": 90,
            "gridcolor": GRID,
            "linecolor": GRID,
            "tickfont": {"size": 11, "color": INK},
        },
    }

"""How far each segment lies from everyone, trait by trait."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from customer_atlas.report.figure import (
    INK,
    Figure,
    axis,
    layout,
    marked,
    number,
    only_numbers,
    written,
)
from customer_atlas.report.standing import UNKNOWN, Standing
from customer_atlas.report.tables import table_html
from customer_atlas.report.words import html
from customer_atlas.segments import Segment

__all__ = ["SHOWN", "VALUED", "centroids_table", "heatmap_figure"]

SHOWN = 20
_FARTHEST = 2.0
_NAMED, VALUED = 8, 12
"""More segments leave no room for names above the columns, or for values in the cells."""
_NARROW = 5


def heatmap_figure(standing: Standing, segments: Sequence[Segment]) -> Figure:
    """Return a map of the traits that differ most by segments; colours are centred at everyone."""
    rows = _rows(standing)
    labels = [standing.traits[at].label for at in rows]
    places = range(len(segments))
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
                "text": [[_cell(standing.values[p][at]) for p in places] for at in rows],
                "texttemplate": "%{text}" if len(segments) <= VALUED else "",
                "textfont": {"size": 12, "color": INK},
                "hovertext": [[_told(standing, segments, p, at) for p in places] for at in rows],
                "hoverinfo": "text",
                "hoverongaps": False,
                "zmin": -_FARTHEST,
                "zmid": 0,
                "zmax": _FARTHEST,
                "xgap": 2,
                "ygap": 2,
                "colorscale": [[0, "var(--less)"], [0.5, "var(--even)"], [1, "var(--more)"]],
                "showscale": False,
            }
        ],
        layout(
            xaxis=axis(
                side="top",
                tickvals=list(places),
                showgrid=False,
                zeroline=False,
                tickangle=0,
                ticks="",
                ticktext=_heads(segments),
                tickfont={"size": 11, "color": INK},
            ),
            yaxis=axis(
                tickvals=list(range(len(rows))),
                autorange="reversed",
                showgrid=False,
                ticktext=[written(label, 42, 2) for label in labels],
                zeroline=False,
                ticks="",
                tickfont={"size": 12, "color": INK},
                ticklabelstandoff=6,
            ),
        ),
        76 + 28 * len(rows),
        {
            "data.0.texttemplate": "%{text}" if len(segments) <= _NARROW else "",
            "data.0.textfont.size": 11,
            "layout.xaxis.ticktext": only_numbers(segments),
            "layout.yaxis.ticktext": [written(label, 19, 2) for label in labels],
            "layout.yaxis.tickfont.size": 10,
        },
    )


def centroids_table(standing: Standing, segments: Sequence[Segment]) -> str:
    """Return what the heatmap shows as a table, everyone's typical value beside each segment's."""
    rows = [
        (
            f"<bdi>{html(standing.traits[at].label)}</bdi>",
            html(standing.overall[at]),
            *(_shaded(standing, place, at) for place in range(len(segments))),
        )
        for at in _rows(standing)
    ]
    heads = ("Typical", "Everyone", *(f"{at + 1} {one.name}" for at, one in enumerate(segments)))
    return table_html(heads, rows, "What is typical of each segment", numeric=range(1, len(heads)))


def _rows(standing: Standing) -> list[int]:
    """Return the traits that are shown, in their own order."""
    return sorted(standing.distinct[:SHOWN])


def _shaded(standing: Standing, place: int, at: int) -> str:
    """Return a value that stands on the colour of how far from everyone it is."""
    difference = float(np.nan_to_num(standing.differences[place, at]))
    side = "more" if difference > 0 else "less"
    strength = min(abs(difference) / _FARTHEST, 1.0)
    return (
        f'<span class="cell" style="background:color-mix(in srgb,var(--{side}) {strength:.0%},'
        f'transparent)">{html(standing.values[place][at])}</span>'
    )


def _heads(segments: Sequence[Segment]) -> list[str]:
    if len(segments) > _NAMED:
        return only_numbers(segments)
    return [marked(at, one, 16).replace("  ", "<br>", 1) for at, one in enumerate(segments)]


def _cell(said: str) -> str:
    return "" if said == UNKNOWN else said


def _told(standing: Standing, segments: Sequence[Segment], place: int, at: int) -> str:
    label, name = written(standing.traits[at].label, 40), written(segments[place].name, 40)
    difference = standing.differences[place, at]
    if np.isnan(difference):
        return f"<b>{label}</b><br>{name}: known for too few"
    return (
        f"<b>{label}</b><br>{name}: {standing.values[place][at]}<br>"
        f"Everyone: {standing.overall[at]}<br>{difference:+.1f} standard deviations"
    )

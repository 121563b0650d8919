"""How many customers each segment has, and how much of the revenue they bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from customer_atlas.report.figure import Figure, axis, colour, layout, marked, number, segment_axis
from customer_atlas.segments import Segment, say_share

__all__ = ["sizes_figure"]


def sizes_figure(segments: Sequence[Segment]) -> Figure:
    """Return bars of customers, and of revenue where it is known, side by side."""
    money = any(one.revenue_share is not None for one in segments)
    data = [
        _bars(
            segments, [one.share for one in segments], "customers", opacity=0.45 if money else 1.0
        )
    ]
    if money:
        data.append(_bars(segments, [one.revenue_share for one in segments], "revenue"))
    known = [one.revenue_share or 0.0 for one in segments] + [one.share for one in segments]
    least, most = min(0.0, *known), max(known)
    return Figure(
        "sizes",
        "Bars of each segment's share of customers"
        + (" and of revenue: " if money else ": ")
        + "; ".join(_told(one) for one in segments),
        data,
        layout(
            barmode="group",
            bargap=0.35,
            bargroupgap=0.08,
            xaxis=axis(
                range=[least * 1.5, most * 1.3],
                showticklabels=False,
                showgrid=False,
                zeroline=least < 0,
            ),
            yaxis=segment_axis(segments, 30),
            uniformtext={"minsize": 11, "mode": "show"},
        ),
        40 + len(segments) * (58 if money else 40),
        {
            "layout.yaxis.ticktext": [marked(place, one, 15) for place, one in enumerate(segments)],
            "layout.xaxis.range": [least * 1.9, most * 1.75],
            "layout.yaxis.tickfont.size": 11,
        },
    )


def _bars(
    segments: Sequence[Segment], shares: Sequence[float | None], of: str, opacity: float = 1.0
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": f"share of {of}",
        "y": list(range(len(segments))),
        "x": [None if share is None else number(share) for share in shares],
        "text": ["" if share is None else f"{say_share(share)} of {of}" for share in shares],
        "textposition": "outside",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "marker": {
            "color": [colour(place) for place in range(len(segments))],
            "opacity": opacity,
            "cornerradius": 3,
        },
    }


def _told(segment: Segment) -> str:
    said = f"{segment.name} {say_share(segment.share)}"
    return (
        said if segment.revenue_share is None else f"{said} and {say_share(segment.revenue_share)}"
    )

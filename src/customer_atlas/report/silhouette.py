"""How clear-cut each segment is: silhouettes of some of its customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from customer_atlas.clustering import Silhouettes
from customer_atlas.report.figure import (
    INK,
    QUIET,
    Figure,
    axis,
    colour,
    layout,
    marked,
    numbers,
    only_numbers,
)
from customer_atlas.report.tables import table_html
from customer_atlas.report.words import html
from customer_atlas.segments import Segment, say_share

__all__ = ["say_silhouettes", "silhouette_figure", "silhouette_table"]

_TOLD = 4  # so many segments are named in a sentence


def silhouette_figure(found: Silhouettes, segments: Sequence[Segment]) -> Figure:
    """Return a bar a customer, by segment and the highest first; the means stand to the right."""
    gap = max(2, found.drawn // 80)
    starts = np.concatenate([[0], np.cumsum([len(values) + gap for values in found.values])])
    middles = [
        float(start + len(values) / 2)
        for start, values in zip(starts[:-1], found.values, strict=True)
    ]
    return Figure(
        "silhouette",
        f"Silhouettes of {found.drawn:,} customers by segment, sorted; on average"
        f" {found.mean:.2f}. The table below holds each segment's mean.",
        [
            {
                "type": "bar",
                "orientation": "h",
                "x": numbers(values, 3),
                "y": list(range(int(start), int(start) + len(values))),
                "width": 1.02,
                "marker": {"color": colour(place), "line": {"width": 0}},
                "hovertext": marked(place, segments[place]),
                "hoverinfo": "text+x",
            }
            for place, (start, values) in enumerate(zip(starts, found.values, strict=False))
        ],
        layout(
            bargap=0,
            margin={"l": 8, "r": 104, "t": 8, "b": 8},
            xaxis=axis(title="Silhouette", zeroline=True, nticks=8, zerolinecolor=QUIET),
            yaxis=axis(
                tickvals=middles,
                ticktext=[marked(place, one) for place, one in enumerate(segments)],
                range=[float(starts[-1]), float(-gap)],
                showgrid=False,
                zeroline=False,
                tickfont={"color": INK, "size": 12},
                ticklabelstandoff=6,
            ),
            shapes=[
                {
                    "type": "line", "x0": found.mean, "x1": found.mean, "y0": 0, "y1": 1,
                    "yref": "paper", "line": {"color": INK, "width": 1.2, "dash": "dash"},
                }
            ],
            annotations=_means(found, middles),
        ),
        max(300, 80 + 30 * len(segments) if len(segments) > 8 else 90 + 60 * len(segments)),
        {"layout.yaxis.ticktext": only_numbers(segments)},
    )  # fmt: skip


def _means(found: Silhouettes, middles: Sequence[float]) -> list[dict[str, Any]]:
    return [
        {
            "x": 1,
            "xref": "paper",
            "xanchor": "left",
            "xshift": 8,
            "y": middle,
            "text": f"{mean:.3f} ± {error:.3f}",
            "showarrow": False,
            "font": {"size": 12, "color": QUIET},
        }
        for middle, mean, error in zip(middles, found.means, found.errors, strict=True)
        if np.isfinite(mean)
    ]


def say_silhouettes(found: Silhouettes, segments: Sequence[Segment]) -> str:
    """Say how clear-cut the segments are, and which have customers nearer to another one."""
    said = f"On average the silhouette is {found.mean:.3f} ± {found.error:.3f}."
    some = [
        place for place in np.argsort(-np.nan_to_num(found.negative), kind="stable")
        if found.negative[place] > 0
    ]  # fmt: skip
    if not some:
        return f"{said} Of those looked at, no customer lies nearer to another segment."
    parts = [
        f"{say_share(float(found.negative[place]))} of “{segments[place].name}”"
        for place in some[:_TOLD]
    ]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    rest = len(some) - len(parts)
    more = f" (and some of {rest} other {'segments' if rest > 1 else 'segment'})" if rest else ""
    return f"{said} Nearer to another segment, below 0, are {listed}{more}."


def silhouette_table(found: Silhouettes, segments: Sequence[Segment]) -> str:
    """Return of each segment how many were looked at, their mean, and how many are below 0."""
    rows = [
        (
            f"{place + 1}",
            f"<bdi>{html(one.name)}</bdi>",
            f"{len(values):,}",
            f"{mean:.3f} ± {error:.3f}" if len(values) else "",
            say_share(float(negative)) if len(values) else "",
        )
        for place, (one, values, mean, error, negative) in enumerate(
            zip(segments, found.values, found.means, found.errors, found.negative, strict=True)
        )
    ]
    heads = ("", "Segment", "Looked at", "Mean ± standard error", "Below 0")
    return table_html(heads, rows, "Silhouettes by segment", numeric=range(2, 5))

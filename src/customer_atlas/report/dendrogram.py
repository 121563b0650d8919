"""How the segments merge, the most alike first."""

from __future__ import annotations

from collections.abc import Sequence

from customer_atlas.clustering import Tree
from customer_atlas.report.figure import (
    INK,
    QUIET,
    Figure,
    axis,
    colour,
    layout,
    marked,
    number,
    numbers,
    written,
)
from customer_atlas.report.tables import table_html
from customer_atlas.report.words import html
from customer_atlas.segments import Segment, say_share

__all__ = ["dendrogram_figure", "merges_table", "say_alike"]


def dendrogram_figure(tree: Tree, segments: Sequence[Segment]) -> Figure:
    """Return the tree: segments a line, and joined at the height that merging them takes."""
    heights, places = tree.lines()
    at = list(range(len(tree.order)))
    return Figure(
        "dendrogram",
        f"Tree of how {len(at)} segments merge. {say_alike(tree, segments)} The table below holds"
        " each merge.",
        [
            {
                "type": "scatter",
                "mode": "lines",
                "x": [None if one is None else number(one) for one in heights],
                "y": places,
                "line": {"color": QUIET, "width": 1.8},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": numbers([one.height for one in tree.branches]),
                "y": [sum(one.places) / 2 for one in tree.branches],
                "marker": {"color": QUIET, "size": 7},
                "hovertext": [_told(one.sides, one.share, segments) for one in tree.branches],
                "hoverinfo": "text",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": [0] * len(at),
                "y": at,
                "cliponaxis": False,
                "marker": {"color": [colour(leaf) for leaf in tree.order], "size": 11},
                "hoverinfo": "skip",
            },
        ],
        layout(
            xaxis=axis(
                title="How far apart (Ward): deviations, weighed by size", rangemode="tozero",
                zeroline=False, nticks=8,
            ),
            yaxis=axis(
                tickvals=at,
                ticktext=[marked(leaf, segments[leaf], 34) for leaf in tree.order],
                range=[len(at) - 0.4, -0.6],
                showgrid=False,
                zeroline=False,
                tickfont={"color": INK, "size": 12},
                ticklabelstandoff=12,
            ),
        ),
        90 + (36 if len(at) <= 12 else 24) * len(at),
        {
            "layout.yaxis.ticktext": [f"<b>{leaf + 1}</b>" for leaf in tree.order],
            "layout.xaxis.title.text": "How far apart (Ward)",
        },
    )  # fmt: skip


def say_alike(tree: Tree, segments: Sequence[Segment]) -> str:
    """Say which two segments are most alike, and what would be lost by joining them."""
    lowest = tree.branches[0]
    first, second = (segments[side[0]].name for side in lowest.sides)
    if len(tree.branches) == 1:
        return f"There are two segments, “{first}” and “{second}”."
    return (
        f"“{first}” and “{second}” are the most alike: joining them would lose"
        f" {say_share(lowest.share)} of what sets the segments apart."
    )


def merges_table(tree: Tree, segments: Sequence[Segment]) -> str:
    """Return every merge in order: what joins what, how high, and what is lost."""
    rows = [
        (
            f"{len(tree.order) - step}",
            *(f"<bdi>{html(_names(side, segments))}</bdi>" for side in one.sides),
            f"{one.height:.3g}",
            say_share(one.share),
        )
        for step, one in enumerate(tree.branches, start=1)
    ]
    heads = ("Left", "These", "and these", "Height", "Lost")
    return table_html(heads, rows, "How segments merge", numeric=(0, 3, 4))


def _names(side: Sequence[int], segments: Sequence[Segment]) -> str:
    """Return the name of a segment, or the numbers of several."""
    if len(side) == 1:
        return f"{side[0] + 1} {segments[side[0]].name}"
    return ", ".join(str(leaf + 1) for leaf in sorted(side))


def _told(
    sides: tuple[tuple[int, ...], tuple[int, ...]], share: float, segments: Sequence[Segment]
) -> str:
    first, second = (written(_names(side, segments), 40) for side in sides)
    return f"{first}<br>and {second}:<br>{say_share(share)} of what sets segments apart is lost"

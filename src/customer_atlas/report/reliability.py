"""How far membership probabilities hold: what was said, and what was kept in other fits."""

from __future__ import annotations

from collections.abc import Mapping

from customer_atlas.clustering import Reliability
from customer_atlas.pipeline import say_doubts
from customer_atlas.report.figure import QUIET, Figure, axis, layout, number
from customer_atlas.report.tables import table_html
from customer_atlas.segments import say_share

__all__ = ["reliability_figure", "reliability_table", "say_reliability"]


def reliability_figure(found: Reliability) -> Figure:
    """Return a dot a bin, the larger the more customers; on the line, what was said was kept."""
    return Figure(
        "reliability",
        f"What was said against what was kept, in {len(found.bins)} bins of probability; on"
        f" average {100 * found.error:.1f} points apart. The table below holds each bin.",
        [
            {
                "type": "scatter",
                "mode": "lines",
                "x": [0, 1],
                "y": [0, 1],
                "line": {"color": QUIET, "width": 1, "dash": "dash"},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": [number(one.said) for one in found.bins],
                "y": [number(one.kept) for one in found.bins],
                "marker": {
                    "color": "var(--accent)",
                    "size": [number(4 + 30 * one.share**0.5) for one in found.bins],
                    "line": {"width": 0},
                },
                "cliponaxis": False,
                "hovertext": [
                    f"<b>said {one.said:.0%}</b><br>kept {one.kept:.0%}<br>"
                    f"{say_share(one.share)} of the customers"
                    for one in found.bins
                ],
                "hoverinfo": "text",
            },
        ],
        layout(
            xaxis=axis(
                title="Probability that was said", range=[-0.02, 1.07], tickformat=".0%", dtick=0.2
            ),
            yaxis=axis(title="Kept the segment", range=[-0.02, 1.07], tickformat=".0%", dtick=0.2),
        ),
        360,
        {"layout.xaxis.dtick": 0.5},
    )


def say_reliability(found: Reliability, kinds: Mapping[str, int]) -> str:
    """Say what a probability means here, how far it holds, and how many are in doubt."""
    doubts = say_doubts(kinds)
    return (
        "A membership probability is the chance that a customer keeps the segment when the model"
        f" is fitted to other customers. In {found.refits} refits, each foretold from the others,"
        f" what was said was {100 * found.error:.1f} points off on average (before calibration"
        f" {100 * found.raw_error:.1f}), and {found.kept:.1%} of memberships were kept."
        + (f" Of all customers, {doubts}." if doubts else "")
    )


def reliability_table(found: Reliability) -> str:
    """Return of each bin of probability how many customers it holds, and how many kept it."""
    rows = [
        (
            f"{one.low:.0%} to {one.high:.0%}", say_share(one.share), f"{one.said:.1%}",
            f"{one.kept:.1%}",
        )
        for one in found.bins
    ]  # fmt: skip
    heads = ("Probability", "Customers", "Said, on average", "Kept the segment")
    return table_html(heads, rows, "Whether probabilities hold", numeric=range(1, 4))

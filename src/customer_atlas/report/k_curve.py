"""How the number of segments was chosen: what was measured of each number that was tried."""

from __future__ import annotations

from typing import Any

from customer_atlas.clustering import Choice, KScore
from customer_atlas.report.figure import QUIET, Figure, axis, layout, number
from customer_atlas.segments import say_share

__all__ = ["k_figure"]


def k_figure(choice: Choice) -> Figure:
    """Return the score as bars with the chosen number marked, and what it rests on as lines."""
    curve = choice.curve
    ks = [row.k for row in curve]
    best = max(row.score for row in curve)
    least = min(0.0, *(row.silhouette for row in curve))
    return Figure(
        "choice",
        f"Score, stability, silhouette and smallest share for {ks[0]} to {ks[-1]} segments;"
        f" {choice.k} chosen.",
        [
            _scores(choice),
            _line(choice, "Stability", [row.stability for row in curve], 1, "circle", "solid"),
            _line(choice, "Silhouette", [row.silhouette for row in curve], 2, "square", "dash"),
            _line(choice, "Smallest share", [r.smallest_share for r in curve], 3, "diamond", "dot"),
        ],
        layout(
            showlegend=True,
            legend={
                "orientation": "h",
                "x": 0,
                "y": 0.5,
                "yanchor": "middle",
                "font": {"size": 12, "color": QUIET},
            },
            xaxis=axis(
                title="Number of segments",
                dtick=1,
                tickangle=0,
                range=[ks[0] - 0.6, ks[-1] + 0.6],
                anchor="y2",
                showgrid=False,
                zeroline=False,
            ),
            yaxis=axis(
                title="Score (✓ chosen)", domain=[0.58, 1], range=[0, (best or 1) * 1.2], nticks=4
            ),
            yaxis2=axis(title="0 to 1", domain=[0, 0.44], range=[least - 0.03, 1.04], nticks=5),
        ),
        430,
        {"layout.xaxis.dtick": max(1, len(ks) // 6)},
    )


def _scores(choice: Choice) -> dict[str, Any]:
    ks = [row.k for row in choice.curve]
    return {
        "type": "bar",
        "name": "Score",
        "x": ks,
        "y": [number(row.score) for row in choice.curve],
        "marker": {
            "color": ["var(--accent)" if k == choice.k else "var(--pale)" for k in ks],
            "cornerradius": 3,
        },
        "hovertext": [_told(row) for row in choice.curve],
        "hoverinfo": "text",
        "showlegend": False,
        "text": ["<b>✓</b>" if k == choice.k else "" for k in ks],
        "textposition": "outside",
        "textfont": {"size": 14},
        "constraintext": "none",
        "cliponaxis": False,
    }


def _line(
    choice: Choice, name: str, values: list[float], hue: int, mark: str, dash: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [row.k for row in choice.curve],
        "y": [number(value) for value in values],
        "yaxis": "y2",
        "line": {"color": f"var(--s{hue})", "dash": dash},
        "marker": {"symbol": mark, "size": 7},
        "hovertext": [_told(row) for row in choice.curve],
        "hoverinfo": "text",
    }


def _told(row: KScore) -> str:
    return (
        f"<b>{row.k} segments</b><br>score {row.score:.2f}<br>stability {row.stability:.2f}<br>"
        f"silhouette {row.silhouette:.2f}<br>smallest segment {say_share(row.smallest_share)}"
    )

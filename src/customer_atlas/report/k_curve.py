"""How the number of segments was chosen: what was measured of each number that was tried."""

from __future__ import annotations

from typing import Any

from customer_atlas.clustering import Choice
from customer_atlas.report.figure import QUIET, Figure, axis, layout, number
from customer_atlas.segments import say_share

__all__ = ["k_figure"]


def k_figure(choice: Choice) -> Figure:
    """Return the score as bars with the chosen number marked, and what it rests on as lines."""
    ks = [row.k for row in choice.curve]
    told = [
        f"<b>{row.k} segments</b><br>score {row.score:.2f}<br>stability {row.stability:.2f}<br>"
        f"silhouette {row.silhouette:.2f}<br>smallest segment {say_share(row.smallest_share)}"
        for row in choice.curve
    ]
    best = max((row.score for row in choice.curve), default=0.0)
    lines = (
        ("Stability", [row.stability for row in choice.curve], "var(--s1)", "circle", "solid"),
        ("Silhouette", [row.silhouette for row in choice.curve], "var(--s2)", "square", "dash"),
        ("Smallest share", [row.smallest_share for row in choice.curve], "var(--s3)", "diamond", "dot"),
    )
    least = min(0.0, *(value for _, values, *_ in lines for value in values))
    data: list[dict[str, Any]] = [
        {
            "type": "bar", "name": "Score", "x": ks, "y": [number(r.score) for r in choice.curve],
            "marker": {"color": ["var(--accent)" if k == choice.k else "var(--pale)" for k in ks],
                       "cornerradius": 3},
            "hovertext": told, "hoverinfo": "text", "showlegend": False,
            "text": ["chosen" if k == choice.k else "" for k in ks], "textposition": "outside",
            "cliponaxis": False,
        },
        *(
            {
                "type": "scatter", "mode": "lines+markers", "name": name, "x": ks, "yaxis": "y2",
                "y": [number(value) for value in values], "line": {"color": hue, "dash": dash},
                "marker": {"symbol": mark, "size": 7}, "hovertext": told, "hoverinfo": "text",
            }
            for name, values, hue, mark, dash in lines
        ),
    ]  # fmt: skip
    return Figure(
        "choice",
        f"Score, stability, silhouette and smallest share for {ks[0]} to {ks[-1]} segments;"
        f" {choice.k} chosen.",
        data,
        layout(
            showlegend=True,
            legend={"orientation": "h", "y": 0.5, "x": 0, "yanchor": "middle", "font": {"size": 12, "color": QUIET}},
            xaxis=axis(title="Number of segments", dtick=1, anchor="y2", showgrid=False, zeroline=False),
            yaxis=axis(title="Score", domain=[0.58, 1], range=[0, (best or 1) * 1.2], nticks=4),
            yaxis2=axis(title="0 to 1", domain=[0, 0.44], range=[least - 0.03, 1.04], nticks=5),
        ),
        430,
    )  # fmt: skip

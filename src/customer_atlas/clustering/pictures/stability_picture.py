"""How far each segment comes back when the model is disturbed, and what it hangs on."""

from __future__ import annotations

from typing import Any

from customer_atlas.clustering.pictures.style import ACCENT, INK, axis, figure
from customer_atlas.clustering.stability import PROBES, StabilityReport
from customer_atlas.errors import ClusteringError

__all__ = ["stability_picture"]

_SHOWN = 10


def stability_picture(report: StabilityReport) -> Any:
    """Return segments by probes, shaded by Jaccard similarity; beside them what they hang on."""
    if not report.probes:
        raise ClusteringError(f"There is no stability to show. {report.verdict}")
    left = report.probe("features")
    data, shown = [_map(report)], left.ranking[:_SHOWN] if left else ()
    layout: dict[str, Any] = {}
    if shown:
        data.append(
            {
                "type": "bar", "orientation": "h", "xaxis": "x2", "yaxis": "y2",
                "x": [one.rand for one in shown], "y": list(range(len(shown))),
                "text": [f"{one.rand:.2f}" for one in shown], "textposition": "outside",
                "cliponaxis": False, "marker": {"color": ACCENT, "cornerradius": 3},
                "hovertemplate": "%{y}: %{x:.2f}<extra></extra>",
            }
        )  # fmt: skip
        layout = {
            "xaxis2": axis("Adjusted Rand index without it", domain=[0.74, 1], range=[0, 1.1]),
            "yaxis2": _lines([one.label for one in shown], anchor="x2"),
            "bargap": 0.35,
        }
    probes = [one for kind in PROBES if (one := report.probe(kind))]
    return figure(
        data,
        "Do the clusters come back",
        report.verdict,
        max(190 + 40 * len(report.there), 190 + 26 * len(shown)),
        xaxis=axis(
            domain=[0, 0.52 if shown else 1], side="bottom", showgrid=False,
            tickvals=list(range(len(probes))), tickfont={"color": INK, "size": 12},
            ticktext=[PROBES[one.kind].replace(" ", "<br>", 1) for one in probes],
        ),
        yaxis=_lines([report.segments[at] for at in report.there]),
        **layout,
    )  # fmt: skip


def _map(report: StabilityReport) -> dict[str, Any]:
    probes = [one for kind in PROBES if (one := report.probe(kind))]
    rows = [[one.jaccard[at] for one in probes] for at in report.there]
    return {
        "type": "heatmap", "x": list(range(len(probes))), "y": list(range(len(rows))), "z": rows,
        "text": [[f"{value:.2f}" for value in row] for row in rows], "texttemplate": "%{text}",
        "textfont": {"color": INK, "size": 12}, "xgap": 2, "ygap": 2,
        "hovertemplate": "Jaccard similarity %{z:.3f}<extra></extra>", "showscale": False,
        "zmin": 0.2, "zmid": 0.675, "zmax": 1.15,
        "colorscale": [[0, "#f09a4f"], [0.5, "#f4f4f2"], [1, "#74a9de"]],
    }  # fmt: skip


def _lines(names: list[str], **own: Any) -> dict[str, Any]:
    """Return an axis with a name a line, the first on top."""
    safe = [one.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for one in names]
    return axis(
        tickvals=list(range(len(names))), ticktext=safe, ticklabelstandoff=6, showgrid=False,
        tickfont={"color": INK, "size": 12}, autorange="reversed", **own,
    )  # fmt: skip

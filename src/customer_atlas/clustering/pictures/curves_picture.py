"""What each criterion says of each number of clusters, side by side."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from customer_atlas.clustering.criteria import Curve
from customer_atlas.clustering.pictures.seen import Seen
from customer_atlas.clustering.pictures.style import ACCENT, GRID, INK, QUIET, figure, wash
from customer_atlas.errors import ClusteringError

__all__ = ["curves_picture"]

_ACROSS = 3


def curves_picture(seen: Seen) -> Any:
    """Return a curve for each criterion, with its own pick and the number that was chosen."""
    choice = seen.choice
    if choice is None:
        raise ClusteringError(
            f"{seen.title} was told how many clusters to make, so there is no choice to show."
            " AutoClusterer and choose_k choose."
        )
    if not choice.curves:
        raise ClusteringError(f"There are no curves to show. {choice.reason}")
    rows = math.ceil(len(choice.curves) / _ACROSS)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"shapes": [], "annotations": []}
    for number, curve in enumerate(choice.curves):
        tag = str(number + 1) if number else ""  # plotly's first axes are x and y
        data += _traces(curve, tag)
        row, column = divmod(number, _ACROSS)
        _place(layout, curve, tag, (row, column, rows), choice.k)
    return figure(
        data,
        f"{choice.k} clusters: what each criterion says of each number",
        "The dashed line is the number that was chosen; the ring is what a criterion alone would"
        " pick.",
        130 + 190 * rows,
        margin={"l": 44, "r": 0, "t": 120, "b": 10},
        **layout,
    )


def _traces(curve: Curve, tag: str) -> list[dict[str, Any]]:
    of = {"xaxis": f"x{tag}", "yaxis": f"y{tag}", "type": "scatter"}
    ks, values = list(curve.ks), np.array(curve.values)
    traces: list[dict[str, Any]] = []
    if curve.errors is not None:
        errors = np.array(curve.errors)
        traces.append(
            {
                **of, "x": [*ks, *ks[::-1]], "fill": "toself", "hoverinfo": "skip",
                "y": np.concatenate([values + errors, (values - errors)[::-1]]),
                "fillcolor": wash(ACCENT, 0.16), "mode": "none",
            }
        )  # fmt: skip
    line = {"color": ACCENT, "width": 2}
    hover = "%{x}: %{y:.4g}<extra></extra>"
    traces.append(
        {
            **of, "x": ks, "y": values, "mode": "lines+markers", "line": line,
            "marker": {"size": 4}, "hovertemplate": hover,
        }
    )  # fmt: skip
    if curve.choice in curve.ks:
        ring = {"size": 13, "symbol": "circle-open", "color": INK, "line": {"width": 2}}
        at = [float(values[curve.ks.index(curve.choice)])]
        traces.append(
            {**of, "x": [curve.choice], "y": at, "mode": "markers", "marker": ring,
             "hoverinfo": "skip"}
        )  # fmt: skip
    return traces


def _place(
    layout: dict[str, Any], curve: Curve, tag: str, cell: tuple[int, int, int], chosen: int
) -> None:
    row, column, rows = cell
    left, top = column / _ACROSS, 1 - row / rows
    right, bottom = left + 0.86 / _ACROSS, top - 0.72 / rows
    quiet = {"gridcolor": GRID, "zeroline": False, "tickfont": {"size": 10, "color": QUIET}}
    layout[f"xaxis{tag}"] = {
        **quiet, "domain": [left, right], "anchor": f"y{tag}", "showgrid": False, "nticks": 8,
    }  # fmt: skip
    layout[f"yaxis{tag}"] = {
        **quiet, "domain": [bottom, top], "anchor": f"x{tag}", "nticks": 4,
    }  # fmt: skip
    picks = "picks none" if curve.choice is None else f"picks {curve.choice}"
    layout["annotations"].append(
        {
            "x": left, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left",
            "yanchor": "bottom", "showarrow": False, "font": {"size": 12},
            "text": f"<b>{curve.title}</b>  {picks}",
        }
    )  # fmt: skip
    layout["shapes"].append(
        {
            "type": "line", "xref": f"x{tag}", "yref": f"y{tag} domain", "x0": chosen,
            "x1": chosen, "y0": 0, "y1": 1, "line": {"color": QUIET, "width": 1, "dash": "dash"},
        }
    )  # fmt: skip

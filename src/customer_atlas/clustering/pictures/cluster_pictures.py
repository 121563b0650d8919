"""How large the clusters are, how clear-cut, and what is typical of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.pictures.seen import Crowd, Seen
from customer_atlas.clustering.pictures.silhouettes import silhouettes_of
from customer_atlas.clustering.pictures.style import INK, QUIET, axis, colour, figure, short
from customer_atlas.clustering.table import table_of
from customer_atlas.errors import ClusteringError

__all__ = ["centroids_picture", "silhouette_picture", "sizes_picture"]

_COLUMNS, _LEVELS = 20, 5
_FARTHEST = 2.0
_TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_VALUED = 12  # more clusters leave no room for values in the cells


def sizes_picture(seen: Seen) -> Any:
    """Return a bar for each cluster: its share of the customers."""
    unusual = max(0.0, 1 - float(seen.shares.sum()))
    bars = [(number, float(share)) for number, share in enumerate(seen.shares)]
    bars += [(-1, unusual)] if unusual > 1e-9 else []
    return figure(
        [
            {
                "type": "bar",
                "orientation": "h",
                "x": [share for _, share in bars],
                "y": list(range(len(bars))),
                "text": [f"{share:.1%}" for _, share in bars],
                "textposition": "outside",
                "cliponaxis": False,
                "hoverinfo": "skip",
                "marker": {"color": [colour(number) for number, _ in bars], "cornerradius": 3},
            }
        ],
        "How large each cluster is",
        f"Shares of the customers that {seen.title} was fitted to.",
        130 + 30 * len(bars),
        bargap=0.35,
        xaxis=axis(showticklabels=False, showgrid=False, rangemode="tozero"),
        yaxis=_lines([seen.name(number) for number, _ in bars], list(range(len(bars)))),
    )


def silhouette_picture(seen: Seen) -> Any:
    """Return the silhouettes of some customers, as bars by cluster, the highest first."""
    crowd, k = seen.people("silhouette"), len(seen.shares)
    found = silhouettes_of(crowd.points, crowd.labels, k)
    if found is None:
        raise ClusteringError(
            "A silhouette compares a customer's own cluster with the next one; the"
            f" {len(crowd):,} customers given are not in two."
        )
    data, middles, at = [], [], 0
    gap = max(2, found.drawn // 60)
    for number, values in enumerate(found.values):
        places = np.arange(at, at + len(values))
        middles.append(at + len(values) / 2)
        at += len(values) + gap
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": values,
                "y": places,
                "width": 1,
                "name": seen.name(number),
                "hovertemplate": f"{seen.name(number)}: %{{x:.2f}}<extra></extra>",
                "marker": {"color": colour(number), "line": {"width": 0}},
            }
        )
    names = [
        f"{seen.name(number)}  {found.means[number]:.3f} ± {found.errors[number]:.3f}"
        for number in range(k)
    ]
    return figure(
        data,
        "How clear-cut each cluster is",
        f"Silhouettes of {found.drawn:,} customers: 1 lies deep in its own cluster, 0 between two,"
        f" below 0 nearer to another. On average {found.mean:.3f} ± {found.error:.3f}.",
        max(420, 150 + 26 * k),
        bargap=0,
        xaxis=axis("Silhouette", zeroline=True, zerolinecolor=QUIET),
        yaxis=_lines(names, middles, range=[at, -gap]),
        shapes=[
            {
                "type": "line", "x0": found.mean, "x1": found.mean, "y0": 0, "y1": 1,
                "yref": "paper", "line": {"color": INK, "width": 1, "dash": "dash"},
            }
        ],
    )  # fmt: skip


@dataclass(frozen=True)
class _Centroids:
    """Means (r, k + 1) of r columns, everyone's last, and how far `apart` (r, k + 1) they are."""

    names: list[str]
    means: Array
    apart: Array

    @classmethod
    def of(cls, crowd: Crowd, shares: Array) -> _Centroids:
        """Take the columns that differ, and put in front those on which the clusters differ."""
        rows = [(name, values) for name, values in _columns(crowd) if np.ptp(_known(values)) > 0]
        if not rows:
            raise ClusteringError("No column of the table has values that differ between people.")
        of_all = [_known(values) for _, values in rows]
        everyone = np.array([[of.mean()] for of in of_all])
        deviation = np.array([[of.std()] for of in of_all])
        means = np.array(
            [[_mean(of[crowd.labels == one]) for one in range(len(shares))] for _, of in rows]
        )
        spread = np.nan_to_num(((means - everyone) / deviation) ** 2 * shares).sum(axis=1)
        kept = np.sort(np.argsort(-spread, kind="stable")[:_COLUMNS])
        means = np.column_stack([means, everyone])
        names = [_safe(rows[at][0]) for at in kept]
        return cls(names, means[kept], ((means - everyone) / deviation)[kept])


def centroids_picture(seen: Seen) -> Any:
    """Return clusters by columns in the table's own units, shaded by how far from everyone."""
    k = len(seen.shares)
    found = _Centroids.of(seen.people("centroids"), seen.shares)
    heads = [*(seen.name(number) for number in range(k)), "Everyone"]
    return figure(
        [
            {
                "type": "heatmap",
                "x": list(range(k + 1)),
                "y": list(range(len(found.names))),
                "z": found.apart,
                "text": [[short(one) if one == one else "" for one in row] for row in found.means],
                "texttemplate": "%{text}" if k <= _VALUED else "",
                "hovertemplate": "%{y}<br>%{x}: %{text}<br>%{z:+.1f} deviations<extra></extra>",
                "textfont": {"color": INK, "size": 12},
                "zmin": -_FARTHEST, "zmid": 0, "zmax": _FARTHEST, "xgap": 2, "ygap": 2,
                "colorscale": [[0, "#74a9de"], [0.5, "#f4f4f2"], [1, "#f09a4f"]],
                "showscale": False,
            }
        ],
        "What is typical of each cluster",
        "Means of the customers given, in the units of the table; the stronger the colour, the"
        f" further from everyone. At most {_COLUMNS} columns are shown.",
        170 + 28 * len(found.names),
        xaxis=axis(
            showgrid=False, tickvals=list(range(k + 1)), ticktext=heads,
            tickfont={"color": INK, "size": 12},
        ),
        yaxis=_lines(found.names, list(range(len(found.names)))),
    )  # fmt: skip


def _columns(crowd: Crowd) -> Iterator[tuple[str, Array]]:
    """Yield numbers, yes and no, and the frequent levels of categories, each as numbers (n,)."""
    table = table_of(crowd.table)
    for name in table.column_names:
        column = table[name]
        kind = column.type
        if pa.types.is_dictionary(kind):
            column = pc.cast(column, kind.value_type)
            kind = column.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
            yield name, _numbers(column)
        elif any(is_text(kind) for is_text in _TEXTS):
            counts = pc.value_counts(column.drop_null()).to_pylist()
            often = sorted(counts, key=lambda one: (-one["counts"], one["values"]))[:_LEVELS]
            for one in often if len(counts) < len(column) else []:
                yield f"{name}: {one['values']}", _numbers(pc.equal(column, one["values"]))


def _numbers(column: pa.ChunkedArray) -> Array:
    return np.asarray(pc.fill_null(column.cast(pa.float64()), np.nan), dtype=np.float64)


def _known(values: Array) -> Array:
    """Return the known values; of none, a zero."""
    known = values[~np.isnan(values)]
    return known if len(known) else np.zeros(1)


def _mean(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _lines(names: list[str], at: list[Any], **own: Any) -> dict[str, Any]:
    """Return an axis with a name a line, the first on top."""
    quiet: dict[str, Any] = {"showgrid": False, "tickfont": {"color": INK, "size": 12}}
    order: dict[str, Any] = {} if "range" in own else {"autorange": "reversed"}
    return axis(tickvals=at, ticktext=names, ticklabelstandoff=6, **quiet, **order, **own)

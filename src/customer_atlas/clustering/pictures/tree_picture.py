"""How clusters merge: from the left, the most alike first."""

from __future__ import annotations

from typing import Any

import numpy as np

from customer_atlas.clustering.pictures.seen import Seen
from customer_atlas.clustering.pictures.style import INK, QUIET, axis, colour, figure
from customer_atlas.clustering.pictures.tree import Tree, tree_of
from customer_atlas.errors import ClusteringError

__all__ = ["tree_picture"]

_JOINTS = 60  # more of them would hide the lines


def tree_picture(seen: Seen) -> Any:
    """Return the tree of the clusters, or where no customers are given, that of the fit."""
    if seen.crowd is None and "dendrogram" in seen.facts:
        return _of_fit(seen)
    crowd, k = seen.people("dendrogram"), len(seen.shares)
    here = [number for number in range(k) if (crowd.labels == number).any()]
    centers = [crowd.points[crowd.labels == number].mean(axis=0) for number in here]
    tree = tree_of(np.array(centers), seen.shares[here])
    if tree is None:
        raise ClusteringError("A tree shows how clusters merge; the customers given are in one.")
    tree = tree.renamed(here)
    first, second = (seen.name(side[0]) for side in tree.branches[0].sides)
    return figure(
        [*_drawn(tree), _leaves(seen, tree)],
        "How the clusters merge",
        f"Ward's linkage of their centres: {first} and {second} are the most alike.",
        140 + 30 * len(here),
        xaxis=axis("How far apart what merges is", rangemode="tozero"),
        yaxis=axis(
            tickvals=list(range(len(here))), showgrid=False,
            ticktext=[seen.name(leaf) for leaf in tree.order],
            range=[len(here) - 0.4, -0.6], tickfont={"color": INK, "size": 12},
            ticklabelstandoff=10,
        ),
    )  # fmt: skip


def _drawn(tree: Tree) -> list[dict[str, Any]]:
    x, y = tree.lines()
    line = {"color": QUIET, "width": 1.6}
    joints = [_joints(tree)] if len(tree.branches) <= _JOINTS else []
    lines = {"type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip", "line": line}
    return [lines, *joints]


def _joints(tree: Tree) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [branch.height for branch in tree.branches],
        "y": [sum(branch.places) / 2 for branch in tree.branches],
        "marker": {"color": QUIET, "size": 6},
        "customdata": [branch.share for branch in tree.branches],
        "hovertemplate": "height %{x:.3g}<br>loses %{customdata:.1%} of what tells the clusters"
        " apart<extra></extra>",
    }


def _leaves(seen: Seen, tree: Tree) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [0.0] * len(tree.order),
        "y": list(range(len(tree.order))),
        "cliponaxis": False,
        "hovertext": [f"{seen.shares[leaf]:.1%} of customers" for leaf in tree.order],
        "hoverinfo": "text",
        "marker": {"color": [colour(leaf) for leaf in tree.order], "size": 11},
    }


def _of_fit(seen: Seen) -> Any:
    """Return the last merges that the fit made, with a line where the clusters were cut."""
    tree = Tree.of(np.array(seen.facts["dendrogram"]["merges"], dtype=np.float64).reshape(-1, 4))
    below, above = [*seen.facts["heights"], *seen.facts["heights"]][:2]
    cut = (below + above) / 2
    return figure(
        _drawn(tree),
        f"How {seen.title} merged the customers",
        f"The last {len(tree.branches)} merges; the dashed line cuts them into"
        f" {len(seen.shares)} clusters.",
        520,
        xaxis=axis("How far apart what merges is", rangemode="tozero"),
        yaxis=axis(showticklabels=False, showgrid=False, range=[len(tree.order) - 0.4, -0.6]),
        shapes=[
            {
                "type": "line", "x0": cut, "x1": cut, "y0": 0, "y1": 1, "yref": "paper",
                "line": {"color": INK, "width": 1, "dash": "dash"},
            }
        ],
    )  # fmt: skip

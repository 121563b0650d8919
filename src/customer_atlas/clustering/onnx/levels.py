"""The sub-segments of a tree as nodes of a graph."""

from __future__ import annotations

from customer_atlas.clustering.levels import SegmentTree
from customer_atlas.clustering.onnx.forms import served_nodes
from customer_atlas.clustering.served import UNUSUAL
from customer_atlas.onnx_graph import Value

__all__ = ["tree_nodes"]


def tree_nodes(
    points: Value, tree: SegmentTree, level: int, above: Value, sure: Value
) -> tuple[Value, Value]:
    """Return number and probability (n, 1) of a level's segments for rows (n, d), as the tree does.

    `above` (n, 1) are the numbers of the level before, and `sure` (n, 1) their probabilities.
    """
    graph = points.graph
    number = graph.where(above.equals(UNUSUAL), above, UNUSUAL)  # nobody, as many as there are
    probability = sure * 0.0
    for node in tree.at(level - 1):
        if not tree.divided(node):
            continue
        division = tree.divisions[node.level, node.number]
        seen = points.columns(division.columns.tolist()) * division.factors
        shares = served_nodes(seen, division.model).probabilities
        best, here = shares.best("ArgMax"), above.equals(node.number)
        number = graph.where(here, best + tree.children(node)[0].number, number)
        probability = graph.where(here, sure * shares.at(best), probability)
    return number, probability

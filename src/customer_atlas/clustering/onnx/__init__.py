"""Served models as ONNX: nodes of a graph, or a file of their own."""

from __future__ import annotations

from customer_atlas.clustering.onnx.file import to_onnx
from customer_atlas.clustering.onnx.forms import served_nodes
from customer_atlas.clustering.onnx.levels import tree_nodes
from customer_atlas.clustering.onnx.scored import Scored

__all__ = ["Scored", "served_nodes", "to_onnx", "tree_nodes"]

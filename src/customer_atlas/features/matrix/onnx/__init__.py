"""The design matrix as nodes of an ONNX graph: the same numbers without this package."""

from __future__ import annotations

from customer_atlas.features.matrix.onnx.matrix import matrix_nodes

__all__ = ["matrix_nodes"]

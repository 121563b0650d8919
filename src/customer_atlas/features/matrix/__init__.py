"""The design matrix: customers' features as numbers that a distance can be taken of."""

from __future__ import annotations

from customer_atlas.features.matrix.design import Dropped
from customer_atlas.features.matrix.design_matrix import DesignMatrix
from customer_atlas.features.matrix.onnx import matrix_nodes

__all__ = ["DesignMatrix", "Dropped", "matrix_nodes"]

"""The design matrix: customers' features as numbers that a distance can be taken of."""

from __future__ import annotations

from customer_atlas.features.matrix.design import Dropped
from customer_atlas.features.matrix.design_matrix import DesignMatrix

__all__ = ["DesignMatrix", "Dropped"]

"""The mending of skew in a graph, as exact near zero as where the functions are at hand."""

from __future__ import annotations

import numpy as np

from customer_atlas.features.matrix.statistics import Array
from customer_atlas.onnx_graph import Value

__all__ = ["signed_log", "yeo_johnson"]


def signed_log(values: Value) -> Value:
    """Return sign(x) * log(1 + |x|)."""
    return values.graph.add("Sign", values) * _log1p(values.graph.add("Abs", values))


def yeo_johnson(values: Value, powers: Array) -> Value:
    """Return Yeo and Johnson's transform of each column (n, c) with its own power (c,)."""
    graph = values.graph
    size = _log1p(graph.add("Abs", values))
    above, below = _power(size, powers), _power(size, 2.0 - powers)
    return graph.where(values < 0.0, below * -1.0, above)


def _power(logarithm: Value, powers: Array) -> Value:
    grown = _expm1(logarithm * powers) / np.where(powers == 0.0, 1.0, powers)
    if powers.all():
        return grown
    return logarithm.graph.where(powers == 0.0, logarithm, grown)


def _log1p(values: Value) -> Value:
    """Return log(1 + x) for x >= 0, without what rounding 1 + x loses.

    ONNX has no such operator: Kahan's way, as told by Higham, 2002, Accuracy and Stability of
    Numerical Algorithms, section 1.14.1.
    """
    graph = values.graph
    more = values + 1.0
    mended = graph.add("Log", more) * (values / (more - 1.0))
    return graph.where(more.equals(1.0), values, mended)


def _expm1(values: Value) -> Value:
    """Return exp(x) - 1, without what rounding exp(x) loses where x is small."""
    graph = values.graph
    grown = graph.add("Exp", values)
    mended = (grown - 1.0) * (values / graph.add("Log", grown))
    mended = graph.where(grown.equals(1.0), values, mended)
    return graph.where(graph.add("Abs", values) < 0.5, mended, grown - 1.0)

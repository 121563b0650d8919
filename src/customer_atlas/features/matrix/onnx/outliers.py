"""Outliers in a graph: told by their numbers, and pulled in."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from customer_atlas.features.matrix.forest import Forest
from customer_atlas.features.matrix.onnx.numbers import Numbers, in_order
from customer_atlas.features.matrix.outliers import Detector
from customer_atlas.onnx_graph import Value

__all__ = ["capped", "outlying"]

_STEP = 2.0**-10  # sums of multiples of this are exact in the single precision of sums of trees
_SAME = 1e-10  # relative: paths that differ by no more are equally long, added up in another order


def outlying(numbers: Numbers, detector: Detector) -> Value:
    """Return who (n, 1) is an outlier, as `Detector.found` does."""
    groups = list(numbers.made(detector.columns))
    matrix = in_order(groups, range(len(detector.columns)))
    if detector.forest is None:
        return matrix.graph.add("Abs", matrix).reduced("Max") > detector.limit
    # The score is 2^-(path / usual); it is above the limit where the path is shorter than this.
    shortest = -float(detector.forest.usual[0]) * math.log2(detector.limit) * (1.0 - _SAME)
    return _paths(matrix, detector.forest) < shortest


def capped(numbers: Numbers, detector: Detector) -> Numbers:
    """Return the numbers with those of outliers pulled in, as `Detector.capped` does."""
    least, most = (np.full(len(numbers.places), end) for end in (-np.inf, np.inf))
    for column, low, high in zip(detector.columns, detector.least, detector.most, strict=True):
        least[numbers.places[column.feature]] = low
        most[numbers.places[column.feature]] = high
    values = numbers.values.clipped(least, most)
    if detector.forest is not None:
        values = values.graph.where(outlying(numbers, detector), values, numbers.values)
    return replace(numbers, values=values)


def _paths(matrix: Value, forest: Forest) -> Value:
    """Return the length (n, 1) of each row's paths, all trees together.

    Trees are added up in single precision, which is too little here: so the lengths are two
    numbers each, of which the sums of the first are exact, and the second are small.
    """
    coarse = np.round(forest.length / _STEP) * _STEP
    sums = matrix.graph.trees(
        matrix.single().number(), forest.roots, np.stack([forest.left, forest.right], axis=1),
        forest.feature, forest.threshold, np.stack([coarse, forest.length - coarse], axis=1),
    )  # fmt: skip
    return sums.number().reduced("Sum")

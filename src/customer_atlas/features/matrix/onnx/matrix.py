"""All of a design matrix in a graph: columns that are made alike are made together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from customer_atlas.errors import FeatureError
from customer_atlas.features.matrix.design_matrix import DesignMatrix
from customer_atlas.features.matrix.onnx.categories import looked_up
from customer_atlas.features.matrix.onnx.imputing import imputed
from customer_atlas.features.matrix.onnx.numbers import Numbers, in_order, placed, way
from customer_atlas.features.matrix.onnx.outliers import capped, outlying
from customer_atlas.onnx_graph import Graph, Value

__all__ = ["matrix_nodes"]


@dataclass(frozen=True)
class _Part:
    """Columns of the matrix (n, c), their places in it, and where they are unknown (n, c)."""

    values: Value
    places: Sequence[int]
    unknown: Value


def matrix_nodes(graph: Graph, matrix: DesignMatrix) -> Value:
    """Add what `DesignMatrix.transform` does, and return the matrix (n, d).

    Each feature that is used is an input (n, 1) of its own name: float64 with NaN for unknown, or
    text that is empty for unknown. Where all customers are alike it is one column of zeros.

    Raises `FeatureError` where an empty text is a category of its own.
    """
    if not matrix.fitted:
        return _zeros(graph, matrix)
    parts = list(_parts(graph, matrix))
    points = in_order([(one.places, one.values) for one in parts], range(len(matrix.fitted)))
    if matrix.imputer is None:
        return points
    unknown = [(one.places, one.unknown) for one in parts]
    return imputed(points, in_order(unknown, matrix.imputer.targets.tolist()), matrix.imputer)


def _parts(graph: Graph, matrix: DesignMatrix) -> Iterator[_Part]:
    kinds = {info.name: info.kind for info in matrix.infos}
    of_numbers = [j for j, one in enumerate(matrix.fitted) if kinds.get(one.feature) == "number"]
    detector = matrix.detector if matrix.detector and matrix.detector.then != "exclude" else None
    used = {matrix.fitted[j].feature for j in of_numbers}
    used |= {column.feature for column in detector.columns} if detector else set()
    if used:
        ways = {matrix.fitted[j].feature: way(matrix.fitted[j]) for j in reversed(of_numbers)}
        infos = [info for info in matrix.infos if info.name in used]
        numbers = Numbers.read(graph, matrix, sorted(infos, key=lambda i: ways.get(i.name, "")))
        if detector and detector.then == "cap":
            numbers = capped(numbers, detector)
        for group, values in numbers.made([matrix.fitted[j] for j in of_numbers]):
            own = [of_numbers[i] for i in group]
            yield _Part(values, own, numbers.unknown_of([matrix.fitted[j] for j in own]))
        if detector and detector.then == "flag":
            found = outlying(numbers, detector)
            for j, column in enumerate(matrix.fitted):
                if column.form == "outlier":
                    yield _Part(placed(found.number(), [column]), [j], found)
    for name in sorted(
        {one.feature for one in matrix.fitted if kinds.get(one.feature) == "category"}
    ):
        own = [j for j, column in enumerate(matrix.fitted) if column.feature == name]
        values, unknown = looked_up(graph, name, [matrix.fitted[j] for j in own])
        yield _Part(values, own, unknown)


def _zeros(graph: Graph, matrix: DesignMatrix) -> Value:
    """Return a zero (n, 1) a customer, which takes an input to know how many there are."""
    if not matrix.infos:
        raise FeatureError("A segmentation without features has nothing that a file could score.")
    info = matrix.infos[0]
    given = graph.input(info.name, "text" if info.kind == "category" else "number")
    return graph.add("ConstantOfShape", graph.add("Shape", given)).number()

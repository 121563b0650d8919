"""All of a design matrix in a graph: columns that are made alike are made together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from customer_atlas.errors import FeatureError
from customer_atlas.features.matrix.design_matrix import DesignMatrix
from customer_atlas.features.matrix.onnx.categories import looked_up
from customer_atlas.features.matrix.onnx.imputing import imputed
from customer_atlas.features.matrix.onnx.numbers import Numbers, placed
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
    points = _in_order(parts, lambda part: part.values, range(len(matrix.fitted)))
    if matrix.imputer is None:
        return points
    unknown = _in_order(parts, lambda part: part.unknown, matrix.imputer.targets.tolist())
    return imputed(points, unknown, matrix.imputer)


def _parts(graph: Graph, matrix: DesignMatrix) -> Iterator[_Part]:
    kinds = {info.name: info.kind for info in matrix.infos}
    of_numbers = [j for j, one in enumerate(matrix.fitted) if kinds.get(one.feature) == "number"]
    detector = matrix.detector if matrix.detector and matrix.detector.then != "exclude" else None
    used = {matrix.fitted[j].feature for j in of_numbers}
    used |= {column.feature for column in detector.columns} if detector else set()
    if used:
        numbers = Numbers.read(graph, matrix, [info for info in matrix.infos if info.name in used])
        if detector and detector.then == "cap":
            numbers = capped(numbers, detector)
        if of_numbers:
            columns = [matrix.fitted[j] for j in of_numbers]
            yield _Part(numbers.made(columns), of_numbers, numbers.unknown_of(columns))
        if detector and detector.then == "flag":
            found = outlying(numbers, detector)
            own = [j for j, column in enumerate(matrix.fitted) if column.form == "outlier"]
            for j in own:
                yield _Part(placed(found.number(), [matrix.fitted[j]]), [j], found)
    for name in sorted(
        {one.feature for one in matrix.fitted if kinds.get(one.feature) == "category"}
    ):
        own = [j for j, column in enumerate(matrix.fitted) if column.feature == name]
        values, unknown = looked_up(graph, name, [matrix.fitted[j] for j in own])
        yield _Part(values, own, unknown)


def _in_order(parts: Sequence[_Part], of: Callable[[_Part], Value], wanted: Sequence[int]) -> Value:
    """Return what the parts hold of the wanted columns (n, w) of the matrix."""
    place = {j: i for i, j in enumerate(j for part in parts for j in part.places)}
    joined = parts[0].values.graph.beside(*(of(part) for part in parts))
    order = [place[j] for j in wanted]
    return joined if order == list(range(len(place))) else joined.columns(order)


def _zeros(graph: Graph, matrix: DesignMatrix) -> Value:
    """Return a zero (n, 1) a customer, which takes an input to know how many there are."""
    if not matrix.infos:
        raise FeatureError("A segmentation without features has nothing that a file could score.")
    info = matrix.infos[0]
    given = graph.input(info.name, "text" if info.kind == "category" else "number")
    return graph.add("ConstantOfShape", graph.add("Shape", given)).number()

"""Number features in a graph: read, shrunk, filled, cut, mended of their skew and placed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.columns import Column
from customer_atlas.features.matrix.design_matrix import DesignMatrix
from customer_atlas.features.matrix.onnx.skew import signed_log, yeo_johnson
from customer_atlas.features.matrix.reading import Shrinkage
from customer_atlas.features.matrix.statistics import Array
from customer_atlas.onnx_graph import Graph, Value

__all__ = ["Numbers", "in_order", "placed", "way"]


@dataclass(frozen=True)
class Numbers:
    """The numbers (n, m) of some features, where they are unknown (n, m), and each one's place.

    What is unknown is any number here: whoever uses it looks at `unknown` first.
    """

    values: Value
    unknown: Value
    places: Mapping[str, int]

    @classmethod
    def read(cls, graph: Graph, matrix: DesignMatrix, infos: Sequence[FeatureInfo]) -> Numbers:
        """Take features as inputs (n, 1), as `read_values` takes them from a table."""
        values = graph.beside(*(graph.input(info.name) for info in infos))
        absent = values.unknown()
        means_none = np.array([info.zero for info in infos])
        values = graph.where(absent, 0.0, values)
        unknown = graph.add("And", absent, ~means_none) if means_none.any() else absent
        places = {info.name: place for place, info in enumerate(infos)}
        shrunk = [each for each in matrix.shrinkages if each.feature in places]
        if shrunk:
            own = values.columns([places[each.feature] for each in shrunk])
            drawn = graph.beside(values, _shrunk(own, shrunk))
            order = [*range(len(infos))]
            for offset, each in enumerate(shrunk):
                order[places[each.feature]] = len(infos) + offset
            values = drawn.columns(order)
        return cls(values, unknown, places)

    def made(self, columns: Sequence[Column]) -> Iterator[tuple[list[int], Value]]:
        """Yield columns (n, c) of these features, those that are made alike at once.

        With them are their places among the columns that are asked for.
        """
        groups: dict[str, list[int]] = {}
        for i, column in enumerate(columns):
            groups.setdefault(way(column), []).append(i)
        for group in groups.values():
            yield group, self._alike([columns[i] for i in group])

    def unknown_of(self, columns: Sequence[Column]) -> Value:
        """Return where (n, c) columns have no number that they could be made of."""
        return self._taken(self.unknown, columns)

    def _taken(self, values: Value, columns: Sequence[Column]) -> Value:
        places = [self.places[column.feature] for column in columns]
        return values if places == list(range(len(self.places))) else values.columns(places)

    def _alike(self, columns: Sequence[Column]) -> Value:
        unknown, graph = self.unknown_of(columns), self.values.graph
        if columns[0].form == "flag":
            return placed(unknown.number(), columns)
        filled = graph.where(unknown, _row(columns, "fill"), self._taken(self.values, columns))
        filled = filled.clipped(_row(columns, "low"), _row(columns, "high"))
        if columns[0].log:
            filled = signed_log(filled)
        elif columns[0].power != 1.0:
            filled = yeo_johnson(filled, _row(columns, "power"))
        return placed(filled, columns)


def placed(values: Value, columns: Sequence[Column]) -> Value:
    """Return numbers (n, c) with the middle and the weight of their columns."""
    return (values - _row(columns, "center")) * _row(columns, "factor")


def in_order(groups: Sequence[tuple[Sequence[int], Value]], wanted: Sequence[int]) -> Value:
    """Return the columns (n, w) that are wanted, of groups of columns and their places."""
    place = {j: i for i, j in enumerate(j for places, _ in groups for j in places)}
    joined = groups[0][1].graph.beside(*(values for _, values in groups))
    order = [place[j] for j in wanted]
    return joined if order == list(range(len(place))) else joined.columns(order)


def way(column: Column) -> str:
    """Return how a number column is made; those that are made alike can be made together."""
    if column.form == "flag":
        return "flag"
    return "log" if column.log else "power" if column.power != 1.0 else "plain"


def _row(columns: Sequence[Column], name: str) -> Array:
    return np.array([getattr(column, name) for column in columns], np.float64)


def _shrunk(values: Value, how: Sequence[Shrinkage]) -> Value:
    """Return values (n, s) drawn to the means of their priors, as `shrunk` does."""
    graph = values.graph
    counts = graph.beside(*(graph.input(each.evidence) for each in how))
    counts = graph.where(counts.unknown(), 0.0, counts)
    seen = graph.where(counts > 0.0, counts, 0.0)
    strength = np.array([each.prior.strength for each in how])
    trust = graph.where(seen > 0.0, seen / (seen + strength), 0.0)
    means = np.array([each.prior.mean for each in how])
    return trust * values + (trust * -1.0 + 1.0) * means

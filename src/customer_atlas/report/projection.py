"""Customers as points on a map: the design matrix, seen from where it spreads most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering import Components
from customer_atlas.features import DesignMatrix
from customer_atlas.report.people import Array

__all__ = ["Projection", "project"]


@dataclass(frozen=True)
class Projection:
    """Points (n, 1 to 3) of the customers at `rows`, on the principal `components`.

    `leading` names for each component the two features that it follows most, with 1 where it
    grows with them and -1 where it falls.
    """

    components: Components
    rows: NDArray[np.int64]
    points: Array
    leading: tuple[tuple[tuple[str, int], ...], ...]

    @property
    def explained(self) -> tuple[float, ...]:
        """The share of what differs between customers that each component tells."""
        return self.components.explained


def project(design: Array, matrix: DesignMatrix, rows: NDArray[np.int64]) -> Projection | None:
    """Fit the components on all rows of `design` (n, d), and place those at `rows`.

    None where the customers are all alike. It is the matrix that the segments were found in.
    """
    found = Components.fit(design)
    if found is None:
        return None
    leading = tuple(_leading(matrix, axis) for axis in found.axes)
    return Projection(found, rows, found.place(design[rows]), leading)


def _leading(matrix: DesignMatrix, component: Array) -> tuple[tuple[str, int], ...]:
    """Return the two strongest features, of columns whose direction can be said in their name."""
    labels = {info.name: info.label for info in matrix.infos}
    said: list[tuple[str, int]] = []
    for at in np.argsort(-np.abs(component), kind="stable"):
        column = matrix.fitted[at]
        if column.form not in ("number", "level"):
            continue
        label = labels[column.feature] + (f": {column.level}" if column.level else "")
        said.append((label, 1 if component[at] > 0 else -1))
        if len(said) == 2:
            break
    return tuple(said)

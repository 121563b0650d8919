"""Customers as points on a map: the design matrix, seen from where it spreads most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from customer_atlas.features import DesignMatrix
from customer_atlas.report.people import Array, People

__all__ = ["Projection", "project"]

_NOTHING = 1e-9


@dataclass(frozen=True)
class Projection:
    """Points (n, 1 to 3) of the customers at `rows`, on the principal components.

    `explained` is the share of the variance that each component tells. `leading` names for each
    the two features that it follows most, with 1 where it grows with them and -1 where it falls.
    """

    rows: NDArray[np.int64]
    points: Array
    explained: tuple[float, ...]
    leading: tuple[tuple[tuple[str, int], ...], ...]


def project(people: People, matrix: DesignMatrix, rows: NDArray[np.int64]) -> Projection | None:
    """Fit the components on all rows of `people`, and place those at `rows`.

    None where the customers are all alike. The method is principal component analysis (Hotelling,
    1933), on the same matrix that the segments were found in.
    """
    design = matrix.transform(people.features)
    if design.shape[1] == 0 or len(design) < 2 or design.var(axis=0).sum() < _NOTHING:
        return None
    size = min(3, *design.shape)
    with threadpool_limits(1):  # sums of several threads differ in their last bits
        found = PCA(size, svd_solver="covariance_eigh").fit(design)
        points = found.transform(design[rows])
    kept = [at for at in range(size) if found.explained_variance_ratio_[at] > _NOTHING]
    return Projection(
        rows,
        points[:, kept],
        tuple(float(found.explained_variance_ratio_[at]) for at in kept),
        tuple(_leading(matrix, found.components_[at]) for at in kept),
    )


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

"""Two peaks on an axis: a column, a principal direction, or the line that parts two halves."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.narrowing import narrowed
from customer_atlas.clustering.structure_test.column import read_column
from customer_atlas.clustering.structure_test.dip import dip
from customer_atlas.clustering.structure_test.dip_table import dip_p_value, evenness
from customer_atlas.clustering.structure_test.result import DipPart

__all__ = ["FEWEST", "parting_line", "two_peaks"]

FEWEST = 10
_DIRECTIONS = 10
_ROWS_A_COLUMN = 20  # with fewer, a line can be laid so that noise looks parted
_TURNS = 3
_RIDGE = 0.2  # of a column's variance: a bent band is thin, and across it are two peaks

Axis = tuple[Literal["column", "direction", "line"], int, Array]


def two_peaks(sample: Array, draw: np.random.Generator) -> DipPart | None:
    """Return the most telling axis of `sample` (n, d), or None where there is none to look at.

    Looked at are the columns without their atoms; and of the columns that have none, together,
    up to ten principal directions and the line that parts two halves best.
    """
    read = [read_column(sample[:, j], draw) for j in range(sample.shape[1])]
    axes: list[Axis] = [
        ("column", j, column.body)
        for j, column in enumerate(read)
        if column is not None and len(column.body) >= FEWEST
    ]
    plain = [column.values for column in read if column is not None and column.is_plain]
    if len(plain) > 1:
        axes += _directions(np.concatenate(plain, axis=1))
    if not axes:
        return None
    found = [DipPart(*_chance(*axis), *axis[:2], len(axes), len(axis[2])) for axis in axes]
    best = min(found, key=lambda part: part.p_value)
    return replace(best, p_value=min(1.0, best.p_value * len(axes)))


def _chance(kind: str, _: int, values: Array) -> tuple[float, float]:
    """The p-value and the dip; a line was chosen for its two halves, so it gets no allowance."""
    depth = dip(values)
    if kind == "line":
        return dip_p_value(depth, len(values)), depth
    return dip_p_value(depth, len(values), evenness(values)), depth


def _directions(X: Array) -> list[Axis]:
    short = narrowed(X)
    along = short @ np.linalg.eigh(short.T @ short)[1][:, ::-1][:, :_DIRECTIONS]
    axes: list[Axis] = [("direction", j, along[:, j]) for j in range(along.shape[1])]
    if len(X) >= _ROWS_A_COLUMN * X.shape[1]:
        axes.append(("line", 0, X @ parting_line(X, along[:, 0])))
    return axes


def parting_line(X: Array, start: Array) -> Array:
    """Return the direction (d,) that parts two halves of the rows of `X` (n, d) best.

    The halves are those of 2-means on the values `start` (n,); the direction is that of Fisher's
    discriminant, along which they are parted anew, a few times over. Two groups that a slanting
    line parts spread columns differently, so that the principal direction passes by the line.

    >>> X = np.random.default_rng(0).normal(size=(900, 2)) * [9, 1]
    >>> X[450:, 1] += 8
    >>> bool(abs(parting_line(X, X @ [0.2, 1.0])[0]) < 0.02)
    True
    """
    along, line = start, np.zeros(X.shape[1])
    for _ in range(_TURNS):
        upper = _upper_half(along)
        means = np.stack([X[~upper].mean(axis=0), X[upper].mean(axis=0)])
        rest = X - means[upper.astype(np.int64)]
        within = rest.T @ rest / len(X) + _RIDGE * np.eye(X.shape[1])
        line = np.linalg.solve(within, means[1] - means[0])
        line /= np.linalg.norm(line) or 1.0
        along = X @ line
    return np.asarray(line)


def _upper_half(values: Array) -> NDArray[np.bool_]:
    """Which values (n,) belong to the upper of two groups, by the best cut in two."""
    x, n = np.sort(values), len(values)
    lower = np.cumsum(x - x.mean())[:-1]
    sizes = np.arange(1, n)
    cut = int(np.argmax(lower**2 / (sizes * (n - sizes))))
    return np.asarray(values > x[cut] if x[cut] < x[-1] else values == x[-1])

"""The null test: is there any group structure in this matrix at all?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.checks import checked_matrix, checked_weights
from customer_atlas.clustering.drawing import drawn
from customer_atlas.clustering.lloyd import Array, one_thread, stay_on_one_thread
from customer_atlas.clustering.narrowing import principal
from customer_atlas.clustering.structure_test.category import with_categories
from customer_atlas.clustering.structure_test.column import Column, read_column
from customer_atlas.clustering.structure_test.gap import empty_gap
from customer_atlas.clustering.structure_test.peaks import FEWEST, two_peaks
from customer_atlas.clustering.structure_test.reference import Copula, Ellipse, Reference
from customer_atlas.clustering.structure_test.result import (
    DipPart,
    GapPart,
    InertiaPart,
    NullTest,
)
from customer_atlas.clustering.structure_test.sentence import sentence
from customer_atlas.clustering.structure_test.statistic import excess, log_inertia
from customer_atlas.errors import ClusteringError
from customer_atlas.side_by_side import side_by_side

__all__ = ["null_test"]

_TREE_ROWS = 500
_DIP_ROWS = 2_000
_PARTS = 2
# The inertia must beat the worse of two families, by more than an allowance: of 1,440 tables with
# one group 2 reached 0.02 where 29 would by the rank alone. So its rank counts half.
_STRICT = 0.5
_ALLOWANCE = 0.25  # deviations: what the references, which are fitted to the data, may miss
_HOPELESS = 0.2  # a p-value that more references will not bring down to the level


def null_test(
    X: Array, weights: Array | None = None, *, level: float = 0.01, references: int = 199,
    max_k: int = 20, seed: int = 0, names: Sequence[str] = (),
) -> NullTest:  # fmt: skip
    """Test whether the rows of `X` (n, d) are more than one group.

    Two parts share the level. The inertia of up to 500 rows, divided by Ward's method into 2 to
    `max_k` groups, is ranked among `references` tables that have one group; and the dip test
    (Hartigan and Hartigan, 1985) looks for two peaks on each column, on up to ten principal
    directions and on the line that parts two halves best. Where both say no and there are two to
    four columns, a third looks for empty gaps, as there are between rings or spirals. Rows of more
    weight are drawn more often. Where columns are more than those rows, and more than 50, the
    inertia is that of the first 50 principal components. Columns of the same value, few values and
    spikes such as zeros are no groups by themselves. How it is made, and what it misses, is told in
    the explanation "Is there anything to find".

    Raises `ClusteringError` for an empty table, values that are not finite, weights that are not
    positive, fewer references than the level needs (199 for 0.01), or max_k below 2.

    >>> draw = np.random.default_rng(0)
    >>> null_test(draw.normal(size=(60, 2))).structured
    False
    >>> null_test(draw.normal(size=(60, 2)) + np.repeat([[0, 0], [9, 9]], 30, axis=0)).structured
    True
    """
    X = checked_matrix(X)
    weights = checked_weights(weights, len(X))
    _check_limits(level, references, max_k)
    draw = np.random.default_rng(seed)
    rows = _sample(weights, draw)
    sample = X[rows]
    if (why := _nothing_to_test(X, sample)) is not None:
        return NullTest(
            False,
            1.0,
            0.0,
            None,
            None,
            None,
            None,
            level,
            references,
            len(rows),
            f"No groups: {why}.",
        )
    with one_thread():
        dips = two_peaks(sample, draw)
        columns = _columns(sample[:_TREE_ROWS], draw)
        settled = dips is not None and dips.p_value <= level / _PARTS
        inertia = _inertia(columns, level / _STRICT, references, max_k, seed, draw, settled)
        settled |= _STRICT * inertia.p_value <= level
        gap = None if settled else empty_gap(sample, draw, references, (seed, 2))
    return _verdict(inertia, dips, gap, level, references, len(sample[:_TREE_ROWS]), names)


def _check_limits(level: float, references: int, max_k: int) -> None:
    if not 0 < level < 1 or max_k < 2:
        raise ClusteringError(
            f"The level must be between 0 and 1 and max_k at least 2; found {level} and {max_k}."
        )
    least = int(np.ceil(_PARTS / level - 1e-9)) - 1
    if references < least:
        raise ClusteringError(
            f"A level of {level} needs at least {least} references; found {references}."
        )


def _sample(weights: Array, draw: np.random.Generator) -> NDArray[np.intp]:
    """Rows drawn by weight, in a random order, so that the first of them are such a draw too."""
    return draw.permutation(drawn(weights, _DIP_ROWS, int(draw.integers(2**31))))


def _nothing_to_test(X: Array, sample: Array) -> str | None:
    if len(X) == 1:
        return "there is one customer"
    if (X[0] == X).all():
        return f"all {len(X)} customers are the same in every column"
    if len(sample) < FEWEST:
        return f"{len(sample)} customers are too few to tell"
    if (sample[0] == sample[:_TREE_ROWS]).all():
        return "nearly all customers are the same in every column"
    return None


def _columns(rows: Array, draw: np.random.Generator) -> list[Column]:
    """Read the columns of the rows (n, d), or of their principal components where d is larger.

    A copula of more columns than rows would have the groups among its correlations.
    """
    read = [read_column(rows[:, j], draw) for j in range(rows.shape[1])]
    columns = with_categories([column for column in read if column is not None], draw)
    X = np.concatenate([column.values for column in columns], axis=1)
    if (few := principal(X)) is X:
        return columns
    axes = [(few[:, j], few[:, j].std()) for j in range(few.shape[1])]
    found = [(read_column(values, draw), scale) for values, scale in axes]
    return [column.times(scale) for column, scale in found if column is not None]


def _inertia(
    columns: Sequence[Column], level: float, references: int, max_k: int, seed: int,
    draw: np.random.Generator, settled: bool,
) -> InertiaPart:  # fmt: skip
    """Rank the data among both families.

    The second is not asked where the first says no; where the dip has `settled` the answer, a
    quarter of the first is enough to tell the gaps.
    """
    X = np.concatenate([column.values for column in columns], axis=1)
    most = min(max_k, len(X) - 1)
    own = log_inertia(X, most)
    by_copula = _curves(own, Copula(columns, draw), len(X), references, (seed, 0), settled)
    p_copula = _rank(by_copula)
    if settled or p_copula > level:
        return _part("copula", by_copula, p_copula, None)
    by_ellipse = _curves(own, Ellipse(columns), len(X), references, (seed, 1), settled)
    p_ellipse = _rank(by_ellipse)
    if p_ellipse > p_copula:
        return _part("ellipse", by_ellipse, p_copula, p_ellipse)
    return _part("copula", by_copula, p_copula, p_ellipse)


def _curves(
    own: Array, reference: Reference, rows: int, references: int, seeds: tuple[int, int],
    settled: bool,
) -> Array:  # fmt: skip
    """The curve of the data, and then of each reference (1 + references, k).

    Where the answer is settled, or a quarter of the references leaves no doubt that it is no,
    these are all.
    """

    def curve(number: int) -> Array:
        table = reference.table(rows, np.random.default_rng((*seeds, number)))
        return log_inertia(table, len(own))

    curves, first = [own], references // 4
    for numbers in (range(first), range(first, references)):
        curves += side_by_side(curve, numbers, begin=stay_on_one_thread)
        if settled or _rank(np.stack(curves)) > _HOPELESS:
            break
    return np.stack(curves)


def _rank(curves: Array) -> float:
    """The share of the curves, the data's own among them, that fall as far below the others."""
    largest = excess(curves).max(axis=1)
    return float((largest >= largest[0] - _ALLOWANCE).mean())


def _part(
    against: Literal["copula", "ellipse"], curves: Array, p_copula: float, p_ellipse: float | None
) -> InertiaPart:
    own = excess(curves)[0]
    best = int(np.argmax(own[1:])) + 1
    return InertiaPart(
        max(p_copula, p_ellipse or 0.0), float(own[best]), best + 1, against, p_copula, p_ellipse,
        len(curves) - 1,
        tuple(curves[0].tolist()), tuple(curves[1:].mean(axis=0).tolist()),
        tuple(curves[1:].std(axis=0).tolist()),
    )  # fmt: skip


def _verdict(
    inertia: InertiaPart, dips: DipPart | None, gap: GapPart | None, level: float,
    references: int, rows: int, names: Sequence[str],
) -> NullTest:  # fmt: skip
    spoke: InertiaPart | DipPart | GapPart = inertia
    part: Literal["inertia", "dip", "gap"] = "inertia"
    p_value = _STRICT * inertia.p_value
    if dips is not None and _PARTS * dips.p_value < p_value:
        spoke, part, p_value = dips, "dip", _PARTS * dips.p_value
    if gap is not None and _PARTS * gap.p_value < p_value:
        spoke, part, p_value = gap, "gap", _PARTS * gap.p_value
    p_value = min(1.0, p_value)
    structured = p_value <= level + 1e-12
    return NullTest(
        structured, p_value, spoke.statistic, part, inertia, dips, gap,
        level, references, rows, sentence(structured, p_value, spoke, references, names),
    )  # fmt: skip

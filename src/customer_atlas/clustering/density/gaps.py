"""Empty gaps between customers: how much wider than the steps within what they part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["Gaps", "gaps_of"]

_STEP = 0.98  # quantile of the steps within a part: a wider one leads to somebody who is unusual
_LEAST = 5
_TINY = 1e-12


@dataclass(frozen=True)
class Gaps:
    """What single linkage sees of customers (n, d).

    `widest` is the logarithm of the widest gap between two large parts over the steps within
    them, 0 where no two are parted; `labels` (n,) are the parts that gaps wide enough leave.
    """

    widest: float
    labels: NDArray[np.int32]


def gaps_of(X: Array, share: float, wide: float) -> Gaps:
    """Cut the customers `X` (n, d) wherever a gap parts two parts of at least `share` of them.

    The shortest path that joins everybody (single linkage: Sibson, 1973) crosses a gap where it
    joins two parts. A gap is as wide as that step over the steps within either part, the wider
    98th percentile of the two; it cuts when the logarithm of that is at least `wide`. So parts
    may have any shape, and those between them who are few stay with whom they are joined to.
    The cost is that of all pairs: for a few thousand rows.

    >>> X = np.array([[0.0], [1.0], [2.1], [3.0], [4.2], [19.0], [20.0], [21.1], [22.0], [23.2]])
    >>> found = gaps_of(X, 0.3, 1.0)
    >>> round(found.widest, 1), found.labels.tolist()
    (2.5, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    """
    children, distances = _single_linkage(X)
    n = len(X)
    least = max(_LEAST, int(np.ceil(share * n)))
    sizes = np.ones(2 * n - 1, np.int64)
    steps: dict[int, list[float]] = {}
    widest, cut = 0.0, np.zeros(n - 1, bool)
    for at, ((one, other), distance) in enumerate(zip(children, distances, strict=True)):
        sizes[n + at] = sizes[one] + sizes[other]
        left, right = steps.pop(one, []), steps.pop(other, [])
        if min(sizes[one], sizes[other]) >= least:
            within = max(float(np.quantile(part, _STEP)) for part in (left, right))
            width = float(np.log(max(distance, _TINY) / max(within, _TINY)))
            widest, cut[at] = max(widest, width), width >= wide
        few, many = sorted((left, right), key=len)
        many += [*few, float(distance)]
        steps[n + at] = many
    return Gaps(widest, _parts(children, cut, n))


def _single_linkage(X: Array) -> tuple[list[tuple[int, int]], Array]:
    from sklearn.cluster import AgglomerativeClustering

    tree = AgglomerativeClustering(n_clusters=None, distance_threshold=0.0, linkage="single")
    tree.fit(X)
    return [(int(one), int(other)) for one, other in tree.children_], tree.distances_


def _parts(children: list[tuple[int, int]], cut: NDArray[np.bool_], n: int) -> NDArray[np.int32]:
    """Return the part (n,) of each customer once the joins that are `cut` are undone."""
    part = np.full(2 * n - 1, -1, np.int32)
    part[-1] = 0
    count = 1
    for at in range(n - 2, -1, -1):
        one, other = children[at]
        part[one] = part[other] = part[n + at]
        if cut[at]:
            part[other] = count
            count += 1
    return part[:n]

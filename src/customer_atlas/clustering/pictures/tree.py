"""How clusters merge: the tree of their centres, as it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.merging import Merges, merges

__all__ = ["Branch", "Tree", "tree_of"]


@dataclass(frozen=True)
class Branch:
    """One merge: the leaves on either side, where each side hangs, and how high they join.

    `places` are those of the two sides on the axis of the leaves, `heights` at which they were
    made, `height` at which they merge; `share` of all that tells the leaves apart is lost by it.
    """

    sides: tuple[tuple[int, ...], tuple[int, ...]]
    places: tuple[float, float]
    heights: tuple[float, float]
    height: float
    share: float


@dataclass(frozen=True)
class Tree:
    """The leaves in the `order` that lets no branches cross, and the branches, the lowest first."""

    order: tuple[int, ...]
    branches: tuple[Branch, ...]

    @classmethod
    def of(cls, table: Array) -> Tree:
        """Draw the merges (m - 1, 4) of m leaves, which are in the format of scipy's linkage.

        >>> Tree.of(np.array([[0, 2, 1.0, 2], [1, 3, 4.0, 3]])).order
        (1, 0, 2)
        """
        m = len(table) + 1
        pairs = table[:, :2].astype(np.intp).tolist()
        leaves: list[tuple[int, ...]] = [(leaf,) for leaf in range(m)]
        for left, right in pairs:
            leaves.append(leaves[left] + leaves[right])
        place = [float(leaves[-1].index(leaf)) for leaf in range(m)]
        height = [0.0] * m
        lost = np.square(table[:, 2])
        branches = []
        for row, (left, right) in enumerate(pairs):
            place.append((place[left] + place[right]) / 2)
            height.append(float(table[row, 2]))
            branches.append(
                Branch(
                    (leaves[left], leaves[right]), (place[left], place[right]),
                    (height[left], height[right]), height[-1],
                    float(lost[row] / lost.sum()) if lost.sum() > 0 else 0.0,
                )
            )  # fmt: skip
        return cls(leaves[-1], tuple(branches))

    def renamed(self, names: Sequence[int]) -> Tree:
        """Return the tree whose leaf i is called `names[i]`.

        >>> Tree.of(np.array([[0, 1, 3.0, 2]])).renamed([4, 7]).order
        (4, 7)
        """

        def of(leaves: Sequence[int]) -> tuple[int, ...]:
            return tuple(names[leaf] for leaf in leaves)

        branches = [
            replace(one, sides=(of(one.sides[0]), of(one.sides[1]))) for one in self.branches
        ]
        return Tree(of(self.order), tuple(branches))

    def lines(self) -> tuple[list[float | None], list[float | None]]:
        """Return heights and places of one line, with None between the branches.

        >>> Tree.of(np.array([[0, 1, 3.0, 2]])).lines()
        ([0.0, 3.0, 3.0, 0.0, None], [0.0, 0.0, 1.0, 1.0, None])
        """
        heights: list[float | None] = []
        places: list[float | None] = []
        for one in self.branches:
            (low, high), (first, second) = one.heights, one.places
            heights += [low, one.height, one.height, high, None]
            places += [first, first, second, second, None]
        return heights, places


def tree_of(centers: Array, masses: Array) -> Tree | None:
    """Return how clusters with these centres (k, d) and sizes (k,) merge; None of fewer than two.

    Ward's linkage (1963): the pair merges first whose union blurs customers least, so the
    heights are deviations of customers, weighed by the sizes as shares of all.
    """
    if len(centers) < 2:
        return None
    found: Merges = merges(centers, masses / masses.sum(), "ward")
    return Tree.of(found.table)

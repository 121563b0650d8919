"""Cutting the tree: fewer segments, by joining those that are most alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.merging import merges

if TYPE_CHECKING:
    from customer_atlas.clustering.levels.tree import Node, SegmentTree

__all__ = ["Cut", "Step", "joins"]

_Place = tuple[int, int]  # a node by its level and number


@dataclass(frozen=True)
class Step:
    """Two sets of sibling nodes that become one, and the height at which they do."""

    height: float
    one: tuple[_Place, ...]
    other: tuple[_Place, ...]


@dataclass(frozen=True)
class Cut:
    """A division into `n` segments, the largest first, made by cutting a tree at `height`.

    `groups` holds the segment of each node, by level and number: -1 where the cut goes through
    the node. `shares` (n,) are of all customers.
    """

    n: int
    height: float
    groups: Mapping[_Place, int]
    shares: tuple[float, ...]

    @classmethod
    def of_steps(cls, tree: SegmentTree, steps: Sequence[Step], n: int) -> Cut:
        """Join from the leaves up until `n` are left."""
        done = steps[: len(tree.leaves) - n]
        under = _leaves_under(tree)
        root = {(leaf.level, leaf.number): (leaf.level, leaf.number) for leaf in tree.leaves}
        for step in done:
            into, gone = root[under[step.one[0]][0]], root[under[step.other[0]][0]]
            root = {leaf: into if top == gone else top for leaf, top in root.items()}
        mass: dict[_Place, float] = {}
        for leaf in tree.leaves:
            top = root[leaf.level, leaf.number]
            mass[top] = mass.get(top, 0.0) + leaf.share
        order = sorted(mass, key=lambda top: (-round(mass[top], 12), top))
        number = {top: at for at, top in enumerate(order)}
        groups = {}
        for place, leaves in under.items():
            found = {number[root[leaf]] for leaf in leaves}
            groups[place] = found.pop() if len(found) == 1 else -1
        height = done[-1].height if done else 0.0
        return cls(n, height, groups, tuple(mass[top] for top in order))

    def of(self, paths: NDArray[np.integer]) -> NDArray[np.int32]:
        """Return the segment (n,) of customers by their paths (n, levels); -1 for none."""
        found = np.full(len(paths), -1, np.int32)
        for at in range(paths.shape[1]):  # the deepest known level decides
            numbers = sorted(number for level, number in self.groups if level == at + 1)
            table = np.array([*(self.groups[at + 1, number] for number in numbers), -1], np.int32)
            known = paths[:, at] >= 0
            found[known] = table[paths[known, at]]
        return found


def joins(tree: SegmentTree) -> list[Step]:
    """Return the joins in order: level by level from the deepest, the most alike first."""
    steps: list[Step] = []
    least = 0.0
    for level in range(tree.depth, 0, -1):
        families: dict[int, list[Node]] = {}
        for node in tree.at(level):
            families.setdefault(node.parent, []).append(node)
        here = [step for family in families.values() for step in _of_family(tree, family)]
        for step in sorted(here, key=lambda step: step.height):
            least = max(least, step.height)
            steps.append(Step(least, step.one, step.other))
    return steps


def _of_family(tree: SegmentTree, family: Sequence[Node]) -> list[Step]:
    if len(family) < 2:
        return []
    centers = np.stack([tree.center(node) for node in family])
    masses = np.array([max(node.share, 1e-12) for node in family])
    sets: list[tuple[_Place, ...]] = [((node.level, node.number),) for node in family]
    steps = []
    for left, right, height, _ in merges(centers, masses, "ward").table.tolist():
        one, other = sets[int(left)], sets[int(right)]
        steps.append(Step(float(height), one, other))
        sets.append(one + other)
    return steps


def _leaves_under(tree: SegmentTree) -> dict[_Place, list[_Place]]:
    """Return the leaves of each node, by level and number."""
    under: dict[_Place, list[_Place]] = {}
    for node in reversed(tree.nodes):  # children stand behind their parents
        place = (node.level, node.number)
        if not tree.divided(node):
            under[place] = [place]
            continue
        inside = (under[one.level, one.number] for one in tree.children(node))
        under[place] = [leaf for leaves in inside for leaf in leaves]
    return under

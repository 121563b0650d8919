"""The tree of segments: what is inside what, who is where, and what tells them apart."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.levels.cutting import Cut, joins
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served import (
    Assignment,
    Served,
    load_served,
    margins,
    save_served,
)
from customer_atlas.errors import ArtifactError, ClusteringError

__all__ = ["Division", "Node", "SegmentTree"]

_FORMAT = 1


@dataclass(frozen=True)
class Division:
    """What divides a segment: a model of some `columns` (c,), multiplied by `factors` (c,)."""

    columns: NDArray[np.int64]
    factors: Array
    model: Served

    def assign(self, X: Array) -> Assignment:
        """Return the sub-segment, its probability and the distance to its middle for rows (n, d).

        Everybody gets one: who is like none, the one that is least unlike.
        """
        points = self.points(X)
        shares, distance = self.model.predict_proba(points), self.model.assign(points).distance
        best = shares.argmax(axis=1).astype(np.int32)
        top = shares[np.arange(len(best)), best]
        return Assignment(best, top, distance, margins(shares, best))

    def points(self, X: Array) -> Array:
        """Return the rows (n, c) as the model sees them."""
        return np.ascontiguousarray(X[:, self.columns] * self.factors)


@dataclass(frozen=True)
class Node:
    """A segment of the tree.

    `number` counts the segments of its `level` from 0, and `parent` is the number of the one
    that it is part of, -1 at level 1. `share` is of all customers; `back` is the Jaccard
    similarity with which a sub-segment comes back from other draws, None at level 1, of which the
    search tells. `reason` says why it is divided, or why not; it is empty where nobody looked.
    """

    level: int
    number: int
    parent: int
    share: float
    back: float | None
    reason: str


@dataclass(frozen=True, eq=False)
class SegmentTree:
    """Broad segments (level 1) with the sub-segments inside them; the nodes level by level.

    `centers` (m, d) are the middles of the m nodes, and `divisions` what divides the inner ones,
    by level and number. Sub-segments of one node have numbers that follow each other.

    >>> nodes = tuple(Node(1, number, -1, 0.25, None, "") for number in range(4))
    >>> tree = SegmentTree(nodes, np.array([[0.0], [1.0], [7.0], [9.0]]), {})
    >>> tree.cut(2).of(np.array([[0], [1], [2], [3], [-1]])).tolist()
    [0, 0, 1, 1, -1]
    """

    nodes: tuple[Node, ...]
    centers: Array
    divisions: dict[tuple[int, int], Division]

    @property
    def depth(self) -> int:
        """How many levels have segments."""
        return max(node.level for node in self.nodes)

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        """The segments that are not divided, in the order of the nodes."""
        return tuple(node for node in self.nodes if not self.divided(node))

    def at(self, level: int) -> tuple[Node, ...]:
        """Return the segments of a level."""
        return tuple(node for node in self.nodes if node.level == level)

    def divided(self, node: Node) -> bool:
        """Return whether a segment has sub-segments."""
        return (node.level, node.number) in self.divisions

    def children(self, node: Node) -> tuple[Node, ...]:
        """Return the sub-segments of a segment."""
        return tuple(one for one in self.at(node.level + 1) if one.parent == node.number)

    def center(self, node: Node) -> Array:
        """Return the middle (d,) of a segment."""
        return np.asarray(self.centers[self.nodes.index(node)])

    def assign(self, X: Array, broad: Assignment) -> list[Assignment]:
        """Return the deeper levels' assignments of rows (n, d), whose level 1 is `broad`.

        Clusters are the numbers of the level's nodes, -1 for who is in no divided segment; a
        probability is that of being in all of them, down to this one.
        """
        found, above = [], broad
        for level in range(1, self.depth):
            cluster = np.full(len(X), -1, np.int32)
            probability, distance, margin = (np.zeros(len(X)) for _ in range(3))
            for node in self.at(level):
                rows = np.flatnonzero(above.cluster == node.number)
                if not self.divided(node) or not len(rows):
                    continue
                inside = self.divisions[level, node.number].assign(X[rows])
                cluster[rows] = self.children(node)[0].number + inside.cluster
                probability[rows] = above.probability[rows] * inside.probability
                distance[rows] = inside.distance
                margin[rows] = np.minimum(above.margin[rows], inside.margin)
            above = Assignment(cluster, probability, distance, margin)
            found.append(above)
        return found

    def paths(self, X: Array, broad: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the segment of each level (n, depth) for rows (n, d) of broad segments (n,)."""
        ones = np.ones(len(X))
        deeper = self.assign(X, Assignment(broad, ones, ones, ones))
        return np.column_stack([broad, *(one.cluster for one in deeper)]).astype(np.int32)

    def cut(self, n: int | None = None, *, height: float | None = None) -> Cut:
        """Return the division into `n` segments, or the one below a `height`.

        From the leaves up, the two most alike are joined first (Ward, 1963): the sub-segments of
        the deepest level, each with its siblings, until their parents are whole, and so on to
        the broad segments. So there is one division for each n from 1 to the number of leaves,
        each of them inside the one before. Heights never fall on the way.

        Raises `ClusteringError` for an n that there is none for, or neither or both given.
        """
        if (n is None) == (height is None):
            raise ClusteringError("Name either the number of segments, or a height to cut at.")
        most, steps = len(self.leaves), self._joins
        if n is None:
            n = most - sum(step.height <= (height or 0.0) for step in steps)
        if not 1 <= n <= most:
            raise ClusteringError(f"The tree has 1 to {most} segments; {n} were asked for.")
        return Cut.of_steps(self, steps, n)

    @property
    def heights(self) -> tuple[float, ...]:
        """The heights of the joins, from the most alike to all customers."""
        return tuple(step.height for step in self._joins)

    @cached_property
    def _joins(self) -> Any:
        return joins(self)

    def save(self, folder: Path) -> None:
        """Write `tree.json`, `tree.npz` and a folder for each division into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, NDArray[Any]] = {"centers": self.centers}
        for (level, number), division in sorted(self.divisions.items()):
            name = f"{level}-{number}"
            arrays |= {f"columns {name}": division.columns, f"factors {name}": division.factors}
            save_served(division.model, folder / f"inside-{name}")
        facts = {
            "format": _FORMAT,
            "nodes": [asdict(node) for node in self.nodes],
            "divided": sorted(self.divisions),
        }
        text = json.dumps(facts, indent=1, ensure_ascii=False)
        (folder / "tree.json").write_text(text + "\n", encoding="utf-8")
        np.savez(folder / "tree.npz", allow_pickle=False, **arrays)

    @classmethod
    def load(cls, folder: Path) -> SegmentTree:
        """Read what `save` wrote. Raises `ArtifactError` when it is missing or damaged."""
        try:
            facts = json.loads((folder / "tree.json").read_text(encoding="utf-8"))
            if facts["format"] != _FORMAT:
                raise ValueError(f"format {facts['format']} instead of {_FORMAT}")
            nodes = tuple(Node(**one) for one in facts["nodes"])
            with np.load(folder / "tree.npz", allow_pickle=False) as arrays:
                divisions = {
                    (level, number): Division(
                        arrays[f"columns {level}-{number}"],
                        arrays[f"factors {level}-{number}"],
                        load_served(folder / f"inside-{level}-{number}"),
                    )
                    for level, number in facts["divided"]
                }
                return cls(nodes, arrays["centers"], divisions)
        except Exception as cause:
            raise ArtifactError(
                f"The tree of segments in {folder} cannot be read ({cause}). Train anew: atlas run"
                " --refit"
            ) from cause

"""A tree cut anywhere: every division lies inside the coarser one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.clustering import Centroids, Division, Node, SegmentTree
from customer_atlas.errors import ArtifactError, ClusteringError

__all__: list[str] = []


@st.composite
def trees(draw: st.DrawFn) -> SegmentTree:
    """A tree of up to three levels, with middles and shares of any size."""
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    deep = draw(st.booleans())
    nodes = [Node(1, n, -1, 0.0, None, "") for n in range(len(sizes))]
    divisions: dict[tuple[int, int], Division] = {}
    level, families = 1, sizes
    while any(size > 1 for size in families):
        below = 0
        for number, size in enumerate(families):
            if size == 1:
                continue
            divisions[level, number] = _division(random.normal(size=(size, 2)))
            nodes += [Node(level + 1, below + i, number, 0.0, 1.0, "") for i in range(size)]
            below += size
        if level == 2 or not deep:
            break
        level, families = 2, [1 + i % 2 for i in range(below)]
    bare = SegmentTree(tuple(nodes), np.zeros((len(nodes), 2)), divisions)
    leaves = {id(leaf) for leaf in bare.leaves}
    weight = {id(node): random.random() + 0.01 for node in nodes if id(node) in leaves}
    total = sum(weight.values())

    def share(node: Node) -> float:
        inside = bare.children(node) if bare.divided(node) else ()
        return sum(map(share, inside)) if inside else weight[id(node)] / total

    shared = tuple(
        Node(one.level, one.number, one.parent, share(one), one.back, "") for one in nodes
    )
    return SegmentTree(shared, random.normal(size=(len(nodes), 2)), divisions)


def _division(centers: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Division:
    return Division(np.arange(2), np.ones(2), Centroids(centers, 1.0))


def _paths(tree: SegmentTree) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """The path of each leaf (leaves, depth)."""
    paths = np.full((len(tree.leaves), tree.depth), -1, np.int32)
    for row, leaf in enumerate(tree.leaves):
        node: Node = leaf
        while True:
            paths[row, node.level - 1] = node.number
            if node.level == 1:
                break
            node = tree.at(node.level - 1)[node.parent]
    return paths


@given(trees())
def test_every_number_of_segments_has_one_division_inside_the_coarser_ones(
    tree: SegmentTree,
) -> None:
    paths, most = _paths(tree), len(tree.leaves)
    finer = tree.cut(most).of(paths)
    assert sorted(finer) == list(range(most))
    for n in range(most - 1, 0, -1):
        cut = tree.cut(n)
        groups = cut.of(paths)
        assert set(groups) == set(range(n))
        assert len({(a, b) for a, b in zip(finer, groups, strict=True)}) == n + 1
        assert list(cut.shares) == sorted(cut.shares, reverse=True)
        leaves = np.array([leaf.share for leaf in tree.leaves])
        assert np.bincount(groups, leaves) == pytest.approx(cut.shares)
        assert sum(cut.shares) == pytest.approx(1.0)
        finer = groups


@given(trees())
def test_heights_never_fall_and_a_cut_by_height_is_the_cut_by_number(tree: SegmentTree) -> None:
    most = len(tree.leaves)
    heights = [tree.cut(n).height for n in range(most, 0, -1)]
    assert heights == sorted(heights)
    assert list(tree.heights) == heights[1:]
    assert tree.cut(height=np.inf).n == 1
    assert tree.cut(height=-1.0).n == most
    for n, height in zip(range(most, 0, -1), heights, strict=True):
        assert tree.cut(height=height).n <= n


@given(trees())
def test_as_many_segments_as_are_broad_are_the_broad_ones(tree: SegmentTree) -> None:
    paths = _paths(tree)
    broad = tree.cut(len(tree.at(1)))
    same = {(a, b) for a, b in zip(paths[:, 0], broad.of(paths), strict=True)}
    assert len(same) == len(tree.at(1))


@given(trees())
def test_everybody_is_inside_what_they_are_inside_of(tree: SegmentTree) -> None:
    X = np.random.default_rng(0).normal(size=(200, 2))
    broad = np.arange(200, dtype=np.int32) % len(tree.at(1))
    paths = tree.paths(X, broad)
    assert paths.shape == (200, tree.depth)
    assert (paths[:, 0] == broad).all()
    for level in range(1, tree.depth):
        for above, inside in set(map(tuple, paths[:, level - 1 : level + 1].tolist())):
            if inside >= 0:
                assert tree.at(level + 1)[inside].parent == above
            else:
                assert above < 0 or not tree.divided(tree.at(level)[above])
    assert (tree.cut(len(tree.leaves)).of(paths) >= 0).all()


def test_fewer_than_the_broad_ones_join_the_most_alike() -> None:
    nodes = tuple(Node(1, number, -1, 0.25, None, "") for number in range(4))
    tree = SegmentTree(nodes, np.array([[0.0], [5.0], [5.5], [20.0]]), {})
    assert tree.cut(3).of(np.arange(4)[:, None]).tolist() == [1, 0, 0, 2]
    assert tree.cut(2).of(np.arange(4)[:, None]).tolist() == [0, 0, 0, 1]
    assert tree.cut(3).shares == (0.5, 0.25, 0.25)


def test_who_is_in_no_segment_is_in_none_after_the_cut() -> None:
    nodes = tuple(Node(1, number, -1, 0.5, None, "") for number in range(2))
    tree = SegmentTree(nodes, np.array([[0.0], [5.0]]), {})
    assert tree.cut(1).of(np.array([[-1], [0], [1]])).tolist() == [-1, 0, 0]


@pytest.mark.parametrize("n", [0, 3, -1])
def test_a_number_that_there_is_no_division_for_is_refused(n: int) -> None:
    nodes = tuple(Node(1, number, -1, 0.5, None, "") for number in range(2))
    tree = SegmentTree(nodes, np.zeros((2, 1)), {})
    with pytest.raises(ClusteringError, match=rf"1 to 2 segments; {n} were asked for"):
        tree.cut(n)


def test_a_cut_needs_a_number_or_a_height() -> None:
    tree = SegmentTree((Node(1, 0, -1, 1.0, None, ""),), np.zeros((1, 1)), {})
    for n, height in ((None, None), (1, 2.0)):
        with pytest.raises(ClusteringError, match="either the number of segments, or a height"):
            tree.cut(n, height=height)


@pytest.mark.parametrize("damage", ["missing json", "missing npz", "format", "text"])
def test_a_damaged_tree_is_an_error_for_people(tmp_path: Path, damage: str) -> None:
    SegmentTree((Node(1, 0, -1, 1.0, None, ""),), np.zeros((1, 1)), {}).save(tmp_path)
    facts = tmp_path / "tree.json"
    if damage == "missing json":
        facts.unlink()
    elif damage == "missing npz":
        (tmp_path / "tree.npz").unlink()
    elif damage == "format":
        facts.write_text(facts.read_text().replace('"format": 1', '"format": 99'))
    else:
        facts.write_text("{")
    with pytest.raises(ArtifactError, match=r"tree of segments in .* cannot be read.*Train anew"):
        SegmentTree.load(tmp_path)

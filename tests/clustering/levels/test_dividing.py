"""Groups inside groups, planted and found again; and none where none are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import (
    AutoClusterer,
    Calibrated,
    Centroids,
    Joined,
    KMeans,
    Limits,
    Merged,
    SegmentTree,
    divide,
)
from customer_atlas.clustering.table import table_of
from customer_atlas.errors import ClusteringError

from ..blobs import planted

__all__: list[str] = []

Floats = NDArray[np.float64]
Nested = tuple[Floats, NDArray[np.int64], NDArray[np.int64], AutoClusterer]


def nested(
    n: int = 600, quiet: float = 0.15
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Three broad groups (n,); the first has two halves (n,) in columns that vary little inside."""
    draw = np.random.default_rng(0)
    broad, half = draw.integers(0, 3, n), draw.integers(0, 2, n)
    noise = draw.normal(size=(n, 6))
    X = noise + 14 * np.eye(3, 6)[broad]
    for column in (3, 4):
        inside = quiet * (noise[:, column] + 5 * (half - 0.5))
        X[:, column] = np.where(broad == 0, inside, noise[:, column])
    return X, broad, half


@pytest.fixture(scope="module")
def found() -> Nested:
    X, broad, half = nested()
    return X, broad, half, AutoClusterer(levels=2, max_clusters=5).fit(X)


@pytest.fixture(scope="module")
def points(found: Nested) -> Floats:
    """The rows as the model sees them."""
    return found[3].table_.transform(table_of(found[0]))


def test_exactly_the_planted_groups_are_found_at_each_level(found: Nested) -> None:
    X, broad, half, model = found
    paths = model.predict_path(X)
    assert model.n_clusters_ == 3
    assert adjusted_rand_score(broad, model.labels_) == 1.0
    assert paths.shape == (600, 2)
    assert (paths[:, 0] == model.labels_).all()
    assert ((paths[:, 1] >= 0) == (broad == 0)).all()
    inside = broad == 0
    assert adjusted_rand_score(half[inside], paths[inside, 1]) > 0.95
    assert set(paths[inside, 1]) == {0, 1}


def test_a_homogeneous_segment_is_a_leaf_and_says_why(found: Nested) -> None:
    model = found[3]
    divided = [node for node in model.tree_.at(1) if model.tree_.divided(node)]
    leaves = [node for node in model.tree_.at(1) if not model.tree_.divided(node)]
    assert len(divided) == 1
    assert len(leaves) == 2
    for leaf in leaves:
        assert "null test finds no structure inside" in leaf.reason
    assert "2 sub-segments, by" in divided[0].reason
    assert "comes back" in divided[0].reason


def test_sub_segments_add_up_to_their_segment_and_come_back(found: Nested) -> None:
    tree = found[3].tree_
    for node in tree.at(1):
        children = tree.children(node)
        assert bool(children) == tree.divided(node)
        if children:
            assert sum(one.share for one in children) == pytest.approx(node.share)
            assert all(one.back is not None and one.back >= 0.75 for one in children)
            assert all(one.share >= 0.01 for one in children)
    assert sum(node.share for node in tree.at(1)) == pytest.approx(1.0)


def test_it_repeats_to_the_bit_and_comes_back_from_disk(
    found: Nested, points: Floats, tmp_path: Path
) -> None:
    model = found[3]
    again = divide(points, np.ones(len(points)), model.served_, _limits(2))
    assert again.nodes == model.tree_.nodes
    model.tree_.save(tmp_path / "a")
    again.save(tmp_path / "b")
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert {path.suffix for path in files} == {".json", ".npz"}
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    kept = SegmentTree.load(tmp_path / "a")
    assert kept.nodes == model.tree_.nodes
    assert (kept.paths(points, model.labels_) == model.predict_path(found[0])).all()
    assert kept.cut(2).shares == model.tree_.cut(2).shares


def test_one_level_looks_at_nothing_inside(found: Nested, points: Floats) -> None:
    deep = found[3]
    tree = divide(points, np.ones(len(points)), deep.served_, _limits(1))
    assert tree.depth == 1
    assert not tree.divisions
    assert {node.reason for node in tree.nodes} == {""}
    assert (tree.paths(points, deep.labels_)[:, 0] == deep.labels_).all()


def test_probabilities_of_a_level_are_at_most_those_above_it(found: Nested, points: Floats) -> None:
    model = found[3]
    broad = model.served_.assign(points)
    (inside,) = model.tree_.assign(points, broad)
    known = inside.cluster >= 0
    assert (inside.probability[known] <= broad.probability[known] + 1e-12).all()
    assert (inside.probability[known] > 0.3).all()
    assert (inside.distance[known] >= 0).all()


def test_weights_say_how_large_a_sub_segment_is() -> None:
    X, broad, half = nested()
    weights = np.where((broad == 0) & (half == 1), 4.0, 1.0)
    served = KMeans(3).fit(X, sample_weight=weights).served_
    tree = divide(X, weights, served, _limits(2))
    shares = sorted(node.share for node in tree.at(2))
    truth = [weights[(broad == 0) & (half == side)].sum() / weights.sum() for side in (0, 1)]
    assert shares == pytest.approx(sorted(truth), abs=0.01)


@pytest.mark.parametrize("least", [0.2, 0.17])
def test_sub_segments_below_the_least_share_of_all_are_none(
    found: Nested, points: Floats, least: float
) -> None:
    tree = divide(points, np.ones(len(points)), found[3].served_, _limits(2, min_share=least))
    assert tree.depth == 1
    assert any("Too small" in node.reason for node in tree.nodes)


def test_a_segment_whose_groups_are_said_to_be_one_is_a_leaf(found: Nested, points: Floats) -> None:
    def join(labels: NDArray[np.int32], rows: NDArray[np.intp]) -> Joined:
        assert len(labels) == len(rows)
        return Joined(np.zeros(int(labels.max()) + 1, np.int64), ("Nobody sees it.",))

    tree = divide(points, np.ones(len(points)), found[3].served_, _limits(2), join)
    assert tree.depth == 1
    assert sum("Nobody sees it." in node.reason for node in tree.nodes) == 1


def test_what_is_structured_and_comes_back_differently_from_each_draw_stays_whole() -> None:
    X = np.random.default_rng(0).normal(size=(900, 5))
    X /= np.linalg.norm(X, axis=1, keepdims=True)  # a hollow ball: nothing of it is a group
    tree = divide(X, np.ones(900), Centroids(np.zeros((1, 5)), 1.0), _limits(2))
    (ball,) = tree.nodes
    assert ball.reason.startswith("There is structure inside, but no division of it holds")


def test_some_of_the_groups_inside_may_be_one() -> None:
    X, _ = planted(3, 3, n=600, apart=9.0)
    everyone = Centroids(np.zeros((1, 3)), 1.0)

    def join(labels: NDArray[np.int32], rows: NDArray[np.intp]) -> Joined:
        return Joined(np.array([0, 1, 1]), ("Two are one.",))

    tree = divide(X, np.ones(600), everyone, _limits(2), join)
    model = tree.divisions[1, 0].model
    assert isinstance(model, Calibrated)
    assert isinstance(model.inner, Merged)
    assert len(tree.at(2)) == 2
    assert "Two are one." in tree.at(1)[0].reason
    paths = tree.paths(X, np.zeros(600, np.int32))
    assert np.bincount(paths[:, 1]) / 600 == pytest.approx([one.share for one in tree.at(2)])


def test_three_levels_are_found_one_inside_the_other() -> None:
    draw = np.random.default_rng(2)
    a, b, c = draw.integers(0, 2, (3, 900))
    X = draw.normal(size=(900, 5))
    X[:, 0] += 60 * a
    X[:, 1] = np.where(a == 0, 0.2 * (X[:, 1] + 9 * (b - 0.5)), X[:, 1])
    X[:, 2] = np.where((a == 0) & (b == 0), 0.02 * (X[:, 2] + 9 * (c - 0.5)), 0.2 * X[:, 2])
    served = KMeans(2).fit(X).served_
    tree = divide(X, np.ones(900), served, _limits(3))
    assert tree.depth == 3
    paths = tree.paths(X, served.predict(X))
    for level, truth, rows in ((1, b, a == 0), (2, c, (a == 0) & (b == 0))):
        assert adjusted_rand_score(truth[rows], paths[rows, level]) > 0.95


@pytest.mark.parametrize(
    "rows", [np.eye(4), np.ones((30, 2)), np.array([[1.0]])], ids=["four", "all alike", "one"]
)
def test_tables_that_say_nothing_are_one_leaf(rows: Floats) -> None:
    model = AutoClusterer(levels=3).fit(rows)
    assert [node.level for node in model.tree_.nodes] == [1]
    assert model.predict_path(rows).tolist() == [[0]] * len(rows)
    assert model.tree_.cut(1).shares == (1.0,)


@pytest.mark.parametrize("levels", [0, 4, -1])
def test_levels_that_cannot_be_are_refused(levels: int) -> None:
    with pytest.raises(ClusteringError, match="levels are 1, 2 or 3"):
        AutoClusterer(levels=levels).fit(np.eye(9))


def test_what_is_kept_is_plain(found: Nested, tmp_path: Path) -> None:
    found[3].tree_.save(tmp_path)
    facts = json.loads((tmp_path / "tree.json").read_text())
    assert len(facts["nodes"]) == 5
    with np.load(tmp_path / "tree.npz", allow_pickle=False) as arrays:
        assert arrays["centers"].shape[0] == 5


def _limits(levels: int, min_share: float = 0.01) -> Limits:
    return Limits(levels, min_share, 5, 0.01, 0)

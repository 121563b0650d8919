"""What pictures are drawn from: equal to independent reckonings, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram, linkage
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_samples

from customer_atlas.clustering import (
    Components,
    Grid,
    NeighbourMethod,
    Tree,
    even_rows,
    neighbour_maps,
    silhouettes_of,
    tree_of,
)
from customer_atlas.clustering.pictures import neighbours
from customer_atlas.errors import MissingExtraError

METHODS: list[NeighbourMethod] = ["tsne", "umap"]


@pytest.fixture(scope="module")
def blobs() -> tuple[np.ndarray, np.ndarray]:
    X, labels = make_blobs(300, 6, centers=4, cluster_std=3.0, random_state=1)
    return X, labels.astype(np.int32)


def test_silhouettes_are_those_of_scikit_learn(blobs: tuple[np.ndarray, np.ndarray]):
    X, labels = blobs
    found = silhouettes_of(X, labels, 4)
    assert found
    expected = silhouette_samples(X, labels)
    for number in range(4):
        mine = expected[labels == number]
        np.testing.assert_allclose(found.values[number], np.sort(mine)[::-1], atol=1e-7)
        assert found.means[number] == pytest.approx(mine.mean())
        assert found.errors[number] == pytest.approx(mine.std() / np.sqrt(len(mine)))
        assert found.negative[number] == (mine < 0).mean()
    assert found.mean == pytest.approx(expected.mean())
    assert 0 < (expected < 0).mean() < 0.5, "or nothing was tried"


def test_a_sample_stands_for_all_with_its_stated_error():
    X, labels = make_blobs([2_700, 270, 30], 3, cluster_std=4.0, random_state=2)
    found = silhouettes_of(X, labels, 3, most=600)
    assert found
    assert found.drawn == 609
    assert min(map(len, found.values)) == 15
    assert abs(found.mean - silhouette_samples(X, labels).mean()) < 4 * found.error
    assert found.mean == pytest.approx(np.average(found.means, weights=[2_700, 270, 30]))
    told = silhouettes_of(X, labels, 3, np.array([10, 10, 980]), most=600)
    assert told
    assert told.mean == pytest.approx(np.average(told.means, weights=[10, 10, 980]))


def test_who_is_in_no_cluster_has_no_silhouette_and_a_cluster_without_members_no_mean():
    X = np.array([[0.0], [0.1], [5.0], [5.1], [99.0]])
    found = silhouettes_of(X, np.array([0, 0, 2, 2, -1]), 3)
    assert found
    assert found.drawn == 4
    assert np.isnan(found.means).tolist() == [False, True, False]
    assert silhouettes_of(X, np.array([1, 1, 1, 1, -1]), 3) is None


def test_components_are_those_of_scikit_learn(blobs: tuple[np.ndarray, np.ndarray]):
    X, _ = blobs
    found = Components.fit(X)
    assert found
    oracle = PCA(3).fit(X)
    np.testing.assert_allclose(found.explained, oracle.explained_variance_ratio_)
    np.testing.assert_allclose(np.abs(found.place(X)), np.abs(oracle.transform(X)), atol=1e-8)


@pytest.mark.parametrize(
    "X", [np.ones((9, 3)), np.ones((1, 3)), np.ones((0, 3)), np.empty((5, 0))], ids=str
)
def test_where_nothing_differs_there_are_no_components(X: np.ndarray):
    assert Components.fit(X) is None


def test_a_column_that_does_not_differ_makes_no_component():
    found = Components.fit(np.column_stack([np.arange(9.0), np.ones(9)]))
    assert found
    assert found.explained == (1.0,)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dims", [2, 3])
def test_neighbours_stay_neighbours_the_same_way_every_time(
    method: NeighbourMethod, dims: int, blobs: tuple[np.ndarray, np.ndarray]
):
    _skip_without(method)
    X, _ = blobs
    first, second = neighbour_maps(X, [method], dims), neighbour_maps(X, [method], dims)
    assert first
    assert second
    assert first[0].shape == (300, dims)
    np.testing.assert_array_equal(first[0], second[0])
    assert trustworthiness(X, first[0]) > 0.9


def test_maps_side_by_side_are_those_made_alone(blobs: tuple[np.ndarray, np.ndarray]):
    _skip_without("umap")
    together = neighbour_maps(blobs[0], METHODS)
    assert together
    for method, points in zip(METHODS, together, strict=True):
        alone = neighbour_maps(blobs[0], [method])
        assert alone
        np.testing.assert_array_equal(points, alone[0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "X",
    [np.arange(10.0)[:, None], np.repeat(np.eye(3), 20, axis=0), np.eye(12)],
    ids=["one column", "three kinds", "all as far"],
)
def test_odd_tables_have_finite_maps(method: NeighbourMethod, X: np.ndarray):
    _skip_without(method)
    found = neighbour_maps(X, [method])
    assert found
    assert np.isfinite(found[0]).all()


def test_few_and_alike_have_no_map():
    assert neighbour_maps(np.arange(9.0)[:, None], ["tsne"]) is None
    assert neighbour_maps(np.ones((40, 2)), ["tsne"]) is None


def test_without_umap_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(neighbours, "can_umap", lambda: False)
    with pytest.raises(MissingExtraError, match=r"pip install 'customer-atlas\[maps\]'"):
        neighbour_maps(np.eye(12), ["umap"])


def _skip_without(method: str) -> None:
    if method == "umap":
        pytest.importorskip("umap", reason="umap-learn is not installed")


@pytest.mark.parametrize("count", [2, 3, 9, 50])
def test_the_tree_is_that_of_scipy(count: int):
    X = np.random.default_rng(count).normal(size=(count, 5))
    tree = tree_of(X, np.ones(count))
    assert tree
    expected = linkage(X, "ward")
    np.testing.assert_allclose(
        [one.height for one in tree.branches], expected[:, 2] / np.sqrt(count)
    )
    drawn = dendrogram(expected, no_plot=True)
    ours = Tree.of(expected)
    np.testing.assert_allclose(
        sorted([*sorted(one.heights), one.height] for one in ours.branches),
        sorted([*sorted([one[0], one[3]]), one[1]] for one in drawn["dcoord"]),
    )


@pytest.mark.parametrize("count", [2, 7, 50])
def test_no_branches_cross_and_what_is_lost_adds_up(count: int):
    tree = tree_of(np.random.default_rng(1).normal(size=(count, 3)), np.arange(1.0, count + 1))
    assert tree
    assert sorted(tree.order) == list(range(count))
    for one in tree.branches:
        at = sorted(tree.order.index(leaf) for side in one.sides for leaf in side)
        assert at == list(range(at[0], at[-1] + 1))
        assert min(one.height - np.array(one.heights)) >= 0
        for side, place in zip(one.sides, one.places, strict=True):
            joints = [
                np.mean(lower.places) for lower in tree.branches if sum(lower.sides, ()) == side
            ]
            assert place == (joints[0] if joints else tree.order.index(side[0]))
    assert sum(one.share for one in tree.branches) == pytest.approx(1.0)


def test_one_cluster_has_no_tree_and_clusters_at_one_place_lose_nothing():
    assert tree_of(np.ones((1, 2)), np.ones(1)) is None
    same = tree_of(np.ones((3, 2)), np.ones(3))
    assert same
    assert [one.share for one in same.branches] == [0.0, 0.0]


def test_counts_of_parts_add_up_and_who_lies_beyond_counts_at_the_border():
    draw = np.random.default_rng(4)
    points, labels = draw.normal(size=(1_000, 2)), draw.integers(0, 3, 1_000)
    grid = Grid.around(points[:100])
    parts = sum(
        grid.count(points[at : at + 90], labels[at : at + 90], 3) for at in range(0, 1000, 90)
    )
    np.testing.assert_array_equal(grid.count(points, labels, 3), parts)
    np.testing.assert_array_equal(np.sum(parts, axis=(1, 2)), np.bincount(labels))


def test_even_rows_are_of_each_cluster_in_its_share_and_never_twice():
    labels = np.repeat([0, 1, 2], [8_000, 1_990, 10])
    rows = even_rows(labels, 1_000)
    assert len(np.unique(rows)) == len(rows)
    assert np.bincount(labels[rows]).tolist() == [800, 199, 10]
    assert even_rows(labels, 10_000).tolist() == list(range(10_000))

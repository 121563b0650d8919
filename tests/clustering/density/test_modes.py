from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from customer_atlas.clustering.density import EDGES, Neighbours, modes, prominences

from ..shapes import shape

__all__: list[str] = []


def _tomato(near: Neighbours, count: int, prominence: float) -> list[int]:
    """ToMATo as its paper tells it: customer by customer from the densest down, with union-find."""
    density = near.log_density(count).tolist()
    beside: list[set[int]] = [set() for _ in density]
    for one, row in enumerate(near.rows[:, :EDGES].tolist()):
        for other in row:
            beside[one].add(other)
            beside[other].add(one)
    order = sorted(range(len(density)), key=lambda at: (-density[at], at))
    rank = {at: place for place, at in enumerate(order)}
    parent: dict[int, int] = {}

    def root(at: int) -> int:
        while parent[at] != at:
            at = parent[at]
        return at

    for at in order:
        higher = [other for other in beside[at] if rank[other] < rank[at]]
        if not higher:
            parent[at] = at
            continue
        parent[at] = root(min(higher, key=rank.__getitem__))
        for other in higher:
            mine, theirs = sorted((root(at), root(other)), key=rank.__getitem__)
            if mine != theirs and density[theirs] - density[at] < prominence:
                parent[theirs] = mine
    tops = sorted({root(at) for at in order}, key=rank.__getitem__)
    return [tops.index(root(at)) for at in range(len(density))]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("prominence", [0.0, 0.2, 0.5, 1.0, 9.0])
def test_the_hills_are_those_of_tomato_customer_by_customer(seed: int, prominence: float) -> None:
    draw = np.random.default_rng(seed)
    X = np.concatenate([draw.uniform(size=(250, 2)), draw.normal(2, 0.5, (150, 2))])
    near = Neighbours.of(X, 15)
    found = modes(near, 15, prominence)
    expected = _tomato(near, 15, prominence)
    both = set(zip(found.tolist(), expected, strict=True))
    assert len(both) == found.max() + 1 == max(expected) + 1
    assert found.tolist() == expected


def test_hills_are_numbered_by_height() -> None:
    draw = np.random.default_rng(0)
    X = np.concatenate([draw.normal(9 * j, 1 / (j + 1), (150, 2)) for j in range(3)])
    found = modes(Neighbours.of(X, 25), 25, 1.0)
    assert [int(np.bincount(found[150 * j : 150 * (j + 1)]).argmax()) for j in range(3)] == [
        2, 1, 0,
    ]  # fmt: skip


def test_moving_and_scaling_change_nothing() -> None:
    X, _ = shape("moons", 400)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(2, 2)))[0]
    found = modes(Neighbours.of(X, 15), 15, 0.6)
    assert modes(Neighbours.of(64 * X @ turn + 3, 15), 15, 0.6).tolist() == found.tolist()


def test_people_who_are_the_same_are_one_hill() -> None:
    assert modes(Neighbours.of(np.zeros((40, 3)), 10), 10, 0.5).tolist()[:11] == [0] * 11
    X = np.repeat([[0.0, 0.0], [5.0, 0.0]], 60, axis=0)
    X += np.random.default_rng(0).normal(size=X.shape) * 0.1
    assert np.bincount(modes(Neighbours.of(X, 15), 15, 1.0)).tolist() == [60, 60]


def _two(gap: float, n: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    draw = np.random.default_rng(seed)
    truth = np.arange(n) % 2
    X = draw.normal(size=(n, 2))
    X[:, 0] += gap * truth
    return X, (X[:, 0] > gap / 2).astype(np.int64)


@pytest.mark.parametrize("gap", [3.0, 4.0])
def test_the_border_of_two_normal_clouds_lies_as_far_below_as_their_density_says(
    gap: float,
) -> None:
    # On the axis: half a density of each in the middles, exp(-gap^2 / 8) of it twice between.
    X, labels = _two(gap, 4000)
    found = prominences(Neighbours.of(X, 25), labels, 25)
    top = 1 + np.exp(-(gap**2) / 2)
    expected = log(top) - log(2 * np.exp(-(gap**2) / 8))
    assert found[0] == found[1]
    assert found[0] == pytest.approx(expected, abs=3 / sqrt(25))


def test_the_further_clouds_are_the_deeper_is_the_border() -> None:
    drops = []
    for gap in (2.0, 3.0, 4.0, 5.0):
        X, labels = _two(gap, 600)
        drops.append(prominences(Neighbours.of(X, 25), labels, 25)[0])
    assert drops == sorted(drops)
    assert drops[0] < 0.5
    assert drops[-1] > 1.5


def test_a_cloud_that_was_cut_through_has_no_border_to_speak_of() -> None:
    X = np.random.default_rng(0).normal(size=(600, 2))
    found = prominences(Neighbours.of(X, 25), (X[:, 0] > 0).astype(np.int64), 25)
    assert (found < 0.35).all()


def test_where_nobodys_neighbour_is_in_another_cluster_the_border_is_empty() -> None:
    X = np.concatenate([np.random.default_rng(0).normal(at, 1, (100, 2)) for at in (0, 90)])
    labels = np.repeat([0, 1], 100)
    assert prominences(Neighbours.of(X, 25), labels, 25).tolist() == [np.inf, np.inf]


def test_each_cluster_counts_with_the_neighbour_that_it_is_least_apart_from() -> None:
    draw = np.random.default_rng(0)
    X = np.concatenate([draw.normal(0, 1, (400, 2)), draw.normal([30, 0], 1, (200, 2))])
    labels = np.where(X[:, 0] > 15, 2, X[:, 0] > 0).astype(np.int64)
    found = prominences(Neighbours.of(X, 25), labels, 25)
    assert (found[:2] < 0.35).all()
    assert found[2] == np.inf

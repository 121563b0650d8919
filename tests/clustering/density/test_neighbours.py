from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.clustering.density import Neighbours, joined, nearest_label

__all__: list[str] = []


@pytest.fixture(scope="module")
def points() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.default_rng(0).normal(size=(120, 3))


def test_the_neighbours_are_those_of_all_distances(
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    near = Neighbours.of(points, 7)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert near.rows.tolist() == distances.argsort(axis=1)[:, :7].tolist()
    assert near.distances == pytest.approx(np.sort(distances, axis=1)[:, :7])


def test_of_few_rows_all_others_are_neighbours() -> None:
    near = Neighbours.of(np.arange(4.0)[:, None], 25)
    assert near.rows.shape == (4, 3)
    assert [sorted(row) for row in near.rows.tolist()] == [
        [other for other in range(4) if other != one] for one in range(4)
    ]


@pytest.mark.parametrize("dimension", [1, 2, 3, 5])
@pytest.mark.parametrize("width", [5, 9])
def test_the_dimension_is_that_of_the_sheet_on_which_customers_lie(
    dimension: int, width: int
) -> None:
    draw = np.random.default_rng(dimension)
    turn = np.linalg.qr(draw.normal(size=(width, width)))[0][:dimension]
    X = draw.uniform(size=(600, dimension)) @ turn
    found = Neighbours.of(X, 25).dimension
    assert found == pytest.approx(dimension, rel=0.2)


def test_the_dimension_is_never_above_the_width_nor_below_one() -> None:
    wide = np.random.default_rng(0).normal(size=(300, 30))
    assert Neighbours.of(wide, 25).dimension == 6.0
    assert Neighbours.of(wide[:, :2], 25).dimension <= 2.0
    for rows in (np.zeros((30, 4)), wide[:2]):  # duplicates, and one neighbour each
        assert Neighbours.of(rows, 25).dimension == 1.0


def test_the_density_is_that_of_the_distribution_up_to_a_constant() -> None:
    draw = np.random.default_rng(3)
    X = np.sort(draw.normal(size=(600, 1)), axis=0)
    inner = np.abs(X[:, 0]) < 1.5
    found = Neighbours.of(X, 40).log_density(40)
    gap = (found + X[:, 0] ** 2 / 2)[inner]
    assert gap.std() < 2 / np.sqrt(40)


def test_an_edge_stands_once_a_direction() -> None:
    near = Neighbours.of(np.array([[0.0], [1.0], [3.0]]), 2)
    one, other = near.edges(1)
    pairs = list(zip(one.tolist(), other.tolist(), strict=True))
    assert pairs == [(0, 1), (1, 0), (2, 1), (1, 0), (0, 1), (1, 2)]


def test_who_has_no_cluster_joins_that_of_the_nearest_who_has_one(
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    labels = np.random.default_rng(1).integers(-1, 3, len(points))
    found = joined(points, labels)
    inside = np.flatnonzero(labels >= 0)
    for row, label in enumerate(labels):
        gaps = np.linalg.norm(points[inside] - points[row], axis=1)
        assert found[row] == (label if label >= 0 else labels[inside[gaps.argmin()]])
    assert joined(points, np.full(len(points), -1)).tolist() == [0] * len(points)
    assert joined(points, np.arange(len(points))).tolist() == list(range(len(points)))


def test_others_get_the_label_of_the_nearest_row(
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    labels = np.arange(len(points))
    others = np.random.default_rng(2).normal(size=(40, 3))
    gaps = np.linalg.norm(others[:, None] - points[None], axis=2)
    assert nearest_label(points, labels, others).tolist() == gaps.argmin(axis=1).tolist()

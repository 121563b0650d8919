from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from customer_atlas.clustering.search import Recipe, Search
from customer_atlas.clustering.search.quick import quick_search

__all__: list[str] = []


def _search(X: np.ndarray[tuple[int, int], np.dtype[np.float64]], seed: int = 0) -> Search:
    return quick_search(X, np.ones(len(X)), min_share=0.05, max_clusters=5, level=0.05, seed=seed)


@pytest.fixture(scope="module", params=[2, 6], ids=["few columns", "many columns"])
def rows(
    request: pytest.FixtureRequest,
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    draw = np.random.default_rng(0)
    groups = np.pad([[0, 0], [9, 0], [0, 9]], [(0, 0), (0, request.param - 2)])
    return groups[np.arange(120) % 3] + draw.normal(size=(120, request.param))


@pytest.fixture(scope="module")
def found(rows: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Search:
    return _search(rows)


def test_a_search_repeats_to_the_bit_whatever_the_threads(
    rows: np.ndarray[tuple[int, int], np.dtype[np.float64]], found: Search
) -> None:
    with threadpool_limits(1):
        again = _search(rows)
    assert again == found
    assert found.recipe is not None
    assert dict(found.recipe.settings).get("n_clusters", 3) == 3


def test_a_search_comes_back_from_json(found: Search) -> None:
    again = Search.from_dict(json.loads(json.dumps(found.to_dict())))
    assert again == found
    assert again.recipe == found.recipe
    one = replace(found, recipe=None)
    assert Search.from_dict(json.loads(json.dumps(one.to_dict()))) == one


def test_the_recipe_is_the_entry_that_is_chosen(found: Search) -> None:
    chosen = [entry for entry in found.leaderboard.entries if entry.chosen]
    assert len(chosen) == 1
    assert found.recipe == Recipe.of(chosen[0].algorithm, **chosen[0].settings)
    assert chosen[0].k == 3


@pytest.mark.parametrize("count", [1, 2, 4, 9])
def test_too_few_rows_for_a_search_end_in_one_segment_or_k_means(count: int) -> None:
    found = _search(np.random.default_rng(0).normal(size=(count, 2)))
    assert found.recipe is None or found.recipe.algorithm == "KMeans"
    assert found.reason.endswith(".")


def test_borders_between_values_that_people_can_have_are_not_taken_for_groups() -> None:
    draw = np.random.default_rng(0)
    ratings = np.repeat([[1, 1], [4, 2], [2, 4]], 200, axis=0) + draw.integers(0, 3, (600, 2))
    found = _search(ratings.astype(np.float64))
    assert {entry.algorithm for entry in found.leaderboard.entries} <= {"KMeans", "GaussianMixture"}
    assert found.recipe is not None
    assert found.recipe.clusterer(0).get_params()["n_clusters"] == 3

"""Groups in tables with categories are what columns say together, not the levels of one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import AutoClusterer, KMeans, Softened
from customer_atlas.clustering.softening import softened

Planted = tuple[pd.DataFrame, NDArray[np.int64]]


def planted(
    seed: int, groups: int, rows: int, categories: int, told: float, apart: float, numbers: int
) -> Planted:
    """A table whose categories tell the group of a share of the customers, and its groups."""
    draw = np.random.default_rng(seed)
    group = draw.integers(0, groups, rows)
    middles = draw.normal(0, apart, (groups, numbers))
    table = {f"number {at}": middles[group, at] + draw.normal(size=rows) for at in range(numbers)}
    for at in range(categories):
        levels = int(draw.integers(2, 5))
        liked = draw.integers(0, levels, groups)
        level = np.where(draw.random(rows) < told, liked[group], draw.integers(0, levels, rows))
        table[f"category {at}"] = np.array(list("abcd"))[level]
    return pd.DataFrame(table), group


@pytest.mark.parametrize(
    "how",
    [
        (0, 3, 900, 1, 0.85, 3, 3),
        (2, 4, 1500, 3, 0.8, 2.5, 4),
        (3, 5, 2000, 2, 0.5, 3, 5),
        (6, 2, 800, 2, 0.5, 3, 4),
        (7, 3, 1000, 6, 0.85, 0, 2),
    ],
    ids=["one", "three", "that tell little", "two groups", "that alone tell"],
)  # fmt: skip
def test_planted_groups_are_found_among_categories(
    how: tuple[int, int, int, int, float, float, int],
) -> None:
    table, group = planted(*how)
    found = AutoClusterer(random_state=0).fit(table)
    assert found.n_clusters_ == how[1]
    assert adjusted_rand_score(group, found.labels_) > 0.8


@pytest.mark.parametrize("categories", [1, 3])
def test_categories_that_go_with_nothing_are_no_groups(categories: int) -> None:
    table, _ = planted(8, 1, 1000, categories, 0.0, 0.0, 4)
    assert AutoClusterer(random_state=0).fit(table).n_clusters_ == 1


def test_only_columns_of_few_values_are_softened_and_means_stay() -> None:
    draw = np.random.default_rng(1)
    X = np.column_stack(
        [draw.normal(size=4000), draw.integers(0, 2, 4000) * 3.0, draw.integers(0, 9, 4000),
         np.full(4000, 7.0)]
    )  # fmt: skip
    soft = softened(X, 0)
    assert (soft[:, [0, 2, 3]] == X[:, [0, 2, 3]]).all()
    assert len(np.unique(soft[:, 1])) == 4000
    for value in (0.0, 3.0):
        noise = soft[X[:, 1] == value, 1] - value
        assert abs(noise.mean()) < 0.2
        assert noise.std() == pytest.approx(0.6 * 3.0, rel=0.1)
    assert (softened(X, 0) == soft).all()


def test_without_such_columns_nothing_is_copied_and_nothing_changes() -> None:
    X = np.random.default_rng(0).normal(size=(200, 3))
    assert softened(X, 0) is X
    plain, soft = KMeans(3, random_state=0).fit(X), Softened(KMeans(3), random_state=0).fit(X)
    assert (plain.labels_ == soft.labels_).all()

"""Groups in tables with categories are what columns say together, not the levels of one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import AutoClusterer
from customer_atlas.clustering.associations import Associations
from customer_atlas.clustering.table import Table, table_of

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
    found = AutoClusterer(random_state=0).fit(table)
    assert found.n_clusters_ == 1
    assert found.table_.idle == {
        f"category {at}": "no other column goes with it" for at in range(categories)
    }


def test_a_category_alone_is_one_segment() -> None:
    found = AutoClusterer().fit(pd.DataFrame({"plan": ["free", "pro", "plus"] * 40}))
    assert found.n_clusters_ == 1


def test_a_category_that_numbers_tell_adds_nothing() -> None:
    draw = np.random.default_rng(0)
    group = np.repeat([0, 1], 300)
    rows = {"spend": 8.0 * group + draw.normal(size=600), "plan": np.array(["a", "b"])[group]}
    table = Table.fit(table_of(pd.DataFrame(rows)), np.ones(600))
    assert table.idle == {"plan": "numbers tell it as well"}
    assert table.columns == table.features == ("spend",)


def test_what_a_category_says_of_itself_does_not_count() -> None:
    draw = np.random.default_rng(1)
    group = draw.integers(0, 2, 2000).astype(np.float64)

    def follow() -> NDArray[np.float64]:
        return np.where(draw.random(2000) < 0.7, group, draw.integers(0, 2, 2000))

    X = np.column_stack([follow() for _ in range(4)])
    found = Associations.of(X, np.ones(2000), {str(at): [at] for at in range(4)})
    assert found.components == 1
    own = X @ found.map[:, 0]
    alike = [np.corrcoef(own, X[:, at])[0, 1] for at in range(4)]
    assert np.allclose(np.abs(alike), np.abs(alike).mean(), atol=0.05)


def test_weights_count_as_repeated_rows_do() -> None:
    draw = np.random.default_rng(2)
    group = draw.integers(0, 3, 500)
    X = np.column_stack([np.eye(3)[group], np.eye(3)[(group + (draw.random(500) < 0.3)) % 3]])
    weights = draw.integers(1, 4, 500)
    categories = {"a": [0, 1, 2], "b": [3, 4, 5]}
    weighted = Associations.of(X, weights.astype(np.float64), categories)
    repeated = Associations.of(np.repeat(X, weights, axis=0), np.ones(weights.sum()), categories)
    assert np.allclose(weighted.map, repeated.map, atol=1e-8)

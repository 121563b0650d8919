from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.clustering.checks import checked_matrix, checked_weights, distinct_rows
from customer_atlas.errors import ClusteringError

__all__: list[str] = []


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.empty((0, 3)), "0 customers and 3 columns"),
        (np.empty((3, 0)), "3 customers and 0 columns"),
        (np.zeros(3), "found 1 axes"),
        (np.array([["a", "b"]]), "matrix of numbers"),
        (np.array([[1.0, np.nan], [np.inf, 0.0], [0.0, 0.0]]), "for 2 of 3 customers"),
    ],
)
def test_what_cannot_be_clustered_is_refused(X: np.ndarray, message: str) -> None:
    with pytest.raises(ClusteringError, match=message):
        checked_matrix(X)


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, -1.0], [1.0, np.nan]])
def test_weights_that_are_no_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(ClusteringError, match="[Ww]eights"):
        checked_weights(np.array(weights), 2)


def test_rows_that_differ_only_late_in_the_table_are_counted() -> None:
    X = np.concatenate([np.zeros((5000, 2)), [[1.0, 0.0], [1.0, 1.0]]])
    assert distinct_rows(X, 10) == 3
    assert distinct_rows(X, 2) == 2

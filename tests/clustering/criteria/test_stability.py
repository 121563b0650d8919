from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering.criteria import adjusted_rand, jaccard, stability

__all__: list[str] = []

labellings = st.integers(2, 60).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 5), min_size=n, max_size=n)] * 2)
)


@given(labellings)
def test_the_adjusted_rand_index_equals_scikit_learns(pair: tuple[list[int], list[int]]) -> None:
    a, b = (np.array(labels) for labels in pair)
    assert adjusted_rand(a, b) == pytest.approx(adjusted_rand_score(a, b), abs=1e-12)


def test_a_weight_counts_like_so_many_customers_where_customers_are_many() -> None:
    draw = np.random.default_rng(0)
    a, b = draw.integers(4, size=2000), draw.integers(3, size=2000)
    b = np.where(draw.random(2000) < 0.7, a % 3, b)
    times = draw.integers(1, 4, 2000)
    repeated = adjusted_rand_score(np.repeat(a, times), np.repeat(b, times))
    assert adjusted_rand(a, b, times.astype(float)) == pytest.approx(repeated, abs=1e-3)


def test_jaccard_equals_sets_counted_by_hand() -> None:
    reference, other = np.array([0, 0, 0, 1, 1, 2]), np.array([1, 1, 0, 0, 0, 0])
    expected = []
    for j in range(3):
        mine = set(np.flatnonzero(reference == j))
        found = [set(np.flatnonzero(other == i)) for i in range(2)]
        expected.append(max(len(mine & one) / len(mine | one) for one in found))
    assert jaccard(reference, other, np.ones(6), 3).tolist() == pytest.approx(expected)


def test_a_segment_without_customers_has_no_likeness() -> None:
    labels = np.array([0, 0, 2])
    assert jaccard(labels, labels, np.ones(3), 3).tolist() == [1.0, 0.0, 1.0]


def test_numbering_does_not_matter_and_disagreement_shows_in_the_segment_that_dissolves() -> None:
    reference = np.repeat([0, 1, 2, 3], 25)
    halves = np.where(reference == 3, 2, reference)  # 2 and 3 run together
    found = stability(reference, [3 - reference, reference, halves], np.ones(100), 4)
    assert found.jaccard.tolist() == pytest.approx([1.0, 1.0, 5 / 6, 5 / 6])
    assert found.mean < 1.0
    assert found.error > 0.0

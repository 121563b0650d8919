from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.clustering import DBSCAN, KMeans
from customer_atlas.clustering.refits import matched, refit, resample

__all__: list[str] = []


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.permutations(range(5)))
def test_renamed_segments_are_recognised(labels: list[int], names: list[int]):
    reference = np.array(labels)
    found = matched(reference, np.array(names)[reference], np.ones(len(reference)), 5)
    np.testing.assert_array_equal(found, reference)


def test_a_part_that_split_off_is_no_segment_of_the_reference():
    reference = np.array([0, 0, 0, 0, 1, 1])
    found = matched(reference, np.array([2, 2, 2, 1, 0, 0]), np.ones(6), 2)
    assert found.tolist() == [0, 0, 0, 2, 1, 1]


def test_the_larger_part_in_weight_keeps_the_number():
    reference = np.zeros(4, np.int64)
    found = matched(reference, np.array([0, 0, 0, 1]), np.array([1.0, 1.0, 1.0, 9.0]), 1)
    assert found.tolist() == [1, 1, 1, 0]


def test_unusual_customers_stay_unusual():
    reference = np.array([0, 0, -1, 1])
    assert matched(reference, np.array([1, -1, 0, 0]), np.ones(4), 2).tolist() == [0, -1, 1, 1]


@pytest.mark.parametrize("model", [KMeans(3, random_state=5), DBSCAN()], ids=["seeded", "unseeded"])
def test_a_refit_keeps_the_settings_and_leaves_the_model_alone(model: KMeans | DBSCAN):
    X = np.random.default_rng(0).normal(size=(200, 2))
    model.fit(X)
    before = model.labels_.copy()
    again = refit(model, X, np.ones(200), resample(np.ones(200), 1), seed=9)
    assert {**again.get_params(), "random_state": 0} == {**model.get_params(), "random_state": 0}
    np.testing.assert_array_equal(model.labels_, before)

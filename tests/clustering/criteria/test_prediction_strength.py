from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from customer_atlas.clustering.criteria import (
    mean_prediction_strength,
    prediction_strength,
    prediction_strength_curve,
)

from ..blobs import planted

__all__: list[str] = []

labellings = st.integers(2, 30).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 4), min_size=n, max_size=n)] * 2)
)


def _pair_by_pair(own: list[int], foretold: list[int]) -> float:
    shares = []
    for segment in set(own):
        members = [i for i, label in enumerate(own) if label == segment]
        kept = [foretold[i] == foretold[j] for i, j in combinations(members, 2)]
        if kept:
            shares.append(sum(kept) / len(kept))
    return min(shares, default=0.0)


@settings(deadline=5_000)
@given(labellings)
def test_it_equals_a_count_pair_by_pair(pair: tuple[list[int], list[int]]) -> None:
    own, foretold = pair
    found = prediction_strength(np.array(own), np.array(foretold), np.ones(len(own)))
    assert found == pytest.approx(_pair_by_pair(own, foretold))


def test_numbering_and_the_unit_of_weights_do_not_matter() -> None:
    draw = np.random.default_rng(0)
    own, foretold, weights = draw.integers(3, size=80), draw.integers(4, size=80), draw.random(80)
    plain = prediction_strength(own, foretold, weights)
    assert prediction_strength(2 - own, 3 - foretold, 1000 * weights) == pytest.approx(plain)


def test_a_segment_that_is_merged_is_kept_and_one_that_is_split_is_not() -> None:
    fine, coarse = np.repeat([0, 1, 2, 3], 20), np.repeat([0, 0, 1, 1], 20)
    assert prediction_strength(fine, coarse, np.ones(80)) == 1.0
    assert prediction_strength(coarse, fine, np.ones(80)) == pytest.approx(2 * 190 / 780)


def test_each_draw_is_foretold_by_the_next_and_the_last_by_the_first() -> None:
    fine, coarse = np.repeat([0, 1, 2, 3], 20), np.repeat([0, 0, 1, 1], 20)
    split, merged = 2 * 190 / 780, 1.0
    mean, error = mean_prediction_strength([fine, coarse, coarse], np.ones(80))
    assert mean == pytest.approx((merged + 1.0 + split) / 3)
    assert error == pytest.approx(np.std([merged, 1.0, split]) / np.sqrt(3))


def test_models_of_two_halves_foretell_as_many_groups_as_there_are() -> None:
    X, _ = planted(4, 5, n=1200, apart=4.0)
    found = []
    for k in range(2, 8):
        halves = [KMeans(k, n_init=5, random_state=0).fit(X[i::2]) for i in (0, 1)]
        found.append(mean_prediction_strength([m.predict(X) for m in halves], np.ones(1200)))
    curve = prediction_strength_curve(range(2, 8), [m for m, _ in found], [e for _, e in found])
    assert curve.choice == 4
    assert "4 segments are the most" in curve.sentence


def test_the_largest_that_reaches_four_fifths_with_one_error_is_picked_else_one_segment() -> None:
    curve = prediction_strength_curve([2, 3, 4], [0.9, 0.79, 0.7], [0.0, 0.02, 0.05])
    assert curve.choice == 3
    none = prediction_strength_curve([2, 3], [0.5, 0.4], [0.01, 0.01])
    assert none.choice == 1
    assert "less than 80%" in none.sentence

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_atlas.clustering.lloyd import lloyd
from customer_atlas.clustering.search.thorough.gaps import separations

from ...blobs import planted
from ...shapes import shape

__all__: list[str] = []


@pytest.mark.parametrize("d", [2, 6])
def test_groups_stand_apart_and_are_whole(d: int) -> None:
    X, labels = planted(4, d, n=600, apart=8, seed=2)
    assert separations(X, labels, 0).min() > 0.8


@pytest.mark.parametrize("d", [2, 6])
def test_one_cloud_that_was_cut_has_no_gap(d: int) -> None:
    X = np.random.default_rng(0).normal(size=(500, d))
    for k in (2, 4):
        labels = lloyd(X, np.ones(len(X)), k, seed=0, n_init=3).labels
        assert separations(X, labels, 0).mean() < 0.15


@pytest.mark.parametrize("d", [2, 6])
def test_groups_that_were_merged_are_not_taken_for_one(d: int) -> None:
    X, labels = planted(6, d, n=900, apart=10, seed=4)
    assert separations(X, labels // 2, 0).max() < 0.5


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000))
def test_in_many_columns_no_linear_map_changes_which_borders_are_gaps(seed: int) -> None:
    X, labels = planted(2, 6, n=300, apart=4, seed=5)
    turn = np.random.default_rng(seed).normal(size=(6, 6)) + 3 * np.eye(6)
    assert separations(X @ turn, labels, 0) == pytest.approx(separations(X, labels, 0), abs=0.25)


def test_rings_are_whole_though_they_are_round_each_other() -> None:
    X, labels = shape("rings", 1000)
    assert separations(X, labels, 0).min() > 0.4
    halves = labels * 2 + (X[:, 0] > 0)
    assert separations(X, halves, 0).max() < 0.4


def test_one_segment_is_separated_from_none() -> None:
    assert separations(np.zeros((5, 2)), np.zeros(5, np.int32), 0).tolist() == [0.0]

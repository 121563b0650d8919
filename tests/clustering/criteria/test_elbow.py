from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.clustering.criteria import elbow, ward_log_inertia

from ..blobs import planted

__all__: list[str] = []


def _inertias(X: np.ndarray, most: int) -> list[float]:
    return list(np.exp(ward_log_inertia(X, most)))


@pytest.mark.parametrize("k", [2, 4, 7])
def test_planted_groups_are_counted_however_far_one_looks(k: int) -> None:
    X, _ = planted(k, 5, n=600, apart=8.0, seed=k)
    inertias = _inertias(X, 18)
    for most in (k + 3, 18):
        assert elbow(range(1, most + 1), inertias[:most]).choice == k


@pytest.mark.parametrize("d", [2, 6, 20])
def test_a_cloud_without_groups_has_no_knee(d: int) -> None:
    curve = elbow(range(1, 13), _inertias(np.random.default_rng(d).normal(size=(800, d)), 12))
    assert curve.choice is None
    assert "picks none" in curve.sentence


@pytest.mark.parametrize("power", [0.1, 0.5, 2.0])
def test_a_power_of_the_number_of_segments_has_no_knee(power: float) -> None:
    assert elbow(range(1, 21), [100 * k**-power for k in range(1, 21)]).choice is None


def test_the_unit_does_not_matter_and_the_inertias_are_kept_as_they_are() -> None:
    inertias = [90.0, 60.0, 20.0, 18.0, 17.0]
    curve = elbow(range(1, 6), inertias)
    assert curve.values == tuple(inertias)
    assert curve.choice == elbow(range(1, 6), [1e6 * i for i in inertias]).choice == 3


def test_customers_who_coincide_have_their_knee_where_nothing_is_left() -> None:
    assert elbow([1, 2, 3, 4], [8.0, 4.0, 0.0, 0.0]).choice == 3
    assert elbow([1, 2], [0.0, 0.0]).choice is None

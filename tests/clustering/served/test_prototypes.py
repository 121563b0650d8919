from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from customer_atlas.clustering.served import Prototypes
from customer_atlas.errors import ClusteringError

__all__: list[str] = []


@settings(max_examples=50, deadline=2000)
@given(st.integers(0, 1000), st.integers(1, 60), st.integers(1, 5), st.integers(1, 6))
def test_it_does_what_plain_distances_say(seed: int, p: int, d: int, k: int) -> None:
    draw = np.random.default_rng(seed)
    points, X = draw.normal(size=(p, d)), draw.normal(size=(70, d))
    clusters = np.unique(draw.integers(0, k, p), return_inverse=True)[1].astype(np.int32)
    clusters.sort()
    radii = draw.uniform(0, 2, p)
    far = cdist(X, points)
    nearest = far.argmin(axis=1)
    expected = np.where(far.min(axis=1) > radii[nearest], -1, clusters[nearest])
    model = Prototypes(points, clusters, radii, 0.5)
    found = model.assign(X)
    assert found.cluster.tolist() == expected.tolist()
    assert found.distance == pytest.approx(far.min(axis=1))
    each = np.stack([far[:, clusters == c].min(axis=1) for c in range(clusters[-1] + 1)], axis=1)
    shares = np.exp(-(each**2))
    assert model.predict_proba(X) == pytest.approx(shares / shares.sum(axis=1, keepdims=True))


def test_without_radii_everybody_belongs() -> None:
    model = Prototypes(np.zeros((1, 2)), np.zeros(1, np.int32), np.empty(0), 1.0)
    assert model.predict(np.full((1, 2), 1e6)).tolist() == [0]


def test_missing_values_are_refused() -> None:
    model = Prototypes(np.zeros((1, 2)), np.zeros(1, np.int32), np.empty(0), 1.0)
    for ask in (model.predict, model.predict_proba, model.assign):
        with pytest.raises(ClusteringError, match="Missing or infinite values for 1 of 2"):
            ask(np.array([[0.0, np.inf], [0.0, 0.0]]))

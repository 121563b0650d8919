"""Several clusters that are one segment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from customer_atlas.clustering import (
    DBSCAN,
    GaussianMixture,
    KMeans,
    Merged,
    Served,
    Spectral,
    load_served,
    save_served,
)

from ..blobs import planted

__all__: list[str] = []


@pytest.fixture(scope="module", params=["k-means", "gaussian", "spectral", "unusual"])
def merged(request: pytest.FixtureRequest) -> Merged:
    X, _ = planted(4, 3, n=500, apart=4.0)
    models = {
        "k-means": KMeans(4),
        "gaussian": GaussianMixture(4),
        "spectral": Spectral(4),
        "unusual": DBSCAN(),
    }
    served: Served = models[request.param].fit(X).served_
    return Merged(served, np.arange(served.n_clusters) % 3 % 2)


def test_a_segment_is_as_probable_as_its_clusters_together(merged: Merged) -> None:
    X, _ = planted(4, 3, n=500, apart=4.0)
    shares, parts = merged.predict_proba(X), merged.model.predict_proba(X)
    assert merged.n_clusters == 2 <= parts.shape[1]
    for segment in range(merged.n_clusters):
        own = np.flatnonzero(merged.segments == segment)
        assert shares[:, segment] == pytest.approx(parts[:, own].sum(axis=1))
    found, before = merged.assign(X), merged.model.assign(X)
    assert ((found.cluster < 0) == (before.cluster < 0)).all()
    known = found.cluster >= 0
    assert (found.cluster[known] == shares[known].argmax(axis=1)).all()
    assert found.probability == pytest.approx(shares.max(axis=1))
    assert (found.distance == before.distance).all()
    sure = known & (before.probability > 0.5)
    assert (found.cluster[sure] == merged.segments[before.cluster[sure]]).all()


def test_kept_and_read_again_it_says_the_same_to_the_bit(merged: Merged, tmp_path: Path) -> None:
    X, _ = planted(4, 3, n=500, apart=4.0)
    save_served(merged, tmp_path)
    again = load_served(tmp_path)
    assert isinstance(again, Merged)
    assert type(again.model) is type(merged.model)
    assert again.predict_proba(X).tobytes() == merged.predict_proba(X).tobytes()
    assert again.assign(X).cluster.tobytes() == merged.assign(X).cluster.tobytes()

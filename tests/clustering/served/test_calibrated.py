from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.clustering import (
    DBSCAN,
    Agglomerative,
    Calibrated,
    GaussianMixture,
    KMeans,
    Served,
    load_served,
    save_served,
)

from ..blobs import planted

__all__: list[str] = []

INNER = {
    "centroids": KMeans(4),
    "mixture": GaussianMixture(4, unusual=0.05),
    "student": Agglomerative(4),
    "some unusual": DBSCAN(),
}


def calibrated(inner: Served, seed: int = 0) -> Calibrated:
    draw = np.random.default_rng(seed)
    knots = np.sort(draw.uniform(0, 12, 9))
    kept = np.sort(draw.uniform(0, 1, (inner.n_clusters, 9)), axis=1)
    return Calibrated(inner, knots, kept, draw.uniform(2, 9, inner.n_clusters))


@pytest.mark.parametrize("name", INNER)
def test_probabilities_add_up_and_the_winner_stays(name: str) -> None:
    X, _ = planted(4, 3, n=900, apart=6.0)
    model = calibrated(INNER[name].fit(X).served_)
    rows = np.concatenate([X, X * 30])
    P, found = model.predict_proba(rows), model.assign(rows)
    assert P.sum(axis=1) == pytest.approx(np.ones(len(rows)))
    assert P.min() >= 0
    assert (P.argmax(axis=1) == found.segment).all()
    winner = P[np.arange(len(rows)), found.segment]
    assert (winner >= found.probability - 1e-12).all()
    sure = found.probability > 0.5 + 1e-9
    assert winner[sure] == pytest.approx(found.probability[sure])


@pytest.mark.parametrize("name", INNER)
def test_saved_and_loaded_it_says_the_same_bits(name: str, tmp_path: Path) -> None:
    X, _ = planted(4, 3, n=900, apart=6.0)
    model = calibrated(INNER[name].fit(X).served_)
    save_served(model, tmp_path)
    again = load_served(tmp_path)
    assert isinstance(again, Calibrated)
    assert type(again.inner) is type(model.inner)
    one, other = model.assign(X), again.assign(X)
    for field in ("cluster", "segment", "kind", "probability", "distance", "margin"):
        assert getattr(one, field).tobytes() == getattr(other, field).tobytes()
    assert again.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


@given(st.lists(st.floats(0, 40), min_size=1, max_size=30))
def test_between_knots_the_curve_is_straight(margins: list[float]) -> None:
    inner = KMeans(2).fit(np.array([[0.0], [0.1], [9.0], [9.1]])).served_
    model = calibrated(inner, 5)
    for segment in (0, 1):
        ours = model._kept(np.array(margins), np.full(len(margins), segment))
        assert ours == pytest.approx(np.interp(margins, model.knots, model.kept[segment]))

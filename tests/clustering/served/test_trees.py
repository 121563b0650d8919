from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier

from customer_atlas.clustering.served import Trees, single
from customer_atlas.clustering.students import fit_trees
from customer_atlas.errors import ClusteringError

from ..blobs import planted

__all__: list[str] = []


def test_its_votes_are_scikit_learns() -> None:
    X, truth = planted(4, 5, apart=0.7)
    model = fit_trees(X[::2], truth[::2].astype(np.int32), np.ones(1500), 3, unusual=False)
    theirs = ExtraTreesClassifier(32, max_depth=16, max_features=None, random_state=3)
    theirs.fit(single(X[::2]), truth[::2])
    assert model.predict_proba(X) == pytest.approx(theirs.predict_proba(single(X)), abs=1e-4)
    assert (model.predict(X) == theirs.predict(single(X))).mean() > 0.998  # but for rounded ties


def test_sums_of_votes_are_exact_in_single_precision_in_any_order() -> None:
    X, truth = planted(4, 3, apart=0.5)
    model = fit_trees(X, truth.astype(np.int32), np.ones(len(X)), 0, unusual=True)
    turned = Trees(
        model.roots[::-1], model.children, model.feature, model.threshold, model.votes,
        model.centers,
    )  # fmt: skip
    assert turned.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()
    for values in (model.threshold, model.votes):
        assert values.dtype == np.float32
    scaled = model.votes.astype(np.float64) * 2**20
    assert (scaled == np.round(scaled)).all()


def test_a_row_at_a_threshold_goes_left_in_single_precision_too() -> None:
    X = single(np.random.default_rng(0).normal(size=(900, 2))).astype(np.float64)
    labels = (X[:, 0] + X[:, 1] > 0).astype(np.int32)
    model = fit_trees(X, labels, np.ones(900), 0, unusual=False)
    theirs = ExtraTreesClassifier(32, max_depth=16, max_features=None, random_state=0)
    theirs.fit(single(X), labels)
    exact = np.concatenate([tree.tree_.threshold for tree in theirs.estimators_])
    assert (model.threshold.astype(np.float64) <= exact).all()
    assert (np.nextafter(model.threshold, np.float32(np.inf)).astype(np.float64) > exact).all()


def test_who_is_beyond_everybody_is_unusual_where_customers_can_be() -> None:
    X, truth = planted(3, 4, n=600)
    far = np.array([[99.0, 0, 0, 0], [0, -99.0, 0, 0], [99.0, 99.0, 99.0, 99.0]])
    labels = truth.astype(np.int32)
    open_ended = fit_trees(X, labels, np.ones(600), 0, unusual=True)
    assert open_ended.predict(far).tolist() == [-1, -1, -1]
    assert open_ended.predict_proba(far).sum(axis=1) == pytest.approx(np.ones(3))
    assert (open_ended.predict(X) == labels).mean() > 0.99
    assert fit_trees(X, labels, np.ones(600), 0, unusual=False).predict(far).min() >= 0


def test_missing_values_are_refused() -> None:
    X, truth = planted(2, 2, n=100)
    model = fit_trees(X, truth.astype(np.int32), np.ones(100), 0, unusual=False)
    with pytest.raises(ClusteringError, match="Missing or infinite values for 1 of 1"):
        model.predict(np.array([[np.nan, 0.0]]))

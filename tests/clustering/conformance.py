"""What every algorithm must do: a new one proves itself by subclassing `Conformance`."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_limits

from customer_atlas.clustering import Clusterer, load_served, save_served
from customer_atlas.errors import ClusteringError

from .blobs import planted

__all__ = ["ZERO_WEIGHTS", "Conformance"]

_K = 4
_COLUMNS = ["recency", "frequency", "monetary"]

ZERO_WEIGHTS = {
    "check_all_zero_sample_weights_error": "no weight may be 0, and the message says so",
    "check_sample_weight_equivalence_on_dense_data": "it leaves out rows by weights of 0",
}
"""Checks of scikit-learn that no algorithm here passes, and why."""


class Conformance:
    """The suite: subclass it as `Test...`, name the algorithm, and say where it is weaker.

    `weighing` says how closely a weight counts like so many copies: "exact", to rounding;
    "close", the same partition of planted groups, and shares within 0.01; "none", weights
    count in shares alone. `agreement` is the least share of rows whose label `predict` gives
    again. `failed_checks` are the checks of scikit-learn that fail, each with its reason;
    one that passes after all fails the test.
    """

    algorithm: ClassVar[type[Clusterer]]
    settings: ClassVar[dict[str, Any]] = {}
    weighing: ClassVar[Literal["exact", "close", "none"]] = "exact"
    agreement: ClassVar[float] = 1.0
    failed_checks: ClassVar[dict[str, str]] = ZERO_WEIGHTS

    def make(self, k: int = _K, **settings: Any) -> Clusterer:
        """Return an algorithm that looks for `k` clusters; override where it finds k itself."""
        return self.algorithm(**{"n_clusters": k, **self.settings, **settings})

    @pytest.mark.parametrize("seed", range(3))
    def test_planted_groups_come_back(self, seed: int) -> None:
        X, truth = _separate(seed)
        model = self.make(random_state=seed).fit(X)
        assert model.n_clusters_ == _K
        assert adjusted_rand_score(truth, model.labels_) > 0.98
        assert adjusted_rand_score(truth, model.predict(X)) > 0.98

    def test_twice_the_same_is_the_same_to_the_bit_whatever_the_threads(self) -> None:
        X, _ = planted(_K, 6, n=3000, apart=1.5)
        weights = np.random.default_rng(0).uniform(1, 9, len(X))
        fits = []
        for threads in (1, 2, 2):
            with threadpool_limits(threads):
                fits.append(self.make().fit(X, sample_weight=weights))
        for other in fits[1:]:
            assert _bits(other) == _bits(fits[0])
            assert other.labels_.tobytes() == fits[0].labels_.tobytes()

    def test_a_weight_counts_like_so_many_customers(self) -> None:
        X, _ = _separate(0, n=400)
        times = np.random.default_rng(0).integers(1, 4, len(X))
        weighted = self.make().fit(X, sample_weight=times.astype(float))
        assert weighted.shares_.sum() == pytest.approx(1.0, abs=0.02)
        if self.weighing == "none":
            return
        repeated = self.make().fit(np.repeat(X, times, axis=0))
        close = 1e-7 if self.weighing == "exact" else 0.01
        assert weighted.shares_ == pytest.approx(repeated.shares_, abs=close)
        assert adjusted_rand_score(weighted.predict(X), repeated.predict(X)) > 0.99
        if self.weighing == "exact":
            for name, values in weighted.served_.to_arrays().items():
                other = repeated.served_.to_arrays()[name]
                assert other.shape == values.shape, name
                if values.dtype.kind == "U":
                    assert values.tolist() == other.tolist(), name
                else:
                    assert np.allclose(values, other, rtol=1e-6, atol=1e-9), name

    def test_weights_move_the_shares(self) -> None:
        X, truth = _separate(1)
        weights = np.where(truth == 0, 9.0, 1.0)
        model = self.make().fit(X, sample_weight=weights)
        assert model.shares_[0] == pytest.approx(
            weights[truth == 0].sum() / weights.sum(), abs=0.02
        )

    def test_the_order_of_rows_does_not_matter_where_groups_are_separate(self) -> None:
        X, _ = _separate(2)
        order = np.random.default_rng(5).permutation(len(X))
        sorted_rows, shuffled = self.make().fit(X), self.make().fit(X[order])
        assert adjusted_rand_score(sorted_rows.predict(X), shuffled.predict(X)) > 0.98
        assert shuffled.shares_ == pytest.approx(sorted_rows.shares_, abs=0.02)

    def test_labels_are_what_predict_says(self) -> None:
        X, _ = _separate(3)
        model = self.make().fit(X)
        assert (model.predict(X) == model.labels_).mean() >= self.agreement

    def test_shapes_types_and_numbers(self) -> None:
        X, _ = _separate(4)
        model = self.make().fit(X)
        k, P, labels = model.n_clusters_, model.predict_proba(X), model.predict(X)
        assert model.labels_.dtype == labels.dtype == np.int32
        assert model.labels_.shape == labels.shape == (len(X),)
        assert P.shape == (len(X), k)
        assert P.dtype == np.float64
        assert P.min() >= 0
        assert P.sum(axis=1) == pytest.approx(np.ones(len(X)))
        inside = labels >= 0
        assert (P.argmax(axis=1)[inside] == labels[inside]).all()
        assert labels.max() < k
        assert set(model.labels_.tolist()) - {-1} == set(range(k))
        assert model.n_features_in_ == model.served_.n_features == X.shape[1]
        assert model.served_.n_clusters == k == len(model.shares_)
        assert (model.fit_predict(X) == model.labels_).all()

    def test_one_pass_says_what_predict_and_probabilities_say(self) -> None:
        X, _ = planted(_K, 5, n=6000, apart=1.5)
        model = self.make().fit(X)
        found, P = model.served_.assign(X), model.predict_proba(X)
        assert (found.cluster == model.predict(X)).all()
        inside = found.cluster >= 0
        assert found.probability[inside] == pytest.approx(P.max(axis=1)[inside])
        assert np.isfinite(found.distance).all()
        assert found.distance.min() >= 0

    def test_a_row_is_scored_alike_alone_and_among_others(self) -> None:
        X, _ = _separate(5)
        model = self.make().fit(X)
        assert model.predict(X[:50]).tolist() == model.predict(X)[:50].tolist()
        assert [int(model.predict(row[None])[0]) for row in X[:9]] == model.predict(X)[:9].tolist()
        assert len(model.predict(np.empty((0, X.shape[1])))) == 0

    def test_clusters_are_numbered_by_weight(self) -> None:
        X, _ = _separate(6)
        weights = np.random.default_rng(0).uniform(1, 3, len(X))
        model = self.make().fit(X, sample_weight=weights)
        assert (np.diff(model.shares_) <= 1e-9).all()
        inside = model.labels_ >= 0
        masses = np.bincount(model.labels_[inside], weights[inside])
        assert model.shares_ == pytest.approx(masses / weights.sum())

    def test_saved_and_loaded_it_gives_the_same_bits(self, tmp_path: Path) -> None:
        X, _ = _separate(7)
        served = self.make().fit(X).served_
        for name in ("a", "b"):
            save_served(served, tmp_path / name)
        again = load_served(tmp_path / "a")
        assert type(again) is type(served)
        assert again.predict(X).tobytes() == served.predict(X).tobytes()
        assert again.predict_proba(X).tobytes() == served.predict_proba(X).tobytes()
        assert again.assign(X).distance.tobytes() == served.assign(X).distance.tobytes()
        files = [(tmp_path / name / "clusters.npz").read_bytes() for name in ("a", "b")]
        assert files[0] == files[1]

    def test_it_describes_itself_to_people(self) -> None:
        X, _ = _separate(0)
        model = self.make().fit(X)
        told = model.describe()
        assert told.algorithm == model.title
        assert told.sentence.startswith(f"{model.title} found {model.n_clusters_} clusters of")
        assert told.sentence.endswith(".")
        assert told.shares == pytest.approx(model.shares_)
        assert sum(told.shares) + told.unusual == pytest.approx(1.0)
        assert told.settings == model.get_params(deep=False)
        assert told.facts == model.facts_

    def test_tables_and_single_precision_give_the_same(self) -> None:
        X = _separate(1, n=400)[0][:, : len(_COLUMNS)].astype(np.float32)
        expected = self.make().fit(X.astype(np.float64))
        frame = pd.DataFrame(X, columns=_COLUMNS)
        for table in (X, frame, pl.DataFrame(frame), pa.Table.from_pandas(frame)):
            model = self.make().fit(table)
            assert _bits(model) == _bits(expected)
            assert model.predict(table).tobytes() == expected.predict(X).tobytes()

    def test_it_leaves_the_rows_and_weights_as_they_are(self) -> None:
        X, _ = _separate(2)
        weights = np.random.default_rng(0).uniform(1, 9, len(X))
        before = X.tobytes(), weights.tobytes()
        self.make().fit(X, sample_weight=weights).predict_proba(X)
        assert (X.tobytes(), weights.tobytes()) == before

    def test_settings_are_kept_and_copied(self) -> None:
        X, _ = _separate(3)
        model = self.make(random_state=3)
        settings = model.get_params()
        model.fit(X)
        assert model.get_params() == settings
        copy = clone(model)
        assert not hasattr(copy, "served_")
        assert _bits(copy.fit(X)) == _bits(model)
        assert copy.set_params(random_state=7).get_params()["random_state"] == 7

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_missing_and_infinite_values_are_refused(self, bad: float) -> None:
        X, _ = _separate(4)
        model = self.make().fit(X)
        X[17, 1] = bad
        for ask in (self.make().fit, model.predict, model.predict_proba):
            with pytest.raises(ClusteringError, match=r"[Mm]issing or infinite"):
                ask(X)

    @pytest.mark.parametrize(
        "weights", [np.zeros(200), np.full(200, -1.0), np.full(200, np.nan), np.ones(3)]
    )
    def test_weights_that_are_none_are_refused(self, weights: NDArray[np.float64]) -> None:
        with pytest.raises(ClusteringError, match=r"[Ww]eights"):
            self.make().fit(_separate(0, n=200)[0], sample_weight=weights)

    @pytest.mark.parametrize(
        "rows",
        [
            pytest.param(np.zeros((1, 3)), id="one row"),
            pytest.param(np.repeat([[1.0, 2.0]], 50, axis=0), id="only duplicates"),
            pytest.param(np.repeat([[1.0], [5.0], [9.0]], 50, axis=0), id="three values"),
            pytest.param(np.arange(3.0)[:, None], id="fewer rows than clusters"),
            pytest.param(planted(4, 1, n=300, apart=9.0)[0], id="one column"),
            pytest.param(np.eye(300, 3), id="nearly constant"),
            pytest.param(np.column_stack([planted(4, 2, n=300)[0], np.ones(300)]), id="constant"),
            pytest.param(1e8 + planted(4, 2, n=300, apart=9.0)[0], id="far from zero"),
            pytest.param(1e-8 * planted(4, 2, n=300, apart=9.0)[0], id="tiny"),
        ],
    )
    def test_odd_tables_are_clustered_or_refused_with_a_reason(
        self, rows: NDArray[np.float64]
    ) -> None:
        model = self.make()
        try:
            model.fit(rows)
        except ClusteringError as cause:
            refusal = str(cause)
        else:
            refusal = ""
        if refusal:
            assert len(refusal) > 30
            assert refusal.endswith(".")
            return
        P = model.predict_proba(rows)
        assert P.shape == (len(rows), model.n_clusters_)
        assert P.sum(axis=1) == pytest.approx(np.ones(len(rows)))
        assert model.labels_.min() >= -1
        assert model.labels_.max() < model.n_clusters_
        for values in model.served_.to_arrays().values():
            assert values.dtype.kind in "iubU" or np.isfinite(values).all()

    def test_scikit_learn_takes_it_for_an_estimator(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = check_estimator(self.make(k=3), on_fail=None, on_skip=None)
        failed = {
            one["check_name"]: one["exception"] for one in results if one["status"] == "failed"
        }
        unexpected = {name: why for name, why in failed.items() if name not in self.failed_checks}
        assert not unexpected
        assert set(self.failed_checks) == set(failed), "these pass after all"


def _separate(seed: int, n: int = 1200) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Rows of four groups of unlike sizes, 12 deviations and more from each other."""
    draw = np.random.default_rng(seed)
    corners = 12.0 * np.array([[0, 0, 0], [1, 1, 0], [1, 0, 1], [0, 1, 1]])
    truth = np.repeat(np.arange(_K), (n * np.array([0.4, 0.3, 0.2, 0.1])).astype(int))
    return corners[truth] + draw.normal(size=(len(truth), 3)), truth


def _bits(model: Clusterer) -> dict[str, bytes]:
    return {name: values.tobytes() for name, values in model.served_.to_arrays().items()}

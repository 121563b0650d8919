from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator

from customer_atlas.clustering import AutoClusterer, Leaderboard, load_served, save_served
from customer_atlas.clustering.table import Table, table_of
from customer_atlas.errors import ClusteringError

from .conformance import ZERO_WEIGHTS
from .shapes import shape

__all__: list[str] = []

FAILED_CHECKS = {**ZERO_WEIGHTS}
"""Checks of scikit-learn that it does not pass, and why."""

_N = 240


def people() -> dict[str, list[Any]]:
    """Three kinds of people, told apart by their numbers, their plan and whether they open mail."""
    draw = np.random.default_rng(0)
    kind = np.arange(_N) % 3
    spend: list[Any] = (
        np.exp(np.array([3.0, 5.0, 7.0])[kind] + draw.normal(0, 0.3, _N)).round(2).tolist()
    )
    visits: list[Any] = (np.array([2, 30, 12])[kind] + draw.integers(0, 4, _N)).tolist()
    plan: list[Any] = np.array(["free", "plus", "pro"])[kind].tolist()
    for at in range(0, _N, 60):
        spend[at] = plan[(at + 5) % _N] = None
    return {
        "id": [f"c{at:04d}" for at in range(_N)],
        "since": [date(2024, 1, 1 + at % 28) for at in range(_N)],
        "spend": spend,
        "visits": visits,
        "opens": (kind == 1).tolist(),
        "plan": plan,
    }


def blobs(k: int, d: int, n: int = 300) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    draw = np.random.default_rng(k)
    truth = np.arange(n) % k
    return 9.0 * np.eye(k, d)[truth] + draw.normal(size=(n, d)), truth


@pytest.fixture(scope="module")
def mixed() -> tuple[pa.Table, AutoClusterer]:
    table = pa.table(people())
    return table, AutoClusterer(random_state=0, min_share=0.05).fit(table)


@pytest.fixture(scope="module")
def planted() -> tuple[NDArray[np.float64], NDArray[np.int64], AutoClusterer]:
    X, truth = blobs(4, 6)
    return X, truth, AutoClusterer(random_state=0).fit(X)


@pytest.fixture(scope="module")
def moons() -> tuple[NDArray[np.float64], NDArray[np.int64], AutoClusterer]:
    X, truth = shape("moons", 500)
    return X, truth, AutoClusterer(random_state=0).fit(X)


@pytest.fixture(scope="module")
def noise() -> AutoClusterer:
    return AutoClusterer(random_state=0).fit(np.random.default_rng(0).normal(size=(600, 6)))


class TestAnyTable:
    """Numbers, truth values, categories and missing values, whatever holds them."""

    def test_the_kinds_of_people_are_found(self, mixed: tuple[pa.Table, AutoClusterer]) -> None:
        _, model = mixed
        assert model.n_clusters_ == 3
        assert adjusted_rand_score(np.arange(_N) % 3, model.labels_) > 0.98

    def test_names_and_dates_take_no_part_and_it_says_why(
        self, mixed: tuple[pa.Table, AutoClusterer]
    ) -> None:
        left_out = mixed[1].table_.left_out
        assert left_out["id"] == f"it has {_N} different texts, so it names people"
        assert left_out["since"] == "a moment; make a number of it, such as days since"
        assert not {"spend", "visits", "opens", "plan"} & set(left_out)
        assert list(mixed[1].feature_names_in_) == list(people())

    @pytest.mark.parametrize(
        "hold",
        [
            pytest.param(pd.DataFrame, id="pandas"),
            pytest.param(lambda data: pd.DataFrame(data).astype(object), id="pandas objects"),
            pytest.param(
                lambda data: pd.DataFrame(data).astype({"plan": "category"}), id="categorical"
            ),
            pytest.param(lambda data: pd.DataFrame(data).convert_dtypes(), id="nullable"),
            pytest.param(pl.DataFrame, id="Polars"),
            pytest.param(
                lambda data: pl.DataFrame(data).with_columns(
                    pl.col("plan").cast(pl.Enum(["pro", "plus", "free"])),
                    pl.col("visits").cast(pl.UInt8),
                ),
                id="enum and small integers",
            ),
            pytest.param(
                lambda data: pa.table(data).combine_chunks().to_batches()[0], id="record batch"
            ),
            pytest.param(
                lambda data: pa.table({**data, "plan": pa.array(data["plan"]).dictionary_encode()}),
                id="dictionary",
            ),
        ],
    )
    def test_the_same_people_get_the_same_labels_whatever_holds_them(
        self, mixed: tuple[pa.Table, AutoClusterer], hold: Callable[[dict[str, list[Any]]], Any]
    ) -> None:
        table, model = mixed
        held = hold(people())
        # Of the same matrix to the bit come the same labels: see that it is, then fit no more.
        assert model.table_.transform(table_of(held)).tobytes() == (
            model.table_.transform(table).tobytes()
        )
        again = Table.fit(table_of(held), np.ones(_N))
        assert again.left_out == model.table_.left_out
        assert again.transform(table_of(held)).tobytes() == (
            model.table_.transform(table).tobytes()
        )
        assert model.predict(held).tobytes() == model.labels_.tobytes()

    def test_numpy_gives_the_labels_of_the_same_numbers_in_a_table(self) -> None:
        X, _ = blobs(3, 2, n=120)
        frame = pd.DataFrame(X, columns=["a", "b"])
        one, other = AutoClusterer().fit(X), AutoClusterer().fit(pl.DataFrame(frame))
        assert one.n_clusters_ == 3
        assert one.labels_.tobytes() == other.labels_.tobytes()
        assert one.predict_proba(X).tobytes() == other.predict_proba(frame).tobytes()
        assert not hasattr(one, "feature_names_in_")
        assert list(other.feature_names_in_) == ["a", "b"]

    def test_who_has_a_category_that_nobody_had_is_scored(
        self, mixed: tuple[pa.Table, AutoClusterer]
    ) -> None:
        new = pd.DataFrame(people()).assign(plan="enterprise", id="x")
        P = mixed[1].predict_proba(new)
        assert np.isfinite(P).all()
        assert adjusted_rand_score(np.arange(_N) % 3, P.argmax(axis=1)) > 0.9

    def test_columns_may_come_in_any_order_and_others_beside_them(
        self, mixed: tuple[pa.Table, AutoClusterer]
    ) -> None:
        frame = pd.DataFrame(people())[::-1][list(people())[::-1]].assign(more=1)
        assert mixed[1].predict(frame)[::-1].tolist() == mixed[1].labels_.tolist()

    def test_a_missing_column_is_named(self, mixed: tuple[pa.Table, AutoClusterer]) -> None:
        with pytest.raises(ClusteringError, match=r"1 of 6 are missing, such as 'visits'"):
            mixed[1].predict(pd.DataFrame(people()).drop(columns="visits"))

    def test_texts_where_numbers_were_are_refused_by_their_column(
        self, mixed: tuple[pa.Table, AutoClusterer]
    ) -> None:
        with pytest.raises(ClusteringError, match="'visits' held numbers when it was fitted"):
            mixed[1].predict(pd.DataFrame(people()).assign(visits="many"))


class TestWhatIsThere:
    """Groups that were planted are found, and none where there are none."""

    def test_planted_groups_are_found(
        self, planted: tuple[NDArray[np.float64], NDArray[np.int64], AutoClusterer]
    ) -> None:
        _, truth, model = planted
        assert model.n_clusters_ == 4
        assert adjusted_rand_score(truth, model.labels_) > 0.98
        assert model.shares_ == pytest.approx([0.25] * 4, abs=0.01)

    def test_moons_are_found(
        self, moons: tuple[NDArray[np.float64], NDArray[np.int64], AutoClusterer]
    ) -> None:
        _, truth, model = moons
        assert model.n_clusters_ == 2
        assert adjusted_rand_score(truth, model.labels_) > 0.98
        assert model.algorithm_.title != "k-means"

    def test_rings_are_found(self) -> None:
        X, truth = shape("rings", 500)
        model = AutoClusterer().fit(X)
        assert adjusted_rand_score(truth, model.labels_) > 0.98

    @pytest.mark.parametrize("seed", range(2))
    @pytest.mark.parametrize("kind", ["uniform", "normal"])
    def test_noise_is_one_segment(self, kind: str, seed: int) -> None:
        draw = np.random.default_rng(seed)
        X = draw.uniform(size=(300, 6)) if kind == "uniform" else draw.normal(size=(300, 6))
        assert AutoClusterer(random_state=seed, null_level=0.005).fit(X).n_clusters_ == 1

    def test_where_there_is_nothing_the_test_says_so(self, noise: AutoClusterer) -> None:
        null = noise.null_test_
        assert noise.n_clusters_ == 1
        assert set(noise.labels_.tolist()) == {0}
        assert not null.structured
        assert null.p_value > null.level == noise.null_level
        assert np.isfinite(null.statistic)
        assert noise.reason_ == null.sentence
        assert null.sentence.endswith(".")
        assert noise.leaderboard_.entries == ()
        assert noise.predict_proba(np.zeros((5, 6))).tolist() == [[1.0]] * 5
        assert noise.describe().sentence == "AutoClusterer found 1 cluster of 600 customers."


class TestTheModel:
    """What is learned can be asked, kept and told."""

    def test_it_says_of_those_it_was_fitted_to_what_it_found(
        self,
        mixed: tuple[pa.Table, AutoClusterer],
        planted: tuple[NDArray[np.float64], NDArray[np.int64], AutoClusterer],
        moons: tuple[NDArray[np.float64], NDArray[np.int64], AutoClusterer],
    ) -> None:
        for X, model in ((mixed[0], mixed[1]), (planted[0], planted[2]), (moons[0], moons[2])):
            P, taught = model.predict_proba(X), "agreement" in model.facts_
            agree = (model.predict(X) == model.labels_).mean()
            assert agree >= 0.99 if taught else agree == 1.0
            assert P.shape == (len(model.labels_), model.n_clusters_)
            assert P.sum(axis=1) == pytest.approx(1.0)
            assert (P.argmax(axis=1) == model.predict(X)).all()
            assert model.probabilities_ == pytest.approx(P.max(axis=1))
            assert model.shares_ == pytest.approx(np.bincount(model.labels_) / len(model.labels_))

    def test_it_repeats_to_the_bit(
        self, moons: tuple[NDArray[np.float64], NDArray[np.int64], AutoClusterer]
    ) -> None:
        X, _, model = moons
        again = clone(model).fit(X)
        assert again.labels_.tobytes() == model.labels_.tobytes()
        assert again.probabilities_.tobytes() == model.probabilities_.tobytes()
        assert again.leaderboard_ == model.leaderboard_
        assert again.null_test_ == model.null_test_

    def test_of_all_that_was_tried_one_is_chosen_and_the_others_know_why_not(
        self,
        planted: tuple[NDArray[np.float64], NDArray[np.int64], AutoClusterer],
        moons: tuple[NDArray[np.float64], NDArray[np.int64], AutoClusterer],
    ) -> None:
        for model in (planted[2], moons[2]):
            chosen, *others = model.leaderboard_.entries
            assert chosen.chosen
            assert chosen.k == model.n_clusters_
            assert chosen.title in model.reason_ or chosen.algorithm == "KMeans"
            assert others
            assert not any(entry.chosen for entry in others)
            assert all(len(entry.verdict) > 10 for entry in others)
            kept = json.loads(json.dumps(model.leaderboard_.to_dict()))
            assert Leaderboard.from_dict(kept) == model.leaderboard_

    def test_what_serves_is_kept_and_comes_back(
        self, moons: tuple[NDArray[np.float64], NDArray[np.int64], AutoClusterer], tmp_path: Path
    ) -> None:
        X, _, model = moons
        save_served(model.served_, tmp_path)
        again = load_served(tmp_path)
        points = model.table_.transform(table_of(X))
        assert again.predict(points).tobytes() == model.predict(X).tobytes()
        assert again.predict_proba(points).tobytes() == model.predict_proba(X).tobytes()

    def test_it_describes_itself_to_people(
        self, planted: tuple[NDArray[np.float64], NDArray[np.int64], AutoClusterer]
    ) -> None:
        told = planted[2].describe()
        assert told.sentence == "AutoClusterer found 4 clusters of 300 customers."
        assert sum(told.shares) == pytest.approx(1.0)
        assert told.settings == planted[2].get_params()
        assert told.facts["reason"] == planted[2].reason_
        assert told.facts["algorithm"] == planted[2].algorithm_.title

    def test_settings_are_kept_and_copied(self, noise: AutoClusterer) -> None:
        assert noise.get_params() == {
            "max_clusters": 50, "min_share": 0.01, "search": "quick",
            "trials": 50, "objective": None, "null_level": 0.01,
            "random_state": 0, "levels": 1,
        }  # fmt: skip
        copy = clone(noise).set_params(max_clusters=7)
        assert copy.max_clusters == 7
        assert not hasattr(copy, "labels_")


class TestSettings:
    """Limits and weights."""

    def test_the_number_of_clusters_has_a_limit(self) -> None:
        X, _ = blobs(5, 5)
        model = AutoClusterer(max_clusters=3).fit(X)
        assert 1 < model.n_clusters_ <= 3
        assert max(entry.k for entry in model.leaderboard_.entries) <= 3

    def test_a_group_below_the_least_share_is_no_segment(self) -> None:
        draw = np.random.default_rng(0)
        truth = np.repeat([0, 1, 2], [140, 140, 20])
        X = np.array([[0, 0], [12, 0], [0, 12]])[truth] + draw.normal(size=(300, 2))
        small, large = AutoClusterer(min_share=0.02).fit(X), AutoClusterer(min_share=0.2).fit(X)
        assert adjusted_rand_score(truth, small.labels_) > 0.98
        assert large.n_clusters_ == 2
        assert large.shares_.min() >= 0.2

    def test_weights_count(self) -> None:
        X, truth = blobs(3, 3, n=240)
        weights = np.array([1.0, 2.0, 5.0])[truth]
        model = AutoClusterer().fit(X, sample_weight=weights)
        assert adjusted_rand_score(truth, model.labels_) > 0.98
        assert model.shares_ == pytest.approx([5 / 8, 2 / 8, 1 / 8], abs=0.01)

    @pytest.mark.parametrize(
        ("settings", "why"),
        [
            ({"max_clusters": 1}, "max_clusters must be at least 2"),
            ({"min_share": 0.0}, "min_share between 0 and 1"),
            ({"min_share": 1.0}, "min_share between 0 and 1"),
            ({"search": "deep"}, "search is 'quick' or 'thorough'; found 'deep'"),
            ({"null_level": 0.0}, "null_level must be between 0 and 1"),
        ],
    )
    def test_settings_that_cannot_be_are_refused(self, settings: dict[str, Any], why: str) -> None:
        with pytest.raises(ClusteringError, match=why):
            AutoClusterer(**settings).fit(np.eye(9))

    @pytest.mark.parametrize("weights", [np.zeros(9), np.full(9, np.nan), np.ones(3)])
    def test_weights_that_are_none_are_refused(self, weights: NDArray[np.float64]) -> None:
        with pytest.raises(ClusteringError, match=r"[Ww]eights"):
            AutoClusterer().fit(np.eye(9), sample_weight=weights)


class TestOddTables:
    """What holds too little is one segment; what cannot be read is refused, with the reason."""

    @pytest.mark.parametrize(
        "rows",
        [
            pytest.param(np.array([[1.0, 2.0, 3.0]]), id="one row"),
            pytest.param(np.eye(4), id="four rows"),
            pytest.param(np.repeat([[1.0, 2.0]], 50, axis=0), id="only duplicates"),
            pytest.param(np.full((20, 2), np.nan), id="known for nobody"),
            pytest.param(np.ones((50, 1)), id="one constant column"),
            pytest.param(pd.DataFrame({"a": [True] * 30}), id="one truth value"),
        ],
    )
    def test_tables_that_say_nothing_are_one_segment(self, rows: Any) -> None:
        model = AutoClusterer().fit(rows)
        assert model.n_clusters_ == 1
        assert model.predict(rows).tolist() == [0] * len(rows)
        assert model.predict_proba(rows).tolist() == [[1.0]] * len(rows)

    def test_missing_values_and_constant_columns_hide_no_groups(self) -> None:
        X, truth = blobs(3, 2, n=240)
        X = np.column_stack([X, np.ones(240), np.full(240, np.nan)])
        X[::40, 0] = np.nan
        model = AutoClusterer().fit(X)
        assert adjusted_rand_score(truth, model.labels_) > 0.9
        assert set(model.table_.left_out) == {"x2", "x3"}

    def test_one_column_is_enough(self) -> None:
        X, truth = blobs(2, 1, n=200)
        assert adjusted_rand_score(truth, AutoClusterer().fit(X).labels_) > 0.98

    def test_scikit_learn_takes_it_for_an_estimator(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = AutoClusterer(max_clusters=2, min_share=0.2)
            results = check_estimator(model, on_fail=None, on_skip=None)
        failed = {one["check_name"]: one["exception"] for one in results
                  if one["status"] == "failed"}  # fmt: skip
        assert not {name: why for name, why in failed.items() if name not in FAILED_CHECKS}
        assert set(FAILED_CHECKS) == set(failed), "these pass after all"

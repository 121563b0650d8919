from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest
from numpy.typing import NDArray

from _fresh_refits import Draw, fresh_refits, overlapping
from customer_atlas.clustering import (
    KINDS,
    AutoClusterer,
    Calibrated,
    Clusterer,
    GaussianMixture,
    KMeans,
    calibrate,
)
from customer_atlas.clustering.table import Table, table_of

__all__: list[str] = []

Array = NDArray[np.float64]

TOLERANCE = 0.1  # of those at 0.8, 70 % to 90 % keep their segment


def error(said: Array, kept: Array) -> float:
    """The expected calibration error over ten bins."""
    cells = np.minimum((said * 10).astype(int), 9)
    gaps = np.bincount(cells, said - kept, 10)
    return float(np.abs(gaps).sum() / len(said))


def kept_at_eight_tenths(said: Array, kept: Array) -> float:
    near = (said >= 0.75) & (said < 0.85)
    assert near.sum() > 50
    return float(kept[near].mean())


@pytest.mark.parametrize(
    ("model", "sample"),
    [
        (KMeans(5, n_init=4), overlapping(5, 6, 0.8, 5)),
        (GaussianMixture(4, covariance="diagonal"), overlapping(4, 4, 1.3, 2)),
    ],
    ids=["k-means", "mixture"],
)
def test_of_those_at_eight_tenths_eight_in_ten_keep_their_segment_when_others_are_drawn(
    model: Clusterer, sample: Draw, measured: Callable[[str, object], None]
) -> None:
    raw, said, kept = fresh_refits(model, sample, 5000, models=4, refits=5)
    measured("calibration error raw", error(raw, kept))
    measured("calibration error", error(said, kept))
    assert kept_at_eight_tenths(said, kept) == pytest.approx(0.8, abs=TOLERANCE)
    assert error(said, kept) < 0.04
    # It tells customers apart: one probability for all would be calibrated too.
    assert np.mean((said - kept) ** 2) < 0.75 * kept.var()
    # What the model says by itself fails the same check.
    assert kept_at_eight_tenths(raw, kept) > 0.8 + TOLERANCE
    assert error(raw, kept) > 2 * error(said, kept)


def test_probabilities_hold_for_real_visitors(shared_data: Callable[[str], Path]) -> None:
    file = shared_data("online_shoppers") / "online_shoppers_intention.csv"
    options = pyarrow.csv.ParseOptions(delimiter=";")
    table = table_of(pyarrow.csv.read_csv(file, parse_options=options).drop_columns(["Revenue"]))
    everyone = Table.fit(table, np.ones(table.num_rows)).transform(table)

    def sample(n: int, source: np.random.Generator) -> Array:
        return np.asarray(everyone[source.choice(len(everyone), n, replace=False)])

    raw, said, kept = fresh_refits(KMeans(4, n_init=4), sample, 3000, models=4, refits=5)
    assert error(said, kept) < 0.05
    assert error(said, kept) < error(raw, kept)


def fitted(n: int = 900, k: int = 3) -> tuple[KMeans, Array]:
    X = overlapping(3, 2, 2.0, 1)(n, np.random.default_rng(0))
    return KMeans(k, n_init=2).fit(X), X


def test_clusters_stay_and_probabilities_rise_with_the_margin() -> None:
    model, X = fitted()
    found, before = calibrate(model, X, np.ones(len(X)), 0)[0].assign(X), model.served_.assign(X)
    assert (found.cluster == before.cluster).all()
    assert (found.distance == before.distance).all()
    assert found.probability.min() >= 0
    assert found.probability.max() <= 1
    for segment in range(3):
        mine = found.segment == segment
        by_margin = found.probability[mine][np.argsort(found.margin[mine])]
        assert (np.diff(by_margin) >= -1e-12).all()


def test_the_reliability_is_that_of_refits_that_did_not_teach() -> None:
    model, X = fitted()
    proof = calibrate(model, X, np.ones(len(X)), 0)[1]
    assert proof is not None
    assert (proof.refits, proof.rows) == (10, 450)
    assert sum(one.share for one in proof.bins) == pytest.approx(1)
    assert all(one.low <= one.said <= one.high for one in proof.bins)
    gaps = sum(one.share * abs(one.said - one.kept) for one in proof.bins)
    assert proof.error == pytest.approx(gaps)
    assert proof.error < proof.raw_error
    assert type(proof).from_dict(proof.to_dict()) == proof


def test_a_segment_that_dissolves_is_less_sure_than_one_that_comes_back() -> None:
    draw = np.random.default_rng(4)
    alone = draw.normal((40, 0), 1, (400, 2))
    X = np.concatenate([alone, draw.uniform(-5, 5, (1600, 2))])  # k-means may cut the square anyhow
    model = KMeans(4, n_init=2).fit(X)
    found = calibrate(model, X, np.ones(len(X)), 0)[0].assign(X)
    lonely = found.segment[0]
    assert (found.segment[:400] == lonely).all()
    assert found.probability[:400].min() > 0.95
    assert found.probability[400:].mean() < found.probability[:400].mean() - 0.05


def test_who_is_far_from_everyone_is_an_outlier_and_keeps_the_nearest_segment() -> None:
    model, X = fitted()
    calibrated = calibrate(model, X, np.ones(len(X)), 0)[0]
    assert (calibrated.assign(X).kind == KINDS.index("outlier")).mean() < 0.01
    far = model.served_.centers[[0, 2]] + [[60.0, 60.0], [-70.0, 0.0]]
    found = calibrated.assign(far)
    assert [KINDS[kind] for kind in found.kind] == ["outlier", "outlier"]
    assert (found.segment == model.predict(far)).all()


def test_who_is_like_no_group_is_an_outlier_in_the_least_unlike_segment() -> None:
    X = overlapping(3, 2, 4.0, 1)(900, np.random.default_rng(0))
    model = GaussianMixture(3, unusual=0.05).fit(X)
    calibrated = calibrate(model, X, np.ones(len(X)), 0)[0]
    found = calibrated.assign(X)
    nowhere = found.cluster == -1
    assert 0 < nowhere.sum() < 90
    assert (found.kind[nowhere] == KINDS.index("outlier")).all()
    assert (found.segment == model.predict_proba(X).argmax(axis=1)).all()


def test_undecided_is_who_would_more_likely_than_not_be_elsewhere() -> None:
    model, X = fitted(k=5)
    found = calibrate(model, X, np.ones(len(X)), 0)[0].assign(X)
    undecided = found.kind == KINDS.index("undecided")
    assert undecided.any()
    assert (found.probability[undecided] < 0.5).all()
    assert (found.probability[found.kind == KINDS.index("learned")] >= 0.5).all()


def test_one_segment_is_kept_for_certain() -> None:
    X = np.random.default_rng(0).normal(size=(200, 3))
    calibrated, proof = calibrate(KMeans(1).fit(X), X, np.ones(200), 0)
    assert proof is None
    assert (calibrated.assign(X).probability == 1).all()
    assert (calibrated.predict_proba(X) == 1).all()


@pytest.mark.parametrize("rows", [[[0.0], [9.0]], [[0.0]] * 30 + [[9.0]], [[0.0], [9.0]] * 15])
def test_two_customers_and_duplicates_have_probabilities_too(rows: list[list[float]]) -> None:
    X = np.array(rows)
    calibrated, _ = calibrate(KMeans(2).fit(X), X, np.ones(len(X)), 0)
    found = calibrated.assign(X)
    assert np.isfinite(found.probability).all()
    assert (found.kind == KINDS.index("learned")).all()


def test_rows_that_cannot_be_parted_again_say_nothing() -> None:
    X = np.array([[0.0]] * 3000 + [[9.0]])
    calibrated, proof = calibrate(KMeans(2).fit(X), X, np.ones(len(X)), 0)
    assert np.isfinite(calibrated.assign(X).probability).all()
    assert proof is None or proof.refits < 10


def test_the_same_customers_and_seed_give_the_same_bits() -> None:
    model, X = fitted()
    one, other = (calibrate(model, X, np.ones(len(X)), 3)[0].to_arrays() for _ in range(2))
    assert {name: value.tobytes() for name, value in one.items()} == {
        name: value.tobytes() for name, value in other.items()
    }


def test_an_auto_clusterer_tells_probabilities_kinds_and_how_far_they_hold() -> None:
    X = overlapping(3, 4, 3.0, 3)(300, np.random.default_rng(1))
    model = AutoClusterer().fit(X)
    assert model.n_clusters_ > 1
    assert isinstance(model.served_, Calibrated)
    found = model.served_.assign(model.table_.transform(table_of(X)))
    assert (model.probabilities_ == found.probability).all()
    assert model.kinds_.tolist() == [KINDS[kind] for kind in found.kind]
    assert (model.predict_kind(X) == model.kinds_).all()
    assert model.reliability_ is not None
    assert model.reliability_.error <= model.reliability_.raw_error

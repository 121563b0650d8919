"""Planted groups come back and nobody moves; a cut cloud dissolves; what matters comes first."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import (
    DBSCAN,
    HDBSCAN,
    AutoClusterer,
    BayesianMixture,
    Clusterer,
    GaussianMixture,
    Hills,
    KMeans,
    KPrototypes,
    Merged,
    StabilityReport,
    Window,
    stability_over_time,
    stability_report,
)
from customer_atlas.clustering.stability import Probe, ProbeKind
from customer_atlas.clustering.stability.left_out import MOST, left_out
from customer_atlas.errors import ClusteringError
from tests.clustering.blobs import planted

__all__: list[str] = []


def probe(report: StabilityReport, kind: ProbeKind) -> Probe:
    found = report.probe(kind)
    assert found
    return found


@pytest.fixture(scope="module")
def cloud() -> StabilityReport:
    """One round cloud, cut into eight by k-means."""
    X = np.random.default_rng(0).normal(size=(600, 5))
    return KMeans(8, n_init=2).fit(X).stability(X)


def test_planted_groups_come_back_and_nobody_moves():
    X, _ = planted(4, 5, n=400, apart=6.0, seed=1)
    report = KMeans(4).fit(X).stability(X)
    for one in report.probes:
        assert one.lowest > 0.99
        assert one.ever < 0.01
        assert min(one.jaccard) > 0.98
    assert set(report.steady) == {"very stable"}
    assert report.verdict.startswith("Stable: all 4 segments come back")


def test_pieces_of_one_cloud_dissolve_and_the_verdict_says_so(cloud: StabilityReport):
    bootstrap, seeds = probe(cloud, "bootstrap"), probe(cloud, "seeds")
    assert len({one.rand for one in seeds.trials}) > 5, "each seed divides it in a way of its own"
    assert bootstrap.rand < 0.6
    assert bootstrap.ever > 0.7
    assert cloud.steady.count("dissolves") > 4
    assert cloud.verdict.startswith("Not stable: none of 8 segments")


def test_who_moves_had_been_less_sure(cloud: StabilityReport):
    X, _ = planted(3, 2, n=500, apart=2.0, seed=3)
    overlapping = GaussianMixture(3).fit(X).stability(X)
    for report in (cloud, overlapping):
        found = probe(report, "bootstrap")
        assert found.movers_sure is not None
        assert found.stayers_sure is not None
        assert found.movers_sure < found.stayers_sure - 0.05


def test_the_one_feature_that_tells_the_groups_apart_comes_first():
    draw = np.random.default_rng(2)
    X = draw.normal(size=(500, 4))
    X[:, 2] += np.repeat([-6.0, 6.0], 250)
    report = stability_report(KMeans(2).fit(X), X, names=["a", "b", "spend", "d"])
    first, *others = probe(report, "features").ranking
    assert first.label == "spend"
    assert first.rand < 0.1
    assert min(one.rand for one in others) > 0.99


def test_all_columns_of_a_feature_are_left_out_together():
    draw = np.random.default_rng(2)
    side = np.repeat([-6.0, 6.0], 250)
    X = draw.normal(size=(500, 3)) + np.stack([side, side, np.zeros(500)], axis=1)
    model = KMeans(2).fit(X)
    each = stability_report(model, X, names=["x", "y", "z"])
    both = stability_report(model, X, names=["plan", "plan", "z"])
    assert probe(each, "features").lowest > 0.99
    assert [one.label for one in probe(both, "features").trials] == ["plan", "z"]
    assert probe(both, "features").lowest < 0.1


def test_an_adjusted_rand_index_is_that_of_scikit_learn():
    X, _ = planted(3, 4, n=300, apart=1.5, seed=5)
    model = KMeans(3, random_state=0).fit(X)
    found = probe(stability_report(model, X), "features")
    for at, trial in enumerate(found.trials):
        rest = np.delete(X, at, axis=1)
        again = KMeans(3, random_state=0).fit(rest).predict(rest)
        assert trial.rand == pytest.approx(adjusted_rand_score(model.predict(X), again))


def test_the_same_customers_and_seed_give_the_same_report_and_another_seed_another():
    X, _ = planted(4, 4, n=400, apart=1.5)
    model = KMeans(4).fit(X)
    first = model.stability(X).to_dict()
    assert first == model.stability(X).to_dict()
    assert first != model.stability(X, seed=50).to_dict()


def test_the_model_is_left_as_it_was():
    X, _ = planted(3, 3, n=200)
    model = GaussianMixture(3).fit(X)
    before = model.predict_proba(X)
    model.stability(X)
    np.testing.assert_array_equal(model.predict_proba(X), before)


@pytest.mark.parametrize(
    "model",
    [
        GaussianMixture(3),
        BayesianMixture(4),
        Hills(),
        HDBSCAN(),
        HDBSCAN(everyone=True),
        DBSCAN(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_every_kind_of_algorithm_can_be_disturbed(model: Clusterer):
    X, _ = planted(3, 2, n=150, apart=9.0, seed=4)
    X[:4] = [[60, 60], [-60, 60], [60, -60], [-60, -60]]  # like no group
    report = stability_report(model.fit(X), X, seeds=2, draws=3)
    for one in report.probes:
        assert np.sum(one.flows) == pytest.approx(1.0)
        assert one.moved == pytest.approx(1.0 - np.trace(one.flows), abs=1e-9)
    assert probe(report, "seeds").rand > 0.9
    assert max(probe(report, "bootstrap").jaccard) > 0.95


def test_tables_with_categories_are_left_without_each_column():
    draw = np.random.default_rng(0)
    kind = draw.integers(0, 3, 200)
    known = np.where(draw.random(200) < 0.9, kind, 0)  # the plan of some is not what they pay
    table = pd.DataFrame(
        {
            "noise": draw.normal(size=200),
            "plan": np.array(["basic", "gold", "free"])[known],
            "spend": draw.normal(kind * 5.0),
        }
    )
    auto = AutoClusterer(max_clusters=4).fit(table)
    assert set(auto.table_.idle) == {"plan"}  # what they pay tells it, so it has no part
    assert _left(auto.stability(table)) == {"noise", "spend"}
    prototypes = probe(KPrototypes(3, n_init=3).fit(table).stability(table), "features")
    assert {one.label for one in prototypes.trials} == {"noise", "plan", "spend"}
    assert prototypes.ranking[-1].label == "noise"
    assert prototypes.ranking[-1].rand > 0.9


def test_categories_that_tell_of_each_other_are_left_out_together():
    draw = np.random.default_rng(0)
    kind = draw.integers(0, 2, 400)
    follow = [np.where(draw.random(400) < 0.9, kind, draw.integers(0, 2, 400)) for _ in range(4)]
    table = pd.DataFrame(
        {"noise": draw.normal(size=400)}
        | {f"habit {at}": np.array(["no", "yes"])[one] for at, one in enumerate(follow)}
    )
    auto = AutoClusterer(max_clusters=4).fit(table)
    assert _left(auto.stability(table)) == {"noise", "categories"}


def _left(report: StabilityReport) -> set[str]:
    return {one.label for one in probe(report, "features").trials}


def test_a_report_can_be_kept(cloud: StabilityReport):
    kept = json.loads(json.dumps(cloud.to_dict(), allow_nan=False))
    assert StabilityReport.from_dict(kept) == cloud


def test_what_cannot_be_compared_is_said():
    X, _ = planted(3, 2, n=100)
    one = KMeans(1).fit(X).stability(X)
    assert one.probes == ()
    assert one.verdict == "There is one segment, so there is nothing to compare."
    few = KMeans(2).fit(X[:19]).stability(X[:19])
    assert few.probes == ()
    assert few.verdict == "There are 19 customers; from 20 on stability can be looked at."
    with pytest.raises(ClusteringError, match="no stability to show. There are 19 customers"):
        few.plot()


def test_a_single_feature_is_not_left_out_and_it_says_so():
    X = np.concatenate([np.zeros(40), np.ones(40)])[:, None] + np.linspace(0, 0.1, 80)[:, None]
    report = stability_report(KMeans(2).fit(X), X, names=["spend"])
    assert report.probe("features") is None
    assert report.skipped == {
        "features": "There is one feature, spend, so there is none to leave out."
    }
    assert report.plot()


def test_customers_who_become_alike_without_a_feature_are_one_segment():
    X = np.column_stack([np.repeat([0.0, 9.0], 30), np.zeros(60)])
    report = stability_report(KMeans(2).fit(X), X, names=["spend", "nothing"])
    without = {one.label: one for one in probe(report, "features").trials}
    assert without["spend"].rand == 0.0
    assert without["spend"].moved == pytest.approx(0.5)
    assert without["nothing"].rand == 1.0


def test_past_thirty_features_packs_are_left_out_or_those_that_tell_most():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(90, 40)) * np.linspace(0.1, 1.0, 40)
    labels = np.repeat([0, 1, 2], 30)
    X[:, 7] += labels * 5
    names = [f"f{at}" for at in range(40)]
    packs, note = left_out(X, np.ones(90), labels, names, ["a"] * 15 + ["b"] * 25)
    assert [(name, len(columns)) for name, columns in packs] == [("a", 15), ("b", 25)]
    assert note == "There are 40 features, so each pack of them is left out whole."
    heaviest, note = left_out(X, np.ones(90), labels, names, ["a"] * 40)
    assert len(heaviest) == MOST
    assert heaviest[0][0] == "f7"
    assert "left out in turn are the 30" in note


def test_names_that_are_not_one_a_column_are_refused():
    X, _ = planted(2, 3, n=60)
    with pytest.raises(ClusteringError, match="Found 2 names for 3 columns"):
        stability_report(KMeans(2).fit(X), X, names=["a", "b"])


def test_who_behaved_differently_moved_and_the_structure_is_the_same():
    X, labels = planted(2, 3, n=200, apart=6.0, seed=1)
    model = KMeans(2).fit(X)
    then = X[40:].copy()
    inside = np.flatnonzero(labels[40:] == 1)[:24]
    then[inside] = X[labels == 0][:24]  # they were like the other group then
    behaviour, structure = stability_over_time(model, X, [Window("2024", then, np.arange(40, 200))])
    assert behaviour.moved == pytest.approx(24 / 160)
    assert behaviour.ever == pytest.approx(24 / 160)
    here, there = model.predict(X[labels == 0])[0], model.predict(X[labels == 1])[0]
    leaving = behaviour.leaving(int(here))
    assert leaving
    assert (leaving.to, leaving.most) == (there, 1.0)
    assert behaviour.leaving(int(there)) is None
    assert structure.rand > 0.99


def test_a_structure_that_was_not_there_is_not_found():
    X, _ = planted(2, 3, n=200, apart=6.0, seed=1)
    model = KMeans(2).fit(X)
    then = np.random.default_rng(0).normal(size=X.shape)
    then[:, 0] *= 9  # the only axis along which they differed then
    X[:, 0] = np.random.default_rng(1).normal(size=200)
    _, structure = stability_over_time(model, X, [Window("2024", then, np.arange(200))])
    assert structure.rand < 0.5


def test_the_picture_has_each_segment_by_each_probe_and_what_they_hang_on(cloud: StabilityReport):
    heat, bars = cloud.plot().data
    expected = np.array([one.jaccard for one in cloud.probes]).T
    np.testing.assert_allclose(np.array(heat.z, float), expected)
    assert list(bars.x) == [one.rand for one in probe(cloud, "features").ranking]


def test_clusters_that_are_one_segment_come_back_as_one():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(300, 2)) + np.repeat([[0, 0], [9, 0], [0, 9]], 100, axis=0)
    model = KMeans(3).fit(X)
    one = Merged(model.served_, np.array([0, 1, 1]))
    report = stability_report(model, X, served=one, seeds=3, draws=3)
    seeds = next(probe for probe in report.probes if probe.kind == "seeds")
    assert [trial.rand for trial in seeds.trials] == [1.0] * 3
    assert report.shares == pytest.approx((1 / 3, 2 / 3))

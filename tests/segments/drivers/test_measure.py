"""Planted drivers are found with their twins, noise is marked, and contributions add up."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.features import FeatureInfo
from customer_atlas.segments import (
    Drivers,
    Sampled,
    Surrogate,
    group_contrasts,
    measure_drivers,
    profile_buckets,
)

INFOS = (
    FeatureInfo("visits", "attributes", "count", "visits"),
    FeatureInfo("clicks", "attributes", "count", "clicks"),
    FeatureInfo("plan", "attributes", "category", "plan", kind="category"),
    FeatureInfo("luck", "attributes", "number", "luck"),
    FeatureInfo("moon", "attributes", "number", "moon"),
    FeatureInfo("tide", "attributes", "number", "tide"),
)
IDS = {0: "a", 1: "b", 2: "c"}


def planted(count: int = 1_200) -> tuple[pa.Table, np.ndarray]:
    """Customers whose cluster hangs on visits (which clicks repeat) and on the plan alone."""
    draw = np.random.default_rng(3)
    visits = draw.gamma(2.0, 10.0, count)
    pro = draw.random(count) < 0.4
    clusters = np.where(pro, 2, (visits > 18).astype(int)).astype(np.int64)
    unknown = draw.random(count) < 0.1
    columns = {
        "customer_id": [f"c{at:05d}" for at in range(count)],
        "visits": visits,
        "clicks": 3 * visits + draw.normal(0, 0.5, count),
        "plan": np.where(pro, "pro", "free"),
        "luck": pa.array(draw.normal(size=count), mask=unknown),
        "moon": draw.normal(size=count),
        "tide": draw.normal(size=count),
    }
    return pa.table(columns), clusters


def measured(table: pa.Table, clusters: np.ndarray) -> tuple[Drivers, Surrogate | None]:
    ones = np.ones(len(clusters))
    members = pa.table(
        {"customer_id": table["customer_id"], "cluster": clusters, "probability": ones,
         "distance": ones}
    )  # fmt: skip
    groups = group_contrasts(profile_buckets([(table, members)], INFOS), INFOS)
    return measure_drivers(Sampled(table, clusters, ones), INFOS, groups, IDS, seed=1)


@pytest.fixture(scope="module")
def found() -> tuple[Drivers, Surrogate]:
    drivers, trees = measured(*planted())
    assert trees is not None
    return drivers, trees


def test_what_was_planted_is_found_and_what_was_not_is_marked(
    found: tuple[Drivers, Surrogate],
) -> None:
    drivers, _ = found
    for segment in drivers.segments:
        told = {one.feature for one in segment.told}
        assert "plan" in told
        assert not told & {"luck", "moon", "tide"}
        assert all(one.why_noise for one in segment.drivers if one.feature in ("luck", "moon"))
    for name in ("a", "b"):
        one_of = drivers.of(name)
        assert one_of is not None
        assert {one.feature for one in one_of.told} & {"visits", "clicks"}
        assert sum(one.part for one in one_of.drivers) == pytest.approx(1.0)


def test_features_that_tell_the_same_are_told_together(found: tuple[Drivers, Surrogate]) -> None:
    drivers, trees = found
    assert trees.same == ((0, 1), (2,), (3,), (4,), (5,))
    by_name = {one.feature: one for one in drivers.segments[0].drivers}
    assert by_name["visits"].same == ("clicks",)
    assert by_name["clicks"].lost == by_name["visits"].lost > 0.1
    assert by_name["plan"].same == ()


def test_fidelity_is_high_where_segments_hang_on_features(
    found: tuple[Drivers, Surrogate],
) -> None:
    drivers, _ = found
    assert drivers.balanced is not None
    assert drivers.agreement is not None
    assert min(drivers.balanced, drivers.agreement) > 0.95
    assert drivers.guessing == pytest.approx(1 / 3)
    assert "held out" in drivers.fidelity
    assert drivers.held_out + drivers.learned_from == 1_200


def test_of_memberships_dealt_at_random_nothing_is_told() -> None:
    table, clusters = planted(900)
    dealt = np.random.default_rng(0).permutation(clusters)
    drivers, _ = measured(table, dealt)
    assert [one.told for one in drivers.segments] == [(), (), ()]
    assert drivers.balanced is not None
    assert abs(drivers.balanced - 1 / 3) < 0.1


def test_contributions_add_up_to_the_score_of_each_segment(
    found: tuple[Drivers, Surrogate],
) -> None:
    _, trees = found
    matrix = trees.matrix(planted()[0])[:200]
    parts, scores = trees.contributions(matrix), trees.scores(matrix)
    assert parts.shape == (200, 3, 7)
    np.testing.assert_allclose(parts.sum(axis=2), scores, atol=1e-9)
    np.testing.assert_allclose(scores.sum(axis=1), 0.0, atol=1e-9)


def test_the_effect_has_the_interval_of_its_large_sample_variance(
    found: tuple[Drivers, Surrogate],
) -> None:
    drivers, _ = found
    segment = drivers.of("b")
    assert segment is not None
    visits = next(one for one in segment.drivers if one.feature == "visits")
    assert visits.effect is not None
    assert visits.low is not None
    assert visits.high is not None
    _, clusters = planted()
    mine = int((clusters == 1).sum())
    rest = len(clusters) - mine
    variance = 1 / mine + 1 / rest + visits.effect**2 / (2 * (mine + rest))
    assert visits.high - visits.low == pytest.approx(2 * 1.96 * variance**0.5)
    assert visits.low < visits.effect < visits.high


def test_the_same_customers_give_the_same_bits(found: tuple[Drivers, Surrogate]) -> None:
    drivers, trees = measured(*planted())
    assert trees is not None
    assert drivers.to_dict() == found[0].to_dict()
    assert trees.to_dict() == found[1].to_dict()


def test_what_was_kept_is_read_back(found: tuple[Drivers, Surrogate]) -> None:
    drivers, trees = found
    assert Drivers.from_dict(json.loads(json.dumps(drivers.to_dict(), allow_nan=False))) == drivers
    again = Surrogate.from_dict(json.loads(json.dumps(trees.to_dict())), INFOS)
    matrix = trees.matrix(planted()[0])[:20]
    np.testing.assert_array_equal(again.contributions(matrix), trees.contributions(matrix))


def test_one_segment_has_no_drivers_and_says_so() -> None:
    table, clusters = planted(50)
    drivers, trees = measured(table, np.zeros_like(clusters))
    assert trees is None
    assert drivers.fidelity == "There is one segment: nothing tells it from another."


def test_of_a_segment_of_one_nothing_is_told_from_chance() -> None:
    table, clusters = planted(200)
    clusters = np.where(np.arange(200) == 7, 2, np.minimum(clusters, 1))
    drivers, _ = measured(table, clusters)
    alone = drivers.of("c")
    assert alone is not None
    assert (alone.found, alone.held, alone.told) == (None, 0, ())
    assert {one.why_noise for one in alone.drivers} == {
        "of one member nothing can be told from chance"
    }
    assert "too few to hold some out" in drivers.fidelity
    json.dumps(drivers.to_dict(), allow_nan=False)

"""Profiles: everything that is counted, against pandas, bucket by bucket."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.errors import ArtifactError
from customer_atlas.features import FeatureInfo
from customer_atlas.segments.effects import group_contrasts
from customer_atlas.segments.profile import profile_buckets
from tests.segments.shop import in_buckets

ONE = (FeatureInfo("x", "attributes", "number", "x"),)


def _members(ids, clusters, distances=None):
    count = len(ids)
    return pa.table(
        {
            "customer_id": pa.array(ids, pa.string()),
            "cluster": pa.array(clusters, pa.int32()),
            "probability": pa.array([0.5] * count),
            "distance": pa.array(distances or [1.0] * count),
        }
    )


def _features(ids, values, kind=None):
    return pa.table({"customer_id": pa.array(ids, pa.string()), "x": pa.array(values, kind)})


def test_figures_agree_with_pandas(tables, infos):
    features, members = tables
    groups = group_contrasts(profile_buckets(in_buckets(features, members, 3), infos), infos)
    frame = features.to_pandas().merge(members.to_pandas(), on="customer_id")
    revenue = frame.groupby("cluster")["monetary"].sum()
    assert [g.cluster for g in groups] == revenue.sort_values(ascending=False).index.tolist()
    for group in groups:
        mine = frame[frame["cluster"] == group.cluster]
        assert group.size == len(mine)
        assert group.revenue_share == pytest.approx(mine["monetary"].sum() / revenue.sum())
        assert group.head_ratio == pytest.approx(mine["monetary"].mean() / frame["monetary"].mean())
        assert group.probability == pytest.approx(mine["probability"].mean())
        nearest = mine.sort_values(["distance", "customer_id"])["customer_id"].head(5)
        assert group.typical == tuple(nearest)
        for name in ("discount_share", "trend_90d"):
            assert group.centroid[name] == pytest.approx(mine[name].mean())
        assert group.centroid["monetary"] == pytest.approx(mine["monetary"].median(), rel=0.004)
        assert group.centroid["city"] == mine["city"].mode()[0]


def test_buckets_do_not_change_what_is_counted(tables, infos):
    features, members = tables
    whole = profile_buckets([(features, members)], infos)
    parts = profile_buckets(in_buckets(features, members, 7), infos)
    np.testing.assert_array_equal(whole.sizes, parts.sizes)
    for name, number in whole.numbers.items():
        other = parts.numbers[name]
        np.testing.assert_array_equal(number.histogram.keys, other.histogram.keys)
        np.testing.assert_array_equal(number.histogram.counts, other.histogram.counts)
        np.testing.assert_allclose(number.plain.mean, other.plain.mean, rtol=1e-12)
        np.testing.assert_allclose(number.logged.squares, other.logged.squares, rtol=1e-9)
    assert whole.nearest.table.equals(parts.nearest.table)


def test_clusters_may_appear_in_some_buckets_only():
    first = _features(["a", "b"], [1.0, 2.0]), _members(["a", "b"], [2, 2])
    second = _features(["c", "d"], [10.0, 30.0]), _members(["c", "d"], [0, 2])
    groups = {g.cluster: g for g in group_contrasts(profile_buckets([first, second], ONE), ONE)}
    assert {c: g.size for c, g in groups.items()} == {0: 1, 2: 3}
    assert groups[2].centroid["x"] == pytest.approx(11.0)


def test_memberships_in_another_order_find_their_features():
    features = _features(["a", "b", "c"], [1.0, 2.0, 30.0])
    members = _members(["c", "a", "b"], [1, 0, 0])
    groups = {
        g.cluster: g for g in group_contrasts(profile_buckets([(features, members)], ONE), ONE)
    }
    assert groups[1].centroid["x"] == 30.0


@pytest.mark.parametrize("ids", [["a", "x"], ["a"], ["a", "b", "c"], ["a", "a"]])
def test_memberships_of_other_customers_are_refused(ids):
    with pytest.raises(ArtifactError, match="Run the segmentation again"):
        profile_buckets([(_features(["a", "b"], [1.0, 2.0]), _members(ids, [0] * len(ids)))], ONE)


def test_an_absent_column_is_named():
    table = _features(["a"], [1.0]).rename_columns({"customer_id": "customer_id", "x": "y"})
    with pytest.raises(ArtifactError, match="no column 'x'"):
        profile_buckets([(table, _members(["a"], [0]))], ONE)


def test_no_bucket_at_all_is_said():
    with pytest.raises(ArtifactError, match="no memberships"):
        profile_buckets([], ONE)


def test_customers_of_no_cluster_count_among_everyone_only():
    features = _features(["a", "b", "c", "d"], [1.0, 3.0, 100.0, 200.0])
    profile = profile_buckets([(features, _members(list("abcd"), [0, 0, -1, None]))], ONE)
    (group,) = group_contrasts(profile, ONE)
    assert (group.size, group.share, group.centroid["x"]) == (2, 0.5, 2.0)
    assert group.overall["x"] == pytest.approx(76.0)
    assert group.typical == ("a", "b")


@pytest.mark.parametrize(("zero", "expected"), [(True, 1.5), (False, 3.0)], ids=["none", "unknown"])
def test_a_missing_value_means_none_or_unknown_as_the_feature_says(zero, expected):
    infos = (FeatureInfo("x", "rfm", "share", "x", zero=zero),)
    features = _features(["a", "b", "c"], [3.0, None, float("nan")])
    profile = profile_buckets([(features, _members(["a", "b", "c"], [0, 0, 0]))], infos)
    (group,) = group_contrasts(profile, infos)
    # Not-a-number is no value either, yet it is not the null that means none.
    assert group.centroid["x"] == pytest.approx(expected)


@pytest.mark.parametrize("values", [pa.array([True, False]), pa.array([1, 0]), pa.nulls(2)])
def test_columns_of_other_types_are_read_as_numbers(values):
    features = pa.table({"customer_id": ["a", "b"], "x": values})
    (group,) = group_contrasts(
        profile_buckets([(features, _members(["a", "b"], [0, 0]))], ONE), ONE
    )
    assert group.centroid.get("x") == (None if values.null_count else 0.5)


def test_negative_totals_have_no_shares():
    infos = (FeatureInfo("monetary", "rfm", "money", "net spend", zero=True),)
    table = _features(["a", "b"], [5.0, -9.0]).rename_columns(
        {"customer_id": "customer_id", "x": "monetary"}
    )
    groups = group_contrasts(profile_buckets([(table, _members(["a", "b"], [0, 1]))], infos), infos)
    assert [g.revenue_share for g in groups] == [None, None]
    assert [g.cluster for g in groups] == [0, 1]


def test_a_segment_that_returns_more_than_it_buys_has_a_negative_share():
    infos = (FeatureInfo("monetary", "rfm", "money", "net spend", zero=True),)
    table = _features(["a", "b"], [50.0, -10.0]).rename_columns(
        {"customer_id": "customer_id", "x": "monetary"}
    )
    groups = group_contrasts(profile_buckets([(table, _members(["a", "b"], [0, 1]))], infos), infos)
    assert [g.revenue_share for g in groups] == [1.25, -0.25]

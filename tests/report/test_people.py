"""Who is looked at: evenly chosen, and the traits that tell them apart."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_atlas.errors import ArtifactError
from customer_atlas.features import FeatureInfo
from customer_atlas.report.people import People, Trait, traits_of
from tests.report.made import INFOS, made_people

NUMBER = FeatureInfo("x", "attributes", "number", "x")
CATEGORY = FeatureInfo("x", "attributes", "category", "x", kind="category")


def _buckets(ids: Sequence[Sequence[int]]) -> list[tuple[pa.Table, pa.Table]]:
    return [
        (
            pa.table({"customer_id": names, "x": np.array(bucket, dtype=float)}),
            pa.table({"customer_id": names, "cluster": np.array(bucket, dtype=int) % 3}),
        )
        for bucket in ids
        for names in [pa.array([f"c{i}" for i in bucket], pa.string())]
    ]


def _of(values: Sequence[object], info: FeatureInfo) -> list[Trait]:
    people = People(
        pa.table({"x": pa.array(values)}), np.zeros(len(values), dtype=np.int64), len(values)
    )
    return traits_of(people, [info])


def test_everyone_is_taken_where_they_are_few_and_each_keeps_their_segment():
    people = People.of(_buckets([[4, 1], [3, 5, 0]]), {0: 2, 1: 0, 2: 1}, 5)
    assert people.features["x"].to_pylist() == [4, 1, 3, 5, 0]
    assert people.segment.tolist() == [0, 0, 2, 1, 2]
    assert people.features.column_names == ["x"]


@settings(deadline=5_000)
@given(
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=6).filter(sum),
    most=st.integers(1, 50),
)
def test_of_many_every_nth_is_taken_across_buckets(sizes: list[int], most: int):
    total = sum(sizes)
    edges = np.cumsum([0, *sizes])
    ids = [list(range(a, b)) for a, b in itertools.pairwise(edges)]
    people = People.of(_buckets(ids), {0: 0, 1: 1, 2: 2}, total, most)
    step = -(-total // most)
    assert people.features["x"].to_pylist() == list(range(0, total, step))
    assert len(people) <= most


def test_features_of_others_than_the_members_are_refused():
    (features, members) = _buckets([[1, 2]])[0]
    with pytest.raises(ArtifactError, match="not of the same customers"):
        People.of([(features, members.take([1, 0]))], {0: 0, 1: 1, 2: 2}, 2)


def test_a_sample_keeps_the_shares_and_spares_small_segments():
    segment = np.repeat([0, 1, 2], [9_000, 990, 10])
    people = People(pa.table({"x": np.zeros(10_000)}), segment, 10_000)
    rows = people.sample(1_000)
    assert np.bincount(segment[rows]).tolist() == [900, 99, 10]
    assert len(np.unique(rows)) == len(rows)
    assert (people.sample(1_000) == rows).all()


def test_a_sample_of_fewer_than_asked_for_is_everyone():
    assert made_people(3, 50).sample(4_000).tolist() == list(range(50))


def test_a_number_is_a_trait_with_nan_for_unknown():
    (trait,) = _of([1.0, None, float("inf"), 4.0, 2.0], NUMBER)
    np.testing.assert_array_equal(trait.values, [1.0, np.nan, np.nan, 4.0, 2.0])


def test_missing_counts_as_none_where_the_feature_says_so():
    (trait,) = _of([1.0, None, 3.0], FeatureInfo("x", "rfm", "orders", "orders", zero=True))
    assert trait.values.tolist() == [1.0, 0.0, 3.0]


def test_what_is_the_same_for_everyone_is_no_trait():
    assert _of([2.0, 2.0, None], NUMBER) == []
    assert _of(["a", "a", None], CATEGORY) == []
    assert _of([None, None], CATEGORY) == []


def test_what_is_known_of_less_than_half_is_no_trait():
    assert _of([1.0, 2.0, None, None, None], NUMBER) == []
    assert _of(["a", "b", None, None, None], CATEGORY) == []


def test_zeros_and_ones_are_yes_and_no_and_their_unit_is_a_share():
    (trait,) = _of([0.0, 1.0, 1.0], NUMBER)
    assert trait.yes_no
    assert trait.unit == "share"
    (counted,) = _of([0.0, 1.0, 1.0], FeatureInfo("x", "rfm", "orders", "orders"))
    assert not counted.yes_no


def test_of_two_categories_one_is_shown_and_of_yes_and_no_it_is_yes():
    (trait,) = _of(["No", "No", "Yes"], CATEGORY)
    assert (trait.level, trait.values.tolist()) == ("Yes", [0.0, 0.0, 1.0])
    assert trait.label == "X: Yes"
    (trait,) = _of(["red", "blue", "red"], CATEGORY)
    assert trait.level == "red"


def test_rare_categories_are_left_out():
    levels = [one.level for one in _of(["a"] * 60 + ["b"] * 39 + ["c"], CATEGORY)]
    assert levels == ["a", "b"]


def test_skewed_numbers_are_compared_by_their_logarithm_and_keep_their_sign():
    values = [-5.0, *np.random.default_rng(0).lognormal(3, 1, 200)]
    (trait,) = _of(values, NUMBER)
    assert trait.log
    np.testing.assert_allclose(np.sign(trait.scaled()), np.sign(values))
    np.testing.assert_allclose(np.expm1(np.abs(trait.scaled())), np.abs(values))


def test_the_made_people_have_every_kind_of_trait():
    traits = traits_of(made_people(4, 240), INFOS)
    assert {one.yes_no for one in traits} == {one.log for one in traits} == {True, False}

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.design import design

__all__: list[str] = []

NUMBER = FeatureInfo("x", "rfm", "number", "x")
CATEGORY = FeatureInfo("x", "attributes", "category", "x", kind="category")


def fitted(values: np.ndarray, info: FeatureInfo = NUMBER) -> list[str]:
    return [column.name for column in design(info, values, np.ones(len(values)))[0]]


def shares(**counts: int) -> pa.Array:
    words = [None if level == "none" else level for level, n in counts.items() for _ in range(n)]
    return pa.array(words, pa.string())


@pytest.mark.parametrize(
    ("missing", "columns"), [(0, ["x"]), (4, ["x"]), (5, ["x", "x: missing"]),
                             (995, ["x", "x: missing"]), (996, []), (1000, [])]
)  # fmt: skip
def test_a_flag_is_kept_for_a_share_of_missing_that_tells_something(
    missing: int, columns: list[str]
) -> None:
    values = np.random.default_rng(0).normal(size=1000)
    values[:missing] = np.nan
    assert fitted(values) == columns


def test_what_means_none_is_zero_and_needs_no_flag() -> None:
    info = FeatureInfo("x", "rfm", "orders", "x", zero=True)
    values = np.array([np.nan, 1.0, 2.0, np.nan])
    (column,), _ = design(info, values, np.ones(4))
    zeros = np.nan_to_num(values)
    assert column.apply(values).tolist() == column.apply(zeros).tolist()


def test_what_is_unknown_gets_the_weighted_median() -> None:
    values = np.array([1.0, 2.0, 5.0, np.nan])
    column = design(NUMBER, values, np.array([1.0, 1.0, 3.0, 1.0]))[0][0]
    assert column.apply(values)[3] == column.apply(np.array([5.0]))[0]


def test_the_tails_are_cut_at_the_outer_half_percents() -> None:
    values = np.r_[np.arange(1000.0), 1e9]
    column = design(NUMBER, values, np.ones(1001))[0][0]
    assert (column.low, column.high) == (5.0, 995.0)
    assert column.apply(np.array([1e9])) == column.apply(np.array([995.0]))


def test_tails_are_not_cut_where_nothing_would_be_left_and_none_lies_too_far() -> None:
    values = np.r_[np.zeros(998), 1.0, 1.0]
    column = design(NUMBER, values, np.ones(1000))[0][0]
    apart = column.apply(np.array([1.0, 0.0]))
    assert 0 < apart[0] - apart[1] <= 6.1


@pytest.mark.parametrize(("log", "draw"), [
    (True, lambda r: np.exp(r.normal(3, 1, 5000))),
    (True, lambda r: -np.exp(r.normal(3, 1, 5000))),
    (False, lambda r: r.normal(50, 5, 5000)),
    (False, lambda r: r.uniform(0, 1, 5000)),
    (False, lambda r: 100 - np.exp(r.normal(0, 1, 5000))),
])  # fmt: skip
def test_the_logarithm_is_taken_where_it_mends_the_skew(log: bool, draw: object) -> None:
    assert callable(draw)
    values = draw(np.random.default_rng(0))
    assert design(NUMBER, values, np.ones(5000))[0][0].log is log


def test_known_values_have_mean_zero_and_deviation_one() -> None:
    values = np.random.default_rng(0).normal(50, 7, 3000)
    values[:1000] = np.nan
    known = design(NUMBER, values, np.ones(3000))[0][0].apply(values)[1000:]
    assert (known.mean(), known.std()) == pytest.approx((0.0, 1.0))


def test_levels_need_two_percent_and_the_rest_are_other() -> None:
    values = shares(red=600, blue=360, green=20, grey=19, none=1)
    assert fitted(values, CATEGORY) == ["x: red", "x: blue", "x: green", "x: other"]


def test_at_most_eight_levels_are_kept_the_most_frequent_first() -> None:
    values = shares(**{f"level{i}": 100 - i for i in range(12)})
    assert fitted(values, CATEGORY) == [*(f"x: level{i}" for i in range(8)), "x: other"]


def test_a_category_never_seen_is_other_and_a_missing_one_says_nothing() -> None:
    values = shares(red=50, blue=30, none=20)
    columns, _ = design(CATEGORY, values, np.ones(100))
    asked = pa.array(["red", "violet", None])
    found = {column.name: column.apply(asked) for column in columns}
    assert found["x: red"][0] > 0 > found["x: red"][1]
    assert found["x: red"][2] == found["x: blue"][2] == 0
    assert found["x: missing"].tolist() == pytest.approx([-0.2, -0.2, 0.8])


@pytest.mark.parametrize("levels", [2, 3, 8])
def test_a_category_weighs_like_one_number(levels: int) -> None:
    values = shares(**{f"level{i}": 100 for i in range(levels)})
    columns, _ = design(CATEGORY, values, np.ones(100 * levels))
    assert sum(column.apply(values).var() for column in columns) == pytest.approx(1.0)


def test_a_category_that_hardly_varies_is_not_blown_up() -> None:
    values = shares(yes=970, no=30)
    columns, _ = design(CATEGORY, values, np.ones(1000))
    assert sum(column.apply(values).var() for column in columns) < 0.3


def test_a_category_with_one_level_goes() -> None:
    columns, dropped = design(CATEGORY, shares(yes=998, no=2), np.ones(1000))
    assert columns == []
    assert dropped[0].reason == "the same for nearly every customer"


def test_a_constant_with_gaps_keeps_only_what_its_absence_says() -> None:
    columns, dropped = design(NUMBER, np.array([3.0, 3.0, np.nan]), np.ones(3))
    assert [column.name for column in columns] == ["x: missing"]
    assert dropped[0].reason == "the same for every customer"

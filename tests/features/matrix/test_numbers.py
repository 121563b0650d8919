from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.preprocessing import PowerTransformer, RobustScaler, StandardScaler

from customer_atlas.config import Steps
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.columns import Column
from customer_atlas.features.matrix.design import design

__all__: list[str] = []

NUMBER = FeatureInfo("x", "rfm", "number", "x")
N = 4001  # quartiles of so many are values that occur
PLAIN = Steps(skew="none", winsorise=0.0)


def column(values: np.ndarray, steps: Steps) -> Column:
    return design(NUMBER, values, np.ones(len(values)), steps)[0][0]


def applied(values: np.ndarray, steps: Steps) -> np.ndarray:
    return column(values, steps).apply(values)


def test_robust_scale_equals_scikit_learns() -> None:
    values = np.random.default_rng(0).gamma(3, 10, N)
    theirs = RobustScaler(unit_variance=True).fit_transform(values[:, None])[:, 0]
    ours = applied(values, Steps(skew="none", winsorise=0.0, scale="robust"))
    # They take the normal distribution's interquartile range, we its usual rounding, 1.349.
    factor = 1.349 / (2 * stats.norm.ppf(0.75))
    assert np.abs(theirs).max() < 6
    assert ours == pytest.approx(theirs * factor, rel=1e-9, abs=1e-12)


def test_robust_scale_of_what_mostly_is_one_value_falls_back_to_the_deviation() -> None:
    values = np.r_[np.zeros(900), np.arange(1.0, 102.0)]
    column_ = column(values, Steps(skew="none", winsorise=0.0, scale="robust"))
    assert column_.center == 0.0
    assert 1 / column_.factor == pytest.approx(values.std(), rel=0.3)


def test_standard_scale_equals_scikit_learns() -> None:
    values = np.random.default_rng(0).normal(5, 3, N)
    theirs = StandardScaler().fit_transform(values[:, None])[:, 0]
    assert applied(values, PLAIN) == pytest.approx(theirs)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.24])
def test_the_share_that_is_asked_for_is_cut_at_each_end(share: float) -> None:
    values = np.arange(1000.0)
    found = column(values, Steps(winsorise=share))
    assert (found.low, found.high) == (max(0, 1000 * share - 1), 1000 * (1 - share) - 1)


def test_uncut_tails_still_keep_new_customers_within_what_was_seen() -> None:
    found = column(np.arange(1000.0), PLAIN)
    assert found.apply(np.array([1e300])) == found.apply(np.array([999.0]))


@pytest.mark.parametrize("skew", ["auto", "log", "yeo-johnson", "none"])
def test_skew_is_mended_as_asked(skew: str) -> None:
    values = np.exp(np.random.default_rng(0).normal(2, 0.2, N))  # hardly skewed
    ours = applied(values, Steps(skew=skew, winsorise=0.0))  # type: ignore[arg-type]
    expected = {
        "auto": values,
        "log": np.log1p(values),
        "yeo-johnson": PowerTransformer(standardize=False).fit_transform(values[:, None])[:, 0],
        "none": values,
    }[skew]
    assert ours == pytest.approx((expected - expected.mean()) / expected.std(), abs=1e-4)


def test_a_constant_that_fills_gaps_is_learnt_of_like_any_value() -> None:
    values = np.r_[np.arange(10.0, 70.0), np.full(40, np.nan)]
    steps = Steps(skew="none", winsorise=0.0, impute="constant", impute_value=-5.0)
    columns, _ = design(NUMBER, values, np.ones(100), steps)
    filled = np.where(np.isnan(values), -5.0, values)
    assert [each.name for each in columns] == ["x", "x: missing"]
    assert columns[0].apply(values) == pytest.approx((filled - filled.mean()) / filled.std())


def test_a_power_that_would_leave_no_difference_is_not_taken() -> None:
    values = np.r_[np.full(500, 1e15), np.full(500, 1e15 + 2)]
    found = applied(values, Steps(skew="yeo-johnson", winsorise=0.0))
    assert np.isfinite(found).all()
    assert found.std() == pytest.approx(1.0)

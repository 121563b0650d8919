from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from customer_atlas.config import Transforms
from customer_atlas.errors import FeatureError
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.design import design
from customer_atlas.features.matrix.outliers import Detector

__all__: list[str] = []

N = 4000


def values(seed: int = 0) -> dict[str, np.ndarray]:
    """A normal, a skewed and a patchy number, with five customers who are far off."""
    draw = np.random.default_rng(seed)
    made = {
        "normal": draw.normal(50, 5, N),
        "skewed": np.exp(draw.normal(3, 1, N)),
        "patchy": np.where(draw.random(N) < 0.3, np.nan, draw.normal(0, 1, N)),
    }
    made["normal"][:3] = (200, -200, 90)
    made["skewed"][2:5] = 1e9
    return made


def detector(rule: Mapping[str, object], weights: np.ndarray | None = None, **settings) -> Detector:
    transforms = Transforms.model_validate({"outliers": rule, **settings})
    weights = np.ones(N) if weights is None else weights
    columns = [
        column
        for name, own in values().items()
        for column in design(
            FeatureInfo(name, "rfm", "number", name), own, weights, transforms.of(name)
        )[0]
    ]
    found = Detector.learn(columns, values(), weights, transforms)
    assert found is not None
    return found


def far(name: str, limit: float, *, cut: float = 0.005) -> np.ndarray:
    """Where a number is farther from its mean than the limit, by the formula that is told."""
    own = values()[name]
    known = own[~np.isnan(own)]
    low, high = np.quantile(known, (cut, 1 - cut), method="inverted_cdf")
    scale = np.log1p if name == "skewed" else np.asarray
    mean, deviation = (
        scale(np.clip(known, low, high)).mean(),
        scale(np.clip(known, low, high)).std(),
    )
    return np.asarray(np.abs((scale(own) - mean) / deviation) > limit)


@pytest.mark.parametrize("limit", [3.0, 4.0, 6.0])
def test_z_scores_are_taken_on_the_scale_of_the_design_before_tails_are_cut(limit: float) -> None:
    found = detector({"find": "z-score", "limit": limit}).found(values())
    expected = far("normal", limit) | far("skewed", limit) | far("patchy", limit)
    assert (found == expected).all()
    assert found[:5].all()


def test_capped_numbers_lie_at_the_limit_and_the_others_stay() -> None:
    made = detector({"find": "z-score", "limit": 4}).capped(values())
    for name, own in values().items():
        beyond = far(name, 4.0)
        assert (made[name][~beyond] == own[~beyond]).sum() == (~beyond & ~np.isnan(own)).sum()
    low, high = np.quantile(values()["normal"], (0.005, 0.995), method="inverted_cdf")
    cut = np.clip(values()["normal"], low, high)
    assert made["normal"][:2] == pytest.approx(cut.mean() + np.array([4, -4]) * cut.std())
    assert np.isfinite(made["skewed"]).all()
    assert np.isnan(made["patchy"]).sum() == np.isnan(values()["patchy"]).sum()


@pytest.mark.parametrize("skew", ["log", "yeo-johnson", "none"])
def test_a_number_that_was_capped_is_no_outlier_any_more(skew: str) -> None:
    made = detector({"find": "z-score", "limit": 4}, skew=skew)
    rounded = replace(made, limit=4 + 1e-9)
    assert not rounded.found(made.capped(values())).any()
    assert made.found(values())[:5].all()


def test_with_robust_scale_the_z_score_is_of_median_and_quartiles() -> None:
    found = detector({"find": "z-score", "limit": 4}, scale="robust", skew="none")
    own = values()["normal"]
    low, middle, high = np.quantile(own, (0.25, 0.5, 0.75), method="inverted_cdf")
    assert found.columns[0].center == middle
    assert 1 / found.columns[0].factor == pytest.approx((high - low) / 1.349)


@pytest.mark.parametrize("share", [0.01, 0.05])
def test_the_forest_finds_the_share_that_is_expected(share: float) -> None:
    weights = np.random.default_rng(3).uniform(0.5, 3, N)
    found = detector({"find": "isolation-forest", "limit": share}, weights).found(values())
    assert weights[found].sum() / weights.sum() == pytest.approx(share, rel=0.05)
    assert found[2]  # who is far in two ways


def test_the_forest_caps_outlying_customers_to_what_the_others_have() -> None:
    made = detector({"find": "isolation-forest"})
    found, capped = made.found(values()), made.capped(values())
    for name, own in values().items():
        others = own[~found]
        assert np.array_equal(capped[name][~found], others, equal_nan=True)
        assert np.nanmax(capped[name][found]) <= np.nanmax(others)
        assert np.nanmin(capped[name][found]) >= np.nanmin(others)
    assert capped["skewed"][2] == np.nanmax(values()["skewed"][~found])


def test_an_unknown_number_makes_nobody_an_outlier() -> None:
    rule = {"find": "z-score", "limit": 3}
    constant = detector(rule, features={"patchy": {"impute": "constant", "impute_value": -999}})
    unknown = np.isnan(values()["patchy"])
    usual = ~(far("normal", 3) | far("skewed", 3))
    assert not constant.found(values())[unknown & usual].any()


def test_when_most_are_outliers_the_limit_is_refused() -> None:
    with pytest.raises(FeatureError, match="of the customers are outliers by z-score with"):
        detector({"find": "z-score", "limit": 0.1})


def test_numbers_that_do_not_differ_make_no_detector() -> None:
    transforms = Transforms.model_validate({"outliers": {"find": "isolation-forest"}})
    assert Detector.learn([], {}, np.ones(3), transforms) is None


def test_absurd_numbers_are_outliers_and_no_error() -> None:
    for rule in ({"find": "z-score"}, {"find": "isolation-forest"}):
        made = detector(rule, skew="none")
        asked = {name: np.array([1e308, -1e308, 0.0]) for name in values()}
        assert made.found(asked)[:2].all()
        assert np.isfinite(np.stack(list(made.capped(asked).values()))).all()

"""A planted leakage is taken out along a straight line, and what that costs is told."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from customer_atlas.clustering import Recipe
from customer_atlas.segments.fairness import Groups, People, mitigation
from customer_atlas.segments.fairness.mitigation import decorrelated
from customer_atlas.segments.fairness.telling import say_mitigation

__all__: list[str] = []


def _planted(seed: int = 0) -> People:
    """Two columns of customers: one is their group, the other divides them into three."""
    draw = np.random.default_rng(seed)
    count = 600
    codes, kind = draw.integers(0, 2, count), draw.integers(0, 3, count)
    points = np.column_stack(
        [8.0 * codes + draw.normal(size=count), 6.0 * kind + draw.normal(size=count)]
    )
    recipe = Recipe.of("KMeans", n_clusters=6)
    places = recipe.clusterer(0).fit(points).labels_.astype(np.int64)
    groups = Groups("gender", ("f", "m"), codes)
    return People(points, places, groups, kind + draw.normal(size=count))


def test_residuals_are_those_of_least_squares() -> None:
    draw = np.random.default_rng(1)
    codes = draw.integers(-1, 3, 90)
    numbers = np.where(codes < 0, np.nan, draw.normal(size=90) + codes)
    points = draw.normal(size=(90, 4)) + codes[:, None]
    known = np.eye(4)[codes + 1]
    line = np.where(np.isnan(numbers), 0.0, numbers)
    design = np.column_stack([known, line])
    model = LinearRegression(fit_intercept=False).fit(design, points)
    expected = points - model.predict(design) + points.mean(axis=0)
    groups = Groups("age", ("a", "b", "c"), codes, "", numbers)
    assert decorrelated(points, groups) == pytest.approx(expected)


def test_a_planted_leakage_is_removed_and_its_cost_is_told() -> None:
    people = _planted()
    other = Recipe.of("KMeans", n_clusters=3)
    found = mitigation(people, Recipe.of("KMeans", n_clusters=6), lambda _: (other, "three"))
    before, (same, own) = found.before, found.after
    assert before.rand == pytest.approx(1.0)
    assert before.segments_tell.auc.value > 0.98
    assert before.lines_tell.auc.value > 0.98
    for after in (same, own):
        assert after.lines_tell.auc.value == pytest.approx(0.5, abs=0.06)
        assert after.features_tell.auc.value == pytest.approx(0.5, abs=0.12)
        assert after.segments_tell.auc.value == pytest.approx(0.5, abs=0.06)
        assert after.rand < 0.7
        assert after.gap < 0.15 < before.gap
        assert after.effect < 0.1 < before.effect
    assert (same.segments, own.segments) == (6, 3)
    assert own.silhouette > 0.6
    assert own.stability > 0.95
    assert own.revenue
    assert before.revenue
    assert own.revenue == pytest.approx(before.revenue, abs=0.05)
    told = say_mitigation(found)
    assert told.startswith("Without gender the same algorithm")
    assert "straight line" not in told


def test_a_relation_that_is_no_line_stays_and_is_said_to() -> None:
    draw = np.random.default_rng(3)
    codes = draw.integers(0, 2, 500)
    sign = np.where(draw.random(500) < 0.5, -1.0, 1.0)
    points = (np.where(codes == 0, 0.0, 9.0 * sign) + draw.normal(size=500))[:, None]
    recipe = Recipe.of("KMeans", n_clusters=3)
    places = recipe.clusterer(0).fit(points).labels_.astype(np.int64)
    people = People(points, places, Groups("gender", ("f", "m"), codes), None)
    found = mitigation(people, recipe, lambda _: (None, "There is nothing."))
    assert found.after[0].segments_tell.auc.low > 0.9
    assert found.after[0].revenue is None
    assert "does not go along a straight line" in say_mitigation(found)
    assert found.note == "The search finds no segments of its own. There is nothing."


def test_the_same_is_found_again_to_the_bit() -> None:
    recipe = Recipe.of("KMeans", n_clusters=4)
    first, second = (mitigation(_planted(), recipe, lambda _: (recipe, "")) for _ in range(2))
    assert first == second
    assert len(first.after) == 1

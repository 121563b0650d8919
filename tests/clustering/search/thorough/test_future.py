from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import r2_score

from customer_atlas.clustering import Future, FutureOutcome
from customer_atlas.clustering.search.thorough.future import explained

__all__: list[str] = []


def test_what_segments_explain_is_r2_out_of_sample() -> None:
    draw = np.random.default_rng(0)
    labels, seen = draw.integers(0, 3, 500), draw.random(500) < 0.5
    values = labels * 2.0 + draw.normal(size=500)
    means = np.array([values[seen & (labels == j)].mean() for j in range(3)])
    # The same variance that is left, against the mean of those seen.
    left = ((values[~seen] - means[labels[~seen]]) ** 2).sum()
    total = ((values[~seen] - values[seen].mean()) ** 2).sum()
    assert explained(values, labels, seen, 3) == pytest.approx(1 - left / total)
    assert explained(values, labels, seen, 3) == pytest.approx(
        r2_score(values[~seen], means[labels[~seen]]), abs=0.01
    )


def test_of_yes_or_no_it_is_briers_skill_score() -> None:
    seen = np.array([True] * 8 + [False] * 4)
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1])
    values = np.array([0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1.0])
    brier, base = np.mean([0.25**2] * 4), np.mean([0.5**2] * 4)
    assert explained(values, labels, seen, 2) == pytest.approx(1 - brier / base)


def test_chance_tells_nothing_and_unknown_outcomes_count_nowhere() -> None:
    draw = np.random.default_rng(1)
    labels, seen = draw.integers(0, 2, 4000), draw.random(4000) < 0.5
    values = draw.normal(size=4000)
    assert abs(explained(values, labels, seen, 2)) < 0.01
    values = np.where(labels == 1, 5.0, 1.0)
    values[::3] = np.nan
    assert explained(values, labels, seen, 2) == pytest.approx(1.0)
    assert explained(np.full(4000, np.nan), labels, seen, 2) == 0.0


def test_segments_nobody_was_seen_in_and_unusual_customers_are_foretold_all_the_same() -> None:
    seen = np.array([True, True, True, False, False, False])
    labels = np.array([0, 0, -1, 0, 1, -1])
    values = np.array([1.0, 1.0, 4.0, 1.0, 2.0, 4.0])
    assert explained(values, labels, seen, 2) == pytest.approx(1.0)


def test_what_is_told_is_measured_against_the_reference_and_averaged() -> None:
    labels = np.tile([0, 1], 100)
    half = np.repeat([0, 1], 100)
    values = labels.astype(float)
    nothing = np.tile([0.0, 0.0, 1.0, 1.0], 50)
    future = Future(
        np.zeros((200, 1)), half,
        (FutureOutcome("a", values, 0.5), FutureOutcome("b", nothing, 0.4)), "",
    )  # fmt: skip
    assert future.told(0, labels, 2) == pytest.approx(0.5)
    useless = FutureOutcome("c", nothing, 0.001)
    alone = Future(np.zeros((200, 1)), half, (FutureOutcome("a", values, 0.5), useless), "")
    assert [one.name for one in alone.telling] == ["a"]
    assert alone.told(1, labels, 2) == 1.0
    assert Future(np.zeros((200, 1)), half, (useless,), "").told(0, labels, 2) == 0.0

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from customer_atlas.features.selection import ranking as ranking_module
from customer_atlas.features.selection.customers import Array, Column
from customer_atlas.features.selection.models import FOLDS, HeldOut, Target, held_out
from customer_atlas.features.selection.ranking import Ranking, rank_features
from customer_atlas.features.selection.selection import CurvePoint
from tests.features.selection.columns import category, number


def world(seed: int, n: int = 2000) -> tuple[list[Column], list[tuple[str, Array]]]:
    """A strong number and a weak yes or no that tell, beside noise of many and of few values."""
    rng = np.random.default_rng(seed)
    strong, weak = rng.normal(size=n), (rng.random(n) < 0.4).astype(float)
    columns = [
        number(rng.normal(size=n), "noise"),
        category([f"{code:03}" for code in rng.integers(0, 200, n)], "shop"),
        number(weak, "weak"),
        number(rng.random(n) < 0.5, "coin"),
        number(strong, "strong"),
    ]
    active = (rng.random(n) < 1 / (1 + np.exp(-1.2 * strong - 1.5 * weak))).astype(float)
    return columns, [("active", active), ("spend", active * np.exp(rng.normal(3, 1, n)))]


def ranked(found: Ranking) -> list[str]:
    assert found.ranked is not None
    return [one.name for one in found.ranked]


def test_noise_of_many_values_ranks_below_what_tells_a_little(
    proof_count: Callable[[int, int], int],
) -> None:
    for seed in range(proof_count(4, 50)):
        found = rank_features(*world(seed), eliminate=False, seed=seed)
        assert ranked(found)[:2] == ["strong", "weak"]
        assert found.ranked is not None
        assert sum(one.importance for one in found.ranked[2:]) < 0.05


def test_the_fewest_within_one_standard_error_of_the_best_are_recommended() -> None:
    found = rank_features(*world(1), eliminate=True, seed=0)
    assert found.recommended == ("weak", "strong")
    assert [point.features for point in found.curve] == [5, 4, 3, 2, 1]
    best = max(found.curve, key=lambda point: point.score)
    assert found.curve[3].score >= best.score - best.error
    assert found.curve[4].score < best.score - best.error


def test_one_standard_error_is_that_of_the_best_and_the_fewest_features_win() -> None:
    scores = [0.70, 0.73, 0.69, 0.721, 0.719]
    errors = [0.05, 0.01, 0.05, 0.0, 0.05]
    curve = [
        CurvePoint(5 - place, score, error)
        for place, (score, error) in enumerate(zip(scores, errors, strict=True))
    ]
    assert ranking_module._fewest(curve) == 3


def test_what_a_shuffle_costs_counts_beyond_one_standard_error() -> None:
    sure, unsure, harmful = [0.1] * FOLDS, [0.1, -0.05, 0.0, 0.0, 0.0], [-0.1] * FOLDS
    lost = np.array([sure, unsure, harmful]).T[:, None, :]
    found = HeldOut(np.full((FOLDS, 1), 0.7), lost)
    assert ranking_module._importance(found) == pytest.approx([0.1, 0, 0])


def test_an_outcome_that_nothing_tells_is_left_out_and_named() -> None:
    columns, (active, _) = world(2)
    luck = np.random.default_rng(0).normal(size=2000)
    found = rank_features(columns, [active, ("luck", luck)], eliminate=False, seed=0)
    assert "(active)" in found.note
    assert "held-out score, AUC, is" in found.note
    assert found.note.endswith("Not told better than chance: luck.")


def test_the_score_is_held_out() -> None:
    """Trees that may look at what they are judged on would tell luck from an id."""
    n = 1000
    luck = np.random.default_rng(4).normal(size=n)
    matrix = np.random.default_rng(5).normal(size=(n, 20))
    fold = np.arange(n) % FOLDS
    found = held_out(matrix, [], [Target("luck", luck, binary=False)], fold, 0)
    assert found.scores.mean() < 0.02


def test_another_seed_measures_nearly_the_same() -> None:
    columns, outcomes = world(3)
    one, two = (rank_features(columns, outcomes, eliminate=False, seed=seed) for seed in (0, 1))
    assert one.ranked is not None
    assert two.ranked is not None
    assert one.ranked != two.ranked
    assert ranked(one)[:2] == ranked(two)[:2]
    assert one.ranked[0].importance == pytest.approx(two.ranked[0].importance, abs=0.1)


def test_the_active_and_the_others_are_dealt_evenly_to_the_folds() -> None:
    active = np.zeros(1000)
    active[: 23 * FOLDS : FOLDS] = 1
    fold = ranking_module._folds(active)
    assert sorted(np.bincount(fold[active > 0])) == [4, 4, 5, 5, 5]
    assert set(np.bincount(fold)) == {200}

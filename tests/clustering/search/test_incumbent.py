"""What serves stays where it is about as good as the best, and goes where it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from customer_atlas.clustering.search.incumbent import keeping
from customer_atlas.clustering.search.leaderboard import Entry
from customer_atlas.clustering.search.objective import Choosing
from customer_atlas.clustering.search.recipe import Recipe

MEANS = Recipe.of("KMeans", n_clusters=5)
MIXTURE = Recipe.of("GaussianMixture", n_clusters=4, covariance="full")


def entry(recipe: Recipe, score: float, verdict: str = "fewer", **changed: Any) -> Entry:
    settings = dict(recipe.settings)
    one = Entry(
        recipe.algorithm, settings, recipe.title, settings["n_clusters"], score,
        0.9, 2.0, 4, 0.0, 0.1, 0.3, verdict,
    )  # fmt: skip
    return replace(one, **changed)


def chosen(*entries: Entry) -> Choosing:
    return Choosing(entries, MEANS, "5 segments.")


def test_what_serves_stays_where_the_best_is_hardly_better() -> None:
    found = keeping(chosen(entry(MEANS, 4.8, "chosen"), entry(MIXTURE, 4.0)), MIXTURE, 0.01)
    assert found.recipe == MIXTURE
    assert [one.title for one in found.entries if one.chosen] == [MIXTURE.title]
    assert "4.8 usable segments against 4.0" in found.reason
    assert "not clearly better" in found.entries[0].verdict


@pytest.mark.parametrize(
    "there",
    [
        entry(MIXTURE, 3.7),  # a usable segment less
        entry(MIXTURE, 4.0, dissolving=0.4),
        entry(MIXTURE, 4.0, smallest_share=0.001),
        entry(MIXTURE, 4.0, stability=0.6),
        entry(MIXTURE, 0.0),
        entry(replace(MIXTURE, settings=(("n_clusters", 6), ("covariance", "full"))), 4.0),
    ],
    ids=["worse", "dissolves", "too small", "unstable", "unusable", "another number"],
)
def test_what_serves_goes_where_it_is_no_longer_as_good(there: Entry) -> None:
    before = chosen(entry(MEANS, 4.8, "chosen"), there)
    assert keeping(before, MIXTURE, 0.01) == before


def test_nothing_changes_without_one_that_serves_or_where_it_won() -> None:
    before = chosen(entry(MEANS, 4.8, "chosen"), entry(MIXTURE, 4.0))
    assert keeping(before, None, 0.01) == before
    assert keeping(before, MEANS, 0.01) == before

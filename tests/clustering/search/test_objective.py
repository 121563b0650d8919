from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from customer_atlas.clustering.rule import KScore
from customer_atlas.clustering.search.candidate import Tried
from customer_atlas.clustering.search.leaderboard import Entry
from customer_atlas.clustering.search.objective import Choosing, by_borders, by_models
from customer_atlas.clustering.search.recipe import Recipe

__all__: list[str] = []

_SHARE = 0.01


def one(
    k: int, algorithm: str = "KMeans", *, back: float | list[float] = 1.0,
    apart: float | Sequence[float] = 1.0, shares: list[float] | None = None, **facts: Any,
) -> Tried:  # fmt: skip
    """A division into k segments: all come back and stand apart, unless it is said."""
    settings: dict[str, Any] = {"n_clusters": k} if algorithm in ("KMeans",) else {}
    if algorithm == "GaussianMixture":
        settings = {"n_clusters": k, "covariance": "full"}
    return Tried(
        Recipe.of(algorithm, **settings), k, facts.pop("stability", 1.0), 0.0,
        np.broadcast_to(back, k).astype(float), np.broadcast_to(apart, k).astype(float),
        np.array(shares or [1 / k] * k), facts.pop("silhouette", 0.5), **facts,
    )  # fmt: skip


def means(k: int, score: float, verdict: str = "fewer usable segments") -> KScore:
    return KScore(
        k=k, stability=0.9, stability_error=0.0, silhouette=0.4, silhouette_error=0.0, apart=k,
        shading=0, dissolving=0.0, smallest_share=1 / k, inertia=1.0, score=score, verdict=verdict,
    )  # fmt: skip


def verdict(found: Choosing, of: Tried) -> str:
    return next(
        entry.verdict
        for entry in found.entries
        if (entry.algorithm, entry.k) == (of.recipe.algorithm, of.k)
    )


def entry(found: Choosing, of: Tried) -> Entry:
    return next(each for each in found.entries if each.algorithm == of.recipe.algorithm)


class TestByBorders:
    """Few columns."""

    def test_the_most_usable_segments_win(self) -> None:
        three, five, four = one(3), one(5), one(4, "HDBSCAN")
        found = by_borders([three, five, four], _SHARE)
        assert found.recipe == five.recipe
        assert verdict(found, five) == "chosen"
        assert verdict(found, four) == "fewer usable segments: 4.00 against 5.00"
        assert [entry.chosen for entry in found.entries].count(True) == 1

    def test_the_components_of_a_mixture_that_explains_everybody_need_no_valleys(self) -> None:
        blurred, parted = one(4, "GaussianMixture", apart=0.2, fits=True), one(3)
        assert by_borders([blurred, parted], _SHARE).recipe == blurred.recipe
        for lacking in ({"fits": False}, {"fits": True, "stability": 0.85}):
            doubtful = one(4, "GaussianMixture", apart=0.2, **lacking)
            assert by_borders([doubtful, parted], _SHARE).recipe == parted.recipe
        torn = one(4, "GaussianMixture", back=[1.0, 1.0, 1.0, 0.8], apart=0.2, fits=True)
        assert by_borders([torn, parted], _SHARE).recipe == parted.recipe

    def test_of_as_many_an_algorithm_that_does_not_find_them_again_is_not_the_simplest(self):
        lucky, sure = (
            one(3, "GaussianMixture", clean=True, stability=0.4, back=0.3),
            one(3, "HDBSCAN", clean=True),
        )
        assert by_borders([lucky, sure], _SHARE).recipe == sure.recipe

    @pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
    def test_of_as_many_the_simplest_algorithm_wins_whatever_the_order(self, order: slice) -> None:
        kinds = ["KMeans", "GaussianMixture", "SingleLinkage", "Hills", "HDBSCAN"]
        for at, simplest in enumerate(kinds):
            tried = [one(3, kind) for kind in kinds[at:]][order]
            found = by_borders(tried, _SHARE)
            assert found.recipe is not None
            assert found.recipe.algorithm == simplest
            others = {each.verdict for each in found.entries if not each.chosen}
            assert others <= {"as many usable segments, and no simpler"}

    def test_of_an_algorithms_settings_that_find_as_much_the_most_stable_wins(self) -> None:
        tried = [
            Tried(
                Recipe.of("Hills", neighbours=count), 2, stability, 0.0, np.ones(2), np.ones(2),
                np.full(2, 0.5), 0.5, clean=True,
            )
            for count, stability in ((10, 0.91), (15, 1.0), (25, 0.95))
        ]  # fmt: skip
        assert by_borders(tried, _SHARE).recipe == tried[1].recipe

    def test_scores_that_hardly_differ_are_equal_and_others_are_not(self) -> None:
        simple, better = one(3, apart=1 - 0.001), one(3, "HDBSCAN")
        assert by_borders([simple, better], _SHARE).recipe == simple.recipe
        assert by_borders([one(3, apart=1 - 0.01), better], _SHARE).recipe == better.recipe

    def test_more_than_a_quarter_in_segments_that_dissolve_is_too_much(self) -> None:
        soft = one(5, back=[0.7, 1, 1, 1, 1], shares=[0.26, 0.2, 0.2, 0.2, 0.14])
        assert soft.dissolving == pytest.approx(0.26)
        found = by_borders([soft, one(2, "HDBSCAN")], _SHARE)
        assert verdict(found, soft) == "segments of 26% of the customers dissolve"
        assert found.recipe == one(2, "HDBSCAN").recipe
        firm = one(5, back=[0.7, 1, 1, 1, 1], shares=[0.24, 0.2, 0.2, 0.2, 0.16])
        assert by_borders([firm, one(2, "HDBSCAN")], _SHARE).recipe == firm.recipe

    def test_empty_borders_all_around_need_no_other_evidence_and_count_more(self) -> None:
        gaps = one(3, "HDBSCAN", back=0.2, stability=0.1, clean=True)
        found = by_borders([gaps, one(3)], _SHARE)
        assert found.recipe == gaps.recipe
        assert entry(found, gaps).score == pytest.approx(3.7)
        assert found.reason.endswith("The borders between them are empty.")
        assert by_borders([gaps, one(4)], _SHARE).recipe == one(4).recipe

    def test_what_models_of_other_draws_do_not_agree_on_does_not_count(self) -> None:
        shaky = one(9, "HDBSCAN", stability=0.7)
        found = by_borders([shaky, one(2)], _SHARE)
        assert found.recipe == one(2).recipe
        assert verdict(found, shaky) == "not stable: 0.70, and 0.75 is needed"
        half = one(9, "HDBSCAN", stability=0.825)
        assert entry(by_borders([half, one(2)], _SHARE), half).score == pytest.approx(4.5)

    def test_a_segment_counts_as_far_as_it_comes_back_stands_apart_and_is_large_enough(
        self,
    ) -> None:
        part = one(4, back=[1, 0.675, 1, 1], apart=[1, 1, 0.4, 1], shares=[0.7, 0.1, 0.195, 0.005])
        assert entry(by_borders([part], _SHARE), part).score == pytest.approx(1 + 0.5 + 0.4 + 0.5)

    def test_of_as_many_segments_those_with_emptier_borders_win(self) -> None:
        deep = one(3, "HDBSCAN", depth=2.0)
        assert by_borders([one(3, depth=0.5), deep], _SHARE).recipe == deep.recipe

    def test_where_no_border_is_seen_none_is_chosen(self) -> None:
        for tried in ([], [one(3, apart=0.24)], [one(2, stability=0.5)]):
            found = by_borders(tried, _SHARE)
            assert found.recipe is None
            assert {each.verdict for each in found.entries} <= {"no border to be seen"}
            assert len(found.entries) == len(tried)
        assert by_borders([one(3, apart=0.25)], _SHARE).recipe is not None


class TestByModels:
    """Many columns."""

    curve = (means(2, 2.0), means(4, 4.0, "chosen"), means(5, 3.5))

    def test_without_mixtures_the_k_of_k_means_stands_with_its_reason(self) -> None:
        found = by_models(self.curve, 4, "Four, since so.", (), _SHARE)
        assert found.recipe == Recipe.of("KMeans", n_clusters=4)
        assert found.reason == "Four, since so."
        assert [each.verdict for each in found.entries] == [one.verdict for one in self.curve]

    def test_one_segment_is_no_recipe(self) -> None:
        found = by_models((means(2, 0.0), means(3, 0.0)), 1, "One.", (), _SHARE)
        assert found.recipe is None
        assert not any(each.chosen for each in found.entries)

    def test_a_mixture_with_as_many_usable_segments_beats_k_means(self) -> None:
        mixture = one(4, "GaussianMixture")
        found = by_models(self.curve, 4, "Four.", [mixture], _SHARE)
        assert found.recipe == mixture.recipe
        assert [each.chosen for each in found.entries] == [False, False, False, True]
        assert found.entries[1].verdict.startswith("the best k-means; a mixture of Gaussians")

    @pytest.mark.parametrize(
        ("mixture", "why"),
        [
            (one(9, "GaussianMixture", stability=0.79), "not stable: 0.79, and 0.8 is needed"),
            (
                one(9, "GaussianMixture", back=[0.5] + [1.0] * 8, shares=[0.12] + [0.11] * 8),
                "segments of 12% of the customers dissolve",
            ),
            (
                one(5, "GaussianMixture", shares=[0.4, 0.3, 0.2, 0.091, 0.009]),
                "smallest segment 0.90%, and 1.0% is needed",
            ),
            (one(2, "GaussianMixture"), "too coarse: 2 segments"),
            (one(3, "GaussianMixture"), "fewer usable segments: 3.0 against 4.0"),
            (one(5, "GaussianMixture", apart=[1, 1, 1, 0, 0]), "fewer usable segments: 3.0"),
        ],
    )
    def test_a_mixture_that_could_be_chance_loses_and_is_told_why(
        self, mixture: Tried, why: str
    ) -> None:
        found = by_models(self.curve, 4, "Four.", [mixture], _SHARE)
        assert found.recipe == Recipe.of("KMeans", n_clusters=4)
        assert found.entries[-1].verdict.startswith(why)

    def test_two_usable_segments_are_too_few_whatever_k_means_finds(self) -> None:
        mixture = one(5, "GaussianMixture", apart=[1, 1, 0, 0, 0])
        found = by_models((means(2, 1.0, "chosen"),), 2, "Two.", [mixture], _SHARE)
        assert found.recipe == Recipe.of("KMeans", n_clusters=2)
        assert found.entries[-1].verdict == "fewer usable segments: 2.0 against 3.0"

    def test_of_several_mixtures_the_likeliest_for_its_size_wins_then_the_most_stable(self) -> None:
        tried = [
            one(7, "GaussianMixture", stability=0.99, bic=10.0),
            one(6, "GaussianMixture", stability=0.85, bic=5.0),
            one(5, "GaussianMixture", stability=0.9, bic=5.0),
        ]
        found = by_models(self.curve, 4, "Four.", tried, _SHARE)
        assert found.recipe == tried[2].recipe
        assert [each.verdict for each in found.entries[3:]] == [
            "as many usable segments, but less likely for its size (BIC)",
            "as many usable segments, but less likely for its size (BIC)",
            "chosen",
        ]

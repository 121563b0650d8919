from __future__ import annotations

from dataclasses import asdict, replace

from customer_atlas.clustering.candidates import Candidate
from customer_atlas.clustering.criteria import Curve
from customer_atlas.clustering.rule import decide

__all__: list[str] = []


def candidate(k: int, apart: int = 0, *, lost: int = 0, **facts: float) -> Candidate:
    """A sound candidate: `lost` segments dissolve, and those neither apart nor lost shade."""
    plain = Candidate(
        k=k, stability=0.95, stability_error=0.01, silhouette=0.3, silhouette_error=0.01,
        apart=apart, shading=k - apart - lost, dissolving=0.05 * lost, smallest_share=0.05,
        inertia=1 / k,
    )  # fmt: skip
    return replace(plain, **facts)  # type: ignore[arg-type]


def chosen(*candidates: Candidate) -> int:
    return decide(candidates, min_share=0.01)[0]


def naming(*choices: int | None) -> list[Curve]:
    """Curves that pick these numbers of segments."""
    return [Curve("one", "One", (2,), (0.0,), None, "higher", k, "It says so.") for k in choices]


def test_splitting_what_stands_apart_does_not_pay() -> None:
    assert chosen(candidate(3, 3), candidate(4, 2)) == 3
    assert chosen(candidate(3, 3), candidate(6, 0)) == 3


def test_thirty_that_stand_apart_win_over_fewer_with_a_higher_silhouette() -> None:
    assert chosen(candidate(12, 12, silhouette=0.6), candidate(30, 29), candidate(31, 28)) == 30


def test_without_gaps_the_most_that_come_back_win_up_to_a_handful() -> None:
    assert chosen(candidate(3), candidate(5), candidate(6, dissolving=0.5)) == 5
    assert chosen(*(candidate(k, silhouette=1 / k) for k in range(3, 21))) == 8


def test_two_win_only_when_they_stand_apart() -> None:
    assert chosen(candidate(2), candidate(4, stability=0.6)) == 4
    assert chosen(candidate(2, 2), candidate(4, stability=0.6)) == 2


def test_a_segment_that_dissolves_costs_but_does_not_forbid() -> None:
    assert chosen(candidate(6, 4), candidate(8, 7, lost=1)) == 8
    assert chosen(candidate(7, 7), candidate(8, 7, lost=1)) == 7
    assert chosen(candidate(6, 4), candidate(8, 7, lost=1, dissolving=0.26)) == 6


def test_beyond_a_handful_a_larger_k_must_be_worth_a_segment() -> None:
    k, _, curve = decide([candidate(9, 9), candidate(11, 10)], min_share=0.01)
    assert k == 9
    assert curve[1].verdict.startswith("more segments, hardly more usable")
    assert chosen(candidate(9, 9), candidate(10, 10)) == 10


def test_of_candidates_as_good_the_more_clear_cut_wins() -> None:
    seven, eight = candidate(7, 7, silhouette=0.34), candidate(8, 6, silhouette=0.36)
    k, _, curve = decide([seven, eight], min_share=0.01)
    assert k == 8
    assert curve[0].verdict == "as usable, but less clear-cut: 7.0 against 6.8"
    assert chosen(seven, replace(eight, silhouette=0.33)) == 7
    assert chosen(candidate(7, 7, silhouette=0.1), candidate(8, 5, silhouette=0.5)) == 7


def test_a_segment_below_the_least_share_rules_a_candidate_out() -> None:
    best = candidate(5, 5, smallest_share=0.009)
    k, _, curve = decide([candidate(3), best], min_share=0.01)
    assert k == 3
    assert curve[1].verdict == "smallest segment 0.90%, and 1.0% is needed"


def test_one_standard_error_is_allowed() -> None:
    near = candidate(5, stability=0.64, stability_error=0.02)
    assert chosen(candidate(3), near) == 5
    assert chosen(candidate(3), replace(near, stability_error=0.001)) == 3


def test_without_anything_reproducible_the_most_stable_handful_is_taken_and_said_so() -> None:
    stabilities = {2: 0.6, 3: 0.4, 4: 0.51, 5: 0.505, 12: 0.6}
    k, reason, _ = decide(
        [candidate(k, stability=value) for k, value in stabilities.items()], min_share=0.01
    )
    assert k == 5
    assert "soft borders" in reason


def test_where_every_division_is_chance_there_is_one_segment() -> None:
    k, reason, curve = decide([candidate(k, stability=0.1) for k in range(2, 9)], min_share=0.01)
    assert k == 1
    assert "would be invented" in reason
    weak = "not stable: 0.10, and 0.65 is needed"
    assert {score.verdict for score in curve} == {weak}


def test_when_no_division_leaves_segments_large_enough_there_is_one() -> None:
    k, reason, curve = decide([candidate(2, smallest_share=0.1)], min_share=0.2)
    assert (k, len(curve)) == (1, 1)
    assert "below 20.0%" in reason


def test_every_candidate_is_kept_with_its_own_reason() -> None:
    given = [
        candidate(2), candidate(3), candidate(4, lost=2, dissolving=0.4),
        candidate(5, stability=0.3), candidate(6, smallest_share=0.001),
    ]  # fmt: skip
    _, reason, curve = decide(given, min_share=0.01)
    assert [score.verdict == "chosen" for score in curve] == [False, True, False, False, False]
    assert [score.score for score in curve] == [0.0, 1.2, 0.0, 0.0, 2.4]
    assert len({score.verdict for score in curve}) == 5
    assert "agree to 0.95 of 1, all of the segments come back, and none stand apart" in reason
    for before, after in zip(given, curve, strict=True):
        assert asdict(before).items() <= asdict(after).items()


def test_equal_scores_go_to_stability_and_silhouette_then_to_the_smaller() -> None:
    four, eight = candidate(4, 4, silhouette=0.2), candidate(8, 4, lost=2, silhouette=0.25)
    assert chosen(four, eight) == 8
    assert chosen(four, replace(eight, stability=0.81, silhouette=0.21)) == 4
    assert chosen(four, replace(eight, silhouette=0.2)) == 4


def test_of_equal_scores_the_number_that_more_criteria_name_wins() -> None:
    seven, eight = candidate(7, 7, silhouette=0.34), candidate(8, 6, silhouette=0.36)
    assert chosen(seven, eight) == 8
    k, _, curve = decide([seven, eight], naming(7, 7, 8, None, 3), min_share=0.01)
    assert k == 7
    assert curve[1].verdict == (
        "as usable, but named by fewer criteria (1 against 2): 6.8 against 7.0"
    )
    assert decide([seven, eight], naming(7, 8, None), min_share=0.01)[0] == 8


def test_criteria_do_not_outvote_a_better_score_nor_bring_back_what_is_out() -> None:
    votes = naming(*[4] * 9)
    assert decide([candidate(4, 4), candidate(7, 7)], votes, min_share=0.01)[0] == 7
    shaky = candidate(4, 4, stability=0.3)
    assert decide([candidate(3, 3), shaky], votes, min_share=0.01)[0] == 3


def test_beyond_a_handful_no_number_of_criteria_replaces_the_worth_of_a_segment() -> None:
    several = [candidate(9, 9), candidate(11, 10, lost=1)]
    assert decide(several, naming(11, 11, 11), min_share=0.01)[0] == 9

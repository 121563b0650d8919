"""Flows and similarities are those of an independent reckoning, customer by customer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from customer_atlas.clustering.stability.report import StabilityReport, steadiness
from customer_atlas.clustering.stability.tally import Compared, jaccards, tallied
from customer_atlas.clustering.stability.words import say_leaving, say_probe

__all__: list[str] = []

_K = 3
_PAIRS = st.lists(
    st.tuples(st.integers(-1, _K - 1), st.integers(-1, _K + 1), st.integers(1, 4)),
    min_size=1,
    max_size=40,
)


def _arrays(rows: list[tuple[int, int, int]]) -> tuple[NDArray[np.int64], ...]:
    before, after, weights = (np.array(column) for column in zip(*rows, strict=True))
    return before, after, weights


def _compared(before: NDArray[np.int64], after: NDArray[np.int64]) -> Compared:
    sure = 0.5 + 0.1 * np.arange(len(before)) / len(before)
    return Compared("draw", np.arange(len(before)), before, after, sure)


@given(_PAIRS)
def test_a_segment_is_as_like_as_the_sets_of_its_customers(rows: list[tuple[int, int, int]]):
    before, after, weights = _arrays(rows)
    people = [(b, a, at, copy) for at, (b, a, w) in enumerate(rows) for copy in range(w)]
    found = jaccards(before, after, weights.astype(float), _K, same=False)
    for segment in range(_K):
        mine = {(at, copy) for b, _, at, copy in people if b == segment}
        best = 0.0
        for other in range(_K + 2):
            theirs = {(at, copy) for _, a, at, copy in people if a == other}
            best = max(best, len(mine & theirs) / max(1, len(mine | theirs)))
        assert found[segment] == pytest.approx(best)


@given(_PAIRS)
def test_a_row_that_weighs_three_counts_like_three_rows(rows: list[tuple[int, int, int]]):
    before, after, weights = _arrays(rows)
    many = np.repeat(np.arange(len(before)), weights)
    one = tallied("seeds", [_compared(before, after)], weights.astype(float), _K)
    each = tallied("seeds", [_compared(before[many], after[many])], np.ones(len(many)), _K)
    np.testing.assert_allclose(one.flows, each.flows, atol=1e-12)
    np.testing.assert_allclose(one.jaccard, each.jaccard, atol=1e-12)
    assert one.ever == pytest.approx(each.ever)


@given(_PAIRS)
def test_flows_are_shares_of_everybody_and_who_is_off_the_diagonal_moved(
    rows: list[tuple[int, int, int]],
):
    before, after, weights = _arrays(rows)
    found = tallied("seeds", [_compared(before, after)], weights.astype(float), _K)
    assert np.sum(found.flows) == pytest.approx(1.0)
    moved = sum(w for b, a, w in rows if (b if b >= 0 else _K) != (a if 0 <= a < _K else _K))
    assert found.moved == pytest.approx(moved / weights.sum())
    assert found.ever == pytest.approx(moved / weights.sum())


def test_leavers_are_told_with_where_most_of_them_go():
    before, after = np.repeat([0, 1], 10), np.repeat([0, 1, 5, 1], [6, 3, 1, 10])
    found = tallied("bootstrap", [_compared(before, after)], np.ones(20), 2)
    report = StabilityReport(("Regulars", "Guests"), (0.5, 0.5), 20, 20, 0, (found,))
    assert say_leaving(report, found.leaving(0)) == "40%, most (75%) to Guests"
    assert say_leaving(report, found.leaving(1)) == "nobody"


def test_a_segment_that_is_like_none_any_more_goes_nowhere():
    before, after = np.array([0, 0, 0, 1]), np.array([2, 2, 2, 1])
    found = tallied("bootstrap", [_compared(before, after)], np.ones(4), 2)
    report = StabilityReport(("Regulars", "Guests"), (0.75, 0.25), 4, 4, 0, (found,))
    assert say_leaving(report, found.leaving(0)) == "100%, all to no segment of these"


def test_over_several_trials_who_moves_once_has_moved():
    rows = np.array([0, 0, 1, 1])
    trials = [_compared(rows, np.array([1, 0, 1, 1])), _compared(rows, np.array([0, 1, 1, 1]))]
    found = tallied("seeds", trials, np.ones(4), 2)
    assert (found.moved, found.ever) == (0.25, 0.5)
    assert found.leaving(0) is not None


def test_everybody_who_stays_and_everybody_who_moves_can_be_told():
    rows = np.array([0, 1, 0, 1])
    stay, swap = _compared(rows, rows), _compared(rows, np.array([2, 3, 2, 3]))
    assert say_probe(tallied("seeds", [stay], np.ones(4), 2)) == (
        "Fitted from 1 other seed, the algorithm finds the same segments. Hardly anybody moves."
    )
    assert "Everybody moves" in say_probe(tallied("seeds", [swap], np.ones(4), 2))


@pytest.mark.parametrize(
    ("jaccard", "word"),
    [(0.85, "very stable"), (0.8499, "stable"), (0.75, "stable"), (0.7499, "doubtful"),
     (0.6, "doubtful"), (0.5999, "dissolves")],
)  # fmt: skip
def test_the_bars_are_hennigs(jaccard: float, word: str):
    assert steadiness(jaccard) == word


def test_a_refit_may_number_segments_otherwise_and_the_same_model_may_not():
    swapped = _compared(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    assert tallied("bootstrap", [swapped], np.ones(4), 2).jaccard == (1.0, 1.0)
    assert tallied("behaviour", [swapped], np.ones(4), 2).jaccard == (0.0, 0.0)

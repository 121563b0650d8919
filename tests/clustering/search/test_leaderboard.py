from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations

from customer_atlas.clustering.search import Entry, Leaderboard

__all__: list[str] = []

_ENTRY = Entry(
    "KMeans", {"n_clusters": 3}, "k-means", 3, 2.0, 0.9, 2.0, 3, 0.0, 0.2, 0.5, "fewer segments"
)


def _entry(title: str, score: float, stability: float = 0.9, verdict: str = "lost") -> Entry:
    return replace(_ENTRY, title=title, score=score, stability=stability, verdict=verdict)


def test_the_chosen_is_first_then_the_higher_score_the_more_stable_and_the_name() -> None:
    expected = [
        _entry("chosen", 1.0, 0.2, "chosen"),
        _entry("more", 3.0, 0.5),
        _entry("stable", 2.0, 0.95),
        _entry("a", 2.0, 0.9),
        _entry("b", 2.0 + 1e-9, 0.9),
        _entry("none", 0.0, 1.0),
    ]
    for order in list(permutations(expected))[::37]:
        assert list(Leaderboard.of(order, "most").entries) == expected


def test_a_leaderboard_comes_back_from_json() -> None:
    board = Leaderboard.of([_entry("a", 1.0), _entry("b", 2.0, verdict="chosen")], "most segments")
    assert Leaderboard.from_dict(json.loads(json.dumps(board.to_dict()))) == board
    assert [entry.chosen for entry in board.entries] == [True, False]


def test_of_nothing_tried_the_leaderboard_is_empty() -> None:
    board = Leaderboard.of([], "most segments")
    assert board.entries == ()
    assert Leaderboard.from_dict(board.to_dict()) == board

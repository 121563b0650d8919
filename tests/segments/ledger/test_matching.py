"""Segments are recognised by their customers: what was planted is found, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_atlas.segments import Transition, match_segments

Story = list[tuple[str, tuple[int, ...], tuple[int, ...]]]


def told(found: list[Transition]) -> Story:
    return [(one.kind, one.earlier, one.later) for one in found]


def test_the_same_segments_survive_whatever_they_are_numbered() -> None:
    overlap = np.diag([100.0, 40.0, 7.0])[:, [2, 0, 1]]
    assert told(match_segments(overlap)) == [
        ("survived", (0,), (1,)),
        ("survived", (1,), (2,)),
        ("survived", (2,), (0,)),
    ]


@pytest.mark.parametrize(
    ("overlap", "story", "heirs"),
    [
        ([[60, 40]], [("split", (0,), (0, 1))], [(0, 0)]),
        ([[50, 50, 0], [0, 0, 80]],
         [("survived", (1,), (2,)), ("split", (0,), (0, 1))], [(1, 2), (0, 0)]),
        ([[30], [70]], [("merged", (0, 1), (0,))], [(1, 0)]),
        ([[95, 5], [3, 97]], [("survived", (0,), (0,)), ("survived", (1,), (1,))],
         [(0, 0), (1, 1)]),
        # A few who move are no part, and a segment that gives half of itself away goes on.
        ([[55, 45], [0, 400]], [("survived", (0,), (0,)), ("survived", (1,), (1,))],
         [(0, 0), (1, 1)]),
        # Thirds of one in three others that go on: it is no more.
        ([[20, 20, 20], [100, 0, 0], [0, 100, 0], [0, 0, 100]],
         [("survived", (1,), (0,)), ("survived", (2,), (1,)), ("survived", (3,), (2,)),
          ("died", (0,), ())], [(1, 0), (2, 1), (3, 2)]),
        # One made of a fifth of each of three is new.
        ([[80, 0, 0, 20], [0, 80, 0, 20], [0, 0, 80, 20]],
         [("survived", (0,), (0,)), ("survived", (1,), (1,)), ("survived", (2,), (2,)),
          ("born", (), (3,))], [(0, 0), (1, 1), (2, 2)]),
        # Nothing in common: nobody is in both.
        ([[0, 0], [0, 0]], [("born", (), (0,)), ("born", (), (1,)), ("died", (0,), ()),
                            ("died", (1,), ())], []),
    ],
)  # fmt: skip
def test_what_was_planted_is_told(
    overlap: list[list[float]], story: Story, heirs: list[tuple[int, int]]
) -> None:
    found = match_segments(overlap)
    assert sorted(told(found)) == sorted(story)
    assert sorted(one.heir for one in found if one.heir) == sorted(heirs)


def test_evidence_says_who_stayed_and_whom_it_is_made_of() -> None:
    (survived, _) = match_segments([[80, 20], [0, 100]])
    (link,) = survived.links
    assert (link.customers, link.kept) == (80, 0.8)
    assert link.made == 1.0


def test_no_segments_before_or_after_is_no_error() -> None:
    assert told(match_segments(np.zeros((0, 2)))) == [("born", (), (0,)), ("born", (), (1,))]
    assert told(match_segments(np.zeros((2, 0)))) == [("died", (0,), ()), ("died", (1,), ())]


tables = st.integers(1, 6).flatmap(
    lambda rows: st.integers(1, 6).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 1000), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)


@given(tables)
@settings(max_examples=200, deadline=None)
def test_every_segment_is_told_of_and_nobody_is_two(overlap: list[list[int]]) -> None:
    counts = np.array(overlap, float)
    found = match_segments(counts)
    assert {place for one in found for place in one.earlier} == set(range(len(counts)))
    assert {place for one in found for place in one.later} == set(range(counts.shape[1]))
    heirs = {one.heir for one in found if one.heir}  # of a split and a merger it may be the same
    assert len({earlier for earlier, _ in heirs}) == len(heirs)
    assert len({later for _, later in heirs}) == len(heirs)


@given(tables)
@settings(max_examples=100, deadline=None)
def test_splits_and_mergers_do_not_depend_on_the_numbers_of_segments(
    overlap: list[list[int]],
) -> None:
    counts = np.array(overlap, float)
    rows = np.random.default_rng(0).permutation(len(counts))
    before = _parted(match_segments(counts), list(range(len(counts))))
    assert _parted(match_segments(counts[rows]), rows.tolist()) == before


def _parted(found: list[Transition], numbers: list[int]) -> set[object]:
    return {
        (one.kind, frozenset(numbers[place] for place in one.earlier), one.later)
        for one in found
        if one.kind in ("split", "merged")
    }

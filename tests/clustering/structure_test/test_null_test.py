from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binom

from _null_test_shapes import GROUPS, NOISE
from customer_atlas.clustering import NullTest, null_test
from customer_atlas.clustering.structure_test.gap import empty_gap
from customer_atlas.errors import ClusteringError

__all__: list[str] = []

BORDERLINE = {
    "4 groups, each two 2.75 apart",
    "4 groups, each two 2.5 apart",
    "2 groups that one axis parts by 3.5, equal",
    "3 classes of 9 flags",
}


def table(case: str, seed: int) -> np.ndarray:
    return (NOISE | GROUPS)[case](np.random.default_rng([seed, 1]))


@pytest.mark.proof
def test_one_group_is_seldom_taken_for_several(
    proof_count: Callable[[int, int], int], measured: Callable[[str, object], None]
) -> None:
    """A test of exactly this level would fail less than once in 10,000 runs, over all kinds."""
    trials = proof_count(2, 300)
    alarms = {
        case: sum(null_test(table(case, seed), seed=seed).structured for seed in range(trials))
        for case in NOISE
    }
    for case, count in alarms.items():
        measured(case, f"{count} of {trials}")
    assert max(alarms.values()) <= binom.isf(5e-5 / len(NOISE), trials, 0.01)
    assert sum(alarms.values()) <= binom.isf(5e-5, trials * len(NOISE), 0.01)


@pytest.mark.proof
@pytest.mark.parametrize("case", [case for case in GROUPS if case not in BORDERLINE])
def test_groups_are_seen(
    case: str, proof_count: Callable[[int, int], int], measured: Callable[[str, object], None]
) -> None:
    trials = proof_count(2, 100)
    seen = sum(null_test(table(case, seed), seed=seed).structured for seed in range(trials))
    measured("seen", f"{seen} of {trials}")
    assert seen >= 0.95 * trials


def test_the_part_that_spoke_and_its_place_are_told() -> None:
    axis = null_test(table("2 groups that one axis parts by 4, equal", 0))
    assert axis.part == "dip"
    assert axis.dip is not None
    assert (axis.dip.axis, axis.dip.number, axis.dip.rows) == ("column", 0, 600)
    assert axis.p_value == pytest.approx(2 * axis.dip.p_value)
    assert axis.sentence.startswith("There are groups: ")
    assert "on column 0, counted from 0" in axis.sentence
    blobs = null_test(table("10 blobs in 6 columns", 0))
    assert blobs.inertia is not None
    assert blobs.inertia.p_value <= 1 / 50
    assert 5 <= blobs.inertia.k <= 15
    small = null_test(table("3 % far off", 0))
    assert small.part == "inertia"
    assert small.p_value == pytest.approx(0.0025)
    assert "closer together than in 199 tables" in small.sentence


def test_a_slanting_line_between_two_groups_is_found_and_named() -> None:
    found = null_test(table("2 groups that a slanting line parts by 4", 0))
    assert found.dip is not None
    assert (found.part, found.dip.axis, found.dip.number) == ("dip", "line", 0)
    assert "two peaks or more on the line that parts them best" in found.sentence


def test_where_the_dip_has_said_yes_a_quarter_of_the_references_tells_the_gaps() -> None:
    found = null_test(table("2 groups that one axis parts by 4, equal", 0))
    assert found.inertia is not None
    assert (found.inertia.references, found.inertia.p_ellipse) == (49, None)
    assert found.structured


def test_no_groups_are_told_with_their_chance() -> None:
    found = null_test(table("normal 600 x 6", 0))
    assert not found.structured
    assert found.p_value > 0.01
    assert found.sentence.startswith("No groups: ")
    assert f"(p = {found.p_value:.2g})" in found.sentence


def test_the_gap_of_each_number_of_groups_is_kept() -> None:
    draw = np.random.default_rng(0)
    X = (
        draw.normal(size=(400, 2))
        + 8 * np.array([[0, 0], [1, 0], [0, 1]])[draw.integers(3, size=400)]
    )
    inertia = null_test(X).inertia
    assert inertia is not None
    gap = np.array(inertia.mean) - np.array(inertia.data)
    error = np.array(inertia.deviation) * np.sqrt(1 + 1 / inertia.references)
    assert len(gap) == len(error) == 20
    assert inertia.references == 49
    enough = gap[:-1] >= gap[1:] - error[1:]  # the rule of Tibshirani, Walther and Hastie
    assert int(np.argmax(enough)) + 1 == 3


def test_where_there_is_no_doubt_a_quarter_of_the_references_is_enough() -> None:
    inertia = null_test(table("normal 600 x 6", 0)).inertia
    assert inertia is not None
    assert (inertia.references, inertia.p_ellipse) == (49, None)


def test_twice_the_same_is_the_same_to_the_bit() -> None:
    X = table("two rings", 1)
    assert null_test(X, seed=5) == null_test(X.copy(), seed=5)
    assert null_test(X, seed=5) != null_test(X, seed=6)


@pytest.mark.parametrize("processors", [1, 2, 5])
def test_how_many_processors_there_are_changes_nothing(
    processors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = table("two rings", 0)
    usual = null_test(X)
    monkeypatch.setattr("customer_atlas.side_by_side.processors", lambda: processors)
    assert null_test(X) == usual


def test_weights_decide_who_is_looked_at() -> None:
    draw = np.random.default_rng(0)
    X = draw.normal(size=(4000, 3))
    X[:1000] += 8
    assert null_test(X).structured
    weights = np.where(np.arange(4000) < 1000, 1e-6, 1.0)
    assert not null_test(X, weights).structured
    assert null_test(X, 7.0 * np.ones(4000)) == null_test(X)


def test_units_and_constant_columns_change_nothing() -> None:
    X = table("4 groups, centres drawn with deviation 1.5", 0)
    usual = null_test(X)
    wide = np.concatenate([X, np.full((600, 2), 3.0)], axis=1)
    assert null_test(wide).inertia == usual.inertia
    assert null_test(1024 * X).structured


def test_zeros_and_flags_of_their_own_are_no_groups_but_a_class_of_them_is() -> None:
    draw = np.random.default_rng(0)
    flags = draw.random((600, 8)) < 0.5
    assert not null_test(flags.astype(float)).structured
    of = draw.random(600) < 0.5
    classes = np.where(of[:, None], 0.9, 0.1) > draw.random((600, 8))
    assert null_test(classes.astype(float)).structured


@pytest.mark.parametrize(
    ("X", "why"),
    [
        (np.ones((1, 3)), "there is one customer"),
        (np.ones((50, 3)), "all 50 customers are the same in every column"),
        (np.random.default_rng(0).normal(size=(9, 2)), "9 customers are too few to tell"),
    ],
)
def test_where_there_is_nothing_to_test_the_sentence_says_why(X: np.ndarray, why: str) -> None:
    found = null_test(X)
    assert not found.structured
    assert (found.p_value, found.part) == (1.0, None)
    assert found.sentence == f"No groups: {why}."


@pytest.mark.parametrize("rows", [10, 11, 15, 20, 40])
@pytest.mark.parametrize("columns", [1, 2, 30])
def test_few_rows_are_tested_without_trouble(rows: int, columns: int) -> None:
    draw = np.random.default_rng(rows)
    assert not null_test(draw.normal(size=(rows, columns))).structured
    assert 0 < null_test(draw.poisson(1.0, (rows, columns)).astype(float)).p_value <= 1


def test_one_column_has_groups_where_it_has_two_peaks() -> None:
    draw = np.random.default_rng(0)
    assert not null_test(draw.normal(size=(600, 1))).structured
    assert null_test((draw.normal(size=600) + 5 * (np.arange(600) % 2))[:, None]).structured
    assert not null_test((draw.random(600) < 0.3).astype(float)[:, None]).structured


def test_a_table_that_differs_in_one_row_is_one_group() -> None:
    X = np.ones((5000, 3))
    X[17] = 2.0
    assert not null_test(X).structured


def test_few_distinct_points_are_groups() -> None:
    draw = np.random.default_rng(0)
    assert null_test(draw.normal(size=(4, 3))[draw.integers(4, size=2000)]).structured


def test_what_cannot_be_tested_is_refused() -> None:
    X = np.random.default_rng(0).normal(size=(50, 2))
    for bad in (np.nan, np.inf):
        with pytest.raises(ClusteringError, match="Missing or infinite values for 1 of 50"):
            null_test(np.where(X[0, 0] == X, bad, X))
    with pytest.raises(ClusteringError, match="level of 0.01 needs at least 199 references"):
        null_test(X, references=198)
    with pytest.raises(ClusteringError, match="level must be between 0 and 1"):
        null_test(X, level=0.0)
    with pytest.raises(ClusteringError, match="max_k at least 2"):
        null_test(X, max_k=1)
    with pytest.raises(ClusteringError, match="50 weights are needed"):
        null_test(X, np.ones(49))


@pytest.mark.parametrize("case", ["two rings", "normal 30 x 3", "one category 600"])
def test_a_test_survives_json(case: str) -> None:
    found = null_test(table(case, 0))
    assert NullTest.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_a_test_of_nothing_survives_json() -> None:
    found = null_test(np.ones((5, 2)))
    assert NullTest.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_a_column_is_told_by_its_name() -> None:
    X = np.random.default_rng(0).normal(size=(400, 3))
    X[:200, 1] += 9.0
    told = null_test(X, names=("recency", "orders", "spend")).sentence
    assert "on 'orders'" in told


def spirals(rows: int, seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    turn = draw.uniform(0.1, 1.0, rows) * 2.5 * np.pi
    arm = np.arange(rows) % 4 * np.pi / 2
    return np.stack([turn * np.cos(turn + arm), turn * np.sin(turn + arm)], axis=1)


def test_spirals_are_seen_by_the_gaps_between_their_arms() -> None:
    found = null_test(spirals(450, 1))
    assert found.structured
    assert found.part == "gap"
    assert found.gap is not None
    assert found.p_value == pytest.approx(2 * found.gap.p_value)
    assert "times as wide as the steps" in found.sentence
    assert NullTest.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_a_gap_between_flags_is_no_gap() -> None:
    """Columns of few values are made of gaps, and no groups by themselves."""
    draw = np.random.default_rng(2)
    X = np.stack(
        [draw.normal(size=300), draw.integers(0, 2, 300), draw.integers(0, 2, 300)], axis=1
    )
    found = null_test(X)
    assert not found.structured
    assert found.gap is None


@pytest.mark.proof
def test_one_group_in_few_columns_has_no_gap(
    proof_count: Callable[[int, int], int], measured: Callable[[str, object], None]
) -> None:
    """Where the gap alone is looked at: its alarms come on top of those of the other parts."""
    trials, alarms = proof_count(30, 3000), 0
    for seed in range(trials):
        draw = np.random.default_rng([seed, 7])
        rows, columns = int(draw.choice([30, 100, 300])), int(draw.integers(2, 5))
        root = np.linalg.cholesky(0.9 * np.ones((columns, columns)) + 0.1 * np.eye(columns))
        for X in (
            draw.uniform(size=(rows, columns)),
            draw.normal(size=(rows, columns)),
            np.exp(draw.normal(size=(rows, columns)) @ root.T),
            draw.standard_t(2, size=(rows, columns)),
        ):
            found = empty_gap(X, draw, 199, (seed,))
            alarms += found is not None and 2 * found.p_value <= 0.01
    measured("alarms", f"{alarms} of {4 * trials}")
    assert alarms <= binom.isf(1e-4, 4 * trials, 0.001)

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from _null_test_shapes import GROUPS, NOISE
from customer_atlas.clustering.structure_test.peaks import parting_line, two_peaks
from customer_atlas.clustering.structure_test.result import DipPart

__all__: list[str] = []

HALF = 0.005  # of the level of the null test is the dip's
POWER = {
    "2 groups that one axis parts by 4, equal": 0.99,
    "2 groups that one axis parts by 4, 30 to 70": 0.95,
    "2 groups that a slanting line parts by 4": 0.99,
}


def found(case: str, seed: int) -> DipPart:
    part = two_peaks((NOISE | GROUPS)[case](np.random.default_rng([seed, 1])), draw(seed))
    assert part is not None
    return part


def draw(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("case", list(POWER))
def test_two_groups_four_deviations_apart_are_seen_by_the_dip_alone(case: str) -> None:
    seen = sum(found(case, seed).p_value <= HALF for seed in range(60))
    assert seen >= binom.ppf(1e-4, 60, POWER[case])


@pytest.mark.parametrize(
    "case", ["uniform 600 x 6", "normal 600 x 6", "gamma, normal and uniform by a copula 600 x 6"]
)
def test_one_group_is_seldom_taken_for_two_peaks(case: str) -> None:
    alarms = sum(found(case, seed).p_value <= HALF for seed in range(60))
    assert alarms <= binom.isf(1e-4, 60, HALF)


def test_the_axis_is_named() -> None:
    column = found("2 groups that one axis parts by 4, equal", 0)
    assert (column.axis, column.number, column.axes) == ("column", 0, 13)
    line = found("2 groups that a slanting line parts by 4", 0)
    assert (line.axis, line.number, line.axes) == ("line", 0, 13)


@pytest.mark.parametrize("d", [2, 6, 15])
def test_the_line_is_that_between_the_groups_however_columns_are_spread(d: int) -> None:
    X = draw(d).normal(size=(900, d))
    way = draw(1).normal(size=d)
    X[450:] += 6 * way / np.linalg.norm(way)
    start = X @ np.linalg.eigh(X.T @ X)[1][:, -1]
    line = parting_line(X, start)
    assert abs(line @ way) / np.linalg.norm(way) > 0.97


def test_the_line_is_found_from_a_column_that_hardly_tells_the_groups_apart() -> None:
    for seed in (1, 2, 3):
        random = draw(seed)
        X, way = random.normal(size=(900, 6)), random.normal(size=6)
        way /= np.linalg.norm(way)
        X[450:] += 6 * way
        assert abs(parting_line(X, X[:, 0]) @ way) > 0.99


@pytest.mark.parametrize("seed", [17, 46, 50, 154, 167])
def test_a_thin_bent_band_has_no_two_peaks_across_it(seed: int) -> None:
    """In these tables a line laid across the band has two, by curves that columns share."""
    assert found("gamma, normal and uniform by a copula 600 x 6", seed).p_value > HALF


def test_no_line_is_laid_through_few_rows() -> None:
    X = draw().normal(size=(100, 6))
    few, enough = two_peaks(X, draw()), two_peaks(draw().normal(size=(200, 6)), draw())
    assert few is not None
    assert enough is not None
    assert (few.axes, enough.axes) == (12, 13)


def test_where_all_is_flags_there_is_no_axis() -> None:
    assert two_peaks((draw().random((300, 4)) < 0.5).astype(float), draw()) is None

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import binom

from customer_atlas.clustering.structure_test.dip import dip
from customer_atlas.clustering.structure_test.dip_table import (
    PROBABILITIES,
    QUANTILES,
    SIZES,
    dip_p_value,
    evenness,
)

__all__: list[str] = []


def least_distance(x: np.ndarray) -> float:
    """The definition, by linear programs: the nearest unimodal distribution for each mode."""
    x = np.sort(x)
    return min(_with_mode(x, mode) for mode in range(len(x)))


def _with_mode(x: np.ndarray, mode: int) -> float:
    """Heights of the distribution at each value, a jump at the mode, and the distance."""
    n = len(x)

    def row(at: int, *, after: bool, sign: float) -> np.ndarray:
        out = np.zeros(n + 2)
        out[at] = sign
        out[n] = sign * (at > mode or (after and at == mode))
        return out

    rows, limits = [], []
    for i in range(n):
        rows += [row(i, after=True, sign=-1), row(i, after=False, sign=1)]
        limits += [-(i + 1) / n, i / n]
    rows = [r - np.eye(n + 2)[n + 1] for r in rows]
    slopes = [
        (row(i + 1, after=False, sign=1) - row(i, after=True, sign=1)) / (x[i + 1] - x[i])
        for i in range(n - 1)
    ]
    rows += [-slope for slope in slopes]
    rows += [slopes[i] - slopes[i + 1] for i in range(n - 2) if i + 1 < mode]
    rows += [slopes[i + 1] - slopes[i] for i in range(n - 2) if i + 1 > mode]
    limits += [0.0] * (len(rows) - len(limits))
    free = [(None, None)] * n + [(0, None), (0, None)]
    return float(linprog(np.eye(n + 2)[n + 1], np.array(rows), limits, bounds=free).fun)


@pytest.mark.parametrize("seed", range(30))
def test_the_dip_is_the_least_distance_to_a_unimodal_distribution(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n = int(draw.integers(4, 17))
    for x in (draw.normal(size=n), draw.random(n), draw.normal(size=n) + 5 * (np.arange(n) % 2)):
        assert dip(x) == pytest.approx(least_distance(x), abs=1e-7)


@given(
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=30, unique=True),
    st.floats(0.01, 100),
    st.floats(-100, 100),
)
def test_neither_unit_nor_origin_nor_direction_matters(
    values: list[int], scale: float, shift: float
) -> None:
    x = np.array(values, dtype=float)
    assert dip(scale * x + shift) == pytest.approx(dip(x), abs=1e-9)
    assert dip(-x) == pytest.approx(dip(x), abs=1e-9)
    assert 1 / (2 * len(x)) - 1e-12 <= dip(x) <= 0.25


def test_two_far_points_have_the_largest_dip_and_one_has_none() -> None:
    x = np.r_[np.linspace(0, 1e-6, 500), 1 + np.linspace(0, 1e-6, 500)]
    assert dip(x) == pytest.approx(0.25, abs=0.001)
    assert dip(np.ones(5)) == 0.0


@pytest.mark.parametrize("n", [10, 37, 300])
def test_the_table_is_true_of_even_samples(n: int) -> None:
    draw, trials = np.random.default_rng(n), 3000
    chances = np.array([dip_p_value(dip(draw.random(n)), n) for _ in range(trials)])
    for level in (0.5, 0.1, 0.01):
        low, high = binom.ppf([1e-5, 1 - 1e-5], trials, level)
        assert low <= (chances <= level).sum() <= high


@pytest.mark.parametrize("n", [60, 400])
@pytest.mark.parametrize("kind", ["even", "rising", "beta", "normal", "exponential", "heavy"])
def test_the_chance_by_evenness_is_no_less_than_the_truth(kind: str, n: int) -> None:
    draw, trials = np.random.default_rng(n), 1000
    samples = {
        "even": draw.random((trials, n)),
        "rising": np.sqrt(draw.random((trials, n))),
        "beta": draw.beta(2, 2, (trials, n)),
        "normal": draw.normal(size=(trials, n)),
        "exponential": draw.exponential(size=(trials, n)),
        "heavy": draw.standard_t(3, (trials, n)),
    }[kind]
    chances = np.array([dip_p_value(dip(x), n, evenness(x)) for x in samples])
    for level in (0.1, 0.01):
        assert (chances <= level).sum() <= binom.isf(1e-5, trials, level)


def test_a_sharper_peak_makes_the_same_dip_less_likely() -> None:
    chances = [dip_p_value(0.03, 600, even) for even in (0.55, 0.45, 0.4, 0.35, 0.2)]
    assert (np.diff(chances) <= 0).all()
    assert chances[0] == dip_p_value(0.03, 600)
    assert chances[-1] > 0


def test_normal_samples_dip_less_than_even_ones() -> None:
    draw = np.random.default_rng(0)
    chances = [dip_p_value(dip(draw.normal(size=300)), 300) for _ in range(200)]
    assert min(chances) > 0.05


def test_the_chance_falls_without_jumps_within_the_table_and_beyond_it() -> None:
    assert (np.diff(QUANTILES, axis=1) > 0).all()
    for n in (10, 64, 5000, 9000):
        chances = [dip_p_value(depth, n) for depth in np.linspace(0, 0.25, 4000)]
        assert chances[0] == 1.0
        assert (np.diff(chances) <= 0).all()
        steps = np.array(chances[:-1]) - chances[1:]
        assert steps.max() < 0.15
    for size, row in zip(SIZES.tolist(), QUANTILES, strict=True):
        last = dip_p_value(row[-1] / np.sqrt(size), size)
        assert last == pytest.approx(PROBABILITIES[-1], rel=1e-6)
    assert dip_p_value(0.25, 9) == 1.0

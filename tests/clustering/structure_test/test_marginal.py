from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.clustering.structure_test.dip import dip
from customer_atlas.clustering.structure_test.marginal import one_mode, with_atoms

__all__: list[str] = []


@given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=80, unique=True))
def test_the_density_rises_and_then_falls(values: list[int]) -> None:
    knots, shares = one_mode(np.sort(np.array(values, dtype=float)))
    density = np.diff(shares) / np.diff(knots)
    top = int(np.argmax(density))
    assert shares[0] == 0
    assert shares[-1] == 1
    assert (density > 0).all()
    assert (np.diff(density[: top + 1]) >= -1e-9 * density[top]).all()
    assert (np.diff(density[top:]) <= 1e-9 * density[top]).all()


@pytest.mark.parametrize("kind", ["normal", "random", "exponential", "standard_cauchy"])
def test_a_sample_of_one_mode_is_hardly_changed(kind: str) -> None:
    values = np.sort(getattr(np.random.default_rng(0), kind)(size=2000))
    knots, shares = one_mode(values)
    empirical = (np.arange(2000) + 0.5) / 2000
    assert np.abs(np.interp(values, knots, shares) - empirical).max() < 0.03


def test_a_valley_is_filled() -> None:
    draw = np.random.default_rng(0)
    values = np.sort(draw.normal(size=2000) + 6 * (np.arange(2000) % 2))
    marginal = with_atoms(values, np.empty(0), np.empty(0))
    again = marginal.quantile(draw.random(2000))
    assert dip(values) > 0.08
    assert dip(again) < 0.015
    assert again.mean() == pytest.approx(values.mean(), abs=0.7)


@pytest.mark.parametrize("place", [-1.0, 0.5, 2.0])
def test_an_atom_keeps_its_share_and_its_place(place: float) -> None:
    draw = np.random.default_rng(0)
    marginal = with_atoms(np.sort(draw.random(700)), np.array([place]), np.array([0.3]))
    values = marginal.quantile(draw.random(20_000))
    assert (values == place).mean() == pytest.approx(0.3, abs=0.015)
    rest = values[values != place]
    assert rest.mean() == pytest.approx(0.5, abs=0.03)
    begin, end = marginal.atoms[0]
    assert end - begin == pytest.approx(0.3)


def test_values_that_rounding_alone_tells_apart_are_one() -> None:
    once = np.sort(np.random.default_rng(0).normal(size=300))
    twice = np.sort(np.concatenate([once, np.nextafter(once, np.inf)]))
    nothing = np.empty(0)
    ours, theirs = (with_atoms(body, nothing, nothing) for body in (twice, once))
    at = np.linspace(0.01, 0.99, 99)
    assert ours.quantile(at) == pytest.approx(theirs.quantile(at), abs=1e-6)

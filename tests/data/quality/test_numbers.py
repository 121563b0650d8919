"""Numbers are profiled from their counted values as NumPy profiles them from all rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from customer_atlas.data.quality.numbers import number_profile
from customer_atlas.data.quality.profile import PROBABILITIES, NumberProfile

COLUMNS = arrays(
    np.float64,
    st.integers(1, 300),
    elements=st.one_of(
        st.integers(-5, 5).map(float),
        st.floats(-1e12, 1e12, allow_nan=False, allow_subnormal=False),
    ),
)


def profiled(column: np.ndarray) -> NumberProfile:
    return number_profile(*np.unique(column + 0.0, return_counts=True))


@given(COLUMNS)
def test_every_count_and_quantile_is_that_of_all_rows(column: np.ndarray) -> None:
    found = profiled(column)
    # In whole percents: NumPy's own quantile takes 0.55 * 100 for a little more than 55.
    ranks = [-(-round(100 * p) * column.size // 100) for p in PROBABILITIES]
    assert found.quantiles == tuple(np.sort(column)[rank - 1] for rank in ranks)
    assert (found.least, found.most) == (column.min(), column.max())
    assert (found.zeros, found.negatives) == ((column == 0).sum(), (column < 0).sum())
    assert found.at_commonest == max(np.unique(column, return_counts=True)[1])
    uppers = np.array([*found.edges, np.inf])
    assert found.bins == tuple(np.bincount(np.searchsorted(uppers, column), minlength=len(uppers)))
    assert sum(found.bins) == column.size


@given(COLUMNS, st.randoms())
def test_the_order_of_the_values_does_not_matter(column: np.ndarray, draw: object) -> None:
    values, counts = np.unique(column, return_counts=True)
    mixed = np.random.default_rng(0).permutation(values.size)
    assert number_profile(values[mixed], counts[mixed]) == number_profile(values, counts)


@pytest.mark.parametrize("scale", [0.01, 100.0, 4096.0])
def test_what_is_far_out_does_not_depend_on_the_unit(scale: float) -> None:
    column = np.random.default_rng(1).lognormal(3, 1, 5000)
    column[:7] = 1e7
    assert profiled(column).far == profiled(column * scale).far == 7


def test_ordinary_amounts_are_rarely_called_far_out() -> None:
    draw = np.random.default_rng(2)
    alarms = sum(profiled(draw.lognormal(2, 1.5, 2000)).far > 0 for _ in range(200))
    # The rule lets one in a hundred columns be flagged; ten of 200 has a chance under 1e-4.
    assert alarms <= 10


def test_small_counts_are_not_far_out_because_most_are_one() -> None:
    pieces = 1 + np.random.default_rng(3).poisson(0.2, 3000).astype(float)
    assert profiled(pieces).far == 0
    assert profiled(np.append(pieces, 80_995.0)).far == 1

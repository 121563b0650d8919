from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.features.selection.constants import constants
from tests.features.selection.columns import category, number


@given(others=st.integers(0, 40), size=st.integers(100, 20_000))
def test_constant_is_what_999_of_1000_customers_share(others: int, size: int) -> None:
    values = np.zeros(size)
    values[:others] = np.arange(1, others + 1)
    dropped = bool(list(constants([number(values)])))
    assert dropped == (size - others >= 0.999 * size)


def test_to_be_unknown_is_a_value_among_others() -> None:
    half_known = np.where(np.arange(100) < 50, 1.0, np.nan)
    assert not list(constants([number(half_known)]))
    [(_, why)] = constants([number(np.full(100, np.nan))])
    assert why == "It is unknown for all 100 customers looked at."


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([2.5] * 1000 + [3.0], "It is 2.5 for 1,000 of 1,001 customers looked at (99.90%)"),
        ([np.nan] * 1000 + [3.0], "It is unknown for 1,000 of 1,001 customers looked at (99.90%)"),
    ],
)
def test_a_nearly_constant_one_says_how_many_differ(values: list[float], why: str) -> None:
    [(_, said)] = constants([number(values)])
    assert said == f"{why}: the others are too few for a segment."


def test_a_category_of_one_level_is_constant_and_named() -> None:
    [(_, why)] = constants([category(["tea"] * 30)])
    assert why == "All 30 customers looked at have the same: 'tea'."


def test_nobody_has_no_constant_feature() -> None:
    assert not list(constants([number([])]))

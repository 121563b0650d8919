from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.features.selection.customers import Column
from customer_atlas.features.selection.duplicates import duplicates
from tests.features.selection.columns import category, number

RNG = np.random.default_rng(3)
HEAVY = np.exp(RNG.normal(0, 2, 500))
FLAGS = (RNG.random(500) < 0.3).astype(float)
NAMES = RNG.choice(["a", "b", "c"], 500)


def found(*columns: Column) -> list[str]:
    return [name for name, _ in duplicates(columns)]


@given(scale=st.floats(0.001, 1000), shift=st.floats(-1000, 1000), negative=st.booleans())
def test_another_unit_is_a_duplicate(scale: float, shift: float, negative: bool) -> None:
    other = HEAVY * (-scale if negative else scale) + shift
    assert found(number(HEAVY, "one"), number(other, "two")) == ["two"]


@pytest.mark.parametrize("change", [np.log, np.sqrt, np.reciprocal])
def test_a_monotone_function_is_a_duplicate(change: np.ufunc) -> None:
    assert found(number(HEAVY, "one"), number(change(HEAVY), "two")) == ["two"]


def test_the_earlier_one_is_kept_and_named_whatever_the_order() -> None:
    one, two = number(HEAVY, "one"), number(2 * HEAVY, "two")
    [(name, why)] = duplicates([two, number(FLAGS, "other"), one])
    assert name == "one"
    assert why.startswith("It repeats 'two': their rank correlation is 1.0000 over the 499 ")


def test_equal_columns_are_said_to_be_the_same() -> None:
    [(_, why)] = duplicates([number(HEAVY, "one"), number(HEAVY.copy(), "two")])
    assert why == "It is the same number as 'one' for all 500 customers looked at."


def test_two_flags_that_go_together_are_duplicates_and_others_are_not() -> None:
    assert found(number(FLAGS, "one"), number(5 - 3 * FLAGS, "two")) == ["two"]
    assert not found(number(FLAGS, "one"), number(RNG.random(500) < 0.3, "two"))


def test_zeros_that_two_columns_share_do_not_make_them_duplicates() -> None:
    few = RNG.random(5000) < 0.02
    count, amount = few * RNG.integers(1, 5, 5000), few * np.exp(RNG.normal(0, 1, 5000))
    assert not found(number(count, "count"), number(amount, "amount"), number(few, "any"))


def test_one_huge_customer_does_not_make_two_columns_duplicates() -> None:
    one = RNG.exponential(size=500)
    two = one + RNG.exponential(0.2, size=500)
    one[0] = two[0] = 1e9
    assert np.corrcoef(one, two)[0, 1] > 0.999
    assert not found(number(one, "one"), number(two, "two"))


def test_what_is_known_of_others_is_no_duplicate() -> None:
    partly = np.where(RNG.random(500) < 0.1, np.nan, HEAVY)
    assert not found(number(HEAVY, "one"), number(partly, "two"))
    assert found(number(partly, "one"), number(partly * 2, "two")) == ["two"]


@given(correlation=st.floats(0, 0.99), seed=st.integers(0, 1000))
def test_columns_that_merely_go_together_stay(correlation: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, own = rng.normal(size=(2, 400))
    two = correlation * one + np.sqrt(1 - correlation**2) * own
    assert not found(number(one, "one"), number(two, "two"))


def test_too_few_customers_to_contradict_make_no_duplicate() -> None:
    rare = np.zeros(500)
    rare[:19] = np.arange(19) + 1
    assert not found(number(rare, "one"), number(rare, "two"))


def test_renamed_levels_are_duplicates_and_merged_ones_are_not() -> None:
    renamed = [{"a": "x", "b": None, "c": "y"}[name] for name in NAMES]
    merged = [{"a": "x", "b": "y", "c": "y"}[name] for name in NAMES]
    [(name, why)] = duplicates(
        [category(NAMES, "one"), category(renamed, "two"), category(merged, "three")]
    )
    assert name == "two"
    assert why == "Each of its 3 values goes with one of 'one', and the reverse."


def test_two_codes_that_each_customer_has_alone_are_no_duplicates() -> None:
    codes = [f"{place:04}" for place in range(500)]
    assert not found(category(codes, "one"), category(RNG.permutation(codes), "two"))

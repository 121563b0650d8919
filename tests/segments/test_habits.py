"""Habits say where a group surely differs, and nothing of what a single customer did."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from customer_atlas.segments import Habit, Habits, Sums, print_of

KEYS = ("a", "b", "c")


def sums_of(counts: NDArray[np.float64], keys: Sequence[str] = KEYS) -> Sums:
    """Sums over customers (rows) of what each did by key (columns)."""
    totals = counts.sum(axis=1)
    parts = {
        key: (float(x.sum()), float((x * x).sum()), float((x * totals).sum()))
        for key, x in zip(keys, counts.T, strict=True)
    }
    return Sums(
        len(counts), int(totals.sum()), float(totals.sum()), float((totals**2).sum()), parts
    )


def drawn(
    customers: int, shares: Sequence[float], seed: int, acts: int = 20
) -> NDArray[np.float64]:
    draw = np.random.default_rng(seed)
    each = draw.poisson(acts, customers) + 1
    return np.array([draw.multinomial(n, shares) for n in each], dtype=float)


def test_shares_and_errors_are_those_of_a_ratio_over_customers() -> None:
    counts = drawn(400, (0.5, 0.3, 0.2), 1)
    found = print_of(sums_of(counts), KEYS)
    assert found is not None
    assert found.shares == pytest.approx(counts.sum(axis=0) / counts.sum(), abs=1e-9)
    draw = np.random.default_rng(0)
    picked = counts[draw.integers(0, 400, (800, 400))].sum(axis=1)
    bootstrap = (picked / picked.sum(axis=1, keepdims=True)).std(axis=0)
    assert found.errors == pytest.approx(bootstrap, rel=0.15)


def test_sums_of_two_parts_are_those_of_all() -> None:
    counts = drawn(60, (0.6, 0.4, 0.0), 2)
    whole, halves = sums_of(counts), sums_of(counts[:20]) + sums_of(counts[20:])
    assert print_of(whole, KEYS) == print_of(halves, KEYS)


@pytest.mark.parametrize(("customers", "acts"), [(4, 50), (12, 1), (1, 500)])
def test_of_little_evidence_there_is_no_print(customers: int, acts: int) -> None:
    counts = np.zeros((customers, 3))
    counts[:, 0] = acts
    assert print_of(sums_of(counts), KEYS) is None


def habit(groups: dict[str, NDArray[np.float64]]) -> Habit:
    everyone = print_of(sums_of(np.concatenate(list(groups.values()))), KEYS)
    found = {name: one for name, rows in groups.items() if (one := print_of(sums_of(rows), KEYS))}
    assert everyone is not None
    return Habit("category", "orders", KEYS, everyone, found)


def test_a_group_that_differs_leans_the_largest_surplus_first() -> None:
    one = habit({"x": drawn(300, (0.6, 0.3, 0.1), 1), "y": drawn(900, (0.3, 0.3, 0.4), 2)})
    leans = one.leans("x")
    assert [lean.key for lean in leans] == ["a", "c"]
    assert leans[0].share > leans[0].everyone
    assert leans[-1].share < leans[-1].everyone
    assert one.leans("nobody") == []


def test_groups_that_are_alike_do_not_lean() -> None:
    shares = (0.5, 0.3, 0.2)
    for seed in range(20):
        one = habit({"x": drawn(300, shares, seed), "y": drawn(300, shares, 100 + seed)})
        assert one.leans("x") == one.leans("y") == []


def test_what_one_customer_did_is_no_habit_of_anybody() -> None:
    whale, others = drawn(100, (0.5, 0.5, 0.0), 3), drawn(100, (0.5, 0.5, 0.0), 4)
    whale[0] = (0, 0, 1500)
    one = habit({"x": whale, "y": others})
    assert one.groups["x"].shares[2] > 0.3
    assert one.leans("x") == one.leans("y") == []


def test_habits_are_read_as_they_were_written() -> None:
    found = Habits(10, 20, (habit({"x": drawn(30, (0.5, 0.3, 0.2), 1)}),))
    assert Habits.from_dict(found.to_dict()) == found
    assert found.of("category") == found.found[0]
    assert found.of("hour") is None

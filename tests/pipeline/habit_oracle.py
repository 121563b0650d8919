"""Habits counted anew with pandas, to hold those of the product to."""

from __future__ import annotations

import pandas as pd
import pytest

from customer_atlas.segments import Habits

__all__ = ["hold_to"]


def hold_to(habits: Habits, what: str, acts: pd.DataFrame, members: pd.DataFrame) -> None:
    """Hold a habit to a table of acts: customer_id, key, weight; and of who is in which segment."""
    habit = habits.of(what)
    assert habit is not None
    rows = acts.dropna(subset=["key"]).merge(members, on="customer_id")
    groups = {None: rows, **dict(list(rows.groupby("segment_id")))}
    assert set(habit.groups) == {
        name
        for name, own in groups.items()
        if name and own["customer_id"].nunique() >= 5 and len(own) >= 30
    }
    for name, own in groups.items():
        found = habit.everyone if name is None else habit.groups.get(name)
        if found is None:
            continue
        wide = own.pivot_table("weight", "customer_id", "key", "sum", fill_value=0.0)
        shares = wide.sum() / wide.to_numpy().sum()
        expected = shares.reindex(list(habit.keys), fill_value=0.0)
        assert found.shares == pytest.approx(expected.to_numpy(), abs=1e-8)
        assert (found.customers, found.acts) == (len(wide), len(own))
        left = wide.sub(wide.sum(axis=1).to_numpy()[:, None] * shares.to_numpy())
        spread = (left**2).sum() * len(wide) / (len(wide) - 1)
        errors = (spread**0.5 / wide.to_numpy().sum()).reindex(list(habit.keys), fill_value=0.0)
        assert found.errors == pytest.approx(errors.to_numpy(), abs=1e-7)

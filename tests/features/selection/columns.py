"""Columns of features for tests, as the selection reads them."""

from __future__ import annotations

from typing import Any

import numpy as np

from customer_atlas.features.selection.customers import Column, Customers, read_customers
from tests.features.selection.planted import info, table

__all__ = ["category", "customers_of", "number"]


def customers_of(**columns: Any) -> Customers:
    """Return customers with these features; text makes a category."""
    size = len(next(iter(columns.values())))
    infos = [
        info(name, kind="category" if _is_text(values) else "number")
        for name, values in columns.items()
    ]
    ids = [f"customer {place}" for place in range(size)]
    return read_customers(table(ids, columns), infos, 0, "now")


def number(values: Any, name: str = "feature", unit: Any = "number") -> Column:
    return Column(info(name, unit), np.asarray(values, dtype=float))


def category(values: Any, name: str = "feature") -> Column:
    levels = tuple(sorted({value for value in values if value is not None}))
    codes = [np.nan if value is None else levels.index(value) for value in values]
    return Column(info(name, "category", kind="category"), np.array(codes, float), levels)


def _is_text(values: Any) -> bool:
    return any(isinstance(value, str) for value in values)

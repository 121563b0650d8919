"""The products that the simulated retailer sells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from customer_atlas.simulate.kinds import CATEGORIES

__all__ = ["PRODUCTS_PER_CATEGORY", "Catalogue", "draw_catalogue"]

PRODUCTS_PER_CATEGORY = 40

# Median price of a category in `CATEGORIES`, in money.
_MEDIANS = np.array([14.0, 12.0, 24.0, 45.0, 18.0, 20.0, 6.0, 16.0, 26.0, 17.0])
_BRANDS = (
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Hazel", "Juniper", "Larch", "Maple",
    "Oak", "Pine",
)  # fmt: skip


@dataclass(frozen=True)
class Catalogue:
    """Products by category, and within a category from the cheapest to the dearest.

    `price` is in whole cents, one per row of `table` (product, category, brand, price).
    """

    price: np.ndarray
    table: pa.Table


def draw_catalogue(rng: np.random.Generator) -> Catalogue:
    """Draw the prices and brands of `PRODUCTS_PER_CATEGORY` products in each category."""
    shape = (len(CATEGORIES), PRODUCTS_PER_CATEGORY)
    prices = np.sort(_MEDIANS[:, None] * np.exp(0.5 * rng.standard_normal(shape)), axis=1)
    cents = np.maximum(np.rint(prices * 100), 50).astype(np.int64).ravel()
    table = pa.table(
        {
            "product": pa.array([f"P{number:04}" for number in range(1, cents.size + 1)]),
            "category": pa.array(np.repeat(CATEGORIES, PRODUCTS_PER_CATEGORY), pa.string()),
            "brand": pa.array(rng.choice(_BRANDS, cents.size), pa.string()),
            "price": pa.array(cents / 100.0),
        }
    )
    return Catalogue(cents, table)

"""What customers put into an order, what they pay, and what they bring back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from customer_atlas.simulate.calendar import cumulated, drawn
from customer_atlas.simulate.catalogue import PRODUCTS_PER_CATEGORY
from customer_atlas.simulate.habits import Habits
from customer_atlas.simulate.kinds import CustomerKind

__all__ = ["Lines", "draw_lines"]

_DEPTH_STEP = 0.05
_DEEPEST = 0.8


@dataclass(frozen=True)
class Lines:
    """One value per line of an order; money in whole cents, a return's day is -1 for none.

    `order` and `product` are indices; `returned_after` is in days.
    """

    order: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    discount: np.ndarray
    returned_after: np.ndarray


def draw_lines(
    rng: np.random.Generator,
    kinds: Sequence[CustomerKind],
    habits: Habits,
    customer: np.ndarray,
    price: np.ndarray,
) -> Lines:
    """Draw the lines of orders; `customer` is whose each order is, `price` cents by product."""
    count = 1 + rng.poisson(habits.lines[customer] - 1)
    order = np.repeat(np.arange(customer.size), count)
    whose = customer[order]
    product = _products(rng, kinds, habits, whose)
    quantity = 1 + rng.poisson(habits.units[whose] - 1)
    cheaper = rng.random(whose.size) < habits.discount[whose]
    depth = _depths(rng, habits.depth[whose])
    discount = np.where(cheaper, np.rint(quantity * price[product] * depth), 0.0)
    returned = rng.random(whose.size) < habits.returns[whose]
    after = np.where(returned, rng.integers(1, 22, whose.size), -1)
    return Lines(order, product, quantity, discount.astype(np.int64), after)


def _products(
    rng: np.random.Generator, kinds: Sequence[CustomerKind], habits: Habits, whose: np.ndarray
) -> np.ndarray:
    mix = np.stack([cumulated(np.array(kind.mix)) for kind in kinds])
    other = drawn(mix, habits.kind[whose], rng.random(whose.size))
    loyal = rng.random(whose.size) < habits.focus[whose]
    category = np.where(loyal, habits.favourite[whose], other)
    # The rank u ** ((1 - p) / p) of a uniform u has mean p.
    level = habits.price_level[whose]
    rank = rng.random(whose.size) ** ((1 - level) / level)
    place = np.minimum((rank * PRODUCTS_PER_CATEGORY).astype(np.int64), PRODUCTS_PER_CATEGORY - 1)
    product: np.ndarray = category * PRODUCTS_PER_CATEGORY + place
    return product


def _depths(rng: np.random.Generator, mean: np.ndarray) -> np.ndarray:
    # Between half and one and a half of the mean, in the steps in which shops take off.
    depth = mean * (0.5 + rng.random(mean.size))
    steps = np.maximum(np.rint(depth / _DEPTH_STEP), 1)
    taken: np.ndarray = np.minimum(steps * _DEPTH_STEP, _DEEPEST)
    return taken

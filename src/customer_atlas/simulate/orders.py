"""When customers order: renewal processes, many at once."""

from __future__ import annotations

import numpy as np

from customer_atlas.simulate.habits import Habits

__all__ = ["order_moments"]


def order_moments(rng: np.random.Generator, habits: Habits) -> tuple[np.ndarray, np.ndarray]:
    """Draw the orders of every customer: whose they are, and their moments of business time.

    Who arrives within the period orders first at that moment; who was there before is met
    somewhere between two orders, as an equilibrium renewal process is (Cox, Renewal Theory,
    1962, section 5.2), so that orders come at the planted rate from the first day. Every
    customer has at least one order, and those who do not repeat exactly one.

    Returns:
        Index of the customer and moment of each order, sorted by customer, then by time.
    """
    last = _first(rng, habits)
    customers, moments = [np.arange(last.size)], [last.copy()]
    alive = habits.repeats.copy()
    while alive.any():
        customer = np.flatnonzero(alive)
        owner, found = _continued(rng, habits, customer, last[customer])
        inside = found < habits.stop[owner]
        customers.append(owner[inside])
        moments.append(found[inside])
        # Who has not reached the end within the orders drawn goes on from the last of them.
        ends = np.flatnonzero(np.append(owner[1:] != owner[:-1], True))
        last[customer] = found[ends]
        alive[customer] = inside[ends]
    return _sorted(np.concatenate(customers), np.concatenate(moments))


def _first(rng: np.random.Generator, habits: Habits) -> np.ndarray:
    # The gap that covers a given moment is size-biased: a gamma of one shape more.
    shape = habits.regularity
    covering = rng.standard_gamma(shape + 1) * habits.gap / shape
    before = covering * rng.random(shape.size)
    moment = np.where(habits.arrival < 0, before, habits.arrival)
    # A customer without any order would be nobody's customer.
    anywhere = habits.stop * rng.random(shape.size)
    return np.where(moment < habits.stop, moment, anywhere)


def _continued(
    rng: np.random.Generator, habits: Habits, customer: np.ndarray, since: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    gap, shape = habits.gap[customer], habits.regularity[customer]
    expected = (habits.stop[customer] - since) / gap
    # Three deviations: nearly everyone ends in the first round, and few draws are wasted.
    count = np.ceil(expected + 3 * np.sqrt(expected / shape + 1) + 1).astype(np.int64)
    owner = np.repeat(customer, count)
    gaps = rng.standard_gamma(np.repeat(shape, count)) * np.repeat(gap / shape, count)
    total = np.cumsum(gaps)
    start = np.cumsum(count) - count
    return owner, total - np.repeat(total[start] - gaps[start] - since, count)


def _sorted(customer: np.ndarray, moment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.lexsort((moment, customer))
    return customer[order], moment[order]

"""What each single customer does: the kind's means, varied from person to person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from customer_atlas.simulate.kinds import CATEGORIES, CustomerKind

__all__ = ["Habits", "draw_habits"]

_ALIKE = 20.0


@dataclass(frozen=True)
class Habits:
    """One value per customer in each array; times are in days of business time."""

    kind: np.ndarray
    gap: np.ndarray
    regularity: np.ndarray
    repeats: np.ndarray
    lines: np.ndarray
    units: np.ndarray
    price_level: np.ndarray
    favourite: np.ndarray
    focus: np.ndarray
    discount: np.ndarray
    depth: np.ndarray
    returns: np.ndarray
    online: np.ndarray
    arrival: np.ndarray
    stop: np.ndarray


def draw_habits(
    rng: np.random.Generator, kinds: Sequence[CustomerKind], kind: np.ndarray, days: int
) -> Habits:
    """Draw the habits of customers whose kinds are given by index; means are the kind's own."""
    spread = _of(kinds, "spread")[kind]
    return Habits(
        kind=kind,
        # The rate, not the gap, has the planted mean, so that counts of orders do.
        gap=_of(kinds, "gap_days")[kind] / _factor(rng, spread),
        regularity=_of(kinds, "regularity")[kind],
        repeats=rng.random(kind.size) < _of(kinds, "repeat")[kind],
        lines=1 + (_of(kinds, "basket_lines")[kind] - 1) * _factor(rng, spread),
        units=1 + (_of(kinds, "units")[kind] - 1) * _factor(rng, spread),
        price_level=_share(rng, _of(kinds, "price_level")[kind]),
        favourite=rng.integers(0, len(CATEGORIES), kind.size),
        focus=_share(rng, _of(kinds, "focus")[kind]),
        discount=_share(rng, _of(kinds, "discount_propensity")[kind]),
        depth=_of(kinds, "discount_depth")[kind],
        returns=_share(rng, _of(kinds, "return_propensity")[kind]),
        online=_share(rng, _of(kinds, "online")[kind]),
        arrival=days * _within(rng, kinds, "arrives", kind),
        stop=days * np.minimum(_within(rng, kinds, "lapses", kind), 1.0),
    )


def _of(kinds: Sequence[CustomerKind], name: str) -> np.ndarray:
    return np.array([getattr(kind, name) for kind in kinds], dtype=np.float64)


def _factor(rng: np.random.Generator, spread: np.ndarray) -> np.ndarray:
    # Log-normal with mean 1.
    factor: np.ndarray = np.exp(spread * rng.standard_normal(spread.size) - spread**2 / 2)
    return factor


def _share(rng: np.random.Generator, mean: np.ndarray) -> np.ndarray:
    # A beta distribution has no mean of exactly 0 or 1: such shares do not vary.
    certain = (mean <= 0) | (mean >= 1)
    inner = np.where(certain, 0.5, mean)
    return np.where(certain, mean, rng.beta(inner * _ALIKE, (1 - inner) * _ALIKE))


def _within(
    rng: np.random.Generator, kinds: Sequence[CustomerKind], name: str, kind: np.ndarray
) -> np.ndarray:
    low, high = np.array([getattr(one, name) for one in kinds], dtype=np.float64).T
    placed: np.ndarray = low[kind] + (high - low)[kind] * rng.random(kind.size)
    return placed

"""Kinds of customer: what is planted, and so what a segmentation ought to find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType

import numpy as np

from customer_atlas.errors import UsageError, nearest

__all__ = ["CATEGORIES", "KINDS", "CustomerKind", "blended"]

CATEGORIES = (
    "beauty",
    "books",
    "clothing",
    "electronics",
    "garden",
    "gifts",
    "grocery",
    "home",
    "sports",
    "toys",
)

_EVEN_YEAR = (1.0,) * 12
_SHARES = ("price_level", "focus", "discount_propensity", "discount_depth")
_CHANCES = ("return_propensity", "online", "repeat")


@dataclass(frozen=True)
class CustomerKind:
    """How one kind of customer buys: the means around which its customers vary.

    Orders are a renewal process: gaps are gamma distributed with mean `gap_days` and shape
    `regularity` (1 is a Poisson process, more is more regular), run on a clock that goes faster
    in busy seasons and on busy weekdays, so that `gap_days` holds in the mean of the period.
    `spread` is the standard deviation of the logarithm of a customer's own rate and basket;
    shares and chances vary by a beta distribution around theirs.

    Attributes:
        name: what the truth calls it.
        share: of the customers, relative to the other kinds.
        gap_days: mean days between orders.
        regularity: shape of the gaps.
        repeat: chance that a customer ever buys again after the first order.
        basket_lines: mean lines (products) of an order, at least 1.
        units: mean units of a line, at least 1.
        price_level: mean price rank of what is bought within its category, from 0 to 1.
        focus: share of lines in the customer's own favourite category; the rest follows
            `categories`, weights relative to 1 for those not named.
        discount_propensity: share of lines bought at a discount; `discount_depth` is the
            mean part of the price that it takes off.
        return_propensity: chance that a line is returned within three weeks.
        online: share of orders made online.
        months: relative intensity of ordering, January to December.
        arrives: window of the first order, as fractions of the period; before 0 means that
            the customer was there already.
        lapses: window of the moment after which the customer orders no more; from 1 is never.

    Raises:
        UsageError: a value that no customer can have.

    >>> CustomerKind("weekly", share=1, gap_days=7).lapses
    (1.0, 1.0)
    """

    name: str
    share: float
    gap_days: float
    regularity: float = 1.0
    repeat: float = 1.0
    basket_lines: float = 2.0
    units: float = 1.3
    price_level: float = 0.5
    focus: float = 0.15
    discount_propensity: float = 0.15
    discount_depth: float = 0.2
    return_propensity: float = 0.03
    online: float = 0.4
    categories: Mapping[str, float] = field(default_factory=dict)
    months: tuple[float, ...] = _EVEN_YEAR
    arrives: tuple[float, float] = (-1.0, 0.1)
    lapses: tuple[float, float] = (1.0, 1.0)
    spread: float = 0.3

    def __post_init__(self) -> None:
        # A copy that nobody can change: a kind is a constant.
        object.__setattr__(self, "categories", MappingProxyType(dict(self.categories)))
        for rule, holds in self._rules().items():
            if not holds:
                raise UsageError(f"The kind of customer '{self.name}' is impossible: {rule}.")
        for name in self.categories:
            if name not in CATEGORIES:
                known = nearest(name, CATEGORIES)
                raise UsageError(f"The kind '{self.name}' buys in '{name}', no category.{known}")

    def _rules(self) -> dict[str, bool]:
        (first, last), (leaves, left) = self.arrives, self.lapses
        return {
            "share must be positive": self.share > 0,
            "gap_days and regularity must be positive": min(self.gap_days, self.regularity) > 0,
            "an order has at least one line of one unit": min(self.basket_lines, self.units) >= 1,
            "price_level lies between 0 and 1": 0 < self.price_level < 1,
            "discount_depth lies between 0 and 0.8": 0 <= self.discount_depth <= 0.8,
            "shares and chances lie from 0 to 1": all(
                0 <= getattr(self, name) <= 1 for name in _SHARES + _CHANCES
            ),
            "spread and weights cannot be negative": min(
                self.spread, *self.months, *self.categories.values(), 0
            )
            >= 0,
            "months are twelve and not all zero": len(self.months) == 12 and any(self.months),
            "arrives and lapses are windows in order": first <= last < leaves <= left,
            "someone must arrive within the period, and lapse after it began": last < 1
            and leaves > 0,
        }

    @property
    def mix(self) -> tuple[float, ...]:
        """The share of each of `CATEGORIES` in the lines outside the favourite category."""
        weights = np.array([self.categories.get(name, 1.0) for name in CATEGORIES])
        return tuple((weights / weights.sum()).tolist())


def blended(kinds: Sequence[CustomerKind], overlap: float) -> tuple[CustomerKind, ...]:
    """Move every kind towards the mean of all, by `overlap` from 0 (not) to 1 (all alike).

    Rates, baskets and shapes move in their logarithms, everything else linearly; names and
    shares stay.

    >>> a, b = blended([CustomerKind("a", 1, 4.0), CustomerKind("b", 1, 16.0)], 1.0)
    >>> round(a.gap_days, 9), round(b.gap_days, 9)
    (8.0, 8.0)
    """
    if overlap == 0:
        return tuple(kinds)
    shares = np.array([kind.share for kind in kinds])
    vectors = np.array([_vector(kind) for kind in kinds])
    mean = shares @ vectors / shares.sum()
    return tuple(
        _from_vector(kind, vector + overlap * (mean - vector))
        for kind, vector in zip(kinds, vectors, strict=True)
    )


_LOGS = ("gap_days", "regularity", "basket_lines", "units")
_PAIRS = ("arrives", "lapses")
_TEXTS = ("name", "share", "categories", "months")
_PLAIN = tuple(
    item.name for item in fields(CustomerKind) if item.name not in _LOGS + _PAIRS + _TEXTS
)


def _vector(kind: CustomerKind) -> np.ndarray:
    months = np.array(kind.months) / np.sum(kind.months)
    return np.concatenate(
        [
            np.log([getattr(kind, name) for name in _LOGS]),
            [getattr(kind, name) for name in _PLAIN],
            np.ravel([getattr(kind, name) for name in _PAIRS]),
            kind.mix,
            months,
        ]
    )


def _from_vector(kind: CustomerKind, vector: np.ndarray) -> CustomerKind:
    cuts = np.cumsum([len(_LOGS), len(_PLAIN), 2 * len(_PAIRS), len(CATEGORIES)])
    logs, plain, windows, mix, months = (part.tolist() for part in np.split(vector, cuts))
    values = dict(zip(_LOGS, np.exp(logs).tolist(), strict=True))
    values |= dict(zip(_PLAIN, plain, strict=True))
    # Rounding may leave a mean of ones, such as `lapses`, a hair below one.
    windows = [round(value, 12) for value in windows]
    return replace(
        kind,
        **values,
        arrives=(windows[0], windows[1]),
        lapses=(windows[2], windows[3]),
        categories=dict(zip(CATEGORIES, mix, strict=True)),
        months=tuple(months),
    )


KINDS = (
    CustomerKind(
        "loyal regular",
        share=0.16,
        gap_days=20,
        regularity=2.5,
        basket_lines=2.2,
        discount_propensity=0.14,
        categories={"grocery": 3.0, "home": 1.5},
        arrives=(-1.0, 0.2),
    ),
    CustomerKind(
        "big-basket stocker",
        share=0.10,
        gap_days=50,
        regularity=3.0,
        basket_lines=8.0,
        units=2.2,
        price_level=0.45,
        discount_propensity=0.2,
        categories={"grocery": 4.0, "home": 2.0},
        online=0.6,
    ),
    CustomerKind(
        "bargain hunter",
        share=0.15,
        gap_days=36,
        regularity=1.2,
        basket_lines=2.4,
        price_level=0.4,
        discount_propensity=0.66,
        discount_depth=0.3,
        categories={"clothing": 2.0},
        online=0.6,
    ),
    CustomerKind(
        "seasonal gift buyer",
        share=0.11,
        gap_days=70,
        regularity=1.0,
        basket_lines=2.8,
        price_level=0.72,
        discount_propensity=0.1,
        return_propensity=0.12,
        categories={"gifts": 6.0, "toys": 5.0, "books": 2.0, "beauty": 2.0, "grocery": 0.2},
        months=(0.2, 0.8, 0.2, 0.2, 0.7, 0.2, 0.2, 0.2, 0.2, 0.4, 4.0, 7.0),
    ),
    CustomerKind(
        "one-time buyer",
        share=0.16,
        gap_days=45,
        repeat=0.0,
        arrives=(0.0, 0.94),
        online=0.7,
    ),
    CustomerKind(
        "lapsed regular",
        share=0.12,
        gap_days=20,
        regularity=2.5,
        basket_lines=2.2,
        discount_propensity=0.14,
        categories={"grocery": 3.0, "home": 1.5},
        arrives=(-1.0, 0.1),
        lapses=(0.4, 0.8),
    ),
    CustomerKind(
        "new customer",
        share=0.08,
        gap_days=12,
        regularity=2.0,
        basket_lines=2.0,
        discount_propensity=0.2,
        arrives=(0.82, 0.93),
        online=0.7,
    ),
    CustomerKind(
        "category specialist",
        share=0.12,
        gap_days=32,
        regularity=1.5,
        basket_lines=1.7,
        price_level=0.65,
        focus=0.85,
        discount_propensity=0.12,
        online=0.5,
    ),
)
"""Eight kinds that a marketer would know; about 40 lines a customer in two years."""

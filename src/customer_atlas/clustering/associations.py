"""What categories say together: a level of a category alone is no group of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["Associations"]

_RIDGE = 1e-3  # of the mean variance: so that columns that repeat each other can be solved
_CERTAIN = 3.0  # standard errors above what columns without any relation would share
_LEAST = 0.1  # of a category's variance that others must tell: less, made large, is mostly noise
_MORE = 1.25  # times what numbers tell of it: less, and it tells what they tell already
_SMALLEST = 0.1  # of the largest component's variance
_ALONE = "no other column goes with it"
_NUMBERS = "numbers tell it as well"


@dataclass(frozen=True)
class Associations:
    """A linear map that puts what columns say of each other in the place of categories.

    Customers have one level of a category or another, and nothing in between: on their own
    columns each level is a group with empty borders, whatever these people are like. So a
    category takes part by what all other columns say of it (its regression on them), where that
    is certainly more than chance, and more than numbers say alone: those are there already. Of
    all categories together the principal components that stand out are kept, as is done with
    the indicators of a table (Pages, 2004, Analyse factorielle de donnees mixtes); without
    what a category says of itself, as in joint correspondence analysis (Greenacre, 1988).

    `map` (d, m) turns the columns of a matrix into numbers, as they are, and `components` more;
    `idle` says of each category without a part in them why that is.
    """

    map: Array
    numbers: tuple[int, ...]
    components: int
    idle: dict[str, str]

    @classmethod
    def of(cls, X: Array, weights: Array, categories: Mapping[str, Sequence[int]]) -> Associations:
        """Fit to rows (n, d) with weights (n,); `categories` are the columns of each of them.

        >>> draw = np.random.default_rng(0)
        >>> group = np.repeat([0.0, 1.0], 200)
        >>> X = np.column_stack([group, group, draw.integers(0, 2, 400), draw.normal(size=400)])
        >>> found = Associations.of(X, np.ones(400), {"plan": [0], "mail": [1], "coin": [2]})
        >>> found.numbers, found.components, found.idle
        ((3,), 1, {'coin': 'no other column goes with it'})
        """
        d = X.shape[1]
        shared = np.atleast_2d(np.cov(X, rowvar=False, aweights=weights, ddof=0))
        rows = float(weights.sum() ** 2 / (weights @ weights))
        own = {column for columns in categories.values() for column in columns}
        numbers = np.array([column for column in range(d) if column not in own], np.int64)
        said: list[Array] = []
        idle: dict[str, str] = {}
        for name, columns in categories.items():
            there = np.array(columns, np.int64)
            others = np.setdiff1d(np.arange(d), there)
            weight, share = _told(shared, others, there)
            chance = (len(others) + _CERTAIN * np.sqrt(2.0 * len(others))) / rows
            if share < max(_LEAST, chance):
                idle[name] = _ALONE
            elif share < _MORE * _told(shared, numbers, there)[1]:
                idle[name] = _NUMBERS
            else:
                said.append(weight / np.sqrt(share))
        parts = [np.eye(d)[:, numbers]]
        if said:
            parts.append(_components(np.concatenate(said, axis=1), shared))
        whole = np.concatenate(parts, axis=1)
        return cls(whole, tuple(numbers.tolist()), whole.shape[1] - len(numbers), idle)


def _told(shared: Array, by: NDArray[np.int64], of: NDArray[np.int64]) -> tuple[Array, float]:
    """Return the weights (d, c) that tell columns `of` by others, and the share that they tell."""
    weights = np.zeros((len(shared), len(of)))
    variance = float(np.trace(shared[np.ix_(of, of)]))
    if not len(by) or variance <= 0:
        return weights, 0.0
    among = shared[np.ix_(by, by)]
    ridge = _RIDGE * np.trace(among) / len(by)
    found = np.linalg.solve(among + max(ridge, 1e-12) * np.eye(len(by)), shared[np.ix_(by, of)])
    weights[by] = found
    return weights, float(np.trace(found.T @ among @ found)) / variance


def _components(said: Array, shared: Array) -> Array:
    """Return the weights (d, m) of the principal components of columns `said` (d, c)."""
    variances, axes = np.linalg.eigh(said.T @ shared @ said)
    order = np.argsort(variances)[::-1]
    kept = order[variances[order] >= _SMALLEST * variances[order[0]]]
    axes = axes[:, kept]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(len(kept))])
    return np.asarray(said @ (axes * signs))

"""The profile of a column of numbers, from each value and how often it occurs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from customer_atlas.data.quality.profile import PROBABILITIES, NumberProfile

__all__ = ["FAR", "looks_coded", "number_profile"]

FAR = 5.0
"""How many robust standard deviations of the logarithm are out of all proportion."""


def number_profile(values: np.ndarray, counts: np.ndarray) -> NumberProfile:
    """Return the profile of numbers, given each distinct value once, with its rows.

    Everything is exact, and the order of the values does not matter. The quantile at p is the
    least value that at least a share p of the rows do not exceed.

    >>> profile = number_profile(np.array([3.0, -1.0, 0.0]), np.array([5, 1, 4]))
    >>> profile.median, profile.zeros, profile.negatives, profile.most
    (0.0, 4, 1, 3.0)
    """
    order = np.argsort(values)
    values, counts = values[order], counts[order].astype(np.int64)
    until = np.cumsum(counts)
    rows = int(until[-1])
    places = np.searchsorted(until, np.ceil(np.array(PROBABILITIES) * rows - 1e-9))
    quantiles = tuple(values[places].tolist())
    edges = _edges(quantiles)
    sizes = np.abs(values)
    zeros, negatives = int(counts[values == 0].sum()), int(counts[values < 0].sum())
    far = sizes > _limit(quantiles, (zeros + negatives) / rows, rows)
    total = float(sizes @ counts)
    return NumberProfile(
        least=float(values[0]),
        most=float(values[-1]),
        quantiles=quantiles,
        zeros=zeros,
        negatives=negatives,
        edges=edges,
        bins=_binned(values, counts, edges),
        at_least=int(counts[0]),
        at_most=int(counts[-1]),
        next_least=float(values[1]) if values.size > 1 else None,
        next_most=float(values[-2]) if values.size > 1 else None,
        commonest=float(values[counts.argmax()]),
        at_commonest=int(counts.max()),
        far=int(counts[far].sum()),
        far_share=round(float(sizes[far] @ counts[far]) / total, 6) if total else 0.0,
    )


def looks_coded(value: float) -> bool:
    """Say whether a number looks like a code for 'not known': 1, nines, or 5 of any digit.

    >>> [looks_coded(value) for value in (1, 9, 9999, 666666, 123, 2222, 99.5, 0)]
    [True, True, True, True, False, False, False, False]
    """
    if value < 1 or value != int(value):
        return False
    digits = str(int(value))
    return len(set(digits)) == 1 and (digits[0] == "9" or len(digits) >= 5 or value == 1)


def _edges(quantiles: Sequence[float]) -> tuple[float, ...]:
    """Return the deciles without repetition: a value that fills several is one edge."""
    deciles = [quantiles[place] for place in range(2, len(quantiles) - 1, 2)]
    return tuple(dict.fromkeys(deciles))


def _binned(values: np.ndarray, counts: np.ndarray, edges: Sequence[float]) -> tuple[int, ...]:
    bins = np.searchsorted(np.array(edges), values)
    found = np.bincount(bins, weights=counts, minlength=len(edges) + 1)
    return tuple(int(rows) for rows in found)


def _limit(quantiles: Sequence[float], below: float, rows: int) -> float:
    """Return the absolute value beyond which a number lies `FAR` deviations out; inf for none.

    The middle and the spread are those of the logarithms of the values above 0, by their
    quartiles: a few values, however far, cannot move them. `below` is the share of values that
    are not above 0. With normal logarithms the limit rises with the number of rows so that one
    in a hundred columns exceeds it by chance.
    """
    from scipy.special import ndtri

    if below >= 0.5:
        return math.inf
    wanted = below + np.array([0.05, 0.25, 0.5, 0.75, 0.95]) * (1 - below)
    found = np.interp(wanted, PROBABILITIES, quantiles)
    if found[0] <= 0:
        return math.inf
    low, first, middle, third, high = np.log(found)
    spread, least = (third - first) / 1.349, 0.0
    if not spread:
        # Small counts, such as pieces: wider quantiles tell the spread, and it takes a hundredfold.
        spread, least = (high - low) / 3.29, middle + math.log(100)
    limit = max(middle + max(FAR, -float(ndtri(0.005 / rows))) * spread, least)
    return math.exp(limit) if spread > 0 and limit < 300 else math.inf

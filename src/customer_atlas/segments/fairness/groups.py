"""The groups of a protected attribute: categories as they are, numbers in stated bands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["UNKNOWN", "Groups", "groups_of"]

UNKNOWN = "unknown"
_NOTHING = ("", "unknown", "n/a", "not stated")
_FEW = 6
_BANDS = 4
_MOST = 12
_OTHERS = "others"
_NUMBER = re.compile(r"\d+(\.\d+)?")
_BELOW = re.compile(r"\s*(<|under|less|below|up to)", re.IGNORECASE)


@dataclass(frozen=True)
class Groups:
    """Who is in which group of an attribute: `codes` (n,) into `labels`, -1 where unknown.

    `how` says how the groups were made, where they are not the values themselves. `numbers` (n,)
    are the values of a number, NaN where unknown.
    """

    attribute: str
    labels: tuple[str, ...]
    codes: NDArray[np.int64]
    how: str = ""
    numbers: NDArray[np.float64] | None = None

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many people there are in each group (g,)."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.labels))

    def at(self, rows: NDArray[np.int64]) -> Groups:
        """Return the groups of the people at `rows`."""
        numbers = None if self.numbers is None else self.numbers[rows]
        return Groups(self.attribute, self.labels, self.codes[rows], self.how, numbers)


def groups_of(attribute: str, values: pa.ChunkedArray | pa.Array) -> Groups:
    """Return the groups of the values of an attribute.

    A number of more than 6 different values is cut at its quartiles, so that no band is small;
    time is told by its year. Of more than 12 categories the 11 largest stay, and the rest are
    others.

    >>> found = groups_of("age", pa.array([20.0, 31, 42, 53, 64, 75, 86, None]))
    >>> found.labels, found.codes.tolist()
    (('up to 31', 'over 31 to 53', 'over 53 to 75', 'over 75'), [0, 0, 1, 1, 2, 2, 3, -1])
    >>> groups_of("gender", pa.array(["f", "m", "", "f"])).codes.tolist()
    [0, 1, -1, 0]
    """
    kind = values.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        values, kind = pc.year(values), pa.int64()
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        numbers = np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
        numbers = np.where(np.isfinite(numbers), numbers, np.nan)
        return _of_numbers(attribute, numbers)
    return _of_texts(attribute, values.cast(pa.string()))


def _of_numbers(attribute: str, numbers: NDArray[np.float64]) -> Groups:
    known = numbers[~np.isnan(numbers)]
    distinct = np.unique(known)
    if len(distinct) <= _FEW:
        codes = np.searchsorted(distinct, numbers)
        labels, how = tuple(f"{one:g}" for one in distinct), ""
    else:
        places = np.arange(1, _BANDS) / _BANDS
        cuts = np.unique(np.quantile(known, places, method="inverted_cdf"))
        cuts = cuts[cuts < distinct[-1]]
        codes, labels = np.searchsorted(cuts, numbers), _bands(cuts)
        how = "bands of about as many people each, cut at quartiles"
    codes = np.where(np.isnan(numbers), -1, codes).astype(np.int64)
    return Groups(attribute, labels, codes, how, numbers)


def _bands(cuts: NDArray[np.float64]) -> tuple[str, ...]:
    said = [f"{cut:.6g}" for cut in cuts]
    if not said:
        return ("all",)
    between = (f"over {low} to {high}" for low, high in pairwise(said))
    return (f"up to {said[0]}", *between, f"over {said[-1]}")


def _of_texts(attribute: str, values: pa.ChunkedArray | pa.Array) -> Groups:
    trimmed = pc.utf8_trim_whitespace(values)
    unsaid = pc.is_in(pc.utf8_lower(trimmed), pa.array(_NOTHING))
    trimmed = pc.if_else(unsaid, pa.scalar(None, pa.string()), trimmed)
    counts = {
        one["values"]: one["counts"]
        for one in pc.value_counts(trimmed).to_pylist()
        if one["values"] is not None
    }
    ranked, how = sorted(counts, key=lambda label: (-counts[label], label)), ""
    kept = ranked if len(ranked) <= _MOST else ranked[: _MOST - 1]
    labels = sorted(kept, key=_order)
    codes = pc.index_in(trimmed, pa.array(labels, pa.string()))
    if len(kept) < len(ranked):
        how = f"the {len(kept)} largest of {len(ranked)} values; the rest are {_OTHERS}"
        codes = pc.if_else(pc.is_valid(trimmed), pc.fill_null(codes, len(kept)), codes)
        labels.append(_OTHERS)
    found = pc.fill_null(codes, -1).to_numpy(zero_copy_only=False)
    return Groups(attribute, tuple(labels), np.asarray(found, np.int64), how)


def _order(label: str) -> tuple[float, str]:
    """Return the place of a label: by the first number in it, then by the alphabet.

    >>> sorted(["35-49K", "Under 15K", "15-24K", "100-124K"], key=_order)
    ['Under 15K', '15-24K', '35-49K', '100-124K']
    """
    number = _NUMBER.search(label)
    if number is None:
        return float("inf"), label
    return float(number[0]) - (0.5 if _BELOW.match(label) else 0.0), label

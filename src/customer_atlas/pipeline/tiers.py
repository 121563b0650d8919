"""Value tiers by recency, frequency and monetary value: a rule, where no structure is found."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.clustering import Scored
from customer_atlas.config import Condition
from customer_atlas.onnx_graph import Graph

__all__ = ["SCORES", "TIERS", "tier_nodes", "tier_rules", "tiers_of"]

SCORES = ("recency_score", "frequency_score", "monetary_score")
"""The features that the tiers are made of: from 1 to 5 each, for customers with an order."""

_LEAST = (13, 10, 7, 3)  # the least sum of the scores of each tier

TIERS = (
    "Value tier 1, the best (RFM sum 13 to 15)",
    "Value tier 2 (RFM sum 10 to 12)",
    "Value tier 3 (RFM sum 7 to 9)",
    "Value tier 4, the least (RFM sum 3 to 6)",
    "Without orders",
)
"""The names of the tiers by their number."""


def tiers_of(features: pa.Table, scores: Collection[str] = SCORES) -> NDArray[np.int32]:
    """Return the number of the tier (n,) of each row; what has no scores is the last.

    Without money the sum of the two other scores counts half as much again, so as to reach 15.

    >>> table = pa.table({name: [5.0, 1.0, None] for name in SCORES})
    >>> tiers_of(table).tolist()
    [0, 3, 4]
    """
    known = [name for name in scores if name in features.column_names]
    columns = [pc.fill_null(features[name].cast(pa.float64()), np.nan) for name in known]
    values = np.stack([np.asarray(column) for column in columns])
    total = values.mean(axis=0) * len(SCORES)
    tier = len(_LEAST) - np.searchsorted(np.sort(_LEAST), total, side="right")
    last = len(TIERS) - 1
    return np.where(np.isnan(total), last, np.clip(tier, 0, last - 1)).astype(np.int32)


def tier_rules(features: Iterable[str]) -> tuple[tuple[Condition, str], ...]:
    """Return by the number of the tier who is in it, as a condition and in words.

    >>> tier_rules(SCORES)[0][1]
    'the scores of recency, frequency and monetary value add up to 13 or more'
    """
    known = [name for name in SCORES if name in set(features)]
    scale = len(SCORES) / len(known)
    names = [_SAID[name] for name in known]
    scores = "the score of " if len(known) == 1 else "the scores of "
    scores += f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    tops = (math.inf, *_LEAST)
    found = []
    for least, above in zip(_LEAST, tops, strict=False):
        low = math.ceil(least / scale)
        high = None if math.isinf(above) else math.ceil(above / scale) - 1
        last = least == _LEAST[-1]
        part = Condition(any=_sums(known, 0 if last else low, high))
        bound = f"{high} or less" if last else f"{low} or more"
        said = bound if last or high is None else f"{low} to {high}"
        adds = "is" if len(known) == 1 else "add up to"
        found.append((part, f"{scores} {adds} {said}"))
    unknown = tuple(Condition(feature=name, known=False) for name in known)
    return (*found, (Condition(any=unknown), "no order gives a score"))


_SAID = {
    "recency_score": "recency",
    "frequency_score": "frequency",
    "monetary_score": "monetary value",
}


def _sums(names: Collection[str], low: int, high: int | None) -> tuple[Condition, ...]:
    """Return the ways in which scores from 1 to 5 add up to between two figures."""
    *first, last = names
    found = []
    for scores in product(range(1, 6), repeat=len(first)):
        least = max(1, low - sum(scores))
        most = 5 if high is None else min(5, high - sum(scores))
        if least <= most:
            tests = [
                Condition(feature=name, equals=score)
                for name, score in zip(first, scores, strict=True)
            ]
            tests.append(Condition(feature=last, between=(least, most)))
            found.append(tests[0] if len(tests) == 1 else Condition(all=tuple(tests)))
    return tuple(found)


def tier_nodes(graph: Graph, scores: Collection[str]) -> Scored:
    """Add what `tiers_of` does to a graph; each score is an input (n, 1), NaN for unknown."""
    known = [name for name in SCORES if name in scores]
    values = graph.beside(*(graph.input(name) for name in known))
    total = values.reduced("Sum") / float(len(known)) * float(len(SCORES))
    below = (total < np.array(_LEAST, np.float64)).number().reduced("Sum")
    tier = below.clipped(0.0, len(_LEAST) - 1.0)
    number = graph.where(total.unknown(), len(TIERS) - 1.0, tier).whole()
    every = number.equals(np.arange(len(TIERS))).number()
    sure = every.reduced("Sum")
    kind = graph.add("Gather", np.full(len(TIERS), "rule"), number.flat())
    return Scored(number, sure, every, sure - 1.0, number, kind)

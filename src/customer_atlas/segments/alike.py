"""Segments that differ in nothing people can act on, which are one segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.clustering import Joined
from customer_atlas.features import FeatureInfo
from customer_atlas.segments.numbers import say_share
from customer_atlas.segments.words import words_for

__all__ = ["NEGLIGIBLE", "Alike"]

NEGLIGIBLE = 0.2
"""Effects below this are less than small (Cohen, 1988): nobody would act on them."""

_ROWS = 20_000
_BINS = 64
_SURE = 2.0  # standard errors that are taken off an effect: what chance may have made of it
_ALL = 0.999999  # no more of one group lie above the other: the effect has no end

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Trait:
    """A feature as codes (n,) from 0 below `size`, -1 for unknown; in order where `ordered`."""

    label: str
    codes: NDArray[np.int64]
    size: int
    ordered: bool


@dataclass(frozen=True)
class _Counted:
    """The distribution (k, size) of a trait in each of k groups, and how many tell of it (k,)."""

    trait: _Trait
    shares: Floats
    rows: Floats

    def effects(self) -> Floats:
        """Return how far groups surely differ (k, k), in standard deviations."""
        some = self.rows > 1
        pairs = np.maximum(self.rows, 1.0)
        noise = 1 / pairs[:, None] + 1 / pairs[None, :]
        found = self._ordered(noise) if self.trait.ordered else self._unordered(noise)
        return np.where(some[:, None] & some[None, :], found, 0.0)

    def _ordered(self, noise: Floats) -> Floats:
        """Cliff's delta, of which Cohen's d follows for normal values of equal spread."""
        up_to = np.cumsum(self.shares, axis=1)
        ahead = 2 * up_to - self.shares - 1  # below less above each value
        delta = np.abs(self.shares @ ahead.T)
        sure = np.clip(delta - _SURE * np.sqrt(noise / 3), 0.0, _ALL)
        return np.asarray([[_deviations(one) for one in row] for row in sure.tolist()])

    def _unordered(self, noise: Floats) -> Floats:
        """Cramér's V of two groups that count alike, as the d with that correlation."""
        one, other = self.shares[:, None, :], self.shares[None, :, :]
        total = one + other
        parts = np.divide((one - other) ** 2, 2 * total, out=np.zeros_like(total), where=total > 0)
        free = max(self.trait.size - 1, 1)
        sure = parts.sum(axis=2) - noise / 4 * (free + _SURE * sqrt(2 * free))
        squared = np.clip(sure, 0.0, _ALL)
        return np.asarray(2 * np.sqrt(squared / (1 - squared)))


class Alike:
    """Says which groups of some customers are one, by the features that people see.

    `table` holds the features (n rows), and `weights` (n,) how many customers each stands for.
    Compared are all numbers and categories that profiles speak of; not scores that say again
    what others say, not how much is known of a customer, and not whether a value is known at all:
    nobody addresses customers by that. Numbers are compared by Cliff's delta (1993), which asks
    for the order of values alone, categories by Cramér's V, both told on the scale of Cohen's d.
    What chance may have made is taken off: two standard errors. Groups that surely differ by less
    than 0.2 in everything are one, the most alike first.
    """

    def __init__(self, table: pa.Table, infos: Sequence[FeatureInfo], weights: Floats) -> None:
        self._table = table
        self._infos = [one for one in infos if _seen(one) and one.name in table.column_names]
        self._weights = weights

    def __call__(self, labels: NDArray[np.int32], rows: NDArray[np.intp]) -> Joined:
        """Join the groups with these labels (m,), -1 for none, of some rows (m,) of the table."""
        k = int(labels.max(initial=-1)) + 1
        segments, reasons = np.arange(k), list[str]()
        if k < 2:
            return Joined(segments)
        step = -(-len(rows) // _ROWS)
        rows, labels = rows[::step][labels[::step] >= 0], labels[::step][labels[::step] >= 0]
        weights = self._weights[rows]
        traits = self._traits(rows)
        while traits and segments.max() > 0:
            groups = segments[labels]
            effects, told = _compare(traits, groups, weights, int(segments.max()) + 1)
            a, b = divmod(int(effects.argmin()), len(effects))
            if effects[a, b] >= NEGLIGIBLE:
                break
            shares = np.bincount(groups, weights, len(effects)) / weights.sum()
            reasons.append(_reason(shares[[a, b]], effects[a, b], told[a, b]))
            segments = np.where(segments == b, a, segments)
            segments = np.unique(segments, return_inverse=True)[1]
        return Joined(segments.astype(np.int64), tuple(reasons))

    def _traits(self, rows: NDArray[np.intp]) -> list[_Trait]:
        few = self._table.select([one.name for one in self._infos]).take(pa.array(rows))
        found = [_trait(few[one.name], one) for one in self._infos]
        return [one for one in found if one.size > 1]


def _seen(info: FeatureInfo) -> bool:
    return info.kind != "list" and bool(words_for(info).axis)


def _trait(column: pa.ChunkedArray, info: FeatureInfo) -> _Trait:
    if info.kind == "category":
        coded = column.cast(pa.string()).combine_chunks().dictionary_encode()
        codes = np.asarray(pc.fill_null(coded.indices, -1)).astype(np.int64)
        return _Trait(info.label, codes, len(coded.dictionary), False)
    values = np.asarray(pc.fill_null(column.cast(pa.float64()), np.nan))
    if info.zero:
        values = np.where(np.isnan(values), 0.0, values)
    known = np.isfinite(values)
    if not known.any():
        return _Trait(info.label, np.full(len(values), -1), 0, True)
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, _BINS)))
    codes = np.searchsorted(edges, values, side="right") - 1
    return _Trait(info.label, np.where(known, codes, -1).astype(np.int64), len(edges), True)


def _compare(
    traits: Sequence[_Trait], groups: NDArray[np.int64], weights: Floats, k: int
) -> tuple[Floats, NDArray[np.object_]]:
    """Return the strongest effect of each pair of groups (k, k), and the trait that has it."""
    strongest = np.full((k, k), -1.0)
    told = np.full((k, k), "", dtype=object)
    for trait in traits:
        effects = _counted(trait, groups, weights, k).effects()
        more = effects > strongest
        strongest[more], told[more] = effects[more], trait.label
    np.fill_diagonal(strongest, np.inf)
    return strongest, told


def _counted(trait: _Trait, groups: NDArray[np.int64], weights: Floats, k: int) -> _Counted:
    known = trait.codes >= 0
    at, mass = groups[known], weights[known]
    cells = np.bincount(at * trait.size + trait.codes[known], mass, k * trait.size)
    table = cells.reshape(k, trait.size)
    total = table.sum(axis=1)
    squares = np.bincount(at, mass**2, k)
    rows = np.divide(total**2, squares, out=np.zeros(k), where=squares > 0)  # Kish, 1965
    return _Counted(trait, table / np.maximum(total, 1e-300)[:, None], rows)


def _deviations(delta: float) -> float:
    """Return Cohen's d of normal values with that Cliff's delta.

    >>> round(_deviations(0.1125), 3)
    0.2
    """
    return sqrt(2) * NormalDist().inv_cdf((1 + delta) / 2)


def _reason(shares: Floats, effect: float, label: str) -> str:
    said = " and ".join(say_share(one) for one in shares.tolist())
    most = f" (most in {label}: {effect:.2f})" if effect > 0 else ""
    return (
        f"Merged 2 groups, of {said} of the customers: nothing that people see surely tells them"
        f" apart by more than {NEGLIGIBLE} standard deviations{most}."
    )

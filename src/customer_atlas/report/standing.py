"""Where each segment stands on each trait, and which few traits tell the segments apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.report.people import Array, People, Trait
from customer_atlas.segments import Segment, say_number

__all__ = ["Standing", "standing_of"]

_ALIKE = 0.8
"""Traits that correlate more than this tell the same story twice."""


@dataclass(frozen=True)
class Standing:
    """Segments (k rows) against everyone on traits (t columns).

    `differences` (k, t) are in standard deviations of everyone, on the trait's scale; NaN where
    nobody in the segment is known. `ranks` (k, t) are the mean percentile ranks of the members
    among all customers, 0 to 100; 50 is the middle. `values` and `overall` say the typical value
    in words. `spread` (t,) is how far apart the segments lie, and `telling` the places of the
    traits that tell most, the most telling first, none of them telling the same story.
    """

    traits: tuple[Trait, ...]
    differences: Array
    ranks: Array
    values: tuple[tuple[str, ...], ...]
    overall: tuple[str, ...]
    spread: Array
    telling: tuple[int, ...]

    def strongest(self, count: int) -> list[int]:
        """Return the places of the traits on which the segments differ most, in their order."""
        ranked = sorted(range(len(self.traits)), key=lambda at: (-self.spread[at], at))
        return sorted(ranked[:count])


def standing_of(
    people: People, traits: Sequence[Trait], segments: Sequence[Segment]
) -> Standing:
    """Compare the segments on every trait."""
    size, segment = len(segments), people.segment
    differences = np.full((size, len(traits)), np.nan)
    ranks = np.full((size, len(traits)), np.nan)
    columns = np.zeros((len(people), len(traits)))
    for at, trait in enumerate(traits):
        scaled = trait.scaled()
        known = ~np.isnan(scaled)
        mean, deviation = scaled[known].mean(), scaled[known].std()
        columns[known, at] = (scaled[known] - mean) / deviation
        differences[:, at] = _means(columns[known, at], segment[known], size)
        ranks[:, at] = _means(_percentiles(scaled[known]), segment[known], size)
    shares = np.array([one.share for one in segments])
    spread = np.sqrt((shares[:, None] * np.nan_to_num(differences) ** 2).sum(axis=0))
    return Standing(
        tuple(traits),
        differences,
        ranks,
        tuple(_said(one, at, traits, people) for at, one in enumerate(segments)),
        tuple(_typical(trait, segments[0].overall, slice(None)) for trait in traits),
        spread,
        tuple(_telling(columns, spread)),
    )


def _means(values: Array, segment: NDArray[np.int64], size: int) -> Array:
    counts = np.bincount(segment, minlength=size)
    sums = np.bincount(segment, values, minlength=size)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _percentiles(values: Array) -> Array:
    """Return the percentile rank of each value; equal values share the middle of theirs."""
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    return np.asarray(100.0 * middle[at] / len(values))


def _said(
    segment: Segment, place: int, traits: Sequence[Trait], people: People
) -> tuple[str, ...]:
    rows = people.segment == place
    return tuple(_typical(trait, segment.centroid, rows) for trait in traits)


def _typical(trait: Trait, middle: object, rows: NDArray[np.bool_] | slice) -> str:
    """Return the value that the segment's profile has, or the share of the category."""
    known = trait.info.name if trait.level is None else None
    value = middle.get(known) if isinstance(middle, dict) and known else None
    if value is None:
        values = trait.values[rows]
        values = values[~np.isnan(values)]
        if not len(values):
            return "unknown"
        value = float(np.median(values) if trait.log else values.mean())
    return say_number(float(value), trait.unit)


def _telling(columns: Array, spread: Array) -> list[int]:
    chosen: list[int] = []
    for at in sorted(range(len(spread)), key=lambda one: (-spread[one], one)):
        near = (columns[:, at] @ columns[:, chosen]) / max(len(columns), 1)
        if not (np.abs(near) > _ALIKE).any():
            chosen.append(at)
    return chosen

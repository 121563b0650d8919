"""Where each segment stands on each trait, and which few traits tell the segments apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from customer_atlas.report.people import ENOUGH_KNOWN, Array, People, Trait
from customer_atlas.segments import Segment, say_number

__all__ = ["UNKNOWN", "Standing", "standing_of"]

UNKNOWN = "unknown"

_TWINS, _ALIKE = 0.97, 0.8
"""Traits that correlate more are nearly the same; and, the lower bar, tell the same story."""


@dataclass(frozen=True)
class Standing:
    """Segments (k rows) against everyone on traits (t columns).

    `differences` (k, t) are in standard deviations of everyone, on the trait's scale; NaN where
    the trait is unknown for most of the segment. `ranks` (k, t) are the mean percentile ranks of
    the members among all customers, 0 to 100; 50 is the middle. `values` and `overall` say the
    typical value in words. `distinct` are the places of the traits without those that are nearly
    the same as a stronger one, `telling` without those that tell the same story as one; the traits
    on which the segments lie farthest apart first.
    """

    traits: tuple[Trait, ...]
    differences: Array
    ranks: Array
    values: tuple[tuple[str, ...], ...]
    overall: tuple[str, ...]
    distinct: tuple[int, ...]
    telling: tuple[int, ...]


def standing_of(people: People, traits: Sequence[Trait], segments: Sequence[Segment]) -> Standing:
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
        enough = _means(known.astype(np.float64), segment, size) >= ENOUGH_KNOWN
        differences[enough, at] = _means(columns[known, at], segment[known], size)[enough]
        ranks[enough, at] = _means(_percentiles(scaled[known]), segment[known], size)[enough]
    with threadpool_limits(1):  # sums of several threads differ in their last bits
        likeness = np.abs(columns.T @ columns) / max(len(people), 1)
    shares = np.array([one.share for one in segments])
    spread = np.sqrt((shares[:, None] * np.nan_to_num(differences) ** 2).sum(axis=0))
    return Standing(
        tuple(traits),
        differences,
        ranks,
        tuple(
            tuple(
                UNKNOWN if np.isnan(differences[place, at]) else _typical(trait, one.centroid, rows)
                for at, trait in enumerate(traits)
            )
            for place, one in enumerate(segments)
            for rows in [segment == place]
        ),
        tuple(_typical(trait, segments[0].overall, slice(None)) for trait in traits),
        tuple(_distinct(likeness, spread, _TWINS)),
        tuple(_distinct(likeness, spread, _ALIKE)),
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


def _typical(
    trait: Trait, middle: Mapping[str, float | str], rows: NDArray[np.bool_] | slice
) -> str:
    """Return the value that the segment's profile has, or the share of the category."""
    value = middle.get(trait.info.name) if trait.level is None else None
    if value is None:
        values = trait.values[rows]
        values = values[~np.isnan(values)]
        if not len(values):
            return UNKNOWN
        value = float(np.median(values) if trait.log else values.mean())
    return say_number(float(value), trait.unit)


def _distinct(likeness: Array, spread: Array, alike: float) -> list[int]:
    """Return the traits by how far the segments lie apart, without those like an earlier one."""
    chosen: list[int] = []
    for at in sorted(range(len(spread)), key=lambda one: (-spread[one], one)):
        if not (likeness[at, chosen] > alike).any():
            chosen.append(at)
    return chosen

"""People made up for the tests of this room: segments with as many of each group as is asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from customer_atlas.segments import Segment
from customer_atlas.segments.fairness import Groups

__all__ = ["grouped", "made_segments", "people_of"]

Codes = NDArray[np.int64]


def made_segments(sizes: Sequence[int]) -> list[Segment]:
    """Segments of these sizes, named A, B and so on."""
    return [
        Segment(
            id=f"g1-{at}",
            name=chr(65 + at),
            cluster=at,
            size=size,
            share=size / max(sum(sizes), 1),
            revenue_share=None,
            probability=0.9,
            centroid={},
            overall={},
            telling=(),
            reasons=(),
            typical=(),
            sentence="",
        )
        for at, size in enumerate(sizes)
    ]


def people_of(table: NDArray[np.int64]) -> tuple[Codes, Codes]:
    """The group and the segment of each person of a table of counts (groups, segments)."""
    rows, columns = np.indices(table.shape)
    return (
        np.repeat(rows.ravel(), table.ravel()).astype(np.int64),
        np.repeat(columns.ravel(), table.ravel()).astype(np.int64),
    )


def grouped(codes: Codes, labels: Sequence[str] = ("f", "m"), name: str = "gender") -> Groups:
    """Groups of an attribute."""
    return Groups(name, tuple(labels), codes)

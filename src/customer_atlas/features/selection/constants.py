"""Features that tell customers not apart, since (nearly) all have the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from customer_atlas.features.selection.customers import Column

__all__ = ["constants"]

_SAME = 0.999


def constants(columns: Iterable[Column]) -> Iterator[tuple[str, str]]:
    """Yield the features of which 99.9 % of the customers have one value, and why they go.

    To be unknown counts as a value. A group that differs in a thousandth of the customers is
    smaller than any segment that one would act on, and it would rule the scale of the column.
    """
    for column in columns:
        n = len(column.values)
        if not n:
            continue
        values, counts = np.unique(column.counted(), return_counts=True)
        commonest = int(counts.argmax())
        if counts[commonest] < _SAME * n:
            continue
        unknown = np.isinf(values[commonest])
        if len(values) == 1:
            why = (
                f"It is unknown for all {n:,} customers looked at."
                if unknown
                else f"All {n:,} customers looked at have the same: {_shown(column, values[0])}."
            )
        else:
            same = "It is unknown" if unknown else f"It is {_shown(column, values[commonest])}"
            why = (
                f"{same} for {counts[commonest]:,} of {n:,} customers looked at "
                f"({counts[commonest] / n:.2%}): the others are too few for a segment."
            )
        yield column.info.name, why


def _shown(column: Column, value: float) -> str:
    return f"'{column.levels[int(value)]}'" if column.levels else f"{value:,.6g}"

"""Who is in which segment: each group against its share of all, and the four-fifths rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from customer_atlas.segments.fairness.groups import Groups
from customer_atlas.segments.fairness.hiding import hidden_cells
from customer_atlas.segments.fairness.independence import (
    adjusted_fdr,
    adjusted_holm,
    independence,
)
from customer_atlas.segments.fairness.intervals import (
    difference_interval,
    ratio_interval,
    ratio_score,
)
from customer_atlas.segments.fairness.report import (
    FEW,
    FOUR_FIFTHS,
    HIDDEN,
    LEVEL,
    AttributeAudit,
    Cell,
    Estimate,
    FourFifths,
    Group,
    Holds,
    Parity,
    Standing,
)
from customer_atlas.segments.segment import Segment

__all__ = ["adjusted_attributes", "represented"]

Counts = NDArray[np.int64]


def represented(
    groups: Groups, places: Counts, segments: Sequence[Segment], seed: int = 0
) -> AttributeAudit:
    """Return who is in each segment by the groups of an attribute; p-values are not adjusted yet.

    Args:
        groups: the group of each customer (n,).
        places: where in `segments` each customer is (n,); -1 for nowhere.
        segments: the segments in order.
        seed: of the tables that are drawn where counts are small.
    """
    table = _table(groups, places, len(segments))
    sizes = groups.sizes
    shown = np.flatnonzero(sizes >= HIDDEN)
    hidden = int(((sizes > 0) & (sizes < HIDDEN)).sum())
    unknown = float((groups.codes < 0).mean()) if len(groups.codes) else 0.0
    labels = tuple(groups.labels[at] for at in shown)
    found = AttributeAudit(groups.attribute, groups.how, (), unknown, hidden, None, (), None, ())
    if len(shown) < 2:
        return replace(found, reason=_nothing(groups, labels))
    counts, known = table[shown], int(table[shown].sum())
    listed = tuple(
        Group(label, int(sizes[at]), float(sizes[at]) / known)
        for label, at in zip(labels, shown, strict=True)
    )
    masked = hidden_cells(counts)
    parities = tuple(
        _parity(one, labels, counts, masked, at, seed) for at, one in enumerate(segments)
    )
    return replace(found, groups=listed, test=independence(counts, seed), segments=parities)


def _table(groups: Groups, places: Counts, segments: int) -> Counts:
    there = (groups.codes >= 0) & (places >= 0)
    cells = groups.codes[there] * segments + places[there]
    shape = len(groups.labels), segments
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)


def _nothing(groups: Groups, labels: Sequence[str]) -> str:
    if not (groups.codes >= 0).any():
        return "Nothing is known of it."
    if len(labels) == 1:
        return f"Everybody of whom it is known is the same: {labels[0]}."
    return f"There are no two groups of at least {HIDDEN} people."


def _parity(
    segment: Segment, labels: Sequence[str], counts: Counts, masked: NDArray[np.bool_], at: int,
    seed: int,
) -> Parity:  # fmt: skip
    here, rest = counts[:, at], counts.sum(axis=1) - counts[:, at]
    known = int(here.sum())
    cells = tuple(
        _cell(label, here, rest, row, hide=bool(masked[row, at]))
        for row, label in enumerate(labels)
    )
    test = independence(np.column_stack([here, rest]), seed)
    rule = _four_fifths(labels, here, here + rest, masked[:, at])
    shown = None if 0 < known < HIDDEN else known
    return Parity(segment.id, segment.name, segment.size, shown, cells, test, rule)


def _cell(label: str, here: Counts, rest: Counts, row: int, *, hide: bool) -> Cell:
    """Compare a group's share in a segment with that of all, the segment among them.

    The share of all is a mixture of the segment's and of the rest's, which are independent. So
    with the part w of the segment the difference is 1 - w of that between the two, and the ratio
    r of the two gives r / (w r + 1 - w): both intervals carry over.
    """
    inside, outside = int(here.sum()), int(rest.sum())
    count, other = int(here[row]), int(rest[row])
    if inside == 0:
        return Cell(label, None if hide else 0, None, None, None, "few")
    share, overall = count / inside, (count + other) / (inside + outside)
    part = inside / (inside + outside)
    apart, ends = [0.0, 0.0], [1.0, 1.0]
    if outside:
        apart = [(1 - part) * end for end in difference_interval(count, inside, other, outside)]
        ends = [_of_all(end, part) for end in ratio_interval(count, inside, other, outside)]
    ratio = Estimate(share / overall, ends[0], ends[1])
    difference = Estimate(share - overall, apart[0], apart[1])
    standing: Standing = "few" if inside < FEW or count + other < FEW else _stands(ratio)
    if hide:
        return Cell(label, None, None, None, None, standing)
    return Cell(label, count, share, difference, ratio, standing)


def _of_all(ratio: float, part: float) -> float:
    return 1 / part if ratio == float("inf") else ratio / (part * ratio + 1 - part)


def _stands(ratio: Estimate) -> Standing:
    if ratio.low <= 1 <= ratio.high:
        return "none"
    if ratio.value >= 1 / FOUR_FIFTHS:
        return "over"
    return "under" if ratio.value <= FOUR_FIFTHS else "slight"


def _four_fifths(
    labels: Sequence[str], here: Counts, sizes: Counts, masked: NDArray[np.bool_]
) -> FourFifths:
    """Judge the rates at which groups of 30 and more are in a segment.

    The lowest and the highest are picked after looking, so p and the interval are those of every
    pair at once (Bonferroni's).
    """
    judged = np.flatnonzero(sizes >= FEW)
    if len(judged) < 2 or here.sum() < FEW:
        return FourFifths("", "", None, "few", 1.0)
    rates = here[judged] / sizes[judged]
    low, high = judged[int(rates.argmin())], judged[int(rates.argmax())]
    pairs = len(judged) * (len(judged) - 1)
    scores = (
        ratio_score(here[a], sizes[a], here[b], sizes[b], FOUR_FIFTHS)
        for a, b in permutations(judged.tolist(), 2)
    )
    p = min(1.0, pairs * NormalDist().cdf(min(scores)))
    ratio = float(rates.min() / rates.max())
    ends = ratio_interval(here[low], sizes[low], here[high], sizes[high], 1 - LEVEL / (pairs / 2))
    holds: Holds = "holds" if ends[0] >= FOUR_FIFTHS else "unsure"
    hide = bool(masked[low] or masked[high])
    told = None if hide else Estimate(ratio, ends[0], min(1.0, ends[1]))
    return FourFifths(labels[low], labels[high], told, holds, p)


def adjusted_attributes(attributes: Sequence[AttributeAudit]) -> tuple[AttributeAudit, ...]:
    """Return the attributes with p-values that count how many tests there were.

    Those of independence hold the expected share of false findings, since they point to what is
    worth a look and miss less. The four-fifths rule, which may stop a release, holds the chance of
    any false alarm at all.
    """
    flat = [(i, j) for i, one in enumerate(attributes) for j in range(len(one.segments))]
    tests = [attributes[i].segments[j] for i, j in flat]
    found = dict(zip(flat, adjusted_fdr([one.test.p for one in tests]), strict=True))
    rules = dict(zip(flat, adjusted_holm([one.four_fifths.adjusted for one in tests]), strict=True))
    tested = [i for i, one in enumerate(attributes) if one.test]
    overall = dict(
        zip(tested, adjusted_fdr([t.p for i in tested if (t := attributes[i].test)]), strict=True)
    )
    return tuple(
        replace(
            one,
            test=replace(one.test, adjusted=overall[i]) if one.test else None,
            segments=tuple(
                _adjusted(parity, found[i, j], rules[i, j]) for j, parity in enumerate(one.segments)
            ),
        )
        for i, one in enumerate(attributes)
    )


def _adjusted(parity: Parity, found: float, ruled: float) -> Parity:
    rule = replace(parity.four_fifths, adjusted=ruled)
    if ruled < LEVEL:
        rule = replace(rule, holds="fails")
    cells = parity.cells
    if found >= LEVEL:
        cells = tuple(
            cell if cell.standing == "few" else replace(cell, standing="none") for cell in cells
        )
    return replace(parity, test=replace(parity.test, adjusted=found), four_fifths=rule, cells=cells)

"""The tests that a readable rule may be made of, in figures that people say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.config import Condition
from customer_atlas.features import FeatureInfo
from customer_atlas.segments.rules.holds import holds
from customer_atlas.segments.words import words_for

__all__ = ["Candidate", "candidates_of", "said_figures"]

_AT = (0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98)
_FIGURES = 32  # of a feature, at most
_LEVELS = 12
_RARE = 0.01
# Whoever reads a rule would have to look these up.
_TECHNICAL = frozenset({"rfm_cell", "category_entropy", "gap_std_days"})


@dataclass(frozen=True)
class Candidate:
    """A test of one feature, and what it costs to read: a figure of more digits costs more."""

    condition: Condition
    side: str
    cost: float


def candidates_of(
    table: pa.Table, groups: NDArray[np.int64], infos: Sequence[FeatureInfo]
) -> tuple[list[Candidate], NDArray[np.bool_]]:
    """Return the tests worth trying on a sample, and of which rows (candidates, n) each holds.

    `groups` (n,) holds the group of each row: figures are where the groups' customers lie.
    """
    known = {info.name: info for info in infos}
    found: list[Candidate] = []
    masks: list[NDArray[np.bool_]] = []
    for info in infos:
        if not _plain(info):
            continue
        for one in _tests(info, table, groups):
            mask = holds(one.condition, table, known)
            if 0 < mask.sum() < len(mask):
                found.append(one)
                masks.append(mask)
    return found, np.array(masks, bool).reshape(len(masks), table.num_rows)


def _plain(info: FeatureInfo) -> bool:
    """Return whether people understand a feature's values without a manual."""
    if info.name in _TECHNICAL or info.kind == "list" or not words_for(info).axis:
        return False
    return info.unit != "score" or info.pack in ("declared", "psychographic")


def _tests(info: FeatureInfo, table: pa.Table, groups: NDArray[np.int64]) -> Iterator[Candidate]:
    column = table[info.name]
    if info.kind == "category":
        counts = pc.value_counts(column.drop_null()).to_pylist()
        counts.sort(key=lambda one: (-one["counts"], str(one["values"])))
        for one in counts[:_LEVELS]:
            if one["counts"] >= _RARE * table.num_rows:
                yield Candidate(_on(info, **{"is": str(one["values"])}), "is", 0.0)
        yield from _unknowns(info, column.null_count / max(table.num_rows, 1))
        return
    values = np.asarray(pc.fill_null(column.cast(pa.float64()), np.nan))
    unknown = np.isnan(values)
    if info.zero:
        values = np.where(unknown, 0.0, values)
    else:
        yield from _unknowns(info, float(unknown.mean()))
    yield from _bounds(info, values, groups)


def _unknowns(info: FeatureInfo, share: float) -> Iterator[Candidate]:
    if _RARE <= share <= 1 - _RARE:
        yield Candidate(_on(info, known=False), "unknown", 0.01)
        yield Candidate(_on(info, known=True), "known", 0.01)


def _bounds(
    info: FeatureInfo, values: NDArray[np.float64], groups: NDArray[np.int64]
) -> Iterator[Candidate]:
    finite = np.isfinite(values)
    values, groups = values[finite], groups[finite]
    if not len(values):
        return
    whole = bool(np.all(values == np.rint(values)))
    raw = {
        float(value)
        for group in np.unique(groups)
        for value in np.quantile(values[groups == group], _AT)
    }
    for figure, cost in _thinned(said_figures(raw, whole=whole)):
        yield Candidate(_on(info, at_least=figure), "low", cost)
        yield Candidate(_on(info, at_most=figure), "high", cost)


def _thinned(figures: Mapping[float, float]) -> Iterator[tuple[float, float]]:
    """Yield as many figures as are worth trying: the plainest ones first, evenly of the last."""
    room = _FIGURES
    for cost in sorted(set(figures.values())):
        alike = sorted(figure for figure, its in figures.items() if its == cost)
        places = np.linspace(0, len(alike) - 1, min(room, len(alike))).astype(int)
        yield from ((alike[place], cost) for place in places)
        room -= len(places)


def said_figures(values: Iterable[float], *, whole: bool = False) -> dict[float, float]:
    """Return figures near to values, and what each costs: nothing for those that people say.

    Whole numbers up to 20, and figures whose second digit is 0 or 5, cost nothing; two digits
    cost little, three more.

    >>> said_figures([37.28])
    {35.0: 0.0, 40.0: 0.0, 37.0: 0.004, 37.3: 0.01}
    >>> said_figures([4.6], whole=True)
    {4.0: 0.0, 5.0: 0.0}
    """
    found: dict[float, float] = {}

    def offer(figure: float, cost: float) -> None:
        if not whole or figure.is_integer():
            found[figure] = min(cost, found.get(figure, cost))

    for value in values:
        if value == 0:
            offer(0.0, 0.0)
            continue
        unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
        if abs(value) < 20 and abs(value) >= 1:
            offer(float(math.floor(value)), 0.0)
            offer(float(math.ceil(value)), 0.0)
        offer(_times(math.floor(value / unit / 5) * 5, unit), 0.0)
        offer(_times(math.ceil(value / unit / 5) * 5, unit), 0.0)
        offer(_times(round(value / unit), unit), 0.004)
        offer(_times(round(value / unit * 10), unit / 10), 0.01)
    return found


def _times(count: int, unit: float) -> float:
    """Return a product as the decimal that people write: 35 of 0.01 are 0.35, to the last bit."""
    return float(f"{count * unit:.12g}")


def _on(info: FeatureInfo, **test: float | str | bool) -> Condition:
    return Condition.of({"feature": info.name, **test})
